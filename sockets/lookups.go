package sockets

import (
	"container/list"
	"sync"
	"time"
)

// lookups are the look-ups of a Network that have no answer yet. Some are under way, with a goroutine each; the others
// wait in the order in which they came.
type lookups struct {
	limit    int
	patience time.Duration

	mu      sync.Mutex
	pending map[*Lookup]*list.Element // nil for those under way
	waiting list.List                 // of *Lookup
	working int                       // goroutines; more than are pending where a resolver does not hear of the end
	closed  bool
}

// maxWaiting bounds the look-ups that wait for their turn.
const maxWaiting = 16 << 10

func newLookups(limit int, patience time.Duration) *lookups {
	return &lookups{limit: limit, patience: patience, pending: map[*Lookup]*list.Element{}}
}

// add begins l, now or when its turn has come. Its time runs from now on in any case: a resolver that hangs must not
// hold up those who wait for ever.
//
// The lock of a look-up is taken before that of them all.
func (s *lookups) add(l *Lookup) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return PermanentResolverFailure
	case s.working < s.limit:
		s.working++
		s.pending[l] = nil
		defer func() { go s.work(l) }()
	case s.waiting.Len() >= maxWaiting:
		return TemporaryResolverFailure
	default:
		s.pending[l] = s.waiting.PushBack(l)
	}
	l.expiry = time.AfterFunc(s.patience, func() { l.settle(nil, TemporaryResolverFailure) })
	return nil
}

// work resolves l and then those who wait.
func (s *lookups) work(l *Lookup) {
	for ; l != nil; l = s.next() {
		l.resolve()
	}
}

// next is nil when there is nothing left to do; the goroutine ends then.
func (s *lookups) next() *Lookup {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.waiting.Front()
	if first == nil || s.closed {
		s.working--
		return nil
	}
	l := s.waiting.Remove(first).(*Lookup)
	s.pending[l] = nil
	return l
}

// forget is told of those that are about to have their answer.
func (s *lookups) forget(l *Lookup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.pending[l]; e != nil {
		s.waiting.Remove(e)
	}
	delete(s.pending, l)
}

// close ends all.
func (s *lookups) close() {
	s.mu.Lock()
	s.closed = true
	var all []*Lookup
	for l := range s.pending {
		all = append(all, l)
	}
	s.mu.Unlock()
	for _, l := range all {
		l.settle(nil, PermanentResolverFailure)
	}
}

// count tells how many have no answer yet.
func (s *lookups) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending)
}
