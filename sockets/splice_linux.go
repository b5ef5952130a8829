package sockets

import (
	"golang.org/x/sys/unix"
)

// kernelPipe is a pipe(2), its reading end first.
type kernelPipe [2]int

// pipeSize has room for the pages of a whole read. The kernel gives less where a user has many pipes, which is as good.
const pipeSize = 4 * MaxPermit

func (kernel) pipe() (pipe, error) {
	var p kernelPipe
	if err := unix.Pipe2(p[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	unix.FcntlInt(uintptr(p[0]), unix.F_SETPIPE_SZ, pipeSize)
	return &p, nil
}

// fill meets a filter of system calls, or what stands in the place of Linux, before anything else does.
func (p *kernelPipe) fill(fd handle, n int) (int, error) {
	k, err := splice(fd, p[1], n)
	switch err {
	case unix.ENOSYS, unix.EPERM, unix.EINVAL:
		err = NotSupported
	}
	return k, err
}

func (p *kernelPipe) empty(fd handle, n int) (int, error) { return splice(p[0], fd, n) }

func splice(from, to, n int) (int, error) {
	for {
		k, _, errno := unix.RawSyscall6(unix.SYS_SPLICE, uintptr(from), 0, uintptr(to), 0, uintptr(n), unix.SPLICE_F_MOVE|unix.SPLICE_F_NONBLOCK)
		switch errno {
		case 0:
			return int(k), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

func (p *kernelPipe) read(b []byte) (int, error) { return kernel{}.read(p[0], b) }

func (p *kernelPipe) close() {
	unix.Close(p[0])
	unix.Close(p[1])
}
