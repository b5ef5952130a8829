package dump

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// canon prints a canonical definition: its name, its immediates in binary order,
// then its options.
func canon(d *binary.Canon) string {
	parts := immediates(d)
	for _, o := range d.Opts {
		parts = append(parts, option(o))
	}
	if len(parts) == 0 {
		return d.Op.String()
	}
	return d.Op.String() + " " + strings.Join(parts, ", ")
}

func immediates(d *binary.Canon) []string {
	typ := fmt.Sprintf("type %d", d.Type)
	switch d.Op {
	case binary.CanonLift:
		return []string{fmt.Sprintf("core func %d", d.Func), typ}
	case binary.CanonLower:
		return []string{fmt.Sprintf("func %d", d.Func)}
	case binary.CanonResourceNew, binary.CanonResourceDrop, binary.CanonResourceRep,
		binary.CanonStreamNew, binary.CanonStreamRead, binary.CanonStreamWrite,
		binary.CanonStreamDropReadable, binary.CanonStreamDropWritable, binary.CanonStreamForward,
		binary.CanonFutureNew, binary.CanonFutureRead, binary.CanonFutureWrite,
		binary.CanonFutureDropReadable, binary.CanonFutureDropWritable, binary.CanonFutureForward:
		return []string{typ}
	case binary.CanonStreamCancelRead, binary.CanonStreamCancelWrite,
		binary.CanonFutureCancelRead, binary.CanonFutureCancelWrite:
		return flagged(d, "async", typ)
	case binary.CanonSubtaskCancel:
		return flagged(d, "async")
	case binary.CanonTaskReturn:
		if d.Result.Type == nil {
			return nil
		}
		return []string{"result " + valType(*d.Result.Type)}
	case binary.CanonContextGet, binary.CanonContextSet:
		return []string{core.ValTypeName(byte(d.Imm[0])), fmt.Sprint(d.Imm[1])}
	case binary.CanonThreadYield, binary.CanonThreadSuspend,
		binary.CanonThreadSuspendThenResume, binary.CanonThreadYieldThenResume,
		binary.CanonThreadSuspendThenPromote, binary.CanonThreadYieldThenPromote:
		return flagged(d, "cancellable")
	case binary.CanonWaitableSetWait, binary.CanonWaitableSetPoll:
		return append(flagged(d, "cancellable"), fmt.Sprintf("memory %d", d.Imm[0]))
	case binary.CanonThreadNewIndirect:
		return []string{fmt.Sprintf("core type %d", d.Imm[0]), fmt.Sprintf("table %d", d.Imm[1])}
	case binary.CanonThreadSpawnRef:
		return append(flagged(d, "shared"), fmt.Sprintf("core type %d", d.Imm[0]))
	case binary.CanonThreadSpawnIndirect:
		return append(flagged(d, "shared"), fmt.Sprintf("core type %d", d.Imm[0]), fmt.Sprintf("table %d", d.Imm[1]))
	case binary.CanonThreadAvailableParallelism:
		return flagged(d, "shared")
	}
	return nil
}

// flagged adds the name of the flag to parts if it is set.
func flagged(d *binary.Canon, flag string, parts ...string) []string {
	if d.Flag {
		return append(parts, flag)
	}
	return parts
}

func option(o binary.CanonOpt) string {
	switch o.Kind {
	case binary.OptMemory, binary.OptRealloc, binary.OptPostReturn, binary.OptCallback, binary.OptCoreType:
		return fmt.Sprintf("%v %d", o.Kind, o.Index)
	}
	return o.Kind.String()
}
