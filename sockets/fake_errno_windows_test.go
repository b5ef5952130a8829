package sockets

import "golang.org/x/sys/windows"

// errnos are the errors of this system by the names that they have elsewhere: those that the fake network gives.
var errnos = map[string]error{
	"EADDRINUSE": windows.WSAEADDRINUSE, "EADDRNOTAVAIL": windows.WSAEADDRNOTAVAIL,
	"EAFNOSUPPORT": windows.WSAEAFNOSUPPORT, "EAGAIN": windows.WSAEWOULDBLOCK,
	"ECONNREFUSED": windows.WSAECONNREFUSED, "ECONNRESET": windows.WSAECONNRESET,
	"EDESTADDRREQ": windows.WSAEDESTADDRREQ, "EINVAL": windows.WSAEINVAL, "EISCONN": windows.WSAEISCONN,
	"EMSGSIZE": windows.WSAEMSGSIZE, "ENETUNREACH": windows.WSAENETUNREACH, "ENOPROTOOPT": windows.WSAENOPROTOOPT,
	"ENOTCONN": windows.WSAENOTCONN, "EPIPE": windows.WSAESHUTDOWN,
}
