package preview1

import (
	"fmt"
	"net/netip"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
)

const (
	receivePeek    = 1 << 0
	receiveWaitAll = 1 << 1

	shutRead  = 1 << 0
	shutWrite = 1 << 1
)

// listen opens a listener, where the policy lets it.
func (p *process) listen(at netip.AddrPort) (*descriptor, error) {
	f, ctx := p.faces, p.ctx
	family, address := socketAddress(at)
	s, err := f.CreateTCP.CreateTCPSocket(ctx, family)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", at, err)
	}
	net, err := f.InstanceNetwork.InstanceNetwork(ctx)
	for _, step := range []func() error{
		func() error { return err },
		func() error { return s.StartBind(ctx, net, address) },
		func() error { return p.finish(s, s.FinishBind(ctx), func() error { return s.FinishBind(ctx) }) },
		func() error { return s.StartListen(ctx) },
		func() error { return p.finish(s, s.FinishListen(ctx), func() error { return s.FinishListen(ctx) }) },
	} {
		if err := step(); err != nil {
			_ = s.Close(ctx)
			return nil, fmt.Errorf("listen on %s: %w", at, err)
		}
	}
	return &descriptor{socket: &socket{tcp: s, listening: true}, filetype: typeSocketStream, base: rightsListener, inheriting: rightsConnection}, nil
}

// finish asks again until an operation that has begun has ended.
func (p *process) finish(s tcp.TCPSocket, err error, again func() error) error {
	for err == network.ErrorCodeWouldBlock {
		w, e := s.Subscribe(p.ctx)
		if e == nil {
			e = block(p, w)
		}
		if e != nil {
			return e
		}
		err = again()
	}
	return err
}

// block waits for one pollable.
func block(p *process, w poll.Pollable) error {
	err := w.Block(p.ctx)
	_ = w.Close(p.ctx)
	return err
}

func socketAddress(at netip.AddrPort) (network.IPAddressFamily, network.IPSocketAddress) {
	if a := at.Addr(); a.Is4() {
		return network.IPAddressFamilyIPv4, network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Port: at.Port(), Address: a.As4()}}
	}
	var words [8]uint16
	bytes := at.Addr().As16()
	for i := range words {
		words[i] = uint16(bytes[2*i])<<8 | uint16(bytes[2*i+1])
	}
	return network.IPAddressFamilyIPv6, network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Port: at.Port(), Address: words}}
}

// socket is the descriptor of parameter 0, which must be a socket.
func (p *process) socket(need rights) (*descriptor, error) {
	d, err := p.fdFor(0, need)
	if err == nil && d.socket == nil {
		err = eNOTSOCK
	}
	return d, err
}

// sockAccept waits for a connection, unless the listener does not wait.
func (p *process) sockAccept() error {
	d, err := p.socket(rightSockAccept)
	if err != nil {
		return err
	}
	number, err := p.out(2, 4)
	if err != nil {
		return err
	}
	flags := p.u32(1)
	switch {
	case flags&^flagNonblock != 0:
		return eINVAL
	case !d.socket.listening:
		return eINVAL
	}
	for {
		s, in, out, err := d.socket.tcp.Accept(p.ctx)
		if err == nil {
			le.PutUint32(number, p.add(&descriptor{
				socket: &socket{tcp: s}, in: in, out: out, filetype: typeSocketStream, flags: uint16(flags), base: rightsConnection,
			}))
			return nil
		}
		if err != network.ErrorCodeWouldBlock || d.flags&flagNonblock != 0 {
			return err
		}
		w, err := d.socket.tcp.Subscribe(p.ctx)
		if err == nil {
			err = block(p, w)
		}
		if err != nil {
			return err
		}
	}
}

// connection is socket for one that is connected.
func (p *process) connection(need rights) (*descriptor, error) {
	d, err := p.socket(need)
	if err == nil && d.socket.listening {
		err = eNOTCONN
	}
	return d, err
}

