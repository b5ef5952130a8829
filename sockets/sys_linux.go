package sockets

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const errNoNet = unix.ENONET

var optKeepIdle = option{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE}

// bufferScale undoes what the kernel does to a buffer size: it doubles it for its own bookkeeping and reports the
// double (socket(7)).
const bufferScale = 2

// acceptLosesOptions says whether accepted sockets must be given the listener's options once more.
const acceptLosesOptions = false

// socket makes a socket that never blocks and is not inherited by child processes.
//
// TCP_NODELAY is set from the start, and accepted sockets inherit it. A guest of wasi:sockets 0.2 cannot set it, and
// with Nagle's algorithm the last part of a message waits for the peer's delayed acknowledgement: an echo of 64 KiB
// takes 44 ms instead of a fraction of one. Go's own net decides the same.
func (kernel) socket(f Family, t transport) (handle, error) {
	af, err := sysFamily(f)
	if err != nil {
		return -1, err
	}
	kind, protocol := sysTransport(t)
	fd, err := unix.Socket(af, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return -1, err
	}
	if err := sysPrepare(fd, f, t); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// name is an address as the kernel reads and writes it. The Sockaddr of golang.org/x/sys/unix has no place for the
// flow information, and each is allocated.
type name struct {
	raw  unix.RawSockaddrInet6 // or RawSockaddrInet4, which is shorter
	size uint32
}

func nameOf(a Address) (n name) {
	if a.Family() == IPv4 {
		v4 := n.v4()
		v4.Family, v4.Addr = unix.AF_INET, a.Addr().As4()
		n.size = unix.SizeofSockaddrInet4
	} else {
		n.raw = unix.RawSockaddrInet6{Family: unix.AF_INET6, Flowinfo: a.FlowInfo, Addr: a.Addr().As16(), Scope_id: a.ScopeID}
		n.size = unix.SizeofSockaddrInet6
	}
	// The port has the same place in both.
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&n.raw.Port))[:], a.Port())
	return n
}

func (n *name) v4() *unix.RawSockaddrInet4 { return (*unix.RawSockaddrInet4)(unsafe.Pointer(&n.raw)) }

func (n *name) address() Address {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&n.raw.Port))[:])
	switch n.raw.Family {
	case unix.AF_INET:
		return AddressFrom(netip.AddrPortFrom(netip.AddrFrom4(n.v4().Addr), port))
	case unix.AF_INET6:
		return Address{AddrPort: netip.AddrPortFrom(netip.AddrFrom16(n.raw.Addr), port), ScopeID: n.raw.Scope_id}
	}
	return Address{}
}

// named calls bind or connect.
func named(call uintptr, fd handle, n name) error {
	_, _, errno := unix.Syscall(call, uintptr(fd), uintptr(unsafe.Pointer(&n.raw)), uintptr(n.size))
	if errno != 0 {
		return errno
	}
	return nil
}

func (kernel) bind(fd handle, a Address) error { return named(unix.SYS_BIND, fd, nameOf(a)) }

// connect begins to connect; nil means begun or done.
func (kernel) connect(fd handle, a Address) error {
	err := named(unix.SYS_CONNECT, fd, nameOf(a))
	if err == unix.EINPROGRESS || err == unix.EINTR {
		return nil
	}
	return err
}

// dissolve takes a datagram socket's peer away.
func (kernel) dissolve(fd handle) error {
	err := named(unix.SYS_CONNECT, fd, name{size: unix.SizeofSockaddrInet4}) // AF_UNSPEC is 0
	sysForgetError(fd)
	return err
}

func (kernel) accept(fd handle) (handle, Address, error) {
	for {
		nfd, sa, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, Address{}, err
		}
		return nfd, fromSockaddr(sa), nil
	}
}
