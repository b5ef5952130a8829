package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"unsafe"
)

// result is memory for what a call gives. It is never on a stack, which moves.
type result struct{ words [4]uint64 }

func (r *result) p() unsafe.Pointer { return unsafe.Pointer(r) }

func (r *result) bytes() []byte { return unsafe.Slice((*byte)(r.p()), unsafe.Sizeof(*r)) }

func (r *result) u32(at int) uint32 { return binary.LittleEndian.Uint32(r.bytes()[at:]) }

func (r *result) handle(at int) int32 { return int32(r.u32(at)) }

// A code is an error-code of wasi:sockets.
type code byte

const wouldBlock code = 8

func (c code) Error() string { return fmt.Sprintf("error-code %d", byte(c)) }

// failed is the error of a result that has its payload there.
func (r *result) failed(payload int) error {
	if r.bytes()[0] == 0 {
		return nil
	}
	return code(r.bytes()[payload])
}

// streamFailed is the same for a stream-error: io.EOF where the stream is closed.
func (r *result) streamFailed(payload int) error {
	switch {
	case r.bytes()[0] == 0:
		return nil
	case r.bytes()[payload] == 1:
		return io.EOF
	}
	return errors.New("last operation failed")
}

// heap makes a result that stays where it is.
func heap() *result {
	r := new(result)
	runtime.KeepAlive(r)
	sink = r
	return r
}

var sink *result

// inHost is set while a function of WASI 0.2 runs. The host may ask for memory then, and
// Go may let another goroutine run for that, which must not call the host.
var inHost bool

// host calls a function of WASI 0.2.
func host(call func()) {
	for inHost {
		runtime.Gosched()
	}
	inHost = true
	call()
	inHost = false
}

func ask(call func() int32) (answer int32) {
	host(func() { answer = call() })
	return answer
}

type waiter struct {
	pollable int32
	ready    chan struct{}
}

var waiting = make(chan waiter)

// await waits until a pollable is ready, which only this goroutine notices.
func await(subscribe func() int32) {
	pollable := ask(subscribe)
	w := waiter{pollable, make(chan struct{})}
	waiting <- w
	<-w.ready
	host(func() { dropPollable(pollable) })
}

// pump polls for all goroutines. A poll keeps all of them from running, so it comes when
// they have had their turn, and ends after a while for those that sleep.
func pump() {
	var list []waiter
	for {
		if len(list) == 0 {
			list = append(list, <-waiting)
		}
		for more := true; more; {
			runtime.Gosched()
			select {
			case w := <-waiting:
				list = append(list, w)
			default:
				more = false
			}
		}
		list = pollOnce(list)
	}
}

func pollOnce(list []waiter) (left []waiter) {
	handles := make([]int32, len(list)+1)
	for i, w := range list {
		handles[i] = w.pollable
	}
	timer := ask(func() int32 { return subscribeDuration(5e6) })
	handles[len(list)] = timer
	r := heap()
	host(func() { poll(unsafe.Pointer(unsafe.SliceData(handles)), int32(len(handles)), r.p()) })
	indices := take(r.u32(0), 4*r.u32(4))
	host(func() { dropPollable(timer) })
	ready := make([]bool, len(handles))
	for len(indices) > 0 {
		ready[binary.LittleEndian.Uint32(indices)] = true
		indices = indices[4:]
	}
	for i, w := range list {
		if ready[i] {
			close(w.ready)
		} else {
			left = append(left, w)
		}
	}
	return left
}

// finish repeats a call until it does not say would-block any more.
func finish(socket int32, payload int, call func(int32, unsafe.Pointer)) (*result, error) {
	for {
		r := heap()
		host(func() { call(socket, r.p()) })
		err := r.failed(payload)
		if err != wouldBlock {
			return r, err
		}
		await(func() int32 { return subscribeSocket(socket) })
	}
}

func newSocket() (int32, error) {
	r := heap()
	host(func() { createTCPSocket(0, r.p()) })
	return r.handle(4), r.failed(4)
}

// listen listens on 127.0.0.1, and tells on which port.
func listen(network int32, port uint16) (socket int32, at uint16, err error) {
	if socket, err = newSocket(); err != nil {
		return 0, 0, err
	}
	r := heap()
	host(func() { startBind(socket, network, 0, int32(port), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, r.p()) })
	if err := r.failed(1); err != nil {
		return 0, 0, fmt.Errorf("start-bind: %w", err)
	}
	if _, err := finish(socket, 1, finishBind); err != nil {
		return 0, 0, fmt.Errorf("finish-bind: %w", err)
	}
	host(func() { startListen(socket, r.p()) })
	if err := r.failed(1); err != nil {
		return 0, 0, fmt.Errorf("start-listen: %w", err)
	}
	if _, err := finish(socket, 1, finishListen); err != nil {
		return 0, 0, fmt.Errorf("finish-listen: %w", err)
	}
	host(func() { localAddress(socket, r.p()) })
	return socket, binary.LittleEndian.Uint16(r.bytes()[8:]), r.failed(4)
}

// conn is a connection: an io.ReadWriter whose methods let other goroutines run.
type conn struct{ socket, in, out int32 }

func acceptConn(listener int32) (*conn, error) {
	r, err := finish(listener, 4, accept)
	if err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	return &conn{r.handle(4), r.handle(8), r.handle(12)}, nil
}

func dial(network int32, port uint16) (*conn, error) {
	socket, err := newSocket()
	if err != nil {
		return nil, err
	}
	r := heap()
	host(func() { startConnect(socket, network, 0, int32(port), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, r.p()) })
	if err := r.failed(1); err != nil {
		return nil, fmt.Errorf("start-connect: %w", err)
	}
	r, err = finish(socket, 4, finishConnect)
	if err != nil {
		return nil, fmt.Errorf("finish-connect: %w", err)
	}
	return &conn{socket, r.handle(4), r.handle(8)}, nil
}

func (c *conn) Read(p []byte) (int, error) {
	for {
		r := heap()
		host(func() { readStream(c.in, int64(len(p)), r.p()) })
		if err := r.streamFailed(4); err != nil {
			return 0, err
		}
		if data := take(r.u32(4), r.u32(8)); len(data) > 0 {
			return copy(p, data), nil
		}
		await(func() int32 { return subscribeInput(c.in) })
	}
}

func (c *conn) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		r := heap()
		host(func() { checkWrite(c.out, r.p()) })
		if err := r.streamFailed(8); err != nil {
			return n, err
		}
		room := min(int(r.words[1]), len(p))
		if room == 0 {
			await(func() int32 { return subscribeOutput(c.out) })
			continue
		}
		host(func() { writeStream(c.out, unsafe.Pointer(unsafe.SliceData(p)), int32(room), r.p()) })
		if err := r.streamFailed(4); err != nil {
			return n, err
		}
		n, p = n+room, p[room:]
	}
	r := heap()
	host(func() { flushStream(c.out, r.p()) })
	return n, r.streamFailed(4)
}

// closeWrite tells the other side that nothing follows.
func (c *conn) closeWrite() {
	host(func() { shutdown(c.socket, 1, heap().p()) })
}

func (c *conn) close() {
	host(func() { dropInput(c.in) })
	host(func() { dropOutput(c.out) })
	host(func() { dropSocket(c.socket) })
}
