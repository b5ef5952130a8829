package plan

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
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
		slot := p.definedHere(s, d)
		p.builtin(s, d, ResourceNew, slot, core.FuncType{Params: i32, Results: i32})
	case binary.CanonResourceRep:
		slot := p.definedHere(s, d)
		p.builtin(s, d, ResourceRep, slot, core.FuncType{Params: i32, Results: i32})
	case binary.CanonResourceDrop:
		slot := p.slotOf(p.resourceAt(s, d.At(), d.Type))
		p.builtin(s, d, ResourceDrop, slot, core.FuncType{Params: i32})
	default:
		p.unsupported(d.At(), "the canonical built-in %#x (asynchronous components, WASI 0.3)", uint8(d.Op))
		s.coreFuncs = append(s.coreFuncs, coreFunc{ref: CoreRef{Instance: Host, Trampoline: -1}})
	}
}

var i32 = []byte{byte(cabi.I32)}

func (p *planner) slotOf(def *wit.TypeDef) int { return p.resources[def.Root()] }

// definedHere returns the resource of resource.new or resource.rep, which only
// the component that defines it may use.
func (p *planner) definedHere(s *scope, d *binary.Canon) int {
	slot := p.slotOf(p.resourceAt(s, d.At(), d.Type))
	if r := p.plan.Resources[slot]; r.Import >= 0 || r.Component != s.component {
		p.invalid(d.At(), "only the component that defines a resource can make one or see its representation")
	}
	return slot
}

func (p *planner) builtin(s *scope, d *binary.Canon, kind TrampolineKind, slot int, typ core.FuncType) {
	names := map[TrampolineKind]string{ResourceNew: "resource.new", ResourceDrop: "resource.drop", ResourceRep: "resource.rep"}
	p.trampoline(s, Trampoline{
		Kind: kind, Component: s.component, Resource: slot, Core: typ,
		Name: names[kind] + " " + p.plan.Resources[slot].Def.Name,
	})
}

func (p *planner) trampoline(s *scope, t Trampoline) {
	n := len(p.plan.Trampolines)
	p.plan.Trampolines = append(p.plan.Trampolines, t)
	s.coreFuncs = append(s.coreFuncs, coreFunc{ref: CoreRef{Instance: Host, Trampoline: n}, typ: t.Core})
}

func (p *planner) lift(s *scope, d *binary.Canon) {
	at := d.At()
	ft := p.funcTypeAt(s, at, d.Type)
	f := p.coreFuncAt(s, at, d.Func)
	fn := ft.named("")
	fn.Async = ft.async
	opts, async := p.canonOpts(s, d)
	if async || ft.async {
		p.unsupported(at, "an asynchronous lift (WASI 0.3)")
		s.funcs = append(s.funcs, &function{typ: ft, imported: -1, lift: -1})
		return
	}
	sig := cabi.FlattenFunc(fn, cabi.Lift)
	if want := coreType(sig); !want.Equal(f.typ) {
		p.invalid(at, "the core function to lift has type %s, the function type wants %s", f.typ, want)
	}
	if pr := opts.PostReturn; pr != nil {
		if typ := p.coreTypeOf(s, d, binary.OptPostReturn); !typ.Equal(core.FuncType{Params: f.typ.Results}) {
			p.invalid(at, "post-return has type %s, want the results of the lifted function as parameters", typ)
		}
	}
	n := len(p.plan.Lifts)
	p.plan.Lifts = append(p.plan.Lifts, Lift{
		Core: f.ref, Component: s.component, Options: p.bindOptions(opts), Type: fn, Signature: sig,
	})
	s.funcs = append(s.funcs, &function{typ: ft, imported: -1, lift: n})
}

