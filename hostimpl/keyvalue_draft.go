package hostimpl

import (
	"context"
	"errors"
	"strconv"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/atomics"
	"github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/batch"
	"github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/store"
)

// olderKeyValue is wasi:keyvalue of 0.2.0-draft: the same buckets, with numbers for
// cursors and sums that have no sign.
type olderKeyValue struct{ keyValue }

func olderStoreError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrAccessDenied):
		return store.ErrorAccessDenied{}
	}
	return store.ErrorOther{Value: tellable(err)}
}

func (v *olderKeyValue) Open(_ context.Context, name string) (store.Bucket, error) {
	b, ok := v.buckets[name]
	if !ok {
		return nil, store.ErrorNoSuchStore{}
	}
	return &olderBucket{contents{b, v.limits, olderStoreError}}, nil
}

type olderBucket struct{ contents }

// ListKeys counts the keys in order: what changes between two pages may be missed, or
// come twice, as the interface allows.
func (b *olderBucket) ListKeys(ctx context.Context, cursor *uint64) (store.KeyResponse, error) {
	var from uint64
	if cursor != nil {
		from = *cursor
	}
	keys, more, err := b.page(ctx, "", from)
	if err != nil {
		return store.KeyResponse{}, err
	}
	r := store.KeyResponse{Keys: keys}
	if more {
		next := from + uint64(len(keys))
		r.Cursor = &next
	}
	return r, nil
}

func (*olderKeyValue) GetMany(ctx context.Context, in store.Bucket, keys []string) ([]*cabi.Tuple2[string, []byte], error) {
	b, err := madeHere[*olderBucket](in)
	if err != nil {
		return nil, err
	}
	return b.getMany(ctx, keys)
}

func (*olderKeyValue) SetMany(ctx context.Context, in store.Bucket, pairs []cabi.Tuple2[string, []byte]) error {
	b, err := madeHere[*olderBucket](in)
	if err != nil {
		return err
	}
	return b.setMany(ctx, pairs)
}

func (*olderKeyValue) DeleteMany(ctx context.Context, in store.Bucket, keys []string) error {
	b, err := madeHere[*olderBucket](in)
	if err != nil {
		return err
	}
	return b.deleteMany(ctx, keys)
}

func (*olderKeyValue) Increment(ctx context.Context, in store.Bucket, key string, delta uint64) (sum uint64, err error) {
	b, err := madeHere[*olderBucket](in)
	if err != nil {
		return 0, err
	}
	err = b.increment(ctx, key, func(old string) (string, error) {
		n, err := strconv.ParseUint(old, 10, 64)
		if err != nil {
			return "", errNoNumber
		}
		if sum = n + delta; sum < n {
			return "", errOverflow
		}
		return strconv.FormatUint(sum, 10), nil
	})
	return sum, err
}

var (
	_ store.Host   = (*olderKeyValue)(nil)
	_ store.Bucket = (*olderBucket)(nil)
	_ atomics.Host = (*olderKeyValue)(nil)
	_ batch.Host   = (*olderKeyValue)(nil)
)
