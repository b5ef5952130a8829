package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// canon validates a canonical definition.
func (v *checker) canon(s *scope, d *binary.Canon) {
	switch d.Op {
	case binary.CanonLift:
		v.lift(s, d)
	case binary.CanonLower:
		v.lower(s, d)
	case binary.CanonResourceNew:
		v.addCoreFunc(s, params(v.localRep(s, d)), core.I32)
	case binary.CanonResourceRep:
		v.addCoreFunc(s, params(core.I32), v.localRep(s, d))
	case binary.CanonResourceDrop:
		v.resourceAt(s, d.Type)
		v.addCoreFunc(s, params(core.I32))
	default:
		v.builtin(s, d)
	}
}

func params(types ...byte) []byte { return types }

// addCoreFunc adds a core function that the canonical ABI makes.
func (v *checker) addCoreFunc(s *scope, params []byte, results ...byte) {
	item := CoreItem{core.ExternType{Kind: core.Func}, core.FuncType{Params: params, Results: results}}
	s.coreItems[core.Func] = append(s.coreItems[core.Func], item)
}

// localRep is the type that represents a resource, which only the component that
// defines it may see.
func (v *checker) localRep(s *scope, d *binary.Canon) byte {
	def := v.resourceAt(s, d.Type)
	rep, ok := s.local[def.Root()]
	if !ok {
		v.invalid("%s: only the component that defines a resource can make one or see its representation", d.Op)
	}
	return rep
}

// Options are the canonical options of one definition, checked.
type options struct {
	v  *checker
	op binary.CanonOp

	memory     *CoreItem
	addr       byte // the type of addresses: i64 for a 64-bit memory
	realloc    bool
	async      bool
	callback   bool
	postReturn *core.FuncType
}

// optionSet are kinds of options that a definition may have.
type optionSet uint16

func allow(kinds ...binary.CanonOptKind) (set optionSet) {
	for _, k := range kinds {
		set |= 1 << k
	}
	return set
}

var (
	encodings    = allow(binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16)
	copyOptions  = encodings | allow(binary.OptMemory, binary.OptRealloc)
	asyncOptions = copyOptions | allow(binary.OptAsync)
)

// canonOpts checks the options of a definition, which may be those of the given set.
func (v *checker) canonOpts(s *scope, d *binary.Canon, allowed optionSet) *options {
	o := &options{v: v, op: d.Op, addr: core.I32}
	var seen optionSet
	for _, opt := range d.Opts {
		kind := allow(opt.Kind)
		switch {
		case opt.Kind == binary.OptGC || opt.Kind == binary.OptCoreType:
			v.unsupported("the canonical option %s", opt.Kind)
		case kind&encodings != 0 && seen&encodings != 0:
			v.invalid("%s: two string encodings", d.Op)
		case seen&kind != 0:
			v.invalid("%s: the canonical option %s is there twice", d.Op, opt.Kind)
		case allowed&kind == 0:
			v.invalid("%s does not take the canonical option %s", d.Op, opt.Kind)
		}
		seen |= kind
		switch opt.Kind {
		case binary.OptMemory:
			v.memoryOption(s, o, opt.Index)
		case binary.OptAsync:
			o.async = true
		}
	}
	for _, opt := range d.Opts {
		v.functionOption(s, o, opt)
	}
	switch {
	case o.realloc && o.memory == nil:
		v.invalid("%s: the canonical option realloc needs memory", d.Op)
	case o.callback && !o.async:
		v.invalid("%s: the canonical option callback needs async", d.Op)
	case o.postReturn != nil && o.async:
		v.invalid("%s: the canonical option post-return does not go with async", d.Op)
	}
	return o
}

func (v *checker) memoryOption(s *scope, o *options, index uint32) {
	m := v.coreItemAt(s, binary.SortCoreMemory, index)
	switch {
	case m.Limits.Shared:
		v.invalid("%s: the memory is shared", o.op)
	case m.Limits.Addr64:
		o.addr = core.I64
	}
	o.memory = &m
}

