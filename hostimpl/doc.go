// Package hostimpl is WASI 0.2 for Go programs: what a command component may
// import, and wasi:config, keyvalue and logging, with everything that it may touch
// said in one [Config].
//
//	l := component.NewLinker(r)
//	err := hostimpl.Link(l, hostimpl.Config{
//		Args:    []string{"app"},
//		Stdout:  os.Stdout,
//		Network: policy,
//	})
//
// There are three phases. [New] checks a Config and makes a [Host], in which nothing is
// open yet but the directories that guests will find. [Host.Link] offers its interfaces to
// a linker, where each may be replaced by another one. Then guests run: what they open
// belongs to their handles and ends with their instance, and [Host.Close] ends what is
// left. [Host.FileView] tells, of a guest that has failed, what it looked for in vain.
//
// The interfaces are thin faces on a few mechanisms, a file each. A resource that
// can be waited for is a [Waitable] (io_poll.go), and there is one input-stream
// and one output-stream (io_input.go, io_output.go), over a source and a sink:
// standard input and output here, files, the connections of package sockets, the bodies
// of HTTP messages. Rights in directories are kept in one type, the descriptor
// (filesystem_descriptor.go), over the file systems of package files, which know none. The
// buckets of wasi:keyvalue are behind [Bucket], and their limits before it, for both drafts
// that guests import (keyvalue_host.go, keyvalue_draft.go). A Go error becomes what a guest is told in one place, io_error.go; any other error traps.
// For runs that can be repeated there is a [VirtualClock], and [Seeded] random bytes.
package hostimpl
