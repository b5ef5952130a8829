package sockets

import (
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// handle is what the operating system calls a socket.
type handle = windows.Handle

// startWinsock must have happened before the first socket call of a process.
var startWinsock = sync.OnceValue(func() error {
	var data windows.WSAData
	return windows.WSAStartup(2<<8|2, &data)
})

// What golang.org/x/sys/windows lacks of Winsock.
var (
	ws2           = windows.NewLazySystemDLL("ws2_32.dll")
	procAccept    = ws2.NewProc("accept")
	procConnect   = ws2.NewProc("connect")
	procWSAPoll   = ws2.NewProc("WSAPoll")
	invalidHandle = windows.InvalidHandle
)

var optKeepIdle = option{windows.IPPROTO_TCP, windows.TCP_KEEPIDLE}

// bufferScale is 1 because Winsock reports the size that was set.
const bufferScale = 1

// acceptLosesOptions is false because Winsock copies the listener's options.
const acceptLosesOptions = false

const (
	fionbio = 0x8004667e
	msgPeek = 2
)

// socket makes a socket that never blocks and is not inherited by child processes. See sys_linux.go on TCP_NODELAY.
func (kernel) socket(f Family, t transport) (handle, error) {
	if err := startWinsock(); err != nil {
		return invalidHandle, err
	}
	af, err := sysFamily(f)
	if err != nil {
		return invalidHandle, err
	}
	kind, protocol := int32(windows.SOCK_STREAM), int32(windows.IPPROTO_TCP)
	if t == transportUDP {
		kind, protocol = windows.SOCK_DGRAM, windows.IPPROTO_UDP
	}
	fd, err := windows.WSASocket(af, kind, protocol, nil, 0,
		windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		return invalidHandle, err
	}
	err = setNonblock(fd)
	if err == nil && f == IPv6 {
		err = windows.SetsockoptInt(fd, windows.IPPROTO_IPV6, windows.IPV6_V6ONLY, 1)
	}
	switch {
	case err != nil:
	case t == transportTCP:
		err = windows.SetsockoptInt(fd, windows.IPPROTO_TCP, windows.TCP_NODELAY, 1)
	default:
		err = reportResets(fd, false)
	}
	if err != nil {
		windows.Closesocket(fd)
		return invalidHandle, err
	}
	return fd, nil
}

func setNonblock(fd handle) error { return control(fd, fionbio, 1) }

// reportResets says whether a receive fails when an earlier datagram found nobody. As elsewhere, only a socket with
// a peer is to hear of it: one that speaks with many could not tell whom it is about.
func reportResets(fd handle, on bool) error {
	v := uint32(0)
	if on {
		v = 1
	}
	if err := control(fd, windows.SIO_UDP_CONNRESET, v); err != nil {
		return err
	}
	return control(fd, windows.SIO_UDP_NETRESET, v)
}

func control(fd handle, code, v uint32) error {
	var returned uint32
	return windows.WSAIoctl(fd, code, (*byte)(unsafe.Pointer(&v)), 4, nil, 0, &returned, nil, 0)
}

func (kernel) close(fd handle) { windows.Closesocket(fd) }

// prepareBind does nothing: TIME_WAIT is no obstacle here, and SO_REUSEADDR would let two listeners share a port.
func (kernel) prepareBind(handle) error { return nil }

// soExclusiveAddrUse is SO_EXCLUSIVEADDRUSE, which golang.org/x/sys/windows lacks.
const soExclusiveAddrUse = ^windows.SO_REUSEADDR

// bind takes the address for this socket alone. Otherwise any program of the same user could bind it too, with
// SO_REUSEADDR, and take what comes for the guest. Flow information does not reach Winsock; the package remembers it.
func (kernel) bind(fd handle, a Address) error {
	if err := windows.SetsockoptInt(fd, windows.SOL_SOCKET, soExclusiveAddrUse, 1); err != nil {
		return err
	}
	return windows.Bind(fd, toSockaddr(a))
}

func (kernel) listen(fd handle, backlog int) error { return windows.Listen(fd, backlog) }

// connect begins to connect; nil means begun or done. Winsock connects only what is bound or lets connect bind it.
func (kernel) connect(fd handle, a Address) error {
	if err := windows.Connect(fd, toSockaddr(a)); err != nil && err != windows.WSAEWOULDBLOCK {
		return err
	}
	return nil
}

// connectDatagrams gives a datagram socket a peer.
func (k kernel) connectDatagrams(fd handle, a Address) error {
	if err := k.connect(fd, a); err != nil {
		return err
	}
	return reportResets(fd, true)
}

// dissolve takes a datagram socket's peer away, by connecting to an address of zeros.
func (kernel) dissolve(fd handle) error {
	var nobody windows.RawSockaddrAny
	r, _, err := procConnect.Call(uintptr(fd), uintptr(unsafe.Pointer(&nobody)), unsafe.Sizeof(nobody))
	if int32(r) != 0 {
		return err
	}
	return reportResets(fd, false)
}

// receive takes a datagram, or looks at the next one. One that is longer than p is cut, as elsewhere.
func (kernel) receive(fd handle, p []byte, peek bool) (int, Address, error) {
	var flags, n uint32
	if peek {
		flags = msgPeek
	}
	var raw windows.RawSockaddrAny
	size := int32(unsafe.Sizeof(raw))
	buf := windows.WSABuf{Len: uint32(len(p)), Buf: unsafe.SliceData(p)}
	err := windows.WSARecvFrom(fd, &buf, 1, &n, &flags, &raw, &size, nil, nil)
	if err != nil && err != windows.WSAEMSGSIZE {
		return 0, Address{}, err
	}
	sa, err := raw.Sockaddr()
	if err != nil {
		return 0, Address{}, err
	}
	return min(int(n), len(p)), fromSockaddr(sa), nil
}

// send sends a datagram, to the peer of the socket if the address is the zero one.
func (k kernel) send(fd handle, p []byte, to Address) error {
	if !to.IsValid() {
		_, err := k.write(fd, p)
		return err
	}
	buf := windows.WSABuf{Len: uint32(len(p)), Buf: unsafe.SliceData(p)}
	var n uint32
	return windows.WSASendto(fd, &buf, 1, &n, 0, toSockaddr(to), nil, nil)
}

// writable reports whether Winsock would take something, or has an error to tell, and does not wait for it.
func (kernel) writable(fd handle) bool {
	f := newPollFd(fd, pollOut)
	n, _, _ := procWSAPoll.Call(uintptr(unsafe.Pointer(&f)), 1, 0)
	return int32(n) != 0
}

// connected reports how far a connect has come; see sys_unix.go.
func (kernel) connected(fd handle) (settled bool, err error) {
	if _, err := windows.Getpeername(fd); err == nil {
		return true, nil
	}
	const soError = 0x1007
	errno, err := windows.GetsockoptInt(fd, windows.SOL_SOCKET, soError)
	if err != nil {
		return true, err
	}
	if errno != 0 {
		return true, windows.Errno(errno)
	}
	return false, nil
}

func (kernel) accept(fd handle) (handle, Address, error) {
	var raw windows.RawSockaddrAny
	size := int32(unsafe.Sizeof(raw))
	r, _, err := procAccept.Call(uintptr(fd), uintptr(unsafe.Pointer(&raw)), uintptr(unsafe.Pointer(&size)))
	nfd := handle(r)
	if nfd == invalidHandle {
		return invalidHandle, Address{}, err
	}
	windows.SetHandleInformation(nfd, windows.HANDLE_FLAG_INHERIT, 0)
	sa, err := raw.Sockaddr()
	if err == nil {
		err = setNonblock(nfd)
	}
	if err != nil {
		windows.Closesocket(nfd)
		return invalidHandle, Address{}, err
	}
	return nfd, fromSockaddr(sa), nil
}

func (kernel) local(fd handle) (Address, error) {
	sa, err := windows.Getsockname(fd)
	if err != nil {
		return Address{}, err
	}
	return fromSockaddr(sa), nil
}

// maxChunk keeps a length within what a WSABUF can say.
const maxChunk = 1 << 30

func (kernel) read(fd handle, p []byte) (int, error) { return receive(fd, p, 0) }

// peek is read of one byte that stays in the queue.
func (kernel) peek(fd handle) error {
	var b [1]byte
	_, err := receive(fd, b[:], msgPeek)
	return err
}

// pending is what the queue of a connection holds.
func (kernel) pending(fd handle) (int, error) {
	const fionread = 0x4004667f
	var n, size uint32
	err := windows.WSAIoctl(fd, fionread, nil, 0, (*byte)(unsafe.Pointer(&n)), uint32(unsafe.Sizeof(n)), &size, nil, 0)
	return int(n), err
}

func receive(fd handle, p []byte, flags uint32) (int, error) {
	p = p[:min(len(p), maxChunk)]
	buf := windows.WSABuf{Len: uint32(len(p)), Buf: unsafe.SliceData(p)}
	var n uint32
	err := windows.WSARecv(fd, &buf, 1, &n, &flags, nil, nil)
	if err != nil {
		n = 0
	}
	return int(n), err
}

func (kernel) write(fd handle, p []byte) (int, error) {
	p = p[:min(len(p), maxChunk)]
	buf := windows.WSABuf{Len: uint32(len(p)), Buf: unsafe.SliceData(p)}
	var n uint32
	err := windows.WSASend(fd, &buf, 1, &n, 0, nil, nil)
	if err != nil {
		n = 0
	}
	return int(n), err
}

func (kernel) shutdownRead(fd handle) error  { return windows.Shutdown(fd, windows.SHUT_RD) }
func (kernel) shutdownWrite(fd handle) error { return windows.Shutdown(fd, windows.SHUT_WR) }

// resetOnClose makes the coming close tear the connection down with RST.
func (kernel) resetOnClose(fd handle) {
	windows.SetsockoptLinger(fd, windows.SOL_SOCKET, windows.SO_LINGER, &windows.Linger{Onoff: 1})
}

func fromSockaddr(sa windows.Sockaddr) Address {
	switch sa := sa.(type) {
	case *windows.SockaddrInet4:
		return Address{AddrPort: netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))}
	case *windows.SockaddrInet6:
		return Address{AddrPort: netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port)), ScopeID: sa.ZoneId}
	}
	return Address{}
}