func (v *checker) functionOption(s *scope, o *options, opt binary.CanonOpt) {
	var want core.FuncType
	switch opt.Kind {
	case binary.OptRealloc:
		o.realloc = true
		want = core.FuncType{Params: params(o.addr, o.addr, o.addr, o.addr), Results: params(o.addr)}
	case binary.OptCallback:
		o.callback = true
		want = core.FuncType{Params: params(core.I32, core.I32, core.I32), Results: params(core.I32)}
	case binary.OptPostReturn:
		sig := v.coreFuncAt(s, opt.Index)
		o.postReturn = &sig
		return
	default:
		return
	}
	if have := v.coreFuncAt(s, opt.Index); !have.Equal(want) {
		v.invalid("%s: %s has type %s, want %s", o.op, opt.Kind, have, want)
	}
}

// need checks that the options are there without which values cannot cross.
func (o *options) need(memory, realloc bool) {
	if (memory || realloc) && o.memory == nil {
		o.v.invalid("%s needs the canonical option memory", o.op)
	}
	if realloc && !o.realloc {
		o.v.invalid("%s needs the canonical option realloc", o.op)
	}
}

// flattened are the values of some types: flat, unless there are more than most.
type flattened struct {
	flat    []byte
	memory  bool // some of it stands in memory
	spilled bool // all of it does
}

// flatten flattens types, with pointers as wide as the memory has them.
func (o *options) flatten(most int, types ...wit.Type) flattened {
	var f flattened
	for _, t := range types {
		if t == nil {
			continue
		}
		r := o.v.values.of(t)
		f.memory = f.memory || r.memory
		f.flat = appendFlat(f.flat, r.flat)
	}
	for i, t := range f.flat {
		if t == pointer {
			f.flat[i] = o.addr
		}
	}
	f.spilled = len(f.flat) > most
	return f
}

// orPointer are the flat values, or the address at which they stand.
func (o *options) orPointer(f flattened) []byte {
	if f.spilled {
		return params(o.addr)
	}
	return f.flat
}

const (
	maxFlatAsyncParams = 4
	maxFlatResults     = 1
)

func paramTypes(f *FuncType) []wit.Type {
	types := make([]wit.Type, len(f.Params))
	for i, p := range f.Params {
		types[i] = p.Type
	}
	return types
}

func (v *checker) asyncAllowed(o *options, f *FuncType) {
	if o.async && !f.Async {
		v.invalid("%s: the canonical option async needs an async function type", o.op)
	}
}

func (v *checker) lift(s *scope, d *binary.Canon) {
	f := v.funcTypeAt(s, d.Type)
	have := v.coreFuncAt(s, d.Func)
	o := v.canonOpts(s, d, asyncOptions|allow(binary.OptPostReturn, binary.OptCallback))
	v.asyncAllowed(o, f)
	v.spend(len(f.Params))
	in := o.flatten(maxFlat, paramTypes(f)...)
	mostResults := maxFlatResults
	if o.async {
		mostResults = maxFlat
	}
	out := o.flatten(mostResults, f.Result)
	want := core.FuncType{Params: o.orPointer(in)}
	switch {
	case !o.async:
		want.Results = o.orPointer(out)
	case o.callback:
		want.Results = params(core.I32)
	}
	if !have.Equal(want) {
		v.invalid("the core function to lift has type %s, the function type wants %s", have, want)
	}
	if post := (core.FuncType{Params: want.Results}); o.postReturn != nil && !o.postReturn.Equal(post) {
		v.invalid("post-return has type %s, want %s", o.postReturn, post)
	}
	o.need(out.memory || out.spilled, in.memory || in.spilled)
	s.funcs = append(s.funcs, f)
}

func (v *checker) lower(s *scope, d *binary.Canon) {
	f := v.pick(s, binary.SortFunc, d.Func).Func
	o := v.canonOpts(s, d, asyncOptions)
	v.asyncAllowed(o, f)
	v.spend(len(f.Params))
	mostParams, mostResults := maxFlat, maxFlatResults
	if o.async {
		mostParams, mostResults = maxFlatAsyncParams, 0
	}
	in, out := o.flatten(mostParams, paramTypes(f)...), o.flatten(mostResults, f.Result)
	o.need(in.memory || in.spilled || out.spilled, out.memory)
	sig := core.FuncType{Params: o.orPointer(in)}
	switch {
	case out.spilled:
		sig.Params = append(sig.Params, o.addr)
	case !o.async:
		sig.Results = out.flat
	}
	if o.async {
		sig.Results = params(core.I32)
	}
	v.addCoreFunc(s, sig.Params, sig.Results...)
}
