package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

const (
	i32 = core.I32
	i64 = core.I64
)

// fixedBuiltins are the built-ins whose type depends on nothing.
var fixedBuiltins = map[binary.CanonOp]core.FuncType{
	binary.CanonTaskCancel:                 {},
	binary.CanonBackpressureInc:            {},
	binary.CanonBackpressureDec:            {},
	binary.CanonSubtaskCancel:              {Params: params(i32), Results: params(i32)},
	binary.CanonSubtaskDrop:                {Params: params(i32)},
	binary.CanonErrorContextDrop:           {Params: params(i32)},
	binary.CanonWaitableSetNew:             {Results: params(i32)},
	binary.CanonWaitableSetDrop:            {Params: params(i32)},
	binary.CanonWaitableJoin:               {Params: params(i32, i32)},
	binary.CanonThreadYield:                {Results: params(i32)},
	binary.CanonThreadIndex:                {Results: params(i32)},
	binary.CanonThreadResumeLater:          {Params: params(i32)},
	binary.CanonThreadSuspend:              {Results: params(i32)},
	binary.CanonThreadSuspendThenResume:    {Params: params(i32), Results: params(i32)},
	binary.CanonThreadYieldThenResume:      {Params: params(i32), Results: params(i32)},
	binary.CanonThreadSuspendThenPromote:   {Params: params(i32), Results: params(i32)},
	binary.CanonThreadYieldThenPromote:     {Params: params(i32), Results: params(i32)},
	binary.CanonThreadAvailableParallelism: {Results: params(i32)},
}

// builtin validates a built-in of asynchronous components, error contexts or threads.
func (v *checker) builtin(s *scope, d *binary.Canon) {
	if sig, ok := fixedBuiltins[d.Op]; ok {
		v.addCoreFunc(s, sig.Params, sig.Results...)
		return
	}
	switch d.Op {
	case binary.CanonTaskReturn:
		v.taskReturn(s, d)
	case binary.CanonContextGet:
		v.addCoreFunc(s, nil, v.contextSlot(s, d))
	case binary.CanonContextSet:
		v.addCoreFunc(s, params(v.contextSlot(s, d)))
	case binary.CanonWaitableSetWait, binary.CanonWaitableSetPoll:
		o := &options{v: v, op: d.Op, addr: i32}
		v.memoryOption(s, o, d.Imm[0])
		v.addCoreFunc(s, params(i32, o.addr), i32)
	case binary.CanonErrorContextNew:
		o := v.canonOpts(s, d, copyOptions)
		o.need(true, false)
		v.addCoreFunc(s, params(o.addr, o.addr), i32)
	case binary.CanonErrorContextDebugMessage:
		o := v.canonOpts(s, d, copyOptions)
		o.need(true, true)
		v.addCoreFunc(s, params(i32, o.addr))
	case binary.CanonThreadNewIndirect, binary.CanonThreadSpawnRef, binary.CanonThreadSpawnIndirect:
		v.newThread(s, d)
	default:
		v.copyBuiltin(s, d)
	}
}

// taskReturn is given the result of a task as parameters.
func (v *checker) taskReturn(s *scope, d *binary.Canon) {
	var result wit.Type
	if d.Result != nil && d.Result.Type != nil {
		t, err := v.values.ValType(*d.Result.Type, v.lookup(s))
		if err != nil {
			v.invalid("%v", err)
		}
		if v.values.of(t).borrow {
			v.invalid("%s: the result of a function cannot hold a borrow", d.Op)
		}
		result = t
	}
	o := v.canonOpts(s, d, encodings|allow(binary.OptMemory))
	in := o.flatten(maxFlat, result)
	o.need(in.memory || in.spilled, false)
	v.addCoreFunc(s, o.orPointer(in))
}

// contextSlot checks a slot of thread-local storage and answers its type, which is one
// for the whole component.
func (v *checker) contextSlot(s *scope, d *binary.Canon) byte {
	t, slot := byte(d.Imm[0]), d.Imm[1]
	switch {
	case t != i32 && t != i64:
		v.invalid("%s: a slot is an i32 or i64, not %s", d.Op, core.ValTypeName(t))
	case slot >= 2:
		v.invalid("%s: there are 2 slots, %d is none", d.Op, slot)
	case s.context != 0 && s.context != t:
		v.invalid("%s: the slots of one component are all of one type", d.Op)
	}
	s.context = t
	return t
}

// newThread checks the function type of a new thread, which takes one word, and where
// the function comes from.
func (v *checker) newThread(s *scope, d *binary.Canon) {
	t := v.coreTypeAt(s, d.Imm[0]).fn
	if t == nil || len(t.Params) != 1 || len(t.Results) != 0 || t.Params[0] != i32 && t.Params[0] != i64 {
		v.invalid("%s: core type %d is not a function type that takes one i32 or i64", d.Op, d.Imm[0])
	}
	source := core.RefNull
	if len(d.Imm) > 1 {
		table := v.coreItemAt(s, binary.SortCoreTable, d.Imm[1])
		if table.Val != core.FuncRef {
			v.invalid("%s: table %d does not hold functions", d.Op, d.Imm[1])
		}
		source = i32
		if table.Limits.Addr64 {
			source = i64
		}
	}
	v.addCoreFunc(s, params(source, t.Params[0]), i32)
}

// copyBuiltin validates the built-ins of streams and futures.
func (v *checker) copyBuiltin(s *scope, d *binary.Canon) {
	stream := d.Op <= binary.CanonStreamDropWritable
	elem := v.endOf(s, d, stream)
	switch d.Op {
	case binary.CanonStreamNew, binary.CanonFutureNew:
		v.addCoreFunc(s, nil, i64)
	case binary.CanonStreamRead, binary.CanonFutureRead, binary.CanonStreamWrite, binary.CanonFutureWrite:
		o := v.canonOpts(s, d, asyncOptions)
		if elem != nil {
			reads := d.Op == binary.CanonStreamRead || d.Op == binary.CanonFutureRead
			o.need(true, reads && v.values.of(elem).memory)
		}
		if stream {
			v.addCoreFunc(s, params(i32, o.addr, o.addr), o.addr)
		} else {
			v.addCoreFunc(s, params(i32, o.addr), i32)
		}
	case binary.CanonStreamCancelRead, binary.CanonStreamCancelWrite, binary.CanonFutureCancelRead, binary.CanonFutureCancelWrite:
		v.addCoreFunc(s, params(i32), i32)
	default: // stream and future .drop-readable and .drop-writable
		v.addCoreFunc(s, params(i32))
	}
}

// endOf is the element type of the stream or future that a built-in is for.
func (v *checker) endOf(s *scope, d *binary.Canon, stream bool) wit.Type {
	t, _ := v.typeAt(s, d.Type).(wit.Type)
	switch t := wit.Structure(t).(type) {
	case *wit.Stream:
		if stream {
			return t.Elem
		}
	case *wit.Future:
		if !stream {
			return t.Elem
		}
	}
	want := "a future"
	if stream {
		want = "a stream"
	}
	v.invalid("%s: type %d is not %s", d.Op, d.Type, want)
	return nil
}
