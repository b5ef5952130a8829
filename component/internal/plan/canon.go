package plan

import (
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// canon evaluates a canonical definition.
func (p *planner) canon(s *scope, d *binary.Canon) {
	switch d.Op {
	case binary.CanonLift:
		p.lift(s, d)
	case binary.CanonLower:
		p.lower(s, d)
	case binary.CanonResourceNew:
		p.builtin(s, ResourceNew, d, core.FuncType{Params: i32, Results: i32})
	case binary.CanonResourceRep:
		p.builtin(s, ResourceRep, d, core.FuncType{Params: i32, Results: i32})
	case binary.CanonResourceDrop:
		p.builtin(s, ResourceDrop, d, core.FuncType{Params: i32})
	default:
		p.unsupported(d.At(), "the canonical built-in %s (asynchronous components, WASI 0.3)", d.Op)
		s.addCoreFunc(unknownFunc)
	}
}

// unknownFunc stands for a built-in that the host does not have yet, and for whatever
// an unknown module exports: the plan says so and is never run.
var unknownFunc = &coreItem{ref: CoreRef{Instance: Host, Trampoline: -1}}

func (s *scope) addCoreFunc(it *coreItem) {
	s.coreItems[core.Func] = append(s.coreItems[core.Func], it)
}

var i32 = []byte{byte(cabi.I32)}

func (p *planner) slotOf(at int, def *wit.TypeDef) int {
	slot, ok := p.resources[def.Root()]
	p.expect(at, ok)
	return slot
}

// builtin adds a built-in of a resource. It is named when the resource has a name,
// see finish.
func (p *planner) builtin(s *scope, kind TrampolineKind, d *binary.Canon, typ core.FuncType) {
	slot := p.slotOf(d.At(), typeAt[*wit.TypeDef](p, s, d.At(), d.Type))
	p.trampoline(s, Trampoline{Kind: kind, Component: s.component, Resource: slot, Core: typ})
}

func (p *planner) trampoline(s *scope, t Trampoline) {
	n := len(p.plan.Trampolines)
	p.plan.Trampolines = append(p.plan.Trampolines, t)
	s.addCoreFunc(&coreItem{ref: CoreRef{Instance: Host, Trampoline: n}})
}

func (p *planner) lift(s *scope, d *binary.Canon) {
	at := d.At()
	ft := typeAt[*validate.FuncType](p, s, at, d.Type)
	f := p.coreItemAt(s, at, binary.SortCoreFunc, d.Func)
	p.settle(at, f)
	opts := p.canonOpts(s, d)
	if !p.synchronous(at, ft, opts) || f == unknownFunc {
		s.funcs = append(s.funcs, &function{typ: ft, from: nowhere, lift: -1})
		return
	}
	fn := funcOf(ft, "")
	sig := p.layouts.FlattenFunc(fn, cabi.Lift)
	n := len(p.plan.Lifts)
	p.plan.Lifts = append(p.plan.Lifts, Lift{
		Core: f.ref, Component: s.component, Options: p.bindOptions(opts), Type: fn, Signature: sig,
	})
	s.funcs = append(s.funcs, &function{typ: ft, from: nowhere, lift: n})
}

func (p *planner) lower(s *scope, d *binary.Canon) {
	at := d.At()
	callee := p.pick(s, at, binary.SortFunc, d.Func).fn
	opts := p.canonOpts(s, d)
	if !p.synchronous(at, callee.typ, opts) || (callee.from.Import < 0 && callee.lift < 0) {
		s.addCoreFunc(unknownFunc)
		return
	}
	fn := funcOf(callee.typ, callee.from.last())
	sig := p.layouts.FlattenFunc(fn, cabi.Lower)
	t := Trampoline{
		Kind: LowerImport, Component: s.component, Options: p.bindOptions(opts), Type: fn,
		From: callee.from, Lift: callee.lift, Core: coreType(sig),
	}
	n := p.lowers
	p.lowers++
	if callee.lift >= 0 {
		t.Kind = LowerLift
		if p.direct[n] {
			if it := p.lowerDirect(t); it != nil {
				s.addCoreFunc(it)
				return
			}
		} else if p.scalarCall(t, callee.typ, sig) {
			p.scalar[n] = len(p.plan.Trampolines)
		}
	} else {
		t.Name = strings.Join(append([]string{p.plan.Imports[t.From.Import].Name}, t.From.Names...), "#")
	}
	p.trampoline(s, t)
}

// synchronous reports whether a function can be lifted or lowered today; where it
// cannot, the plan says so.
func (p *planner) synchronous(at int, ft *validate.FuncType, opts options) bool {
	switch later := p.funcTraits(ft).later; {
	case opts.async:
		p.unsupported(at, "an asynchronous canonical option (WASI 0.3)")
	case ft.Async:
		p.unsupported(at, "an async function (WASI 0.3)")
	case later != "":
		p.unsupported(at, "%s", later)
	default:
		return true
	}
	return false
}

// options are the canonical options of one definition.
type options struct {
	component  int
	encoding   cabi.Encoding
	memory     *coreItem
	realloc    *coreItem
	postReturn *coreItem
	async      bool // one that belongs to asynchronous components
}

// optionsKey is their content.
type optionsKey struct {
	component                   int
	encoding                    cabi.Encoding
	memory, realloc, postReturn CoreRef
}

func (p *planner) canonOpts(s *scope, d *binary.Canon) options {
	at := d.At()
	o := options{component: s.component}
	for _, opt := range d.Opts {
		switch opt.Kind {
		case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
			o.encoding = cabi.Encoding(opt.Kind)
		case binary.OptMemory:
			o.memory = p.coreItemAt(s, at, binary.SortCoreMemory, opt.Index)
			if o.memory.limits.Addr64 {
				p.unsupported(at, "a 64-bit memory")
			}
		case binary.OptRealloc:
			o.realloc = p.coreItemAt(s, at, binary.SortCoreFunc, opt.Index)
			p.settle(at, o.realloc)
		case binary.OptPostReturn:
			o.postReturn = p.coreItemAt(s, at, binary.SortCoreFunc, opt.Index)
			p.settle(at, o.postReturn)
		default:
			o.async = true
		}
	}
	return o
}

// bindOptions gives equal options one slot, and a step that binds it.
func (p *planner) bindOptions(o options) int {
	key := optionsKey{o.component, o.encoding, refOf(o.memory), refOf(o.realloc), refOf(o.postReturn)}
	if n, ok := p.options[key]; ok {
		return n
	}
	n := len(p.plan.Options)
	p.plan.Options = append(p.plan.Options, Options{
		Component: o.component, Encoding: o.encoding,
		Memory: ref(o.memory), Realloc: ref(o.realloc), PostReturn: ref(o.postReturn),
	})
	p.plan.Steps = append(p.plan.Steps, &BindOptions{n})
	p.options[key] = n
	return n
}

func ref(it *coreItem) *CoreRef {
	if it == nil {
		return nil
	}
	return &it.ref
}

// refOf is ref by value; no definition has the instance -2.
func refOf(it *coreItem) CoreRef {
	if it == nil {
		return CoreRef{Instance: -2}
	}
	return it.ref
}

func coreType(sig cabi.CoreSignature) core.FuncType {
	var t core.FuncType
	for _, c := range sig.Params {
		t.Params = append(t.Params, byte(c))
	}
	for _, c := range sig.Results {
		t.Results = append(t.Results, byte(c))
	}
	return t
}
