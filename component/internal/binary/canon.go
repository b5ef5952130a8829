package binary

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// CanonOp is the opcode of a canonical definition.
type CanonOp uint8

// Canonical definitions. Those from TaskCancel on belong to asynchronous calls,
// error contexts and threads.
const (
	CanonLift         CanonOp = 0x00
	CanonLower        CanonOp = 0x01
	CanonResourceNew  CanonOp = 0x02
	CanonResourceDrop CanonOp = 0x03
	CanonResourceRep  CanonOp = 0x04

	CanonTaskCancel                 CanonOp = 0x05
	CanonSubtaskCancel              CanonOp = 0x06
	CanonTaskReturn                 CanonOp = 0x09
	CanonContextGet                 CanonOp = 0x0a
	CanonContextSet                 CanonOp = 0x0b
	CanonThreadYield                CanonOp = 0x0c
	CanonSubtaskDrop                CanonOp = 0x0d
	CanonStreamNew                  CanonOp = 0x0e
	CanonStreamRead                 CanonOp = 0x0f
	CanonStreamWrite                CanonOp = 0x10
	CanonStreamCancelRead           CanonOp = 0x11
	CanonStreamCancelWrite          CanonOp = 0x12
	CanonStreamDropReadable         CanonOp = 0x13
	CanonStreamDropWritable         CanonOp = 0x14
	CanonFutureNew                  CanonOp = 0x15
	CanonFutureRead                 CanonOp = 0x16
	CanonFutureWrite                CanonOp = 0x17
	CanonFutureCancelRead           CanonOp = 0x18
	CanonFutureCancelWrite          CanonOp = 0x19
	CanonFutureDropReadable         CanonOp = 0x1a
	CanonFutureDropWritable         CanonOp = 0x1b
	CanonErrorContextNew            CanonOp = 0x1c
	CanonErrorContextDebugMessage   CanonOp = 0x1d
	CanonErrorContextDrop           CanonOp = 0x1e
	CanonWaitableSetNew             CanonOp = 0x1f
	CanonWaitableSetWait            CanonOp = 0x20
	CanonWaitableSetPoll            CanonOp = 0x21
	CanonWaitableSetDrop            CanonOp = 0x22
	CanonWaitableJoin               CanonOp = 0x23
	CanonBackpressureInc            CanonOp = 0x24
	CanonBackpressureDec            CanonOp = 0x25
	CanonThreadIndex                CanonOp = 0x26
	CanonThreadNewIndirect          CanonOp = 0x27
	CanonThreadResumeLater          CanonOp = 0x28
	CanonThreadSuspend              CanonOp = 0x29
	CanonThreadSuspendThenResume    CanonOp = 0x2a
	CanonThreadYieldThenResume      CanonOp = 0x2b
	CanonThreadSuspendThenPromote   CanonOp = 0x2c
	CanonThreadYieldThenPromote     CanonOp = 0x2d
	CanonStreamForward              CanonOp = 0x2e // not in Binary.md yet; tools write it
	CanonFutureForward              CanonOp = 0x2f // the same
	CanonThreadSpawnRef             CanonOp = 0x40
	CanonThreadSpawnIndirect        CanonOp = 0x41
	CanonThreadAvailableParallelism CanonOp = 0x42
)

// immediates is what follows an opcode, as a set; the parts come in the order of
// the bits.
type immediates uint16

const (
	immSortCoreFunc immediates = 1 << iota // the sort func, then a core func
	immSortFunc                            // the sort func, then a func
	immResult                              // a result list
	immType                                // a type
	immFlag                                // async, cancellable or shared
	immValType                             // a core value type
	immSlot                                // a context slot
	immMemory                              // a memory
	immCoreType                            // a core type
	immTable                               // a table
	immOpts                                // canonical options
	immLiftType                            // the type of a lifted function
)

