package hostimpl

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
)

// memoryBucket is a Bucket that ends with the process.
type memoryBucket struct {
	mu     sync.RWMutex
	values map[string][]byte // what is in there does not change
	bytes  int64

	// sorted are the keys, while they are known.
	sorted struct {
		sync.Mutex
		keys []string
		ok   bool
	}
}

// NewMemoryBucket makes a Bucket in memory, with a copy of these pairs.
func NewMemoryBucket(pairs map[string]string) Bucket {
	b := &memoryBucket{values: map[string][]byte{}}
	for k, v := range pairs {
		b.put(k, []byte(v))
	}
	return b
}

func (b *memoryBucket) View(_ context.Context, f func(Pairs) error) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return f(&memoryPairs{memoryBucket: b})
}

func (b *memoryBucket) Update(_ context.Context, f func(Pairs) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &memoryPairs{memoryBucket: b, before: map[string][]byte{}}
	err := f(p)
	if err != nil {
		for key, value := range p.before {
			b.put(key, value)
		}
	}
	return err
}

// put makes the value the key's; nil removes the key. It keeps value.
func (b *memoryBucket) put(key string, value []byte) {
	old, was := b.values[key]
	if was {
		b.bytes -= int64(len(key) + len(old))
	}
	if is := value != nil; is {
		b.values[key] = value
		b.bytes += int64(len(key) + len(value))
	} else {
		delete(b.values, key)
	}
	if was != (value != nil) {
		b.sorted.keys, b.sorted.ok = nil, false
	}
}

// memoryPairs is one View or Update, which holds the lock.
type memoryPairs struct {
	*memoryBucket
	before map[string][]byte // what the keys had that were changed; nil in a View
}

func (p *memoryPairs) Get(key string) ([]byte, bool) {
	v, ok := p.values[key]
	return v, ok
}

func (p *memoryPairs) Put(key string, value []byte) error {
	return p.change(key, append([]byte{}, value...))
}

func (p *memoryPairs) Delete(key string) error { return p.change(key, nil) }

func (p *memoryPairs) change(key string, value []byte) error {
	if p.before == nil {
		return errors.New("View only reads")
	}
	if _, noted := p.before[key]; !noted {
		p.before[key] = p.values[key]
	}
	p.put(key, value)
	return nil
}

func (p *memoryPairs) Keys(after string) iter.Seq[string] {
	keys := p.inOrder()
	i, found := slices.BinarySearch(keys, after)
	if found {
		i++
	}
	return slices.Values(keys[i:])
}

// inOrder sorts the keys at most once for all who read between two changes.
func (p *memoryPairs) inOrder() []string {
	p.sorted.Lock()
	defer p.sorted.Unlock()
	if !p.sorted.ok {
		p.sorted.keys = slices.Sorted(maps.Keys(p.values))
		p.sorted.ok = true
	}
	return p.sorted.keys
}

func (p *memoryPairs) Size() (keys int, size int64) { return len(p.values), p.bytes }
