package hostimpl

import (
	"context"
	"io"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/ipnamelookup"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/sockets"
)

// resolveAddressStream is the resource resolve-address-stream: sockets.Lookup in the
// words of the binding. Its pollables are its children; it belongs to nothing, not
// to the network either.
type resolveAddressStream struct {
	lookup *sockets.Lookup
	on     subject
}

var _ ipnamelookup.ResolveAddressStream = (*resolveAddressStream)(nil)

func (n *instanceNetwork) ResolveAddresses(_ context.Context, w network.Network, name string) (ipnamelookup.ResolveAddressStream, error) {
	if !n.grants(w) {
		return nil, network.ErrorCodeInvalidArgument
	}
	l, err := n.net.Resolve(name)
	if err != nil {
		return nil, networkError(err)
	}
	return &resolveAddressStream{lookup: l, on: subject{Waitable: l}}, nil
}

func (s *resolveAddressStream) ResolveNextAddress(context.Context) (network.IPAddress, error) {
	ip, err := s.lookup.Next()
	switch {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, networkError(err)
	}
	return ipOut(ip), nil
}

func (s *resolveAddressStream) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &s.on, parent: s}, nil
}

func (s *resolveAddressStream) Close(context.Context) error {
	s.lookup.Close()
	return nil
}
