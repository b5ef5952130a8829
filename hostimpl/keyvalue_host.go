package hostimpl

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/atomics"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/store"
)

// keyValue is wasi:keyvalue/store, atomics and batch, of 0.2.0-draft2.
type keyValue struct {
	buckets map[string]Bucket
	limits  Limits
}

// storeError is what a guest is told of an error of a Bucket.
func storeError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrAccessDenied):
		return store.ErrorAccessDenied{}
	}
	return store.ErrorOther{Value: tellable(err)}
}

func (v *keyValue) Open(_ context.Context, name string) (store.Bucket, error) {
	b, ok := v.buckets[name]
	if !ok {
		return nil, store.ErrorNoSuchStore{}
	}
	return &bucket{contents{b, v.limits, storeError}}, nil
}

// contents is a bucket as a guest uses it, within limits, whatever version of the
// interface it speaks.
type contents struct {
	Bucket
	limits Limits
	fail   func(error) error // says an error in the words of that version
}

// keysPerPage is how many keys are listed at once.
const keysPerPage = 1000

func (c contents) checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("the key is empty")
	case len(key) > c.limits.KeyBytes:
		return fmt.Errorf("a key of %d bytes, the limit is %d (Limits.KeyBytes)", len(key), c.limits.KeyBytes)
	}
	return nil
}

// put puts a value there if it is within the limits.
func (c contents) put(p Pairs, key string, value []byte) error {
	if len(value) > c.limits.ValueBytes {
		return fmt.Errorf("a value of %d bytes, the limit is %d (Limits.ValueBytes)", len(value), c.limits.ValueBytes)
	}
	keys, size := p.Size()
	old, ok := p.Get(key)
	if !ok {
		keys, size = keys+1, size+int64(len(key))
	}
	size += int64(len(value)) - int64(len(old))
	switch {
	case !ok && keys > c.limits.BucketKeys:
		return fmt.Errorf("a bucket of %d keys, the limit is %d (Limits.BucketKeys)", keys, c.limits.BucketKeys)
	case size > c.limits.BucketBytes:
		return fmt.Errorf("a bucket of %d bytes, the limit is %d (Limits.BucketBytes)", size, c.limits.BucketBytes)
	}
	return p.Put(key, value)
}

func (c contents) Get(ctx context.Context, key string) (*[]byte, error) {
	values, err := c.getMany(ctx, []string{key})
	if err != nil || values[0] == nil {
		return nil, err
	}
	return &values[0].F1, nil
}

func (c contents) Set(ctx context.Context, key string, value []byte) error {
	return c.setMany(ctx, []cabi.Tuple2[string, []byte]{{F0: key, F1: value}})
}

func (c contents) Delete(ctx context.Context, key string) error {
	return c.deleteMany(ctx, []string{key})
}

func (c contents) Exists(ctx context.Context, key string) (exists bool, err error) {
	if err := c.checkKey(key); err != nil {
		return false, c.fail(err)
	}
	err = c.View(ctx, func(p Pairs) error {
		_, exists = p.Get(key)
		return nil
	})
	return exists, c.fail(err)
}

func (c contents) Close(context.Context) error { return nil }

// page lists keys after one, without the first few of them.
func (c contents) page(ctx context.Context, after string, skip uint64) (keys []string, more bool, err error) {
	err = c.View(ctx, func(p Pairs) error {
		keys, more = nil, false
		for key := range p.Keys(after) {
			switch {
			case !utf8.ValidString(key): // No guest has put it there, and none can be told it.
			case skip > 0:
				skip--
			case len(keys) == keysPerPage:
				more = true
				return nil
			default:
				keys = append(keys, key)
			}
		}
		return nil
	})
	return keys, more, c.fail(err)
}

// getMany gives no more bytes than a bucket may have, however often it is asked for a key.
func (c contents) getMany(ctx context.Context, keys []string) ([]*cabi.Tuple2[string, []byte], error) {
	list := make([]*cabi.Tuple2[string, []byte], len(keys))
	err := c.View(ctx, func(p Pairs) error {
		left := c.limits.BucketBytes
		for i, key := range keys {
			if err := c.checkKey(key); err != nil {
				return err
			}
			value, ok := p.Get(key)
			if !ok {
				continue
			}
			if left -= int64(len(key) + len(value)); left < 0 {
				return fmt.Errorf("values of more than %d bytes at once (Limits.BucketBytes)", c.limits.BucketBytes)
			}
			list[i] = &cabi.Tuple2[string, []byte]{F0: key, F1: bytes.Clone(value)}
		}
		return nil
	})
	if err != nil {
		return nil, c.fail(err)
	}
	return list, nil
}

// setMany sets all or, if it fails, none.
func (c contents) setMany(ctx context.Context, pairs []cabi.Tuple2[string, []byte]) error {
	return c.fail(c.Update(ctx, func(p Pairs) error {
		for _, kv := range pairs {
			if err := c.checkKey(kv.F0); err != nil {
				return err
			}
			if err := c.put(p, kv.F0, kv.F1); err != nil {
				return err
			}
		}
		return nil
	}))
}

// deleteMany removes all or, if it fails, none.
func (c contents) deleteMany(ctx context.Context, keys []string) error {
	return c.fail(c.Update(ctx, func(p Pairs) error {
		for _, key := range keys {
			if err := c.checkKey(key); err != nil {
				return err
			}
			if err := p.Delete(key); err != nil {
				return err
			}
		}
		return nil
	}))
}

