// Package sockets is TCP, UDP and name lookup as wasi:sockets 0.2 has them: state machines over operating system
// descriptors, under a policy that denies by default. It knows nothing of WebAssembly; any Go program can use it.
//
// A [Network] holds the [Policy], the limits and everything that is open. [Network.NewTCP] gives a [TCP], which is a
// state and the calls that leave it. A connection has an [Input] and an [Output], which never block. [Network.NewUDP]
// gives a [UDP], whose two sides are an [Incoming] and an [Outgoing]. [Network.Resolve] gives a [Lookup]; what it
// answers is what rules by the name of a host cover. What can be waited for has Ready and Notify (NotifyFunc, for a
// function):
//
//	woken := make(chan struct{}, 1)
//	stop := in.Notify(woken)
//	defer stop()
//	for !in.Ready() {
//		<-woken
//	}
//
// Readiness is level-triggered and follows the value for its whole life. A wake-up is a hint: call Ready again.
// Whoever waits for one thing only is served faster by Wait, or [Input.BlockingRead]; they end with their context, and
// when the value or its Network is closed.
//
// Errors that concern a guest are of type [ErrorCode]. A stream that has ended says [io.EOF] (input) or
// [io.ErrClosedPipe] (output). A [*PermitError] means that the caller broke the contract of [Output.Write] or
// [Outgoing.Send].
//
// The layers, from below: system.go says what is asked of an operating system; sys_*.go speaks to one; poller_*.go
// waits for many descriptors with one goroutine, park_*.go for one with none; descriptor.go makes closing safe;
// conn.go, input.go and output.go move bytes, and splice.go many of them from one connection to another through the
// system alone; datagrams_in.go and datagrams_out.go move datagrams; tcp.go and udp.go are the state machines,
// socket.go and options.go what they have in common, and change.go tells of their states; name.go reads hosts, and
// lookup.go, lookups.go and resolver.go find their addresses; address.go, rule.go, policy.go and learned.go say what is
// allowed, and decide.go is the one door through which everything else asks.
package sockets
