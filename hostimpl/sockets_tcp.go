package hostimpl

import (
	"context"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
	"github.com/tenon-wasm/tenon/sockets"
)

// tcpSocket is the resource tcp-socket: sockets.TCP in the words of the binding. Its
// streams and pollables are its children and must be dropped first, as in other
// hosts; an accepted socket belongs to nothing.
type tcpSocket struct {
	of  *instanceNetwork
	tcp *sockets.TCP
	on  subject
}

func newTCPSocket(of *instanceNetwork, t *sockets.TCP) *tcpSocket {
	return &tcpSocket{of: of, tcp: t, on: subject{Waitable: t}}
}

var _ tcp.TCPSocket = (*tcpSocket)(nil)

func (s *tcpSocket) StartBind(_ context.Context, n network.Network, local network.IPSocketAddress) error {
	if !s.of.grants(n) {
		return network.ErrorCodeInvalidArgument
	}
	return networkError(s.tcp.StartBind(addressIn(local)))
}

func (s *tcpSocket) FinishBind(context.Context) error { return networkError(s.tcp.FinishBind()) }

func (s *tcpSocket) StartConnect(_ context.Context, n network.Network, remote network.IPSocketAddress) error {
	if !s.of.grants(n) {
		return network.ErrorCodeInvalidArgument
	}
	return networkError(s.tcp.StartConnect(addressIn(remote)))
}

func (s *tcpSocket) FinishConnect(context.Context) (streams.InputStream, streams.OutputStream, error) {
	in, out, err := s.tcp.FinishConnect()
	if err != nil {
		return nil, nil, networkError(err)
	}
	i, o := s.streams(in, out)
	return i, o, nil
}

func (s *tcpSocket) StartListen(context.Context) error { return networkError(s.tcp.StartListen()) }

func (s *tcpSocket) FinishListen(context.Context) error { return networkError(s.tcp.FinishListen()) }

func (s *tcpSocket) Accept(context.Context) (tcp.TCPSocket, streams.InputStream, streams.OutputStream, error) {
	t, in, out, err := s.tcp.Accept()
	if err != nil {
		return nil, nil, nil, networkError(err)
	}
	a := newTCPSocket(s.of, t)
	i, o := a.streams(in, out)
	return a, i, o, nil
}

// streams are those of the connection, which share a lull.
func (s *tcpSocket) streams(in *sockets.Input, out *sockets.Output) (*inputStream, *outputStream) {
	i, o := newInputStream(in, s), newOutputStream(out, s)
	i.lull = new(lull)
	o.lull = i.lull
	return i, o
}

func (s *tcpSocket) LocalAddress(context.Context) (network.IPSocketAddress, error) {
	return address(s.tcp.LocalAddress())
}

func (s *tcpSocket) RemoteAddress(context.Context) (network.IPSocketAddress, error) {
	return address(s.tcp.RemoteAddress())
}

func address(a sockets.Address, err error) (network.IPSocketAddress, error) {
	if err != nil {
		return nil, networkError(err)
	}
	return addressOut(a), nil
}

func (s *tcpSocket) IsListening(context.Context) (bool, error) { return s.tcp.IsListening(), nil }

func (s *tcpSocket) AddressFamily(context.Context) (network.IPAddressFamily, error) {
	return network.IPAddressFamily(s.tcp.Family()), nil
}

func (s *tcpSocket) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &s.on, parent: s}, nil
}

// Shutdown relies on both packages having the numbers of the WIT enum.
func (s *tcpSocket) Shutdown(_ context.Context, how tcp.ShutdownType) error {
	return networkError(s.tcp.Shutdown(sockets.ShutdownType(how)))
}

func (s *tcpSocket) Close(context.Context) error {
	s.tcp.Close()
	return nil
}

// option is the answer to a call that reads a setting.
func option[T any](v T, err error) (T, error) { return v, networkError(err) }

func (s *tcpSocket) SetListenBacklogSize(_ context.Context, v uint64) error {
	return networkError(s.tcp.SetListenBacklogSize(v))
}

func (s *tcpSocket) KeepAliveEnabled(context.Context) (bool, error) {
	return option(s.tcp.KeepAliveEnabled())
}

func (s *tcpSocket) SetKeepAliveEnabled(_ context.Context, v bool) error {
	return networkError(s.tcp.SetKeepAliveEnabled(v))
}

func (s *tcpSocket) KeepAliveIdleTime(context.Context) (uint64, error) {
	return option(s.tcp.KeepAliveIdleTime())
}

func (s *tcpSocket) SetKeepAliveIdleTime(_ context.Context, v uint64) error {
	return networkError(s.tcp.SetKeepAliveIdleTime(v))
}

func (s *tcpSocket) KeepAliveInterval(context.Context) (uint64, error) {
	return option(s.tcp.KeepAliveInterval())
}

func (s *tcpSocket) SetKeepAliveInterval(_ context.Context, v uint64) error {
	return networkError(s.tcp.SetKeepAliveInterval(v))
}

func (s *tcpSocket) KeepAliveCount(context.Context) (uint32, error) {
	return option(s.tcp.KeepAliveCount())
}

func (s *tcpSocket) SetKeepAliveCount(_ context.Context, v uint32) error {
	return networkError(s.tcp.SetKeepAliveCount(v))
}

func (s *tcpSocket) HopLimit(context.Context) (uint8, error) { return option(s.tcp.HopLimit()) }

func (s *tcpSocket) SetHopLimit(_ context.Context, v uint8) error {
	return networkError(s.tcp.SetHopLimit(v))
}

func (s *tcpSocket) ReceiveBufferSize(context.Context) (uint64, error) {
	return option(s.tcp.ReceiveBufferSize())
}

func (s *tcpSocket) SetReceiveBufferSize(_ context.Context, v uint64) error {
	return networkError(s.tcp.SetReceiveBufferSize(v))
}

func (s *tcpSocket) SendBufferSize(context.Context) (uint64, error) {
	return option(s.tcp.SendBufferSize())
}

func (s *tcpSocket) SetSendBufferSize(_ context.Context, v uint64) error {
	return networkError(s.tcp.SetSendBufferSize(v))
}
