package preview1

import (
	"math"

	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
)

// fileTypes has preview 1's number for each type of WASI 0.2.
var fileTypes = [...]uint8{
	filesystem.DescriptorTypeUnknown:         typeUnknown,
	filesystem.DescriptorTypeBlockDevice:     typeBlockDevice,
	filesystem.DescriptorTypeCharacterDevice: typeCharacterDevice,
	filesystem.DescriptorTypeDirectory:       typeDirectory,
	filesystem.DescriptorTypeFIFO:            typeUnknown,
	filesystem.DescriptorTypeSymbolicLink:    typeSymbolicLink,
	filesystem.DescriptorTypeRegularFile:     typeRegularFile,
	filesystem.DescriptorTypeSocket:          typeSocketStream,
}

func fileType(t filesystem.DescriptorType) uint8 {
	if int(t) < len(fileTypes) {
		return fileTypes[t]
	}
	return typeUnknown
}

// device is the number of the only one that guests see.
const device = 1

// filestatSize is how much room a filestat takes.
func (p *process) filestatSize() uint32 {
	if p.old {
		return 56
	}
	return 64
}

// putFilestat writes what is known about a file. Preview 0 counts links with 32 bits.
func (p *process) putFilestat(b []byte, inode uint64, filetype uint8, s filesystem.DescriptorStat) {
	clear(b)
	le.PutUint64(b, device)
	le.PutUint64(b[8:], inode)
	b[16] = filetype
	if p.old {
		le.PutUint32(b[20:], uint32(min(s.LinkCount, math.MaxUint32)))
		b = b[24:]
	} else {
		le.PutUint64(b[24:], s.LinkCount)
		b = b[32:]
	}
	le.PutUint64(b, s.Size)
	le.PutUint64(b[8:], timestamp(s.DataAccessTimestamp))
	le.PutUint64(b[16:], timestamp(s.DataModificationTimestamp))
	le.PutUint64(b[24:], timestamp(s.StatusChangeTimestamp))
}

// timestamp is zero for a time that is not known, and the last one for what lies beyond.
func timestamp(t *wallclock.Datetime) uint64 {
	if t == nil {
		return 0
	}
	ns, err := nanoseconds(*t)
	if err != nil {
		return math.MaxUint64
	}
	return ns
}

func (p *process) fdFilestatGet() error {
	d, err := p.fdFor(0, rightFdFilestatGet)
	if err != nil {
		return err
	}
	b, err := p.out(1, p.filestatSize())
	if err != nil {
		return err
	}
	if d.node == nil {
		p.putFilestat(b, 0, d.filetype, filesystem.DescriptorStat{})
		return nil
	}
	stat, err := d.node.Stat(p.ctx)
	if err != nil {
		return err
	}
	hash, err := d.node.MetadataHash(p.ctx)
	if err == nil {
		p.putFilestat(b, hash.Lower, fileType(stat.Type), stat)
	}
	return err
}

// fstflags.
const (
	setAccess      = 1 << 0
	setAccessNow   = 1 << 1
	setModified    = 1 << 2
	setModifiedNow = 1 << 3
	setAll         = setAccess | setAccessNow | setModified | setModifiedNow
)

// times are the times that parameters i and i+1 give, by the flags of parameter i+2.
func (p *process) times(i int) (accessed, modified filesystem.NewTimestamp, err error) {
	flags := p.u32(i + 2)
	if flags&^setAll != 0 || flags&(setAccess|setAccessNow) == setAccess|setAccessNow ||
		flags&(setModified|setModifiedNow) == setModified|setModifiedNow {
		return nil, nil, eINVAL
	}
	return newTime(p.u64(i), flags&setAccess != 0, flags&setAccessNow != 0),
		newTime(p.u64(i+1), flags&setModified != 0, flags&setModifiedNow != 0), nil
}

func newTime(ns uint64, set, now bool) filesystem.NewTimestamp {
	switch {
	case set:
		return filesystem.NewTimestampTimestamp{Value: wallclock.Datetime{Seconds: ns / 1e9, Nanoseconds: uint32(ns % 1e9)}}
	case now:
		return filesystem.NewTimestampNow{}
	}
	return filesystem.NewTimestampNoChange{}
}

func (p *process) fdFilestatSetTimes() error {
	d, err := p.fdFor(0, rightFdFilestatSetTimes)
	if err != nil {
		return err
	}
	accessed, modified, err := p.times(1)
	switch {
	case err != nil:
		return err
	case d.node == nil:
		return eBADF
	}
	return d.node.SetTimes(p.ctx, accessed, modified)
}
