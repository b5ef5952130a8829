package sockets

import (
	"errors"
	"strconv"
)

// ErrorCode is wasi:sockets/network.error-code. The values are the discriminants of the WIT enum.
type ErrorCode uint8

// The error codes, in the order of the WIT enum.
const (
	Unknown                  ErrorCode = iota // an error without a code of its own
	AccessDenied                              // the policy or the operating system says no (EACCES, EPERM)
	NotSupported                              // the platform cannot do it (EOPNOTSUPP)
	InvalidArgument                           // a malformed or unsuitable argument (EINVAL)
	OutOfMemory                               // the kernel is out of buffers (ENOMEM, ENOBUFS)
	Timeout                                   // the peer did not answer in time (ETIMEDOUT)
	ConcurrencyConflict                       // another operation of this socket is in progress (EALREADY)
	NotInProgress                             // a finish call without its start call
	WouldBlock                                // not yet; wait for readiness (EAGAIN)
	InvalidState                              // the socket's state does not allow the call
	NewSocketLimit                            // too many sockets, of the Network or of the system (EMFILE, ENFILE)
	AddressNotBindable                        // not an address of this machine (EADDRNOTAVAIL)
	AddressInUse                              // taken, or no ephemeral port is left (EADDRINUSE)
	RemoteUnreachable                         // no route to the peer (EHOSTUNREACH, ENETUNREACH)
	ConnectionRefused                         // nobody listens there (ECONNREFUSED)
	ConnectionReset                           // the peer tore the connection down (ECONNRESET)
	ConnectionAborted                         // the connection ended before it could be used (ECONNABORTED)
	DatagramTooLarge                          // more bytes than a datagram can have (EMSGSIZE)
	NameUnresolvable                          // the name has no suitable address
	TemporaryResolverFailure                  // try the look-up again later
	PermanentResolverFailure                  // the look-up will not work
)

var codeNames = [...]string{
	"unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout",
	"concurrency-conflict", "not-in-progress", "would-block", "invalid-state", "new-socket-limit",
	"address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused", "connection-reset",
	"connection-aborted", "datagram-too-large", "name-unresolvable", "temporary-resolver-failure",
	"permanent-resolver-failure",
}

// String gives the name that the WIT has for the code, as in "access-denied".
func (c ErrorCode) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "error-code(" + strconv.Itoa(int(c)) + ")"
}

// Error is String, so that a code is an error.
func (c ErrorCode) Error() string { return c.String() }

// errGone is what a descriptor answers after it was closed.
var errGone = errors.New("sockets: descriptor is closed")

// codeOf finds the code for whatever a system call or a descriptor answered.
func codeOf(err error) ErrorCode {
	var code ErrorCode
	switch {
	case errors.As(err, &code):
		return code
	case errors.Is(err, errGone):
		return InvalidState
	}
	return errnoCode(err)
}

// peerCode is the code for giving a datagram socket a peer.
func peerCode(err error) ErrorCode {
	if err == errConnReset || err == errNetReset {
		return RemoteUnreachable
	}
	return connectCode(err)
}

// sendCode is the code for sending a datagram.
func sendCode(err error) ErrorCode {
	if err == errConnReset || err == errNetReset {
		return RemoteUnreachable
	}
	return codeOf(err)
}

// receiveCode is the code for receiving a datagram, when an earlier one has found nobody. Where others say that it was
// refused, Winsock says reset; both must reach the guest as they are.
func receiveCode(err error) ErrorCode {
	if err == errNetReset {
		return RemoteUnreachable
	}
	return codeOf(err)
}