func toSockaddr(a Address) windows.Sockaddr {
	if a.Family() == IPv4 {
		return &windows.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &windows.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: a.ScopeID}
}

func sysFamily(f Family) (int32, error) {
	switch f {
	case IPv4:
		return windows.AF_INET, nil
	case IPv6:
		return windows.AF_INET6, nil
	}
	return 0, NotSupported
}

// An option is a socket option with an integer value, which is the same for both families but for the hop limit.
type option struct{ level, name int }

func hopLimitOption(f Family) option {
	if f == IPv6 {
		return option{windows.IPPROTO_IPV6, windows.IPV6_UNICAST_HOPS}
	}
	return option{windows.IPPROTO_IP, windows.IP_TTL}
}

var (
	optKeepAlive     = option{windows.SOL_SOCKET, windows.SO_KEEPALIVE}
	optKeepInterval  = option{windows.IPPROTO_TCP, windows.TCP_KEEPINTVL}
	optKeepCount     = option{windows.IPPROTO_TCP, windows.TCP_KEEPCNT}
	optReceiveBuffer = option{windows.SOL_SOCKET, windows.SO_RCVBUF}
	optSendBuffer    = option{windows.SOL_SOCKET, windows.SO_SNDBUF}
)

// get reads four bytes at most; Winsock answers a truth value with one.
func (kernel) get(fd handle, o option) (int, error) {
	var v int32
	size := int32(4)
	err := windows.Getsockopt(fd, int32(o.level), int32(o.name), (*byte)(unsafe.Pointer(&v)), &size)
	return int(v), err
}

