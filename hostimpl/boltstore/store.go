// Package boltstore keeps the buckets of wasi:keyvalue in a file, by go.etcd.io/bbolt.
// It is a package of its own so that programs that do not use it do not have it.
//
//	s, err := boltstore.Open("data.db")
//	defer s.Close()
//	sessions, err := s.Bucket("sessions")
//	host, err := hostimpl.New(hostimpl.Config{
//		KeyValue: map[string]hostimpl.Bucket{"sessions": sessions},
//	})
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// Store is an open file. Any number of goroutines may use it.
type Store struct {
	db *bolt.DB

	mu      sync.Mutex
	buckets map[string]*bucket
}

// patience is how long Open waits for another process to close the file.
const patience = time.Second

// Open opens a file, and makes it if it is not there. It fails if another process has it
// open.
func Open(path string) (*Store, error) { return open(path, false) }

// OpenReadOnly opens a file that is there. Its buckets deny every change. Other processes
// may have it open to read, too.
func OpenReadOnly(path string) (*Store, error) { return open(path, true) }

func open(path string, readOnly bool) (*Store, error) {
	var db *bolt.DB
	err := guarded(func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: patience, ReadOnly: readOnly})
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("key-value file %s: another process has it open", path)
	case err != nil:
		return nil, fmt.Errorf("key-value file %s: %w", path, withoutPath(err))
	}
	return &Store{db: db, buckets: map[string]*bucket{}}, nil
}

// Close closes the file, when what is under way has ended. Its buckets fail from then on.
func (s *Store) Close() error { return s.db.Close() }

// Bucket is the bucket of that name, which is made if it is not there. A file that is
// opened to read has to have it. The name is not empty.
func (s *Store) Bucket(name string) (hostimpl.Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	b := &bucket{db: s.db, name: []byte(name)}
	if err := b.begin(); err != nil {
		return nil, fmt.Errorf("key-value file %s: bucket %q: %w", s.db.Path(), name, err)
	}
	s.buckets[name] = b
	return b, nil
}

// bucket is one of the file's. The lock is held while its transactions run, so that the
// size is always that of what they see.
type bucket struct {
	db   *bolt.DB
	name []byte

	mu   sync.RWMutex
	size size
}

type size struct {
	keys  int
	bytes int64
}

// begin makes the bucket if need be, and measures it.
func (b *bucket) begin() error {
	if !b.db.IsReadOnly() {
		err := guarded(func() error {
			return b.db.Update(func(tx *bolt.Tx) error {
				_, err := tx.CreateBucketIfNotExists(b.name)
				return err
			})
		})
		if err != nil {
			return withoutPath(err)
		}
	}
	return b.View(context.Background(), func(p hostimpl.Pairs) error {
		b.size = p.(*pairs).measure()
		return nil
	})
}

// View implements hostimpl.Bucket.
func (b *bucket) View(_ context.Context, f func(hostimpl.Pairs) error) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.transaction(b.db.View, &b.size, f)
}

// Update implements hostimpl.Bucket. What it has changed is on the disk when it returns.
func (b *bucket) Update(_ context.Context, f func(hostimpl.Pairs) error) error {
	if b.db.IsReadOnly() {
		return hostimpl.ErrAccessDenied
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	after := b.size
	err := b.transaction(b.db.Update, &after, f)
	if err == nil {
		b.size = after
	}
	return err
}

func (b *bucket) transaction(run func(func(*bolt.Tx) error) error, s *size, f func(hostimpl.Pairs) error) error {
	return withoutPath(guarded(func() error {
		return run(func(tx *bolt.Tx) error {
			in := tx.Bucket(b.name)
			if in == nil {
				return errors.New("the file has no such bucket")
			}
			return f(&pairs{in, s})
		})
	}))
}

// guarded makes an error of the panics by which bbolt tells that a file is damaged.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file is damaged: %v", r)
		}
	}()
	return f()
}

// withoutPath is an error that may be told to a guest, which does not know the file.
func withoutPath(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
