package sockets

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// errNoNet has no number here.
const errNoNet = unix.Errno(1<<16 - 1)

var optKeepIdle = option{unix.IPPROTO_TCP, unix.TCP_KEEPALIVE}

// bufferScale is 1 because the kernel reports the size that was set.
const bufferScale = 1

// acceptLosesOptions says whether accepted sockets must be given the listener's options once more.
const acceptLosesOptions = true

// socket makes a socket that never blocks and is not inherited by child processes. See sys_linux.go on TCP_NODELAY.
func (kernel) socket(f Family, t transport) (handle, error) {
	af, err := sysFamily(f)
	if err != nil {
		return -1, err
	}
	kind, protocol := sysTransport(t)
	// Without SOCK_CLOEXEC a fork may come between; the lock is the one that os/exec takes.
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(af, kind, protocol)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, err
	}
	err = unix.SetNonblock(fd, true)
	if err == nil {
		err = sysPrepare(fd, f, t)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Flow information does not reach the kernel here; the package remembers it.
func (kernel) bind(fd handle, a Address) error { return unix.Bind(fd, toSockaddr(a)) }

// connect begins to connect; nil means begun or done.
func (kernel) connect(fd handle, a Address) error {
	err := unix.Connect(fd, toSockaddr(a))
	if err == unix.EINPROGRESS || err == unix.EINTR {
		return nil
	}
	return err
}

// pending is what the queue of a connection holds.
func (kernel) pending(fd handle) (int, error) {
	const fionread = 0x4004667f // sys/filio.h: _IOR('f', 127, int)
	return unix.IoctlGetInt(fd, fionread)
}

func sysRead(fd handle, p []byte) (int, error)  { return unix.Read(fd, p) }
func sysWrite(fd handle, p []byte) (int, error) { return unix.Write(fd, p) }

// dissolve takes a datagram socket's peer away. The kernel lets go of it first and then refuses to connect to the
// null address, so the answer tells nothing.
func (kernel) dissolve(fd handle) error {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return nil // there is none
	}
	if _, v4 := sa.(*unix.SockaddrInet4); v4 {
		unix.Connect(fd, &unix.SockaddrInet4{})
	} else {
		unix.Connect(fd, &unix.SockaddrInet6{})
	}
	sysForgetError(fd)
	if _, err := unix.Getpeername(fd); err == nil {
		return unix.EISCONN
	}
	return nil
}

// receive takes a datagram, or looks at the next one.
func (kernel) receive(fd handle, p []byte, peek bool) (int, Address, error) {
	flags := 0
	if peek {
		flags = unix.MSG_PEEK
	}
	for {
		n, sa, err := unix.Recvfrom(fd, p, flags)
		if err != unix.EINTR {
			return max(n, 0), fromSockaddr(sa), err
		}
	}
}

// send sends a datagram, to the peer of the socket if the address is the zero one.
func (kernel) send(fd handle, p []byte, to Address) error {
	var sa unix.Sockaddr
	if to.IsValid() {
		sa = toSockaddr(to)
	}
	for {
		if err := unix.Sendto(fd, p, 0, sa); err != unix.EINTR {
			return err
		}
	}
}

func (kernel) accept(fd handle) (handle, Address, error) {
	for {
		syscall.ForkLock.RLock()
		nfd, sa, err := unix.Accept(fd)
		if err == nil {
			unix.CloseOnExec(nfd)
		}
		syscall.ForkLock.RUnlock()
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, Address{}, err
		}
		err = unix.SetNonblock(nfd, true)
		if err == nil {
			err = unix.SetsockoptInt(nfd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		}
		if err != nil {
			// The peer is gone already; the kernel says so by EINVAL.
			unix.Close(nfd)
			return -1, Address{}, unix.ECONNABORTED
		}
		return nfd, fromSockaddr(sa), nil
	}
}

func toSockaddr(a Address) unix.Sockaddr {
	if a.Family() == IPv4 {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: a.ScopeID}
}
