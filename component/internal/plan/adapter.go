package plan

import (
	"slices"
	"strconv"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// maxAdapter bounds the code of one adapter: a type can be written so that checking
// it takes much more than the call.
const maxAdapter = 8 << 10

// A glue is a core module of adapters while it grows. An adapter is a function that
// stands between two components: it checks and converts what the caller passes,
// calls the callee, and does the same with the result.
type glue struct {
	core.Glue
	refs  []CoreRef // of the imports
	flags []int     // the component instances whose flags these are
	items []*coreItem
}

// pending, as the instance of a core item, is a glue that was not instantiated yet.
const pending = -3

// importOf is the number under which the module imports a function.
func (g *glue) importOf(ref CoreRef, typ core.FuncType) int {
	if i := slices.Index(g.refs, ref); i >= 0 {
		return i
	}
	g.refs = append(g.refs, ref)
	g.Imports = append(g.Imports, core.GlueImport{Type: typ})
	return len(g.refs) - 1
}

// flagOf is the number of the global that tells whether a component instance is kept
// from leaving.
func (g *glue) flagOf(component int) int {
	if i := slices.Index(g.flags, component); i >= 0 {
		return i
	}
	g.flags = append(g.flags, component)
	g.Flags = append(g.Flags, "held"+strconv.Itoa(component))
	return len(g.flags) - 1
}

// lowerDirect makes the core function of a canon lower that needs no host. It answers
// nil where the checks would take too much code.
func (p *planner) lowerDirect(t Trampoline) *coreItem {
	l := p.plan.Lifts[t.Lift]
	callee := core.GlueImport{Type: coreType(l.Signature)}
	a := &adapter{planner: p, lower: t}
	rest := a.slots(0, t.Core.Params)
	for _, param := range t.Type.Params {
		rest = a.convert(param.Type, rest)
	}
	params := a.code
	a.code = nil
	if t.Type.Result != nil {
		a.convert(t.Type.Result, a.slots(len(t.Core.Params), t.Core.Results))
	}
	result := a.code
	switch {
	case a.large || len(params)+len(result) > maxAdapter:
		return nil
	case len(params)+len(result) == 0 && !p.holds[t.Component]:
		return &coreItem{ref: l.Core}
	}
	a.code = nil
	if p.holds[t.Component] {
		a.code.GlobalGet(p.glue.flagOf(t.Component))
		a.code.If()
		a.raise(RaiseHeld)
		a.code.Op(core.OpEnd)
	}
	a.code = append(a.code, params...)
	for i := range t.Core.Params {
		a.code.LocalGet(i)
	}
	a.code.Call(p.glue.importOf(l.Core, callee.Type))
	if len(result) > 0 {
		a.code.LocalSet(len(t.Core.Params))
		a.code = append(a.code, result...)
		a.code.LocalGet(len(t.Core.Params))
	}
	name := strconv.Itoa(len(p.glue.Funcs))
	p.glue.Funcs = append(p.glue.Funcs, core.GlueFunc{Export: name, Type: t.Core, Body: a.code})
	it := &coreItem{ref: CoreRef{Instance: pending, Name: name}}
	p.glue.items = append(p.glue.items, it)
	return it
}

// settle instantiates the adapters that were made so far, the first time that one of
// them is needed. By then everything that they call is there.
func (p *planner) settle(at int, it *coreItem) {
	if it.ref.Instance != pending {
		return
	}
	g := p.glue
	p.glue = &glue{}
	var order []int
	for i, ref := range g.refs {
		source := slices.Index(order, ref.Instance)
		if source < 0 {
			source = len(order)
			order = append(order, ref.Instance)
		}
		name := ref.Name
		if ref.Instance == Host {
			name = TrampolineName(ref.Trampoline)
		}
		g.Imports[i].From = core.ImportName{Module: strconv.Itoa(source), Name: name}
	}
	n := p.newCoreInstance(at)
	p.plan.Modules = append(p.plan.Modules, Module{Binary: core.Pieces{g.Encode()}, Name: "adapters"})
	p.plan.Steps = append(p.plan.Steps, &Instantiate{Module: len(p.plan.Modules) - 1, Instance: n, Sources: order})
	for i, c := range g.flags {
		p.plan.Steps = append(p.plan.Steps, &BindFlag{Component: c, Instance: n, Name: g.Flags[i]})
	}
	for _, it := range g.items {
		it.ref.Instance = n
	}
}

// adapter is the code of one function of a glue.
type adapter struct {
	planner *planner
	lower   Trampoline
	code    core.Code
	raises  [RaiseCase + 1]int // trampolines that raise traps, by kind; 0 is none yet
	large   bool
}

// A slot is a local that holds one flat value. Its core type may be wider than that
// of the value, where a variant joins several.
type slot struct {
	local int
	typ   byte
}

func (a *adapter) slots(first int, types []byte) []slot {
	s := make([]slot, len(types))
	for i, t := range types {
		s[i] = slot{first + i, t}
	}
	return s
}

// get and set load and store the i32 in a slot.
func (a *adapter) get(s slot) {
	a.code.LocalGet(s.local)
	if s.typ == core.I64 {
		a.code.Op(core.OpWrap)
	}
}

func (a *adapter) set(s slot) {
	if s.typ == core.I64 {
		a.code.Op(core.OpExtend)
	}
	a.code.LocalSet(s.local)
}

// cut leaves of a slot the 32 bits that count.
func (a *adapter) cut(s slot) {
	if s.typ == core.I64 {
		a.get(s)
		a.set(s)
	}
}

// mask leaves certain bits of a slot.
func (a *adapter) mask(s slot, bits uint32) {
	a.get(s)
	a.code.Const(bits)
	a.code.Op(core.OpI32And)
	a.set(s)
}

// convert is lift_flat followed by lower_flat for a value in the first slots, and
// returns the others.
func (a *adapter) convert(t wit.Type, s []slot) []slot {
	if len(a.code) > maxAdapter {
		a.large = true
		return s[len(s):]
	}
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		a.convertPrim(t, s[0])
		return s[1:]
	case *wit.Flags:
		if n := len(t.Labels); n < 32 {
			a.mask(s[0], 1<<n-1)
		} else {
			a.cut(s[0])
		}
		return s[1:]
	case *wit.Record:
		for _, f := range t.Fields {
			s = a.convert(f.Type, s)
		}
		return s
	case *wit.Tuple:
		for _, e := range t.Elems {
			s = a.convert(e, s)
		}
		return s
	case *wit.Enum:
		a.checkCase(s[0], len(t.Labels))
		return s[1:]
	case *wit.Variant:
		payloads := make([]wit.Type, len(t.Cases))
		for i, c := range t.Cases {
			payloads[i] = c.Type
		}
		return a.convertVariant(t, s, payloads)
	case *wit.Option:
		return a.convertVariant(t, s, []wit.Type{nil, t.Elem})
	case *wit.Result:
		return a.convertVariant(t, s, []wit.Type{t.OK, t.Err})
	}
	a.large = true // Nothing else is scalar.
	return s[len(s):]
}

