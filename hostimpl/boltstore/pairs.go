package boltstore

import (
	"iter"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"
)

// pairs implements hostimpl.Pairs for one transaction. What is there that a guest cannot
// have put is left alone and not shown: buckets inside, and keys that are no text.
type pairs struct {
	in   *bolt.Bucket
	size *size
}

func (p *pairs) Get(key string) ([]byte, bool) {
	v := p.in.Get([]byte(key))
	return v, v != nil
}

func (p *pairs) Put(key string, value []byte) error {
	old, ok := p.Get(key)
	before := len(old)
	// bbolt keeps the value until the transaction ends.
	if err := p.in.Put([]byte(key), append([]byte{}, value...)); err != nil {
		return err
	}
	if !ok {
		p.size.keys++
		p.size.bytes += int64(len(key))
	}
	p.size.bytes += int64(len(value) - before)
	return nil
}

func (p *pairs) Delete(key string) error {
	old, ok := p.Get(key)
	if !ok {
		return nil
	}
	before := len(old)
	if err := p.in.Delete([]byte(key)); err != nil {
		return err
	}
	p.size.keys--
	p.size.bytes -= int64(len(key) + before)
	return nil
}

func (p *pairs) Keys(after string) iter.Seq[string] {
	return func(yield func(string) bool) {
		c := p.in.Cursor()
		for k, v := c.Seek([]byte(after)); k != nil; k, v = c.Next() {
			if v == nil || string(k) == after || !utf8.Valid(k) {
				continue
			}
			if !yield(string(k)) {
				return
			}
		}
	}
}

func (p *pairs) Size() (keys int, bytes int64) { return p.size.keys, p.size.bytes }

func (p *pairs) measure() (s size) {
	c := p.in.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v != nil && utf8.Valid(k) {
			s.keys++
			s.bytes += int64(len(k) + len(v))
		}
	}
	return s
}