// increment replaces a number, which is kept in decimal. Next makes the sum of what the
// key has.
func (c contents) increment(ctx context.Context, key string, next func(old string) (string, error)) error {
	if err := c.checkKey(key); err != nil {
		return c.fail(err)
	}
	return c.fail(c.Update(ctx, func(p Pairs) error {
		old, ok := p.Get(key)
		switch {
		case !ok:
			old = []byte("0")
		case len(old) > 32:
			return errNoNumber
		}
		sum, err := next(string(old))
		if err != nil {
			return err
		}
		return c.put(p, key, []byte(sum))
	}))
}

var (
	errNoNumber = errors.New("the value is not a decimal number in range")
	errOverflow = errors.New("the sum is out of range")
)

func addSigned(old string, delta int64) (int64, error) {
	n, err := strconv.ParseInt(old, 10, 64)
	if err != nil {
		return 0, errNoNumber
	}
	sum := n + delta
	if (sum > n) != (delta > 0) && delta != 0 {
		return 0, errOverflow
	}
	return sum, nil
}

// bucket is the resource bucket.
type bucket struct{ contents }

// ListKeys has the last key of a page for a cursor: what comes after it is found even if
// it is removed meanwhile.
func (b *bucket) ListKeys(ctx context.Context, cursor *string) (store.KeyResponse, error) {
	after := ""
	if cursor != nil {
		after = *cursor
	}
	keys, more, err := b.page(ctx, after, 0)
	if err != nil {
		return store.KeyResponse{}, err
	}
	r := store.KeyResponse{Keys: keys}
	if more {
		r.Cursor = &keys[len(keys)-1]
	}
	return r, nil
}

// madeHere is a resource that a function was given as an interface, which others can implement, too.
func madeHere[T any](v any) (T, error) {
	r, ok := v.(T)
	if !ok {
		return r, fmt.Errorf("a %T is not of this implementation of wasi:keyvalue", v)
	}
	return r, nil
}

func (*keyValue) GetMany(ctx context.Context, in store.Bucket, keys []string) ([]*cabi.Tuple2[string, []byte], error) {
	b, err := madeHere[*bucket](in)
	if err != nil {
		return nil, err
	}
	return b.getMany(ctx, keys)
}

func (*keyValue) SetMany(ctx context.Context, in store.Bucket, pairs []cabi.Tuple2[string, []byte]) error {
	b, err := madeHere[*bucket](in)
	if err != nil {
		return err
	}
	return b.setMany(ctx, pairs)
}

func (*keyValue) DeleteMany(ctx context.Context, in store.Bucket, keys []string) error {
	b, err := madeHere[*bucket](in)
	if err != nil {
		return err
	}
	return b.deleteMany(ctx, keys)
}

func (*keyValue) Increment(ctx context.Context, in store.Bucket, key string, delta int64) (sum int64, err error) {
	b, err := madeHere[*bucket](in)
	if err != nil {
		return 0, err
	}
	err = b.increment(ctx, key, func(old string) (string, error) {
		var err error
		sum, err = addSigned(old, delta)
		return strconv.FormatInt(sum, 10), err
	})
	return sum, err
}

// cas is the resource cas. It knows its value by a digest, so that it costs the same
// whatever the value is.
type cas struct {
	contents
	key string
	saw digest

	// stale says that the guest was given another value than that: then no swap may
	// succeed, even if the old value comes back.
	stale bool
}

// digest stands for a value, or for none.
type digest struct {
	there bool
	sum   [sha256.Size]byte
}

func digestOf(value []byte, ok bool) digest {
	if !ok {
		return digest{}
	}
	return digest{true, sha256.Sum256(value)}
}

func (v *keyValue) CasNew(ctx context.Context, in store.Bucket, key string) (atomics.Cas, error) {
	b, err := madeHere[*bucket](in)
	if err != nil {
		return nil, err
	}
	if err := b.checkKey(key); err != nil {
		return nil, b.fail(err)
	}
	c := &cas{contents: b.contents, key: key}
	err = b.View(ctx, func(p Pairs) error {
		c.saw = digestOf(p.Get(key))
		return nil
	})
	if err != nil {
		return nil, b.fail(err)
	}
	return c, nil
}

func (c *cas) Current(ctx context.Context) (*[]byte, error) {
	v, err := c.contents.Get(ctx, c.key)
	if err != nil {
		return nil, err
	}
	now := digest{}
	if v != nil {
		now = digestOf(*v, true)
	}
	c.stale = c.stale || now != c.saw
	return v, nil
}

// errChanged ends the transaction of a swap that was not done.
var errChanged = errors.New("the value has changed")

func (*keyValue) Swap(ctx context.Context, h atomics.Cas, value []byte) error {
	c, err := madeHere[*cas](h)
	if err != nil {
		return err
	}
	next := &cas{contents: c.contents, key: c.key}
	err = c.Update(ctx, func(p Pairs) error {
		next.saw = digestOf(p.Get(c.key))
		if c.stale || next.saw != c.saw {
			return errChanged
		}
		return c.put(p, c.key, value)
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errChanged):
		return atomics.CasErrorCasFailed{Value: next}
	}
	return atomics.CasErrorStoreError{Value: storeError(err).(store.Error)}
}

var (
	_ store.Host   = (*keyValue)(nil)
	_ store.Bucket = (*bucket)(nil)
	_ atomics.Host = (*keyValue)(nil)
	_ atomics.Cas  = (*cas)(nil)
)
