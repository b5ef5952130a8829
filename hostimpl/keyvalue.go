package hostimpl

import (
	"context"
	"errors"
	"iter"
)

// A Bucket is a collection of keys with a value each, which guests open by its name in
// Config.KeyValue. Several instances use it at the same time. NewMemoryBucket makes one
// in memory, package boltstore one in a file.
//
// An error that is an ErrAccessDenied is access-denied for the guest; the text of any
// other is what it is told.
type Bucket interface {
	// View calls f, which only reads. What it reads is of one moment.
	View(ctx context.Context, f func(Pairs) error) error

	// Update calls f and keeps what it has changed, or nothing of it if f fails. No
	// other change comes between what f reads and what it writes.
	Update(ctx context.Context, f func(Pairs) error) error
}

// Pairs are the contents of a Bucket while View or Update lasts. A key is not empty.
type Pairs interface {
	// Get gives the value of a key, if it is there. The value must not be changed, nor
	// used after View or Update.
	Get(key string) (value []byte, ok bool)

	// Put puts a copy of the value there.
	Put(key string, value []byte) error

	// Delete removes a key, if it is there.
	Delete(key string) error

	// Keys gives the keys in order, those alone that come after the given one.
	Keys(after string) iter.Seq[string]

	// Size tells how many keys there are, and how many bytes they have with their values.
	Size() (keys int, bytes int64)
}

// ErrAccessDenied is the error of a Bucket for what a guest may not do with it.
var ErrAccessDenied = errors.New("access denied")

// ReadOnly is a bucket that denies changes.
func ReadOnly(b Bucket) Bucket { return readOnly{b} }

type readOnly struct{ Bucket }

func (readOnly) Update(context.Context, func(Pairs) error) error { return ErrAccessDenied }
