package preview1

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
)

// A process is what preview 1 keeps for one instance, and the call under way.
type process struct {
	*cabi.Call
	ctx   context.Context
	stack []uint64
	old   bool // preview 0

	faces hostimpl.Faces
	table []*descriptor // by number; nil where it is closed
	free  int           // no number below it is free

	pieces [][]byte        // of iovecs
	events []event         // of poll_oneoff
	waits  []poll.Pollable // of poll_oneoff
}

// A descriptor is an entry of the file table: a stream, a file, a directory or a socket.
type descriptor struct {
	filetype         uint8
	flags            uint16 // fdflags
	base, inheriting rights
	dropped          rights // those that the guest gave up

	in  streams.InputStream
	out streams.OutputStream

	node     filesystem.Descriptor // a file or directory
	preopen  *string               // the guest's name, of a directory that it found open
	readable bool                  // what a file was opened for
	writable bool
	position uint64
	appender streams.OutputStream // at the end of a file, made when it is needed
	listing  *listing             // of a directory, while it is read

	socket *socket
}

// File types.
const (
	typeUnknown         = 0
	typeBlockDevice     = 1
	typeCharacterDevice = 2
	typeDirectory       = 3
	typeRegularFile     = 4
	typeSocketStream    = 6
	typeSymbolicLink    = 7
)

// newProcess opens what a program finds open: the standard streams, the directories, and
// then the listeners, for libc looks for directories until it finds none.
func (s *Server) newProcess(ctx context.Context) (component.Keeper, error) {
	p := &process{faces: s.faces, ctx: ctx}
	if err := p.begin(s.config); err != nil {
		return nil, errors.Join(err, p.Close(ctx))
	}
	return p, nil
}

func (p *process) begin(config Config) error {
	ctx, f := p.ctx, p.faces
	in, err := f.Stdin.GetStdin(ctx)
	if err != nil {
		return err
	}
	tty, err := f.TerminalStdin.GetTerminalStdin(ctx)
	p.add(&descriptor{in: in, base: rightsStdin, filetype: terminalType(tty != nil)})
	if err != nil {
		return err
	}
	for _, open := range []func() (streams.OutputStream, bool, error){p.stdout, p.stderr} {
		out, terminal, err := open()
		if err != nil {
			return err
		}
		p.add(&descriptor{out: out, base: rightsStdout, filetype: terminalType(terminal)})
	}
	dirs, err := f.Preopens.GetDirectories(ctx)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		p.add(&descriptor{
			node: d.F0, preopen: &d.F1, filetype: typeDirectory, base: rightsDirectory, inheriting: rightsDirectory | rightsFile,
		})
	}
	for _, a := range config.Listen {
		l, err := p.listen(a)
		if err != nil {
			return err
		}
		p.add(l)
	}
	return nil
}

func (p *process) stdout() (streams.OutputStream, bool, error) {
	out, err := p.faces.Stdout.GetStdout(p.ctx)
	if err != nil {
		return nil, false, err
	}
	tty, err := p.faces.TerminalStdout.GetTerminalStdout(p.ctx)
	return out, tty != nil, err
}

func (p *process) stderr() (streams.OutputStream, bool, error) {
	out, err := p.faces.Stderr.GetStderr(p.ctx)
	if err != nil {
		return nil, false, err
	}
	tty, err := p.faces.TerminalStderr.GetTerminalStderr(p.ctx)
	return out, tty != nil, err
}

func terminalType(terminal bool) uint8 {
	if terminal {
		return typeCharacterDevice
	}
	return typeUnknown
}

// Close closes all that is open.
func (p *process) Close(ctx context.Context) error {
	var errs []error
	for _, d := range p.table {
		if d != nil {
			errs = append(errs, d.close(ctx))
		}
	}
	p.table = nil
	return errors.Join(errs...)
}

// add gives a descriptor the lowest number that is free. How many there can be is for the
// host to say that opens them.
func (p *process) add(d *descriptor) uint32 {
	for n := p.free; n < len(p.table); n++ {
		if p.table[n] == nil {
			p.table[n], p.free = d, n+1
			return uint32(n)
		}
	}
	p.table = append(p.table, d)
	p.free = len(p.table)
	return uint32(p.free - 1)
}

// remove makes a number free; what it stood for is the caller's.
func (p *process) remove(n uint32) {
	p.table[n] = nil
	p.free = min(p.free, int(n))
}

// fd is the descriptor that parameter i names.
func (p *process) fd(i int) (*descriptor, error) {
	n := p.u32(i)
	if uint64(n) >= uint64(len(p.table)) || p.table[n] == nil {
		return nil, eBADF
	}
	return p.table[n], nil
}

// fdFor is fd for a use that needs a right, which the guest may have given up.
func (p *process) fdFor(i int, need rights) (*descriptor, error) {
	d, err := p.fd(i)
	if err == nil && d.given(need) {
		err = eNOTCAPABLE
	}
	return d, err
}

// file is fdFor for a file: what it is not, has the errors that are given.
func (p *process) file(i int, need rights, stream, dir errno) (*descriptor, error) {
	d, err := p.fdFor(i, need)
	switch {
	case err != nil:
		return nil, err
	case d.node == nil:
		return nil, stream
	case d.filetype == typeDirectory:
		return nil, dir
	}
	return d, nil
}

// dir is fdFor for a directory that a path starts from.
func (p *process) dir(i int, need rights) (*descriptor, error) {
	d, err := p.fdFor(i, need)
	switch {
	case err != nil:
		return nil, err
	case d.node == nil:
		return nil, eBADF
	case d.filetype != typeDirectory:
		return nil, eNOTDIR
	}
	return d, nil
}

// text is a string that the guest gave.
func text(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", eILSEQ
	}
	return string(b), nil
}

// close closes what belongs to a descriptor, children first.
func (d *descriptor) close(ctx context.Context) error {
	var errs []error
	if d.listing != nil {
		errs = append(errs, d.listing.close(ctx))
	}
	if d.appender != nil {
		errs = append(errs, d.appender.Close(ctx))
	}
	if d.in != nil {
		errs = append(errs, d.in.Close(ctx))
	}
	if d.out != nil {
		errs = append(errs, d.out.Close(ctx))
	}
	if d.node != nil {
		errs = append(errs, d.node.Close(ctx))
	}
	if d.socket != nil {
		errs = append(errs, d.socket.tcp.Close(ctx))
	}
	return errors.Join(errs...)
}

// socket is what only a socket has.
type socket struct {
	tcp       tcp.TCPSocket
	listening bool
	peeked    []byte // what has been read and not been taken
}
