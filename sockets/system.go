package sockets

// system is what the package asks of the operating system. A Network has the kernel, which sys_*.go and poller_*.go
// call; a test may give it one that exists in memory alone, for errors that no kernel can be provoked to on loopback.
//
// It is an interface and not a table of functions, so that the kernel stays a set of ordinary functions that call each
// other directly, and the compiler sees that a fake has them all. A call through it costs a few nanoseconds, where the
// system call behind costs hundreds. Its other price is that a buffer which is handed to Read or Write counts as
// escaping, as with any io.Reader.
//
// No method blocks, and those that take the socket's bytes or peers try again when they are interrupted. The number of
// a socket is the system's affair, but that on unix it must be negative where the kernel does not know it: then it does
// not get into Go's poller (see park_unix.go).
type system interface {
	socket(f Family, t transport) (handle, error)
	close(fd handle)

	prepareBind(fd handle) error // of a TCP socket
	bind(fd handle, a Address) error
	local(fd handle) (Address, error)
	get(fd handle, o option) (int, error)
	set(fd handle, o option, v int) error

	listen(fd handle, backlog int) error
	accept(fd handle) (handle, Address, error)
	connect(fd handle, a Address) error // nil means begun or done
	connected(fd handle) (settled bool, err error)
	read(fd handle, p []byte) (int, error) // (0, nil) at the end of the stream
	peek(fd handle) error                  // read of one byte that stays in the queue
	pending(fd handle) (int, error)        // what read would give at once, if it is known
	write(fd handle, p []byte) (int, error)
	pipe() (pipe, error) // for Output.Splice; NotSupported where the system has nothing of the kind
	shutdownRead(fd handle) error
	shutdownWrite(fd handle) error
	resetOnClose(fd handle) // makes the coming close tear the connection down with RST

	connectDatagrams(fd handle, a Address) error // gives a datagram socket a peer
	dissolve(fd handle) error                    // takes it away
	receive(fd handle, p []byte, peek bool) (int, Address, error)
	send(fd handle, p []byte, to Address) error // to the peer if the address is the zero one
	writable(fd handle) bool

	// watch asks for one call of d.fire when a direction is usable, in place of what it was asked for before. It is
	// called under d's watch lock and must not call back itself.
	watch(d *descriptor, m mode)
	unwatch(d *descriptor)
}

// A pipe is a place in the system that bytes are moved through, from a socket to a socket, without being copied. Its
// calls do not block, and answer as read and write of the socket do.
type pipe interface {
	fill(fd handle, n int) (int, error)  // (0, nil) at the end of the stream; NotSupported where nothing can be moved
	empty(fd handle, n int) (int, error) // what is left stays in the pipe
	read(p []byte) (int, error)          // takes what is left out again
	close()
}

// kernel is the operating system.
type kernel struct{}

func (kernel) watch(d *descriptor, m mode) { d.watch.entry.arm(d, m) }
func (kernel) unwatch(d *descriptor)       { d.watch.entry.leave(d) }