func (a *adapter) convertPrim(t wit.Prim, s slot) {
	switch t {
	case wit.Bool:
		a.get(s)
		a.code.Const(0)
		a.code.Op(core.OpI32Ne)
		a.set(s)
	case wit.U8:
		a.mask(s, 0xff)
	case wit.U16:
		a.mask(s, 0xffff)
	case wit.S8, wit.S16:
		a.get(s)
		a.code.Op(map[wit.Prim]byte{wit.S8: core.OpExtend8, wit.S16: core.OpExtend16}[t])
		a.set(s)
	case wit.Char:
		// Good are those below 0xd800, and those from 0xe000 to 0x10ffff.
		a.get(s)
		a.code.Const(0xd800)
		a.code.Op(core.OpI32GeU)
		a.code.If()
		a.get(s)
		a.code.Const(0xe000)
		a.code.Op(core.OpI32Sub)
		a.code.Const(0x110000 - 0xe000)
		a.code.Op(core.OpI32GeU)
		a.code.If()
		a.get(s)
		a.raise(RaiseChar)
		a.code.Op(core.OpEnd, core.OpEnd)
		a.cut(s)
	case wit.U32, wit.S32, wit.F32:
		a.cut(s)
	}
}

// checkCase traps unless a discriminant is that of a case.
func (a *adapter) checkCase(s slot, cases int) {
	a.get(s)
	a.code.Const(uint32(cases))
	a.code.Op(core.OpI32GeU)
	a.code.If()
	a.get(s)
	a.code.Const(uint32(cases))
	a.raise(RaiseCase)
	a.code.Op(core.OpEnd)
	a.cut(s)
}

func (a *adapter) convertVariant(t wit.Type, s []slot, payloads []wit.Type) []slot {
	a.checkCase(s[0], len(payloads))
	lay, err := a.planner.layouts.Of(t)
	if err != nil || int(lay.Slots) > len(s) {
		a.large = true
		return s[len(s):]
	}
	all, rest := s[1:lay.Slots], s[lay.Slots:]
	for i, payload := range payloads {
		before := a.code
		a.code = nil
		unused := all
		if payload != nil {
			unused = a.convert(payload, all)
		}
		for _, u := range unused {
			a.code.Zero(u.typ)
			a.code.LocalSet(u.local)
		}
		arm := a.code
		a.code = before
		if len(arm) == 0 {
			continue
		}
		a.get(s[0])
		a.code.Const(uint32(i))
		a.code.Op(core.OpI32Eq)
		a.code.If()
		a.code = append(a.code, arm...)
		a.code.Op(core.OpEnd)
	}
	return rest
}

// raise calls a trampoline that traps, with what is on the stack.
func (a *adapter) raise(kind TrampolineKind) {
	p := a.planner
	typ := raiseTypes[kind]
	n := a.raises[kind]
	if n == 0 {
		t := a.lower
		t.Kind, t.Core = kind, typ
		p.plan.Trampolines = append(p.plan.Trampolines, t)
		n = len(p.plan.Trampolines)
		a.raises[kind] = n
	}
	a.code.Call(p.glue.importOf(CoreRef{Instance: Host, Trampoline: n - 1}, typ))
	a.code.Op(core.OpUnreachable)
}

// raiseTypes are the core types of what raises traps: it takes the bad value.
var raiseTypes = map[TrampolineKind]core.FuncType{
	RaiseHeld: {},
	RaiseChar: {Params: []byte{byte(cabi.I32)}},
	RaiseCase: {Params: []byte{byte(cabi.I32), byte(cabi.I32)}},
}
