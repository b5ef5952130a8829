package sockets

import (
	"context"
	"sync"
	"time"
)

// Incoming is the receiving side of a UDP socket: a wasi:sockets/udp.incoming-datagram-stream. Nothing here blocks. It
// may be used by several goroutines.
type Incoming struct {
	p    *pairing
	bell bell
	try  func() bool // fetch

	mu     sync.Mutex
	closed bool
	err    error      // to be told when there is nothing else to give
	got    []Datagram // what the last Receive gave, or a wait has taken for the next one:
	ahead  bool       // the latter
	used   int        // bytes of got
	room   *room      // where they are, unless they are few
	few    []byte
	busy   bool    // there may be more behind the strangers that were passed over
	tries  int     // of the wait under way
	alone  bool    // what is ahead has woken who waited for it, so it is likely to be all there is
	scrap  [1]byte // for what is only looked at
}

// fewBytes is how much stays in memory of an Incoming's own.
const fewBytes = 2 << 10

// maxStrangers bounds how many datagrams of others one call passes over.
const maxStrangers = 64

// Receive takes datagrams that have come: up to max, up to MaxDatagrams, and none beyond 64 KiB. An empty answer means
// that there are none now. A failure is an ErrorCode about an earlier datagram that was sent, such as
// ConnectionRefused; it is told once, by a call that has nothing else to give. A closed Incoming answers InvalidState.
//
// What it gives is good until the next call of Receive, Ready, Wait or Close.
func (in *Incoming) Receive(max uint64) ([]Datagram, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.closed:
		return nil, InvalidState
	case max == 0:
		return nil, nil
	}
	if !in.ahead {
		in.clear()
	}
	if !in.ahead || !in.alone { // else a system call would tell in most cases that there is nothing
		in.take(int(min(max, MaxDatagrams)))
	}
	in.ahead = false
	if len(in.got) == 0 {
		err := in.err
		in.err = nil
		return nil, err
	}
	return in.got, nil
}

// Down to fail, all assume in.mu.

func (in *Incoming) clear() { in.got, in.used = in.got[:0], 0 }

// take fills got up to max.
func (in *Incoming) take(max int) {
	strangers := 0
	for len(in.got) < max && in.used < maxDatagram && in.err == nil {
		if in.room == nil {
			in.room = rooms.Get().(*room)
		}
		p := in.room[in.used:]
		n, from, err := in.p.d.receive(p, false)
		if err != nil {
			in.fail(err)
			break
		}
		if !in.p.welcome(from) {
			if strangers++; strangers == maxStrangers {
				in.busy = true
				break
			}
			continue
		}
		if in.p.hasPeer() {
			from = in.p.peer // as the guest has spelled it
		}
		in.got = append(in.got, Datagram{p[:n:n], from})
		in.used += n
	}
	in.pack()
}

// pack lets go of the room if what is in it is little.
func (in *Incoming) pack() {
	if in.room == nil || in.used > fewBytes {
		return
	}
	if in.few == nil && in.used > 0 {
		in.few = make([]byte, fewBytes)
	}
	at := 0
	for i := range in.got {
		n := copy(in.few[at:], in.got[i].Data)
		in.got[i].Data = in.few[at : at+n : at+n]
		at += n
	}
	in.release()
}

func (in *Incoming) release() {
	if in.room != nil {
		rooms.Put(in.room)
		in.room = nil
	}
}

// fail takes what a receive has met: nothing to receive, or an error to be told.
func (in *Incoming) fail(err error) {
	switch {
	case isAgain(err):
		if in.bell.heard() {
			in.p.d.await(readable)
		}
	case err == errGone:
		in.closed = true // as its socket, which wakes who waits
	default:
		in.err = receiveCode(err)
	}
}

// hear keeps an error that a send has met but could not tell.
func (in *Incoming) hear(err error) {
	in.mu.Lock()
	if in.err == nil && !in.closed {
		in.err = err
	}
	in.mu.Unlock()
	in.wake()
}

// Ready reports whether a Receive would give a datagram or an error, or the Incoming is closed.
func (in *Incoming) Ready() bool {
	if in.bell.heard() && in.p.d.awaited(readable) {
		// The kernel has not reported since it was asked to.
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.settled()
	}
	return in.look()
}

// settled assumes in.mu.
func (in *Incoming) settled() bool { return in.closed || in.ahead || in.err != nil }

// look passes over what is not for the guest, and leaves what is in the kernel.
func (in *Incoming) look() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for range maxStrangers {
		if in.settled() {
			return true
		}
		_, from, err := in.p.d.receive(in.scrap[:], true)
		switch {
		case err == nil && in.p.welcome(from):
			return true
		case err == nil:
			_, _, err = in.p.d.receive(in.scrap[:], false)
		}
		if err != nil {
			in.fail(err)
			return in.settled()
		}
	}
	if in.bell.heard() {
		in.p.d.await(readable) // which is answered at once
	}
	return false
}

// Wait blocks until the Incoming is ready, the deadline (zero: none) has passed, or ctx has ended, and reports whether
// the Incoming is ready. Closing it, its socket or its Network makes it ready.
//
// The datagram that ends it is taken at once, for the next Receive.
func (in *Incoming) Wait(ctx context.Context, deadline time.Time) bool {
	for {
		in.mu.Lock()
		in.tries = 0
		in.mu.Unlock()
		if !waitReady(ctx, in, in.p.d, readable, deadline, in.try) {
			return false
		}
		in.mu.Lock()
		ready := in.settled()
		in.mu.Unlock()
		if ready {
			return true
		}
		if over(ctx, deadline) {
			return false
		}
	}
}

// fetch takes a datagram ahead. It is true as well when there may be more to pass over: its caller waits for news, and
// what is in the kernel already is none.
func (in *Incoming) fetch() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.settled() {
		return true
	}
	in.clear()
	in.busy = false
	in.take(1)
	in.ahead = len(in.got) > 0
	in.alone = in.tries > 0
	in.tries++
	return in.settled() || in.busy
}

// Notify sends on ch, without blocking, whenever the Incoming may have become ready, until stop is called. Once woken,
// call Ready or Receive: either asks for the next wake-up when there is nothing.
func (in *Incoming) Notify(ch chan<- struct{}) (stop func()) { return in.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (in *Incoming) NotifyFunc(wake func()) (stop func()) {
	stop = in.bell.add(wake)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.settled() || !in.p.d.await(readable) {
		wake()
	}
	return stop
}

// Close ends the Incoming. The socket goes on. Close may be called again.
func (in *Incoming) Close() {
	in.mu.Lock()
	in.closed, in.ahead, in.err = true, false, nil
	// What the last Receive gave may still be read elsewhere, so its room is not used again.
	in.got, in.room = nil, nil
	in.mu.Unlock()
	in.wake()
}

func (in *Incoming) wake() {
	in.bell.ring()
	in.p.d.unpark(readable)
}
