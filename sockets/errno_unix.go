//go:build unix

package sockets

import (
	"errors"

	"golang.org/x/sys/unix"
)

// errnoCode maps what POSIX calls answer; the documents of wasi:sockets name most pairs.
func errnoCode(err error) ErrorCode {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return Unknown
	}
	switch errno {
	case unix.EACCES, unix.EPERM:
		return AccessDenied
	case unix.EADDRINUSE:
		return AddressInUse
	case unix.EADDRNOTAVAIL:
		return AddressNotBindable
	case unix.EAGAIN, unix.EINTR:
		return WouldBlock
	case unix.EALREADY:
		return ConcurrencyConflict
	case unix.ETIMEDOUT:
		return Timeout
	case unix.ECONNREFUSED:
		return ConnectionRefused
	case unix.ECONNRESET:
		return ConnectionReset
	case unix.ECONNABORTED:
		return ConnectionAborted
	case unix.EINVAL:
		return InvalidArgument
	case unix.EHOSTUNREACH, unix.EHOSTDOWN, unix.ENETDOWN, unix.ENETUNREACH, errNoNet:
		return RemoteUnreachable
	case unix.EISCONN, unix.ENOTCONN, unix.EDESTADDRREQ:
		return InvalidState
	case unix.EMFILE, unix.ENFILE:
		return NewSocketLimit
	case unix.EMSGSIZE:
		return DatagramTooLarge
	case unix.ENOMEM, unix.ENOBUFS:
		return OutOfMemory
	case unix.EOPNOTSUPP, unix.ENOPROTOOPT, unix.EPFNOSUPPORT, unix.EPROTONOSUPPORT, unix.EPROTOTYPE,
		unix.ESOCKTNOSUPPORT, unix.EAFNOSUPPORT:
		return NotSupported
	}
	return Unknown
}

const (
	errConnReset = unix.ECONNRESET
	errNetReset  = unix.ENETRESET
)

func isAgain(err error) bool      { return err == unix.EAGAIN }
func isBrokenPipe(err error) bool { return err == unix.EPIPE }

// bindCode is errnoCode for bind, where a foreign family is the caller's mistake.
func bindCode(err error) ErrorCode {
	if err == unix.EAFNOSUPPORT {
		return InvalidArgument
	}
	return codeOf(err)
}

// connectCode is errnoCode for connect: EADDRNOTAVAIL there means that the ephemeral ports are used up (implicit
// bind) or that this very pair of addresses is connected already (explicit bind), and EAGAIN is BSD for the former.
func connectCode(err error) ErrorCode {
	if err == unix.EADDRNOTAVAIL || err == unix.EAGAIN {
		return AddressInUse
	}
	return codeOf(err)
}

// acceptCode is errnoCode for accept. Linux hands on the pending error of the new connection, which says nothing
// about the listener: the connection is what was aborted.
func acceptCode(err error) ErrorCode {
	switch err {
	case unix.ECONNRESET, unix.ENETRESET, unix.EHOSTUNREACH, unix.EHOSTDOWN, unix.ENETDOWN, unix.ENETUNREACH,
		unix.EPROTO, unix.ENOPROTOOPT, unix.EOPNOTSUPP, unix.ETIMEDOUT, errNoNet:
		return ConnectionAborted
	}
	return codeOf(err)
}
