package preview1

import (
	"math"
	"runtime"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
)

// strings are arguments, or variables as KEY=VALUE.
func (p *process) arguments() ([]string, error) { return p.faces.Environment.GetArguments(p.ctx) }

func (p *process) variables() ([]string, error) {
	pairs, err := p.faces.Environment.GetEnvironment(p.ctx)
	list := make([]string, len(pairs))
	for i, v := range pairs {
		list[i] = v[0] + "=" + v[1]
	}
	return list, err
}

func (p *process) argsGet() error          { return p.strings(p.arguments()) }
func (p *process) argsSizesGet() error     { return p.sizes(p.arguments()) }
func (p *process) environGet() error       { return p.strings(p.variables()) }
func (p *process) environSizesGet() error  { return p.sizes(p.variables()) }
func (p *process) fdDatasync() error       { return p.sync(rightFdDatasync, true) }
func (p *process) fdSync() error           { return p.sync(rightFdSync, false) }
func (p *process) procRaise() error        { return eNOTSUP }
func (p *process) schedYield() (err error) { runtime.Gosched(); return p.interrupted() }

// size is how much memory strings take, each with a zero byte.
func size(list []string) (n uint64) {
	for _, s := range list {
		n += uint64(len(s)) + 1
	}
	return n
}

func (p *process) sizes(list []string, err error) error {
	if err != nil {
		return err
	}
	count, err := p.out(0, 4)
	if err != nil {
		return err
	}
	bytes, err := p.out(1, 4)
	if err != nil {
		return err
	}
	n := size(list)
	if n > math.MaxUint32 {
		return eOVERFLOW
	}
	le.PutUint32(count, uint32(len(list)))
	le.PutUint32(bytes, uint32(n))
	return nil
}

// strings writes pointers to where parameter 0 points to, and the strings that they
// point at to where parameter 1 does.
func (p *process) strings(list []string, err error) error {
	if err != nil {
		return err
	}
	n := size(list)
	if n > math.MaxUint32 || len(list) > math.MaxUint32/4 {
		return eOVERFLOW
	}
	pointers, err := p.out(0, uint32(4*len(list)))
	if err != nil {
		return err
	}
	bytes, err := p.out(1, uint32(n))
	if err != nil {
		return err
	}
	at := p.u32(1)
	for i, s := range list {
		le.PutUint32(pointers[4*i:], at)
		k := copy(bytes, s)
		bytes[k] = 0
		bytes = bytes[k+1:]
		at += uint32(k + 1)
	}
	return nil
}

// Clocks.
const (
	clockRealtime  = 0
	clockMonotonic = 1
	clockProcess   = 2
	clockThread    = 3
)

// clock answers one of two questions of the clock that parameter 0 names.
func (p *process) clock(out int, wall func() (wallclock.Datetime, error), monotonic func() (uint64, error)) error {
	to, err := p.out(out, 8)
	if err != nil {
		return err
	}
	var ns uint64
	switch p.u32(0) {
	case clockRealtime:
		t, e := wall()
		if err = e; err == nil {
			ns, err = nanoseconds(t)
		}
	case clockMonotonic:
		ns, err = monotonic()
	case clockProcess, clockThread:
		err = eBADF
	default:
		err = eINVAL
	}
	if err == nil {
		le.PutUint64(to, ns)
	}
	return err
}

func nanoseconds(t wallclock.Datetime) (uint64, error) {
	if t.Seconds > (math.MaxUint64-1_000_000_000)/1_000_000_000 {
		return 0, eOVERFLOW
	}
	return t.Seconds*1e9 + uint64(t.Nanoseconds), nil
}

func (p *process) clockResGet() error {
	w, m := p.faces.WallClock, p.faces.MonotonicClock
	return p.clock(1, func() (wallclock.Datetime, error) { return w.Resolution(p.ctx) },
		func() (uint64, error) { return m.Resolution(p.ctx) })
}

func (p *process) clockTimeGet() error {
	w, m := p.faces.WallClock, p.faces.MonotonicClock
	return p.clock(2, func() (wallclock.Datetime, error) { return w.Now(p.ctx) },
		func() (uint64, error) { return m.Now(p.ctx) })
}

// procExit ends the instance. A status has 8 bits; one that has none of them set, and is
// not zero, still is a failure.
func (p *process) procExit() error {
	status := p.u32(0)
	code := uint8(status)
	if code == 0 && status != 0 {
		code = math.MaxUint8
	}
	return &component.ExitError{Code: code}
}

// randomPiece is how many random bytes are asked for at once.
const randomPiece = 64 << 10

func (p *process) randomGet() error {
	to, err := p.at(p.u32(0), p.u32(1))
	for err == nil && len(to) > 0 {
		if err = p.interrupted(); err != nil {
			break
		}
		var b []byte
		b, err = p.faces.Random.GetRandomBytes(p.ctx, uint64(min(len(to), randomPiece)))
		to = to[copy(to, b):]
	}
	return err
}
