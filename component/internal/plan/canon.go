package plan

import (
	"strings"

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
		p.builtin(s, ResourceNew, slot, core.FuncType{Params: i32, Results: i32})
	case binary.CanonResourceRep:
		slot := p.definedHere(s, d)
		p.builtin(s, ResourceRep, slot, core.FuncType{Params: i32, Results: i32})
	case binary.CanonResourceDrop:
		slot := p.slotOf(d.At(), p.resourceAt(s, d.At(), d.Type))
		p.builtin(s, ResourceDrop, slot, core.FuncType{Params: i32})
	default:
		p.unsupported(d.At(), "the canonical built-in %s (asynchronous components, WASI 0.3)", d.Op)
		s.coreFuncs = append(s.coreFuncs, unknownFunc)
	}
}

// unknownFunc stands for what the host does not have yet: the plan says so and
// is never run.
var unknownFunc = &coreItem{ref: CoreRef{Instance: Host, Trampoline: -1}, unknown: true}

var i32 = []byte{byte(cabi.I32)}

func (p *planner) slotOf(at int, def *wit.TypeDef) int {
	slot, ok := p.resources[def.Root()]
	if !ok {
		p.invalid(at, "a resource that nothing declares")
	}
	return slot
}

// definedHere returns the resource of resource.new or resource.rep, which only
// the component that defines it may use.
func (p *planner) definedHere(s *scope, d *binary.Canon) int {
	slot := p.slotOf(d.At(), p.resourceAt(s, d.At(), d.Type))
	if r := p.plan.Resources[slot]; r.From.Import >= 0 || r.Component != s.component {
		p.invalid(d.At(), "only the component that defines a resource can make one or see its representation")
	}
	return slot
}

// builtin adds a built-in of a resource. It is named when the resource has a name,
// see finish.
func (p *planner) builtin(s *scope, kind TrampolineKind, slot int, typ core.FuncType) {
	p.trampoline(s, Trampoline{Kind: kind, Component: s.component, Resource: slot, Core: typ})
}

func (p *planner) trampoline(s *scope, t Trampoline) {
	n := len(p.plan.Trampolines)
	p.plan.Trampolines = append(p.plan.Trampolines, t)
	s.coreFuncs = append(s.coreFuncs, &coreItem{ref: CoreRef{Instance: Host, Trampoline: n}, sig: t.Core})
}

func (p *planner) lift(s *scope, d *binary.Canon) {
	at := d.At()
	ft := p.funcTypeAt(s, at, d.Type)
	f := p.coreItemAt(s, at, binary.SortCoreFunc, d.Func)
	opts := p.canonOpts(s, d)
	params, result := p.funcTraits(ft)
	if !p.synchronous(at, ft, opts, params, result) || f.unknown {
		s.funcs = append(s.funcs, &function{typ: ft, from: nowhere, lift: -1})
		return
	}
	fn := ft.named("")
	sig := p.layouts.FlattenFunc(fn, cabi.Lift)
	if want := coreType(sig); !want.Equal(f.sig) {
		p.invalid(at, "the core function to lift has type %s, the function type wants %s", f.sig, want)
	}
	if pr := opts.postReturn; pr != nil && !pr.unknown && !pr.sig.Equal(core.FuncType{Params: f.sig.Results}) {
		p.invalid(at, "post-return has type %s, want the results of the lifted function as parameters", pr.sig)
	}
	p.need(at, opts, result.pointer || sig.ResultSpilled, params.pointer || sig.ParamsSpilled)
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
	params, result := p.funcTraits(callee.typ)
	if !p.synchronous(at, callee.typ, opts, params, result) || (callee.from.Import < 0 && callee.lift < 0) {
		s.coreFuncs = append(s.coreFuncs, unknownFunc)
		return
	}
	if opts.postReturn != nil {
		p.invalid(at, "canon lower takes no post-return")
	}
	fn := callee.typ.named(callee.from.last())
	sig := p.layouts.FlattenFunc(fn, cabi.Lower)
	p.need(at, opts, params.pointer || sig.ParamsSpilled || sig.ResultSpilled, result.pointer)
	t := Trampoline{
		Kind: LowerImport, Component: s.component, Options: p.bindOptions(opts), Type: fn,
		From: callee.from, Lift: callee.lift, Core: coreType(sig),
	}
	if callee.lift >= 0 {
		t.Kind = LowerLift
	} else {
		t.Name = strings.Join(append([]string{p.plan.Imports[t.From.Import].Name}, t.From.Names...), "#")
	}
	p.trampoline(s, t)
}

// synchronous reports whether a function can be lifted or lowered today; where it
// cannot, the plan says so.
func (p *planner) synchronous(at int, ft *funcType, opts options, params, result traits) bool {
	switch {
	case opts.async:
		p.unsupported(at, "an asynchronous canonical option (WASI 0.3)")
	case ft.async:
		p.unsupported(at, "an async function (WASI 0.3)")
	case params.async != "":
		p.unsupported(at, "%s", params.async)
	case result.async != "":
		p.unsupported(at, "%s", result.async)
	default:
		return true
	}
	return false
}

// need checks that the options are there without which values cannot cross.
func (p *planner) need(at int, opts options, memory, realloc bool) {
	if (memory || realloc) && opts.memory == nil {
		p.invalid(at, "the function type needs the canonical option memory")
	}
	if realloc && opts.realloc == nil {
		p.invalid(at, "the function type needs the canonical option realloc")
	}
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

var reallocType = core.FuncType{Params: []byte{core.I32, core.I32, core.I32, core.I32}, Results: i32}

func (p *planner) canonOpts(s *scope, d *binary.Canon) options {
	at := d.At()
	o := options{component: s.component}
	seen := map[binary.CanonOptKind]bool{}
	for _, opt := range d.Opts {
		kind := opt.Kind
		if kind <= binary.OptLatin1UTF16 {
			kind = binary.OptUTF8 // Any two encodings are one too many.
		}
		if seen[kind] {
			p.invalid(at, "duplicate canonical option %s", opt.Kind)
		}
		seen[kind] = true
		switch opt.Kind {
		case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
			o.encoding = cabi.Encoding(opt.Kind)
		case binary.OptMemory:
			o.memory = p.coreItemAt(s, at, binary.SortCoreMemory, opt.Index)
			if o.memory.typ.Limits.Addr64 {
				p.unsupported(at, "a 64-bit memory")
			}
		case binary.OptRealloc:
			o.realloc = p.coreItemAt(s, at, binary.SortCoreFunc, opt.Index)
			if !o.realloc.sig.Equal(reallocType) && !o.realloc.unknown {
				p.invalid(at, "realloc has type %s, want %s", o.realloc.sig, reallocType)
			}
		case binary.OptPostReturn:
			o.postReturn = p.coreItemAt(s, at, binary.SortCoreFunc, opt.Index)
		default:
			o.async = true
		}
	}
	if o.realloc != nil && o.memory == nil {
		p.invalid(at, "the canonical option realloc needs memory")
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
