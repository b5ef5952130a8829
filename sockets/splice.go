package sockets

import "io"

// Splice moves up to n bytes from in to o, as a Read and a Write of what was read would, but through the system alone.
// What was permitted counts as it does for Write, and (0, nil) means that there is nothing now. Moved is false where the
// system has no way to do it: then nothing has happened. It pays for many bytes only, and none of its locks is held from
// one half to the other: both may be of one connection.
func (o *Output) Splice(in *Input, n int) (k int, moved bool, err error) {
	p := o.c.d.net.takePipe()
	if p == nil {
		return 0, false, nil
	}
	if err := o.reserve(n); err != nil {
		o.c.d.net.returnPipe(p)
		return 0, true, err
	}
	k, moved, err = in.into(p, n)
	if e := o.from(p, k, n); e != nil && err == nil {
		p.close() // with what may be left in it
		return 0, true, e
	}
	if !moved {
		o.c.d.net.giveUpPipes()
	}
	o.c.d.net.returnPipe(p)
	return k, moved, err
}

// reserve takes n bytes off the permit.
func (o *Output) reserve(n int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.mayWrite(n)
}

// into is Read into a pipe, if the system can do that.
func (in *Input) into(p pipe, n int) (k int, can bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.err != nil:
		return 0, true, in.failed()
	case in.ended:
		return 0, true, io.EOF
	case n == 0:
		return 0, true, nil // as the end of the stream would look
	}
	err = in.c.d.use(func(_ system, fd handle) (err error) {
		k, err = p.fill(fd, n)
		return err
	})
	if err == NotSupported {
		return 0, false, nil
	}
	k, err = in.got(k, err)
	return k, true, err
}

// from is Write of the n bytes in a pipe, for which more were reserved.
func (o *Output) from(p pipe, n, reserved int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.permit += uint64(reserved - n)
	if n == 0 {
		return nil
	}
	if err := o.mayWrite(0); err != nil {
		return err
	}
	for len(o.unsent) == 0 && n > 0 {
		k := 0
		err := o.c.d.use(func(_ system, fd handle) (err error) {
			k, err = p.empty(fd, n)
			return err
		})
		if isAgain(err) {
			break
		}
		if err != nil {
			o.fail(err)
			return o.trouble()
		}
		n -= k
	}
	if n == 0 {
		return nil
	}
	// What the peer has no room for waits here, where the poller finds it.
	rest := buffers.Get().(*buffer)
	defer buffers.Put(rest)
	for n > 0 {
		k, err := p.read(rest[:n])
		if err != nil || k == 0 {
			o.fail(io.ErrUnexpectedEOF) // the kernel does not lose what it holds
			return o.trouble()
		}
		o.keep(rest[:k])
		n -= k
	}
	o.c.d.await(writable)
	return nil
}

// maxPipes is how many pipes a Network keeps for the next splice.
const maxPipes = 4

// takePipe gives a pipe that is empty, or nil where there is none to be had.
func (n *Network) takePipe() pipe {
	n.mu.Lock()
	defer n.mu.Unlock()
	if last := len(n.pipes) - 1; last >= 0 {
		p := n.pipes[last]
		n.pipes = n.pipes[:last]
		return p
	}
	if n.closed || n.pipeless {
		return nil
	}
	p, err := n.sys.pipe() // which is too short to let go of the lock
	if err != nil {
		n.pipeless = err == NotSupported
		return nil
	}
	return p
}

func (n *Network) returnPipe(p pipe) {
	n.mu.Lock()
	keep := !n.closed && !n.pipeless && len(n.pipes) < maxPipes
	if keep {
		n.pipes = append(n.pipes, p)
	}
	n.mu.Unlock()
	if !keep {
		p.close()
	}
}

// giveUpPipes is for a system that has pipes, and moves nothing into them.
func (n *Network) giveUpPipes() {
	n.mu.Lock()
	n.pipeless = true
	n.mu.Unlock()
	n.closePipes()
}

// closePipes assumes that no pipe is kept from now on.
func (n *Network) closePipes() {
	n.mu.Lock()
	all := n.pipes
	n.pipes = nil
	n.mu.Unlock()
	for _, p := range all {
		p.close()
	}
}
