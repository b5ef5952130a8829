package sockets

import "net/netip"

// Family is wasi:sockets/network.ip-address-family; the values are its discriminants.
type Family uint8

// The families. A socket belongs to one of them for its whole life; there is no dual stack.
const (
	IPv4 Family = iota
	IPv6
)

// String gives the WIT name, "ipv4" or "ipv6".
func (f Family) String() string {
	switch f {
	case IPv4:
		return "ipv4"
	case IPv6:
		return "ipv6"
	}
	return "ip-address-family(?)"
}

// Address is wasi:sockets/network.ip-socket-address. FlowInfo and ScopeID are those of IPv6 and zero for IPv4.
// The scope is the number, never a zone inside the netip.Addr.
type Address struct {
	netip.AddrPort
	FlowInfo uint32 // sin6_flowinfo, as the guest gave it
	ScopeID  uint32 // sin6_scope_id: the interface of a link-local address
}

// AddressFrom makes an Address without flow information or scope.
func AddressFrom(ap netip.AddrPort) Address { return Address{AddrPort: ap} }

// Family tells which kind of socket can use the address. IPv4-mapped IPv6 is IPv6.
func (a Address) Family() Family {
	if a.Addr().Is4() {
		return IPv4
	}
	return IPv6
}

// checkFamily refuses what no socket of the family may see: the other family, and IPv4 in IPv6 clothes, by which a
// guest would get around rules that speak of IPv4.
func (a Address) checkFamily(f Family) error {
	ip := a.Addr()
	if !ip.IsValid() || a.Family() != f || ip.Is4In6() || ip.Zone() != "" || v4Compatible(ip) {
		return InvalidArgument
	}
	return nil
}

// checkTCPLocal says whether a TCP socket of the family can be asked to bind to the address.
func (a Address) checkTCPLocal(f Family) error {
	if err := a.checkFamily(f); err != nil {
		return err
	}
	if !unicast(a.Addr()) {
		return InvalidArgument
	}
	return nil
}

// checkTCPRemote says whether a TCP socket of the family can be asked to connect to the address.
func (a Address) checkTCPRemote(f Family) error {
	if err := a.checkTCPLocal(f); err != nil {
		return err
	}
	return a.checkNamesPeer()
}

// checkUDPRemote says whether a UDP socket of the family can be asked to send to the address. Any address that is one
// can be bound to: see checkFamily.
func (a Address) checkUDPRemote(f Family) error {
	if err := a.checkFamily(f); err != nil {
		return err
	}
	return a.checkNamesPeer()
}

// checkNamesPeer refuses what says "any".
func (a Address) checkNamesPeer() error {
	if a.Addr().IsUnspecified() || a.Port() == 0 {
		return InvalidArgument
	}
	return nil
}

func unicast(ip netip.Addr) bool {
	return !ip.IsMulticast() && ip != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// v4Compatible reports the deprecated form ::a.b.c.d, of which :: and ::1 are not examples.
func v4Compatible(ip netip.Addr) bool {
	if !ip.Is6() {
		return false
	}
	b := ip.As16()
	for _, x := range b[:12] {
		if x != 0 {
			return false
		}
	}
	return !ip.IsUnspecified() && !ip.IsLoopback()
}