// canons is the table of Binary.md: the name and the immediates of every opcode.
// Opcodes without a name are not assigned.
var canons = [...]struct {
	name string
	imm  immediates
}{
	CanonLift:         {"lift", immSortCoreFunc | immOpts | immLiftType},
	CanonLower:        {"lower", immSortFunc | immOpts},
	CanonResourceNew:  {"resource.new", immType},
	CanonResourceDrop: {"resource.drop", immType},
	CanonResourceRep:  {"resource.rep", immType},

	CanonTaskCancel:                 {"task.cancel", 0},
	CanonSubtaskCancel:              {"subtask.cancel", immFlag},
	CanonTaskReturn:                 {"task.return", immResult | immOpts},
	CanonContextGet:                 {"context.get", immValType | immSlot},
	CanonContextSet:                 {"context.set", immValType | immSlot},
	CanonThreadYield:                {"thread.yield", immFlag},
	CanonSubtaskDrop:                {"subtask.drop", 0},
	CanonStreamNew:                  {"stream.new", immType},
	CanonStreamRead:                 {"stream.read", immType | immOpts},
	CanonStreamWrite:                {"stream.write", immType | immOpts},
	CanonStreamCancelRead:           {"stream.cancel-read", immType | immFlag},
	CanonStreamCancelWrite:          {"stream.cancel-write", immType | immFlag},
	CanonStreamDropReadable:         {"stream.drop-readable", immType},
	CanonStreamDropWritable:         {"stream.drop-writable", immType},
	CanonFutureNew:                  {"future.new", immType},
	CanonFutureRead:                 {"future.read", immType | immOpts},
	CanonFutureWrite:                {"future.write", immType | immOpts},
	CanonFutureCancelRead:           {"future.cancel-read", immType | immFlag},
	CanonFutureCancelWrite:          {"future.cancel-write", immType | immFlag},
	CanonFutureDropReadable:         {"future.drop-readable", immType},
	CanonFutureDropWritable:         {"future.drop-writable", immType},
	CanonErrorContextNew:            {"error-context.new", immOpts},
	CanonErrorContextDebugMessage:   {"error-context.debug-message", immOpts},
	CanonErrorContextDrop:           {"error-context.drop", 0},
	CanonWaitableSetNew:             {"waitable-set.new", 0},
	CanonWaitableSetWait:            {"waitable-set.wait", immFlag | immMemory},
	CanonWaitableSetPoll:            {"waitable-set.poll", immFlag | immMemory},
	CanonWaitableSetDrop:            {"waitable-set.drop", 0},
	CanonWaitableJoin:               {"waitable.join", 0},
	CanonBackpressureInc:            {"backpressure.inc", 0},
	CanonBackpressureDec:            {"backpressure.dec", 0},
	CanonThreadIndex:                {"thread.index", 0},
	CanonThreadNewIndirect:          {"thread.new-indirect", immCoreType | immTable},
	CanonThreadResumeLater:          {"thread.resume-later", 0},
	CanonThreadSuspend:              {"thread.suspend", immFlag},
	CanonThreadSuspendThenResume:    {"thread.suspend-then-resume", immFlag},
	CanonThreadYieldThenResume:      {"thread.yield-then-resume", immFlag},
	CanonThreadSuspendThenPromote:   {"thread.suspend-then-promote", immFlag},
	CanonThreadYieldThenPromote:     {"thread.yield-then-promote", immFlag},
	CanonStreamForward:              {"stream.forward", immType},
	CanonFutureForward:              {"future.forward", immType},
	CanonThreadSpawnRef:             {"thread.spawn-ref", immFlag | immCoreType},
	CanonThreadSpawnIndirect:        {"thread.spawn-indirect", immFlag | immCoreType | immTable},
	CanonThreadAvailableParallelism: {"thread.available-parallelism", immFlag},
}

// String is the name of the definition in the text format.
func (op CanonOp) String() string {
	if op.assigned() {
		return canons[op].name
	}
	return fmt.Sprintf("canonical definition %#02x", uint8(op))
}

func (op CanonOp) assigned() bool { return int(op) < len(canons) && canons[op].name != "" }

func (d *decoder) canon(c *cursor.Cursor) *Canon {
	def := &Canon{Pos: here(c), Op: CanonOp(c.Byte())}
	if !def.Op.assigned() {
		c.FailAt(def.At(), "%s is not known", def.Op)
	}
	op := canons[def.Op]
	has := func(i immediates) bool { return op.imm&i != 0 }
	if has(immSortCoreFunc | immSortFunc) {
		c.Expect(0x00, "the sort of a lifted or lowered function")
		def.Func = c.U32()
	}
	if has(immResult) {
		def.Result = &ResultList{resultList(c)}
	}
	if has(immType) {
		def.Type = c.U32()
	}
	if has(immFlag) {
		def.Flag = c.Flag("the flag of a built-in")
	}
	if has(immValType) {
		def.Imm = append(def.Imm, uint32(core.ReadValType(c)))
	}
	for _, index := range []immediates{immSlot, immMemory, immCoreType, immTable} {
		if has(index) {
			def.Imm = append(def.Imm, c.U32())
		}
	}
	if has(immOpts) {
		def.Opts = cursor.Vec(c, "option", func() CanonOpt { return canonOpt(c) })
	}
	if has(immLiftType) {
		def.Type = c.U32()
	}
	return def
}

// String is the name of the option in the text format.
func (k CanonOptKind) String() string {
	if int(k) < len(optNames) {
		return optNames[k]
	}
	return fmt.Sprintf("canonical option %#02x", uint8(k))
}

var optNames = [...]string{
	OptUTF8:        "string-encoding=utf8",
	OptUTF16:       "string-encoding=utf16",
	OptLatin1UTF16: "string-encoding=latin1+utf16",
	OptMemory:      "memory",
	OptRealloc:     "realloc",
	OptPostReturn:  "post-return",
	OptAsync:       "async",
	OptCallback:    "callback",
	OptCoreType:    "core-type",
	OptGC:          "gc",
}

func canonOpt(c *cursor.Cursor) CanonOpt {
	o := CanonOpt{Kind: CanonOptKind(c.Byte())}
	switch o.Kind {
	case OptUTF8, OptUTF16, OptLatin1UTF16, OptAsync, OptGC:
	case OptMemory, OptRealloc, OptPostReturn, OptCallback, OptCoreType:
		o.Index = c.U32()
	default:
		c.FailAt(c.Offset()-1, "%s is not known", o.Kind)
	}
	return o
}
