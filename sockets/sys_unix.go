//go:build unix

package sockets

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// handle is what the operating system calls a socket.
type handle = int

func (kernel) close(fd handle) { unix.Close(fd) }

func sysTransport(t transport) (kind, protocol int) {
	if t == transportUDP {
		return unix.SOCK_DGRAM, unix.IPPROTO_UDP
	}
	return unix.SOCK_STREAM, unix.IPPROTO_TCP
}

// sysPrepare sets what every socket has from the start: no dual stack, and no delay.
func sysPrepare(fd handle, f Family, t transport) error {
	if f == IPv6 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return err
		}
	}
	if t == transportTCP {
		return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	return nil
}

// prepareBind lets a port be bound again while connections of its former owner are in TIME_WAIT.
func (kernel) prepareBind(fd handle) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
}

func (kernel) listen(fd handle, backlog int) error { return unix.Listen(fd, backlog) }

// connected reports how far a connect has come: settled with or without an error, or not settled. A pending
// error is consumed, so it is told once. The peer's name tells a connected socket from one that is still dialing,
// which a pending error of zero does not.
func (kernel) connected(fd handle) (settled bool, err error) {
	if _, err := unix.Getpeername(fd); err == nil {
		return true, nil
	}
	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return true, err
	}
	if errno != 0 {
		return true, unix.Errno(errno)
	}
	return false, nil
}

func (kernel) local(fd handle) (Address, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return Address{}, err
	}
	return fromSockaddr(sa), nil
}

// read answers io's (0, nil) at the end of the stream, as read(2) does.
func (kernel) read(fd handle, p []byte) (int, error) {
	for {
		n, err := sysRead(fd, p)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// peek is read of one byte that stays in the queue.
func (k kernel) peek(fd handle) error {
	var b [1]byte
	_, _, err := k.receive(fd, b[:], true)
	return err
}

func (kernel) write(fd handle, p []byte) (int, error) {
	for {
		n, err := sysWrite(fd, p)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// connectDatagrams gives a datagram socket a peer.
func (k kernel) connectDatagrams(fd handle, a Address) error { return k.connect(fd, a) }

// sysForgetError drops what a former peer's machine has answered.
func sysForgetError(fd handle) { unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR) }

// writable reports whether the kernel would take something, or has an error to tell, and does not wait for it.
func (kernel) writable(fd handle) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		n, err := unix.Poll(fds, 0)
		if err != unix.EINTR {
			return n > 0 || err != nil
		}
	}
}

func (kernel) shutdownRead(fd handle) error  { return unix.Shutdown(fd, unix.SHUT_RD) }
func (kernel) shutdownWrite(fd handle) error { return unix.Shutdown(fd, unix.SHUT_WR) }

// resetOnClose makes the coming close tear the connection down with RST.
func (kernel) resetOnClose(fd handle) {
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

func fromSockaddr(sa unix.Sockaddr) Address {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return Address{AddrPort: netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))}
	case *unix.SockaddrInet6:
		return Address{AddrPort: netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port)), ScopeID: sa.ZoneId}
	}
	return Address{}
}

func sysFamily(f Family) (int, error) {
	switch f {
	case IPv4:
		return unix.AF_INET, nil
	case IPv6:
		return unix.AF_INET6, nil
	}
	return 0, NotSupported
}

// An option is a socket option with an integer value, which is the same for both families but for the hop limit.
type option struct{ level, name int }

func hopLimitOption(f Family) option {
	if f == IPv6 {
		return option{unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS}
	}
	return option{unix.IPPROTO_IP, unix.IP_TTL}
}

var (
	optKeepAlive     = option{unix.SOL_SOCKET, unix.SO_KEEPALIVE}
	optKeepInterval  = option{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}
	optKeepCount     = option{unix.IPPROTO_TCP, unix.TCP_KEEPCNT}
	optReceiveBuffer = option{unix.SOL_SOCKET, unix.SO_RCVBUF}
	optSendBuffer    = option{unix.SOL_SOCKET, unix.SO_SNDBUF}
)

func (kernel) get(fd handle, o option) (int, error) { return unix.GetsockoptInt(fd, o.level, o.name) }
func (kernel) set(fd handle, o option, v int) error {
	return unix.SetsockoptInt(fd, o.level, o.name, v)
}
