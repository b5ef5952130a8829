package hostimpl

import (
	"context"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udp"
	"github.com/tenon-wasm/tenon/sockets"
)

// udpSocket is the resource udp-socket: sockets.UDP in the words of the binding. Its
// streams and pollables are its children and must be dropped first, as in other
// hosts.
type udpSocket struct {
	of  *instanceNetwork
	udp *sockets.UDP
	on  subject

	// streams is how many of the two that the last stream() gave are not dropped.
	streams int
}

func newUDPSocket(of *instanceNetwork, u *sockets.UDP) *udpSocket {
	return &udpSocket{of: of, udp: u, on: subject{Waitable: u}}
}

var _ udp.UDPSocket = (*udpSocket)(nil)

func (s *udpSocket) StartBind(_ context.Context, n network.Network, local network.IPSocketAddress) error {
	if !s.of.grants(n) {
		return network.ErrorCodeInvalidArgument
	}
	return networkError(s.udp.StartBind(addressIn(local)))
}

func (s *udpSocket) FinishBind(context.Context) error { return networkError(s.udp.FinishBind()) }

// Stream traps while streams that it gave before are alive, as it may: they would not
// work any more.
func (s *udpSocket) Stream(_ context.Context, remote network.IPSocketAddress) (udp.IncomingDatagramStream, udp.OutgoingDatagramStream, error) {
	if s.streams > 0 {
		return nil, nil, &cabi.Trap{Code: cabi.HasChildren, Msg: "stream is called while earlier streams of the socket are alive"}
	}
	var peer sockets.Address
	if remote != nil {
		peer = addressIn(remote)
	}
	in, out, err := s.udp.Stream(peer)
	if err != nil {
		return nil, nil, networkError(err)
	}
	s.streams = 2
	return &incomingDatagrams{in: in, of: s, on: subject{Waitable: in}},
		&outgoingDatagrams{out: out, of: s, on: subject{Waitable: out}}, nil
}

func (s *udpSocket) LocalAddress(context.Context) (network.IPSocketAddress, error) {
	return address(s.udp.LocalAddress())
}

func (s *udpSocket) RemoteAddress(context.Context) (network.IPSocketAddress, error) {
	return address(s.udp.RemoteAddress())
}

func (s *udpSocket) AddressFamily(context.Context) (network.IPAddressFamily, error) {
	return network.IPAddressFamily(s.udp.Family()), nil
}

func (s *udpSocket) UnicastHopLimit(context.Context) (uint8, error) {
	return option(s.udp.UnicastHopLimit())
}

func (s *udpSocket) SetUnicastHopLimit(_ context.Context, v uint8) error {
	return networkError(s.udp.SetUnicastHopLimit(v))
}

func (s *udpSocket) ReceiveBufferSize(context.Context) (uint64, error) {
	return option(s.udp.ReceiveBufferSize())
}

func (s *udpSocket) SetReceiveBufferSize(_ context.Context, v uint64) error {
	return networkError(s.udp.SetReceiveBufferSize(v))
}

func (s *udpSocket) SendBufferSize(context.Context) (uint64, error) {
	return option(s.udp.SendBufferSize())
}

func (s *udpSocket) SetSendBufferSize(_ context.Context, v uint64) error {
	return networkError(s.udp.SetSendBufferSize(v))
}

func (s *udpSocket) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &s.on, parent: s}, nil
}

func (s *udpSocket) Close(context.Context) error {
	s.udp.Close()
	return nil
}

// incomingDatagrams is the resource incoming-datagram-stream.
type incomingDatagrams struct {
	in *sockets.Incoming
	of *udpSocket
	on subject

	// list is what the last receive answered with: the guest gets its copy before it
	// can call again.
	list []udp.IncomingDatagram

	// from is the last sender, and sender the same for the guest: most datagrams come
	// from where the one before came from.
	from   sockets.Address
	sender network.IPSocketAddress
}

func (s *incomingDatagrams) Parent() any { return s.of }

func (s *incomingDatagrams) Receive(_ context.Context, most uint64) ([]udp.IncomingDatagram, error) {
	got, err := s.in.Receive(most)
	if err != nil {
		return nil, networkError(err)
	}
	s.list = s.list[:0]
	for _, d := range got {
		if d.Remote != s.from {
			s.from, s.sender = d.Remote, addressOut(d.Remote)
		}
		s.list = append(s.list, udp.IncomingDatagram{Data: d.Data, RemoteAddress: s.sender})
	}
	return s.list, nil
}

func (s *incomingDatagrams) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &s.on, parent: s}, nil
}

func (s *incomingDatagrams) Close(context.Context) error {
	s.in.Close()
	s.of.streams--
	return nil
}

// outgoingDatagrams is the resource outgoing-datagram-stream.
type outgoingDatagrams struct {
	out *sockets.Outgoing
	of  *udpSocket
	on  subject

	list [sockets.MaxDatagrams]sockets.Datagram // of the send under way
}

func (s *outgoingDatagrams) Parent() any { return s.of }

func (s *outgoingDatagrams) CheckSend(context.Context) (uint64, error) {
	return option(s.out.CheckSend())
}

func (s *outgoingDatagrams) Send(_ context.Context, datagrams []udp.OutgoingDatagram) (uint64, error) {
	list := s.list[:0]
	for _, d := range datagrams {
		out := sockets.Datagram{Data: d.Data}
		if d.RemoteAddress != nil {
			out.Remote = addressIn(d.RemoteAddress)
		}
		list = append(list, out)
	}
	defer clear(list) // the bytes are the guest's
	return option(s.out.Send(list))
}

func (s *outgoingDatagrams) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &s.on, parent: s}, nil
}

func (s *outgoingDatagrams) Close(context.Context) error {
	s.out.Close()
	s.of.streams--
	return nil
}
