package hostimpl

import (
	"net/netip"

	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/sockets"
)

// addressIn is the address that a guest gives.
func addressIn(a network.IPSocketAddress) sockets.Address {
	switch a := a.(type) {
	case network.IPSocketAddressIPv4:
		v := a.Value
		return sockets.AddressFrom(netip.AddrPortFrom(netip.AddrFrom4(v.Address), v.Port))
	case network.IPSocketAddressIPv6:
		v := a.Value
		var b [16]byte
		for i, group := range v.Address {
			b[2*i], b[2*i+1] = byte(group>>8), byte(group)
		}
		return sockets.Address{
			AddrPort: netip.AddrPortFrom(netip.AddrFrom16(b), v.Port),
			FlowInfo: v.FlowInfo,
			ScopeID:  v.ScopeID,
		}
	}
	return sockets.Address{}
}

// addressOut is the address that a guest is given.
func addressOut(a sockets.Address) network.IPSocketAddress {
	if a.Addr().Is4() {
		return network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{
			Port:    a.Port(),
			Address: a.Addr().As4(),
		}}
	}
	return network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{
		Port:     a.Port(),
		FlowInfo: a.FlowInfo,
		Address:  groups(a.Addr()),
		ScopeID:  a.ScopeID,
	}}
}

// ipOut is the address of a host that a guest is given.
func ipOut(ip netip.Addr) network.IPAddress {
	if ip.Is4() {
		return network.IPAddressIPv4{Value: ip.As4()}
	}
	return network.IPAddressIPv6{Value: groups(ip)}
}

func groups(ip netip.Addr) (v network.IPv6Address) {
	b := ip.As16()
	for i := range v {
		v[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return v
}
