package sockets

import (
	"errors"

	"golang.org/x/sys/windows"
)

// errnoCode maps what Winsock answers.
func errnoCode(err error) ErrorCode {
	var errno windows.Errno
	if !errors.As(err, &errno) {
		return Unknown
	}
	switch errno {
	case windows.WSAEACCES:
		return AccessDenied
	case windows.WSAEADDRINUSE:
		return AddressInUse
	case windows.WSAEADDRNOTAVAIL:
		return AddressNotBindable
	case windows.WSAEWOULDBLOCK, windows.WSAEINTR:
		return WouldBlock
	case windows.WSAEALREADY:
		return ConcurrencyConflict
	case windows.WSAETIMEDOUT:
		return Timeout
	case windows.WSAECONNREFUSED:
		return ConnectionRefused
	case windows.WSAECONNRESET:
		return ConnectionReset
	case windows.WSAECONNABORTED:
		return ConnectionAborted
	case windows.WSAEINVAL, windows.WSAEFAULT:
		return InvalidArgument
	case windows.WSAEHOSTUNREACH, windows.WSAEHOSTDOWN, windows.WSAENETDOWN, windows.WSAENETUNREACH:
		return RemoteUnreachable
	case windows.WSAEISCONN, windows.WSAENOTCONN, windows.WSAEDESTADDRREQ:
		return InvalidState
	case windows.WSAEMFILE:
		return NewSocketLimit
	case windows.WSAEMSGSIZE:
		return DatagramTooLarge
	case windows.WSAENOBUFS:
		return OutOfMemory
	case windows.WSAEOPNOTSUPP, windows.WSAENOPROTOOPT, windows.WSAEPFNOSUPPORT, windows.WSAEPROTONOSUPPORT,
		windows.WSAEPROTOTYPE, windows.WSAESOCKTNOSUPPORT, windows.WSAEAFNOSUPPORT:
		return NotSupported
	}
	return Unknown
}

const (
	errConnReset = windows.WSAECONNRESET
	errNetReset  = windows.WSAENETRESET
)

func isAgain(err error) bool { return err == windows.WSAEWOULDBLOCK }

// Winsock has no EPIPE: sending after the peer went away is an aborted connection or a shut-down socket.
func isBrokenPipe(err error) bool {
	return err == windows.WSAECONNABORTED || err == windows.WSAESHUTDOWN
}

// bindCode: Winsock says EFAULT or EAFNOSUPPORT for a foreign family and ENOBUFS when ephemeral ports are used up. EACCES
// means that another socket has the address for itself, on every interface or on one, or that the port is set aside.
func bindCode(err error) ErrorCode {
	switch err {
	case windows.WSAEAFNOSUPPORT:
		return InvalidArgument
	case windows.WSAENOBUFS, windows.WSAEACCES:
		return AddressInUse
	}
	return codeOf(err)
}

// connectCode: an address that cannot be had means that no ephemeral port is left.
func connectCode(err error) ErrorCode {
	switch err {
	case windows.WSAEADDRNOTAVAIL, windows.WSAENOBUFS:
		return AddressInUse
	}
	return codeOf(err)
}

// acceptCode: a connection that was reset in the queue was aborted; the listener is whole.
func acceptCode(err error) ErrorCode {
	if err == windows.WSAECONNRESET {
		return ConnectionAborted
	}
	return codeOf(err)
}