func (kernel) set(fd handle, o option, v int) error {
	return windows.SetsockoptInt(fd, o.level, o.name, v)
}

// pollFd is WSAPOLLFD.
type pollFd struct {
	fd      handle
	events  int16
	revents int16
}

const (
	pollIn  = 0x0300
	pollOut = 0x0010
)

func newPollFd(fd handle, events int16) pollFd { return pollFd{fd: fd, events: events} }

func sysPoll(fds []pollFd) error {
	n, _, err := procWSAPoll.Call(uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), ^uintptr(0))
	if int32(n) < 0 {
		return err
	}
	return nil
}

// A waker interrupts sysPoll. WSAPoll knows only sockets, so it is a datagram socket that is connected to itself.
type waker struct{ fd handle }

func newWaker() (waker, error) {
	if err := startWinsock(); err != nil {
		return waker{}, err
	}
	fd, err := windows.WSASocket(windows.AF_INET, windows.SOCK_DGRAM, windows.IPPROTO_UDP, nil, 0,
		windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		return waker{}, err
	}
	err = windows.Bind(fd, &windows.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	var self windows.Sockaddr
	if err == nil {
		self, err = windows.Getsockname(fd)
	}
	if err == nil {
		err = windows.Connect(fd, self)
	}
	if err == nil {
		err = setNonblock(fd)
	}
	if err != nil {
		windows.Closesocket(fd)
		return waker{}, err
	}
	return waker{fd}, nil
}

func (w waker) handle() handle { return w.fd }
func (w waker) wake()          { kernel{}.write(w.fd, []byte{0}) }
func (w waker) close()         { windows.Closesocket(w.fd) }

// quiet takes the wake-ups that have come.
func (w waker) quiet() {
	var b [16]byte
	for {
		if _, err := (kernel{}).read(w.fd, b[:]); err != nil && err != syscall.Errno(windows.WSAEMSGSIZE) {
			return
		}
	}
}