func (p *planner) lower(s *scope, d *binary.Canon) {
	at := d.At()
	callee := p.pick(s, at, binary.SortFunc, d.Func).fn
	opts, async := p.canonOpts(s, d)
	if async || (callee.imported < 0 && callee.lift < 0) {
		p.unsupported(at, "an asynchronous lower (WASI 0.3)")
		s.coreFuncs = append(s.coreFuncs, coreFunc{ref: CoreRef{Instance: Host, Trampoline: -1}})
		return
	}
	if opts.PostReturn != nil {
		p.invalid(at, "canon lower takes no post-return")
	}
	fn := callee.typ.named(callee.name)
	if callee.typ.async {
		p.unsupported(at, "a call of an async function (WASI 0.3)")
	}
	t := Trampoline{
		Kind: LowerImport, Component: s.component, Options: p.bindOptions(opts), Type: fn,
		Import: callee.imported, Lift: callee.lift, Core: coreType(cabi.FlattenFunc(fn, cabi.Lower)),
	}
	if callee.imported >= 0 {
		t.Name = p.plan.Imports[callee.imported].Name
		if callee.name != "" {
			t.Name += "#" + callee.name
		}
	} else {
		t.Kind = LowerLift
		t.Name = fmt.Sprintf("component function %d", callee.lift)
	}
	p.trampoline(s, t)
}

// canonOpts reads canonical options; async tells whether an asynchronous one is
// among them.
func (p *planner) canonOpts(s *scope, d *binary.Canon) (o Options, async bool) {
	at := d.At()
	o.Component = s.component
	seen := map[binary.CanonOptKind]bool{}
	encoded := false
	for _, opt := range d.Opts {
		if seen[opt.Kind] || (opt.Kind <= binary.OptLatin1UTF16 && encoded) {
			p.invalid(at, "duplicate canonical option")
		}
		seen[opt.Kind] = true
		switch opt.Kind {
		case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
			encoded = true
			o.Encoding = cabi.Encoding(opt.Kind)
		case binary.OptMemory:
			if uint64(opt.Index) >= uint64(len(s.coreMemories)) {
				p.invalid(at, "core memory index %d out of range", opt.Index)
			}
			o.Memory = &s.coreMemories[opt.Index].ref
		case binary.OptRealloc:
			f := p.coreFuncAt(s, at, opt.Index)
			if want := (core.FuncType{Params: []byte{0x7f, 0x7f, 0x7f, 0x7f}, Results: i32}); !f.typ.Equal(want) {
				p.invalid(at, "realloc has type %s, want %s", f.typ, want)
			}
			o.Realloc = &f.ref
		case binary.OptPostReturn:
			f := p.coreFuncAt(s, at, opt.Index)
			o.PostReturn = &f.ref
		default:
			async = true
		}
	}
	return o, async
}

func (p *planner) coreTypeOf(s *scope, d *binary.Canon, kind binary.CanonOptKind) core.FuncType {
	for _, opt := range d.Opts {
		if opt.Kind == kind {
			return p.coreFuncAt(s, d.At(), opt.Index).typ
		}
	}
	return core.FuncType{}
}

// bindOptions gives equal options one slot, and a step that binds it.
func (p *planner) bindOptions(o Options) int {
	key := fmt.Sprint(o.Component, o.Encoding, refKey(o.Memory), refKey(o.Realloc), refKey(o.PostReturn))
	if n, ok := p.options[key]; ok {
		return n
	}
	n := len(p.plan.Options)
	p.plan.Options = append(p.plan.Options, o)
	p.plan.Steps = append(p.plan.Steps, &BindOptions{n})
	p.options[key] = n
	return n
}

func refKey(r *CoreRef) string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%d/%d/%q", r.Instance, r.Trampoline, r.Name)
}

func (p *planner) coreFuncAt(s *scope, at int, i uint32) coreFunc {
	if uint64(i) >= uint64(len(s.coreFuncs)) {
		p.invalid(at, "core function index %d out of range, %d so far", i, len(s.coreFuncs))
	}
	return s.coreFuncs[i]
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
