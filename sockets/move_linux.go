package sockets

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls in here move bytes of a socket and never wait, so they are made without telling Go's scheduler. To tell it
// costs a third of a short call, and serves only those who could run while this one waits. The arguments are converted
// where the call is, since that is what keeps them in place (see unsafe.Pointer).

func sysRead(fd handle, p []byte) (int, error) {
	if raceEnabled {
		return unix.Read(fd, p) // which tells the detector that what comes out was put in before
	}
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func sysWrite(fd handle, p []byte) (int, error) {
	if raceEnabled {
		return unix.Write(fd, p)
	}
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// pending is what the queue of a connection holds.
func (kernel) pending(fd handle) (int, error) {
	var n int32
	const fionread = unix.TIOCINQ // tcp(7), FIONREAD
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), fionread, uintptr(unsafe.Pointer(&n)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// receive takes a datagram, or looks at the next one.
func (kernel) receive(fd handle, p []byte, peek bool) (int, Address, error) {
	flags := 0
	if peek {
		flags = unix.MSG_PEEK
	}
	for {
		from := name{size: unix.SizeofSockaddrInet6}
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
			uintptr(len(p)), uintptr(flags), uintptr(unsafe.Pointer(&from.raw)), uintptr(unsafe.Pointer(&from.size)))
		switch errno {
		case 0:
			return int(n), from.address(), nil
		case unix.EINTR:
		default:
			return 0, Address{}, errno
		}
	}
}

// send sends a datagram, to the peer of the socket if the address is the zero one.
func (kernel) send(fd handle, p []byte, to Address) error {
	var n name
	var ptr *unix.RawSockaddrInet6
	if to.IsValid() {
		n = nameOf(to)
		ptr = &n.raw
	}
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
			uintptr(len(p)), 0, uintptr(unsafe.Pointer(ptr)), uintptr(n.size))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}
