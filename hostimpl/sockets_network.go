package hostimpl

import (
	"context"

	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udp"
	"github.com/tenon-wasm/tenon/sockets"
)

// instanceNetwork is what comes from nothing in wasi:sockets: instance-network,
// tcp-create-socket, udp-create-socket and ip-name-lookup.
type instanceNetwork struct {
	net    *sockets.Network
	policy sockets.Policy
}

// grant is the resource network. It stands for all of an instanceNetwork: what may
// be done there the policy says, not the handle.
type grant struct{ of *instanceNetwork }

func (grant) Close(context.Context) error { return nil }

func (n *instanceNetwork) InstanceNetwork(context.Context) (network.Network, error) {
	return grant{n}, nil
}

func (n *instanceNetwork) CreateTCPSocket(_ context.Context, family network.IPAddressFamily) (tcp.TCPSocket, error) {
	t, err := n.net.NewTCP(sockets.Family(family))
	if err != nil {
		return nil, networkError(err)
	}
	return newTCPSocket(n, t), nil
}

func (n *instanceNetwork) CreateUDPSocket(_ context.Context, family network.IPAddressFamily) (udp.UDPSocket, error) {
	u, err := n.net.NewUDP(sockets.Family(family))
	if err != nil {
		return nil, networkError(err)
	}
	return newUDPSocket(n, u), nil
}

// grants reports whether w stands for n. A network of another host that the guest
// also has is no argument for a socket of this one.
func (n *instanceNetwork) grants(w network.Network) bool {
	g, ok := w.(grant)
	return ok && g.of == n
}

// networkError is what a guest is told of an error of package sockets. The codes
// are the same numbers. More datagrams than were permitted trap.
func networkError(err error) error {
	switch err := err.(type) {
	case sockets.ErrorCode:
		return network.ErrorCode(err)
	case *sockets.PermitError:
		return contractError(err.Error())
	}
	return err
}
