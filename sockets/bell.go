package sockets

import "sync"

// bell wakes everybody who asked to hear of one condition. The zero value is ready to use.
type bell struct {
	mu   sync.Mutex
	pull []*pull
}

type pull struct{ ch chan<- struct{} }

// add hears for ch until stop is called. Stop may be called more than once.
func (b *bell) add(ch chan<- struct{}) (stop func()) {
	p := &pull{ch}
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

// ring never blocks: a channel that is full has a wake-up under way already.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pull {
		poke(p.ch)
	}
}

// heard reports whether anybody would hear it.
func (b *bell) heard() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pull) > 0
}

func poke(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
