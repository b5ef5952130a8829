//go:build unix

package hostimpl

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// watch tells when a file can be read or written, whatever mode it was opened in:
// a terminal and an inherited pipe are not known to the runtime's poller. While
// somebody waits for one that is not ready, a goroutine sits in poll(2); nobody
// waiting, there is none.
type watch struct {
	f      *os.File
	events int16
	bell   bell

	mu   sync.Mutex
	stop *os.File // ends the poll under way when it is written to; nil if there is none
}

// Ready implements Waitable.
func (w *watch) Ready() bool {
	if w.poll(0, nil) {
		return true
	}
	if w.bell.anyone() {
		w.start()
	}
	return false
}

// Notify implements Waitable.
func (w *watch) Notify(ch chan<- struct{}) (stop func()) {
	remove := w.bell.add(ch)
	if w.Ready() {
		poke(ch)
	}
	return func() {
		remove()
		if !w.bell.anyone() {
			w.halt()
		}
	}
}

// start lets a goroutine wait, if none does.
func (w *watch) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		return
	}
	stopped, stop, err := os.Pipe()
	if err != nil {
		// Without a descriptor to spare, whoever waits goes round and round: slow, but
		// neither lost nor wrong.
		go w.bell.ring()
		return
	}
	w.stop = stop
	go w.run(stopped, stop)
}

// run rings however the wait ends: who listens looks again, and has another one
// started where the file is not ready.
func (w *watch) run(stopped, stop *os.File) {
	w.poll(-1, stopped)
	w.mu.Lock()
	w.stop = nil
	w.mu.Unlock()
	stopped.Close()
	stop.Close()
	w.bell.ring()
}

func (w *watch) halt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		w.stop.Write([]byte{0})
	}
}

// poll waits until the file is ready or has an error, which the next operation then
// tells, or until there is something in stopped.
func (w *watch) poll(timeout int, stopped *os.File) bool {
	set := [2]unix.PollFd{{Fd: -1, Events: w.events}, {Fd: -1, Events: unix.POLLIN}}
	if stopped != nil {
		set[1].Fd = int32(stopped.Fd())
	}
	conn, err := w.f.SyscallConn()
	if err != nil {
		return true
	}
	err = conn.Control(func(fd uintptr) {
		set[0].Fd = int32(fd)
		for {
			_, err := unix.Poll(set[:], timeout)
			if err != unix.EINTR {
				return
			}
		}
	})
	return err != nil || set[0].Revents != 0
}

// fileInput is standard input from a file. It reads what the guest asks for and
// when there is something to read, straight into the guest's buffer.
type fileInput struct {
	watch

	mu    sync.Mutex // held while reading, so that nobody else takes what was there
	ended bool
}

func newFileInput(f *os.File) standardInput {
	return &fileInput{watch: watch{f: f, events: unix.POLLIN}}
}

// Ready is true at the end, also of a terminal where more could be typed.
func (in *fileInput) Ready() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.ended || in.watch.Ready()
}

func (in *fileInput) Notify(ch chan<- struct{}) (stop func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		poke(ch)
		return func() {}
	}
	return in.watch.Notify(ch)
}

// Read implements source.
func (in *fileInput) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.ended:
		return 0, io.EOF
	case len(p) == 0 || !in.watch.Ready():
		return 0, nil
	}
	n, err := in.f.Read(p)
	switch {
	case n > 0 || err == nil:
		return n, nil
	case errors.Is(err, unix.EAGAIN):
		return 0, nil
	}
	in.ended = true
	if errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return 0, err
}

func (in *fileInput) open()      {}
func (in *fileInput) interrupt() {}
func (in *fileInput) Close()     {}

// newFileRoom watches a file that may make a writer wait. A regular file does not.
func newFileRoom(f *os.File) Waitable {
	info, err := f.Stat()
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	return &watch{f: f, events: unix.POLLOUT}
}

func isBrokenPipe(err error) bool { return errors.Is(err, unix.EPIPE) }
