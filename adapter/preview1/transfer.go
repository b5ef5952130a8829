package preview1

import (
	"math"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
)

const (
	// pieceRead is the most that a stream or file of the host gives at once.
	pieceRead = 64 << 10

	// pieceWrite is the most that may be written and waited for at once.
	pieceWrite = 4096
)

// transfer is what the four functions have in common that read or write: parameter 0 is
// the descriptor, 1 and 2 are the pieces of memory, and the count goes to where parameter
// out points to.
func (p *process) transfer(need rights, out int, move func(*descriptor, [][]byte) (uint32, error)) error {
	d, err := p.fdFor(0, need)
	if err != nil {
		return err
	}
	pieces, err := p.iovecs(1)
	if err != nil {
		return err
	}
	count, err := p.out(out, 4)
	if err != nil {
		return err
	}
	n, err := move(d, pieces)
	if n > 0 {
		err = nil // It is told by the next call.
	}
	if err == nil {
		le.PutUint32(count, n)
	}
	return err
}

func (p *process) fdRead() error  { return p.transfer(rightFdRead, 3, p.read) }
func (p *process) fdWrite() error { return p.transfer(rightFdWrite, 3, p.write) }

func (p *process) fdPread() error {
	return p.transfer(rightFdRead|rightFdSeek, 4, func(d *descriptor, pieces [][]byte) (uint32, error) {
		if err := seekable(d, d.readable); err != nil {
			return 0, err
		}
		at := p.u64(3)
		return p.readFile(d, pieces, &at)
	})
}

// fdPwrite writes where it is told to, also to a file that appends, as POSIX has it.
func (p *process) fdPwrite() error {
	return p.transfer(rightFdWrite|rightFdSeek, 4, func(d *descriptor, pieces [][]byte) (uint32, error) {
		if err := seekable(d, d.writable); err != nil {
			return 0, err
		}
		at := p.u64(3)
		return p.writeFile(d, pieces, &at)
	})
}

func seekable(d *descriptor, opened bool) error {
	switch {
	case d.node == nil:
		return eSPIPE
	case !opened:
		return eBADF
	}
	return nil
}

func (p *process) read(d *descriptor, pieces [][]byte) (uint32, error) {
	switch {
	case d.socket != nil:
		return p.receive(d, pieces, 0)
	case d.in != nil:
		return p.readStream(d, pieces)
	case d.readable:
		return p.readFile(d, pieces, &d.position)
	}
	return 0, eBADF
}

// readStream gives what there is, and waits until there is something.
func (p *process) readStream(d *descriptor, pieces [][]byte) (uint32, error) {
	var want uint64
	for _, b := range pieces {
		want += uint64(len(b))
	}
	if want == 0 {
		return 0, nil
	}
	read := d.in.BlockingRead
	if d.flags&flagNonblock != 0 {
		read = d.in.Read
	}
	b, err := read(p.ctx, min(want, pieceRead))
	switch {
	case ended(err):
		return 0, nil
	case err != nil:
		return 0, err
	case len(b) == 0:
		return 0, eAGAIN
	}
	return scatter(pieces, b), nil
}

// scatter copies b into the pieces, which have room for it.
func scatter(pieces [][]byte, b []byte) (n uint32) {
	for _, to := range pieces {
		k := copy(to, b)
		n += uint32(k)
		b = b[k:]
	}
	return n
}

// readFile fills the pieces from a position on, as far as the file goes.
func (p *process) readFile(d *descriptor, pieces [][]byte, at *uint64) (n uint32, err error) {
	for _, to := range pieces {
		for len(to) > 0 {
			if err := p.interrupted(); err != nil {
				return 0, err
			}
			b, end, err := d.node.Read(p.ctx, uint64(min(len(to), pieceRead)), *at)
			if err != nil {
				return n, err
			}
			k := copy(to, b)
			to = to[k:]
			n += uint32(k)
			*at += uint64(k)
			if end || k == 0 {
				return n, nil
			}
		}
	}
	return n, nil
}

func (p *process) write(d *descriptor, pieces [][]byte) (uint32, error) {
	switch {
	case d.socket != nil && d.socket.listening:
		return 0, eNOTCONN
	case d.out != nil:
		return p.writeStream(d, d.out, pieces)
	case !d.writable:
		return 0, eBADF
	case d.flags&flagAppend != 0:
		return p.append(d, pieces)
	}
	return p.writeFile(d, pieces, &d.position)
}

func (p *process) writeFile(d *descriptor, pieces [][]byte, at *uint64) (n uint32, err error) {
	for _, from := range pieces {
		for len(from) > 0 {
			if err := p.interrupted(); err != nil {
				return 0, err
			}
			k, err := d.node.Write(p.ctx, from, *at)
			if err != nil {
				return n, err
			}
			from = from[k:]
			n += uint32(k)
			*at += k
			if k == 0 {
				return n, nil
			}
		}
	}
	return n, nil
}

// append writes at the end, where the position then is.
func (p *process) append(d *descriptor, pieces [][]byte) (uint32, error) {
	if d.appender == nil {
		s, err := d.node.AppendViaStream(p.ctx)
		if err != nil {
			return 0, err
		}
		d.appender = s
	}
	n, err := p.writeStream(d, d.appender, pieces)
	if err != nil {
		// A stream that has failed stays so, and the next write may be better off.
		_ = d.appender.Close(p.ctx)
		d.appender = nil
	}
	if n > 0 {
		if stat, err := d.node.Stat(p.ctx); err == nil {
			d.position = min(stat.Size, math.MaxInt64)
		}
	}
	return n, err
}

func (p *process) writeStream(d *descriptor, out streams.OutputStream, pieces [][]byte) (n uint32, err error) {
	for _, from := range pieces {
		for len(from) > 0 {
			if err := p.interrupted(); err != nil {
				return 0, err
			}
			var k int
			if d.flags&flagNonblock != 0 {
				k, err = p.writeNow(out, from)
			} else {
				k = min(len(from), pieceWrite)
				err = out.BlockingWriteAndFlush(p.ctx, from[:k])
			}
			if err != nil {
				return n, err
			}
			n += uint32(k)
			from = from[k:]
		}
	}
	return n, nil
}

// writeNow writes what can be written without waiting.
func (p *process) writeNow(out streams.OutputStream, from []byte) (int, error) {
	permit, err := out.CheckWrite(p.ctx)
	if err != nil {
		return 0, err
	}
	if permit == 0 {
		return 0, eAGAIN
	}
	k := int(min(permit, uint64(len(from))))
	if err := out.Write(p.ctx, from[:k]); err != nil {
		return 0, err
	}
	return k, out.Flush(p.ctx)
}
