package hostimpl

import "sync"

// bell wakes everybody who asked to hear of one condition. The zero value is ready.
type bell struct {
	mu    sync.Mutex
	heard map[chan<- struct{}]int // how often each asked
}

func (b *bell) add(ch chan<- struct{}) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.heard == nil {
		b.heard = make(map[chan<- struct{}]int)
	}
	b.heard[ch]++
	return func() { b.remove(ch) }
}

func (b *bell) remove(ch chan<- struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.heard[ch]--; b.heard[ch] == 0 {
		delete(b.heard, ch)
	}
}

// anyone reports whether somebody would hear it.
func (b *bell) anyone() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.heard) > 0
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch := range b.heard {
		poke(ch)
	}
}

// poke never blocks: a channel that is full has a wake-up under way already.
func poke(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
