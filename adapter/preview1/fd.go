package preview1

import (
	"math"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
)

// fdflags.
const (
	flagAppend   = 1 << 0
	flagDsync    = 1 << 1
	flagNonblock = 1 << 2
	flagRsync    = 1 << 3
	flagSync     = 1 << 4

	flagsAll = flagAppend | flagDsync | flagNonblock | flagRsync | flagSync
)

func (p *process) fdClose() error {
	d, err := p.fd(0)
	if err != nil {
		return err
	}
	p.remove(p.u32(0))
	// That closing fails tells the program nothing that it could act upon: sync does.
	_ = d.close(p.ctx)
	return nil
}

// fdRenumber moves a descriptor to another number, which is in use: what it stood for is
// closed first.
func (p *process) fdRenumber() error {
	d, err := p.fd(0)
	if err != nil {
		return err
	}
	old, err := p.fd(1)
	if err != nil || old == d {
		return err
	}
	_ = old.close(p.ctx)
	p.table[p.u32(1)] = d
	p.remove(p.u32(0))
	return nil
}

func (p *process) fdFdstatGet() error {
	d, err := p.fd(0)
	if err != nil {
		return err
	}
	b, err := p.out(1, 24)
	if err != nil {
		return err
	}
	clear(b)
	b[0] = d.filetype
	le.PutUint16(b[2:], d.flags)
	le.PutUint64(b[8:], uint64(d.base))
	le.PutUint64(b[16:], uint64(d.inheriting))
	return nil
}

// fdFdstatSetFlags changes whether writes append and whether reads and writes wait. How
// they are stored was said when the file was opened.
func (p *process) fdFdstatSetFlags() error {
	d, err := p.fdFor(0, rightFdFdstatSetFlags)
	if err != nil {
		return err
	}
	const changes = flagAppend | flagNonblock
	flags := p.u32(1)
	switch {
	case flags&^changes != 0:
		return eINVAL
	case d.filetype == typeDirectory:
		return eBADF
	}
	d.flags = d.flags&^changes | uint16(flags)
	return nil
}

// advice has as many values.
const adviceCount = 6

func (p *process) fdAdvise() error {
	d, err := p.file(0, rightFdAdvise, eSPIPE, eBADF)
	if err != nil {
		return err
	}
	if p.u32(3) >= adviceCount {
		return eINVAL
	}
	return d.node.Advise(p.ctx, p.u64(1), p.u64(2), filesystem.Advice(p.u32(3)))
}

// fdAllocate makes a file as long as it is asked for. That the room is there for sure,
// WASI 0.2 cannot say.
func (p *process) fdAllocate() error {
	d, err := p.file(0, rightFdAllocate, eSPIPE, eBADF)
	if err != nil {
		return err
	}
	offset, n := p.u64(1), p.u64(2)
	switch {
	case !d.writable:
		return eBADF
	case n == 0:
		return eINVAL
	case offset > math.MaxInt64 || n > math.MaxInt64-offset:
		return eFBIG
	}
	stat, err := d.node.Stat(p.ctx)
	if err != nil || offset+n <= stat.Size {
		return err
	}
	return d.node.SetSize(p.ctx, offset+n)
}

func (p *process) sync(need rights, dataOnly bool) error {
	d, err := p.fdFor(0, need)
	switch {
	case err != nil:
		return err
	case d.node == nil:
		return eBADF
	case dataOnly:
		return d.node.SyncData(p.ctx)
	}
	return d.node.Sync(p.ctx)
}

func (p *process) fdFilestatSetSize() error {
	d, err := p.file(0, rightFdFilestatSetSize, eBADF, eBADF)
	if err != nil {
		return err
	}
	return d.node.SetSize(p.ctx, p.u64(1))
}

// Whence, as preview 1 numbers it.
const (
	whenceSet = iota
	whenceCurrent
	whenceEnd
	whences
)

// whence is parameter i. Preview 0 has another order.
func (p *process) whence(i int) uint32 {
	w := p.u32(i)
	if p.old && w < whences {
		return (w + 1) % whences
	}
	return w
}

func (p *process) fdSeek() error {
	d, err := p.file(0, rightFdSeek, eSPIPE, eBADF)
	if err != nil {
		return err
	}
	out, err := p.out(3, 8)
	if err != nil {
		return err
	}
	var from uint64
	switch p.whence(2) {
	case whenceSet:
	case whenceCurrent:
		from = d.position
	case whenceEnd:
		stat, err := d.node.Stat(p.ctx)
		if err != nil {
			return err
		}
		from = stat.Size
	default:
		return eINVAL
	}
	// Both are at most MaxInt64, so that the sum is one that wraps or fits.
	to := int64(from) + int64(p.u64(1))
	if to < 0 || from > math.MaxInt64 {
		return eINVAL
	}
	d.position = uint64(to)
	le.PutUint64(out, d.position)
	return nil
}

func (p *process) fdTell() error {
	d, err := p.file(0, rightFdTell, eSPIPE, eBADF)
	if err != nil {
		return err
	}
	out, err := p.out(1, 8)
	if err == nil {
		le.PutUint64(out, d.position)
	}
	return err
}

func (p *process) fdPrestatGet() error {
	d, err := p.fd(0)
	if err != nil {
		return err
	}
	if d.preopen == nil {
		return eBADF
	}
	b, err := p.out(1, 8)
	if err != nil {
		return err
	}
	clear(b) // The tag is that of a directory.
	le.PutUint32(b[4:], uint32(len(*d.preopen)))
	return nil
}

func (p *process) fdPrestatDirName() error {
	d, err := p.fd(0)
	switch {
	case err != nil:
		return err
	case d.preopen == nil:
		return eNOTDIR
	case uint64(p.u32(2)) < uint64(len(*d.preopen)):
		return eNAMETOOLONG
	}
	b, err := p.out(1, uint32(len(*d.preopen)))
	if err == nil {
		copy(b, *d.preopen)
	}
	return err
}
