// Package tenon is the root of the module and holds nothing but its tests.
//
// Programs that run components import packages component and hostimpl; package
// sockets has the sockets and their policy. The command is cmd/tenon.
package tenon
