package sockets

import "sync"

// bell wakes everybody who asked to hear of one condition. The zero value is ready to use.
type bell struct {
	mu   sync.Mutex
	pull []*pull
}

// pull is what is done when the bell rings. It neither blocks nor touches the bell.
type pull struct{ wake func() }

// add calls wake until stop is called. Stop may be called more than once.
func (b *bell) add(wake func()) (stop func()) {
	p := &pull{wake}
	b.mu.Lock()
	b.pull = append(b.pull, p)
	b.mu.Unlock()
	return func() { b.remove(p) }
}

func (b *bell) remove(p *pull) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, q := range b.pull {
		if q == p {
			last := len(b.pull) - 1
			b.pull[i], b.pull[last] = b.pull[last], nil
			b.pull = b.pull[:last]
			return
		}
	}
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pull {
		p.wake()
	}
}

// heard reports whether anybody would hear it.
func (b *bell) heard() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pull) > 0
}

// poker sends on ch and never blocks: a channel that is full has a wake-up under way
// already.
func poker(ch chan<- struct{}) func() {
	return func() {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
