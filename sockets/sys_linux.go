package sockets

import (
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

// sysSocket makes a TCP socket that never blocks and is not inherited by child processes.
//
// TCP_NODELAY is set from the start, and accepted sockets inherit it. A guest of wasi:sockets 0.2 cannot set it, and
// with Nagle's algorithm the last part of a message waits for the peer's delayed acknowledgement: an echo of 64 KiB
// takes 44 ms instead of a fraction of one. Go's own net decides the same.
func sysSocket(f Family) (handle, error) {
	af, err := sysFamily(f)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(af, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return -1, err
	}
	if f == IPv6 {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func sysBind(fd handle, a Address) error {
	if a.Family() == IPv4 || a.FlowInfo == 0 {
		return unix.Bind(fd, toSockaddr(a))
	}
	return withFlowInfo(unix.SYS_BIND, fd, a)
}

// sysConnect begins to connect; nil means begun or done.
func sysConnect(fd handle, a Address) error {
	var err error
	if a.Family() == IPv4 || a.FlowInfo == 0 {
		err = unix.Connect(fd, toSockaddr(a))
	} else {
		err = withFlowInfo(unix.SYS_CONNECT, fd, a)
	}
	if err == unix.EINPROGRESS || err == unix.EINTR {
		return nil
	}
	return err
}

// withFlowInfo calls bind or connect with the one field that unix.SockaddrInet6 leaves out.
func withFlowInfo(call uintptr, fd handle, a Address) error {
	raw := unix.RawSockaddrInet6{
		Family:   unix.AF_INET6,
		Flowinfo: a.FlowInfo,
		Addr:     a.Addr().As16(),
		Scope_id: a.ScopeID,
	}
	port := (*[2]byte)(unsafe.Pointer(&raw.Port))
	port[0], port[1] = byte(a.Port()>>8), byte(a.Port())
	_, _, errno := unix.Syscall(call, uintptr(fd), uintptr(unsafe.Pointer(&raw)), unix.SizeofSockaddrInet6)
	if errno != 0 {
		return errno
	}
	return nil
}

func sysAccept(fd handle) (handle, Address, error) {
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