func (p *process) sockRecv() error {
	d, err := p.connection(rightFdRead)
	if err != nil {
		return err
	}
	flags := p.u32(3)
	if flags&^(receivePeek|receiveWaitAll) != 0 {
		return eINVAL
	}
	pieces, err := p.iovecs(1)
	if err != nil {
		return err
	}
	count, err := p.out(4, 4)
	if err != nil {
		return err
	}
	told, err := p.out(5, 2)
	if err != nil {
		return err
	}
	n, err := p.receive(d, pieces, flags)
	if err == nil {
		le.PutUint32(count, n)
		le.PutUint16(told, 0)
	}
	return err
}

// receive reads from a connection. What was looked at comes first.
func (p *process) receive(d *descriptor, pieces [][]byte, flags uint32) (n uint32, err error) {
	s := d.socket
	if s.listening {
		return 0, eNOTCONN
	}
	if flags&receivePeek != 0 {
		if err := p.peek(d, pieces); err != nil {
			return 0, err
		}
		return scatter(pieces, s.peeked), nil
	}
	if len(s.peeked) > 0 {
		n = scatter(pieces, s.peeked)
		if s.peeked = s.peeked[n:]; len(s.peeked) == 0 {
			s.peeked = nil
		}
	} else if n, err = p.readStream(d, pieces); err != nil {
		return 0, err
	}
	for flags&receiveWaitAll != 0 && d.flags&flagNonblock == 0 {
		rest := after(pieces, n)
		k, err := p.readStream(d, rest)
		if err != nil || k == 0 {
			break
		}
		n += k
	}
	return n, p.interrupted()
}

// after is what of the pieces is left after n bytes.
func after(pieces [][]byte, n uint32) (rest [][]byte) {
	for _, b := range pieces {
		k := min(uint32(len(b)), n)
		n -= k
		if int(k) < len(b) {
			rest = append(rest, b[k:])
		}
	}
	return rest
}

// peek sees to it that there is something to look at, unless the connection has ended.
func (p *process) peek(d *descriptor, pieces [][]byte) error {
	if len(d.socket.peeked) > 0 || len(pieces) == 0 {
		return nil
	}
	buf := make([]byte, pieceRead)
	n, err := p.readStream(d, [][]byte{buf})
	d.socket.peeked = append([]byte(nil), buf[:n]...)
	return err
}

func (p *process) sockSend() error {
	d, err := p.connection(rightFdWrite)
	if err != nil {
		return err
	}
	if p.u32(3) != 0 {
		return eINVAL
	}
	pieces, err := p.iovecs(1)
	if err != nil {
		return err
	}
	count, err := p.out(4, 4)
	if err != nil {
		return err
	}
	n, err := p.writeStream(d, d.out, pieces)
	if n > 0 {
		err = nil
	}
	if err == nil {
		le.PutUint32(count, n)
	}
	return err
}

func (p *process) sockShutdown() error {
	d, err := p.connection(rightSockShutdown)
	if err != nil {
		return err
	}
	switch p.u32(1) {
	case shutRead:
		return d.socket.tcp.Shutdown(p.ctx, tcp.ShutdownTypeReceive)
	case shutWrite:
		return d.socket.tcp.Shutdown(p.ctx, tcp.ShutdownTypeSend)
	case shutRead | shutWrite:
		return d.socket.tcp.Shutdown(p.ctx, tcp.ShutdownTypeBoth)
	}
	return eINVAL
}

func (p *process) subscribeSocket(e *event, d *descriptor) error {
	s := d.socket
	reads := e.kind == eventRead
	switch {
	case s.listening && !reads:
		return eBADF
	case s.listening:
		w, err := s.tcp.Subscribe(p.ctx)
		return p.waitFor(e, w, err)
	case !reads:
		w, err := d.out.Subscribe(p.ctx)
		return p.waitFor(e, w, err)
	case len(s.peeked) > 0:
		e.ready, e.bytes = true, uint64(len(s.peeked))
		return nil
	}
	w, err := d.in.Subscribe(p.ctx)
	return p.waitFor(e, w, err)
}
