//go:build tenon_scan

package sockets

import "golang.org/x/sys/unix"

// What poller_scan.go needs of Linux, for its tests.

type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

const (
	pollIn  = unix.POLLIN
	pollOut = unix.POLLOUT
)

func newPollFd(fd handle, events int16) pollFd { return pollFd{fd: int32(fd), events: events} }

func sysPoll(fds []pollFd) error {
	list := make([]unix.PollFd, len(fds))
	for i, f := range fds {
		list[i] = unix.PollFd{Fd: f.fd, Events: f.events}
	}
	_, err := unix.Poll(list, -1)
	for i := range list {
		fds[i].revents = list[i].Revents
	}
	return err
}

// A waker interrupts sysPoll.
type waker struct{ r, w int }

func newWaker() (waker, error) {
	var p [2]int
	err := unix.Pipe2(p[:], unix.O_NONBLOCK|unix.O_CLOEXEC)
	return waker{p[0], p[1]}, err
}

func (w waker) handle() handle { return w.r }
func (w waker) wake()          { unix.Write(w.w, []byte{0}) }
func (w waker) close()         { unix.Close(w.r); unix.Close(w.w) }

// quiet takes the wake-ups that have come.
func (w waker) quiet() {
	var b [64]byte
	for {
		if n, _ := unix.Read(w.r, b[:]); n < len(b) {
			return
		}
	}
}
