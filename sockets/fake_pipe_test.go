package sockets

// fakePipe moves bytes between sockets of a fake, by its read and write.
type fakePipe struct {
	f    *fake
	held []byte
}

func (f *fake) pipe() (pipe, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failure("pipe"); err != nil {
		return nil, err
	}
	f.pipes++
	return &fakePipe{f: f}, nil
}

func (p *fakePipe) fill(fd handle, n int) (int, error) {
	p.f.mu.Lock()
	err := p.f.failure("fill")
	p.f.mu.Unlock()
	if err != nil {
		return 0, err
	}
	b := make([]byte, n)
	n, err = p.f.read(fd, b)
	p.held = append(p.held, b[:n]...)
	return n, err
}

func (p *fakePipe) empty(fd handle, n int) (int, error) {
	n, err := p.f.write(fd, p.held[:min(n, len(p.held))])
	p.held = p.held[n:]
	return n, err
}

func (p *fakePipe) read(b []byte) (int, error) {
	n := copy(b, p.held)
	p.held = p.held[n:]
	return n, nil
}

func (p *fakePipe) close() {
	p.f.mu.Lock()
	p.f.pipes--
	p.f.mu.Unlock()
}
