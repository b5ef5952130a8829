package hostimpl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/atomics"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/store"
	older "github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/store"
)

type kv = cabi.Tuple2[string, []byte]

func openBucket(t *testing.T, l Limits, b Bucket) (*keyValue, store.Bucket) {
	t.Helper()
	h := host(t, Config{KeyValue: map[string]Bucket{"it": b}, Limits: l})
	return &h.keyValue, must(h.keyValue.Open(context.Background(), "it"))
}

// told is the text of a store's error other.
func told(t *testing.T, err error) string {
	t.Helper()
	e, ok := err.(store.ErrorOther)
	if !ok {
		t.Errorf("got %v, want other", err)
	}
	return e.Value
}

func valueOf(b store.Bucket, key string) string {
	v := must(b.Get(context.Background(), key))
	if v == nil {
		return "none"
	}
	return string(*v)
}

func TestABucket(t *testing.T) {
	ctx := context.Background()
	t.Run("that nobody gave does not exist", func(t *testing.T) {
		v, _ := openBucket(t, Limits{}, NewMemoryBucket(nil))
		_, err := v.Open(ctx, "")
		wantError(t, "open", err, store.ErrorNoSuchStore{})
		_, err = (&olderKeyValue{*v}).Open(ctx, "other")
		wantError(t, "open, older", err, older.ErrorNoSuchStore{})
	})
	t.Run("gives what was put, until it is deleted", func(t *testing.T) {
		_, b := openBucket(t, Limits{}, NewMemoryBucket(map[string]string{"here": "before"}))
		equal(t, "here", valueOf(b, "here"), "before")
		equal(t, "hello", valueOf(b, "hello"), "none")
		view := []byte("world")
		check(t, b.Set(ctx, "hello", view))
		copy(view, "xxxxx")
		equal(t, "hello", valueOf(b, "hello"), "world")
		equal(t, "exists", must(b.Exists(ctx, "hello")), true)
		check(t, b.Set(ctx, "hello", nil))
		equal(t, "hello", valueOf(b, "hello"), "")
		equal(t, "exists", must(b.Exists(ctx, "hello")), true)
		check(t, b.Delete(ctx, "hello"))
		check(t, b.Delete(ctx, "hello"))
		equal(t, "exists", must(b.Exists(ctx, "hello")), false)
	})
	t.Run("is one for all who open it", func(t *testing.T) {
		v, b := openBucket(t, Limits{}, NewMemoryBucket(nil))
		check(t, b.Set(ctx, "a", []byte("1")))
		other := must((&olderKeyValue{*v}).Open(ctx, "it"))
		equal(t, "a", string(*must(other.Get(ctx, "a"))), "1")
		check(t, b.Close(ctx))
		equal(t, "a", string(*must(other.Get(ctx, "a"))), "1")
	})
	t.Run("that is read-only denies every change", func(t *testing.T) {
		v, b := openBucket(t, Limits{}, ReadOnly(NewMemoryBucket(map[string]string{"n": "1"})))
		denied := store.ErrorAccessDenied{}
		wantError(t, "set", b.Set(ctx, "n", nil), denied)
		wantError(t, "delete", b.Delete(ctx, "n"), denied)
		_, err := v.Increment(ctx, b, "n", 1)
		wantError(t, "increment", err, denied)
		wantError(t, "set-many", v.SetMany(ctx, b, []kv{{F0: "a"}}), denied)
		wantError(t, "delete-many", v.DeleteMany(ctx, b, []string{"n"}), denied)
		err = v.Swap(ctx, must(v.CasNew(ctx, b, "n")), nil)
		wantError(t, "swap", err.(atomics.CasErrorStoreError).Value, denied)
		o := must((&olderKeyValue{*v}).Open(ctx, "it"))
		wantError(t, "set, older", o.Set(ctx, "n", nil), older.ErrorAccessDenied{})
		equal(t, "n", valueOf(b, "n"), "1")
	})
}

func TestKeysAreListedInPages(t *testing.T) {
	ctx := context.Background()
	var want []string
	pairs := map[string]string{}
	for i := range 2*keysPerPage + 1 {
		key := fmt.Sprintf("key-%04d", i)
		want, pairs[key] = append(want, key), ""
	}
	v, b := openBucket(t, Limits{}, NewMemoryBucket(pairs))

	t.Run("each once, and none is the last cursor", func(t *testing.T) {
		var got []string
		var cursor *string
		pages := 0
		for ; pages == 0 || cursor != nil; pages++ {
			r := must(b.ListKeys(ctx, cursor))
			got, cursor = append(got, r.Keys...), r.Cursor
		}
		equal(t, "pages", pages, 3)
		equal(t, "the same", slices.Equal(got, want), true)
	})
	t.Run("by number, too", func(t *testing.T) {
		o := must((&olderKeyValue{*v}).Open(ctx, "it"))
		var got []string
		var cursor *uint64
		pages := 0
		for ; pages == 0 || cursor != nil; pages++ {
			r := must(o.ListKeys(ctx, cursor))
			got, cursor = append(got, r.Keys...), r.Cursor
		}
		equal(t, "pages", pages, 3)
		equal(t, "the same", slices.Equal(got, want), true)
		far := uint64(math.MaxUint64)
		equal(t, "far beyond", len(must(o.ListKeys(ctx, &far)).Keys), 0)
	})
	t.Run("also when the key of the cursor is removed meanwhile", func(t *testing.T) {
		r := must(b.ListKeys(ctx, nil))
		check(t, b.Delete(ctx, *r.Cursor))
		next := must(b.ListKeys(ctx, r.Cursor))
		equal(t, "the next page begins", next.Keys[0], want[keysPerPage])
	})
	t.Run("a full page that is the last has no cursor", func(t *testing.T) {
		r := must(b.ListKeys(ctx, &want[keysPerPage]))
		equal(t, "keys", len(r.Keys), keysPerPage)
		equal(t, "cursor", r.Cursor, nil)
	})
	t.Run("a key that is no text is left out", func(t *testing.T) {
		v, b := openBucket(t, Limits{}, NewMemoryBucket(map[string]string{"a": "", "b\xff": "", "c": ""}))
		equal(t, "keys", strings.Join(must(b.ListKeys(ctx, nil)).Keys, " "), "a c")
		one := uint64(1)
		equal(t, "by number", strings.Join(must(must((&olderKeyValue{*v}).Open(ctx, "it")).ListKeys(ctx, &one)).Keys, " "), "c")
	})
	t.Run("of a bucket without keys there are none", func(t *testing.T) {
		_, b := openBucket(t, Limits{}, NewMemoryBucket(nil))
		r := must(b.ListKeys(ctx, nil))
		equal(t, "keys", len(r.Keys), 0)
		equal(t, "cursor", r.Cursor, nil)
	})
	t.Run("any text may be a cursor", func(t *testing.T) {
		for _, c := range []string{"", "key-00005", "zzz", strings.Repeat("x", 1<<20)} {
			must(b.ListKeys(ctx, &c))
		}
	})
}

func TestIncrement(t *testing.T) {
	ctx := context.Background()
	v, b := openBucket(t, Limits{}, NewMemoryBucket(map[string]string{
		"five": "5", "text": "x", "empty": "", "long": strings.Repeat("0", 100) + "1", "max": "9223372036854775807", "min": "-9223372036854775808",
		"huge": "18446744073709551615",
	}))
	for _, c := range []struct {
		key   string
		delta int64
		want  string
	}{
		{"five", 1, "6"}, {"five", -10, "-4"}, {"five", 0, "-4"}, {"new", 7, "7"}, {"new", -7, "0"},
		{"max", 0, "9223372036854775807"}, {"min", math.MaxInt64, "-1"}, {"fresh", math.MinInt64, "-9223372036854775808"},
	} {
		t.Run(fmt.Sprintf("of %s by %d is %s", c.key, c.delta, c.want), func(t *testing.T) {
			equal(t, "sum", fmt.Sprint(must(v.Increment(ctx, b, c.key, c.delta))), c.want)
			equal(t, "value", valueOf(b, c.key), c.want)
		})
	}
	for _, c := range []struct {
		key   string
		delta int64
		want  error
	}{
		{"max", 1, errOverflow}, {"fresh", -1, errOverflow}, {"text", 1, errNoNumber}, {"empty", 1, errNoNumber},
		{"long", 1, errNoNumber}, {"huge", 0, errNoNumber},
	} {
		t.Run(fmt.Sprintf("of %s by %d fails and changes nothing", c.key, c.delta), func(t *testing.T) {
			before := valueOf(b, c.key)
			_, err := v.Increment(ctx, b, c.key, c.delta)
			equal(t, "error", told(t, err), c.want.Error())
			equal(t, "value", valueOf(b, c.key), before)
		})
	}
	t.Run("has no sign for older guests", func(t *testing.T) {
		o := &olderKeyValue{*v}
		ob := must(o.Open(ctx, "it"))
		equal(t, "sum", must(o.Increment(ctx, ob, "huge", 0)), math.MaxUint64)
		_, err := o.Increment(ctx, ob, "huge", 1)
		equal(t, "one more", err, error(older.ErrorOther{Value: errOverflow.Error()}))
		_, err = o.Increment(ctx, ob, "five", 1)
		equal(t, "of -4", err, error(older.ErrorOther{Value: errNoNumber.Error()}))
		equal(t, "new", must(o.Increment(ctx, ob, "unsigned", 3)), 3)
	})
	t.Run("loses nothing when many do it at once", func(t *testing.T) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 100 {
					must(v.Increment(ctx, b, "shared", 1))
				}
			})
		}
		all.Wait()
		equal(t, "sum", valueOf(b, "shared"), "800")
	})
}

func TestCompareAndSwap(t *testing.T) {
	ctx := context.Background()
	start := func(t *testing.T) (*keyValue, store.Bucket, atomics.Cas) {
		v, b := openBucket(t, Limits{}, NewMemoryBucket(map[string]string{"k": "old"}))
		return v, b, must(v.CasNew(ctx, b, "k"))
	}
	failed := func(t *testing.T, err error) atomics.Cas {
		t.Helper()
		e, ok := err.(atomics.CasErrorCasFailed)
		if !ok {
			t.Fatalf("got %v, want cas-failed", err)
		}
		return e.Value
	}
	t.Run("swaps what has not changed", func(t *testing.T) {
		v, b, c := start(t)
		equal(t, "current", string(*must(c.Current(ctx))), "old")
		check(t, v.Swap(ctx, c, []byte("new")))
		equal(t, "value", valueOf(b, "k"), "new")
	})
	t.Run("does not swap what has changed, and gives a handle that can", func(t *testing.T) {
		v, b, c := start(t)
		check(t, b.Set(ctx, "k", []byte("other")))
		c = failed(t, v.Swap(ctx, c, []byte("new")))
		equal(t, "value", valueOf(b, "k"), "other")
		equal(t, "current", string(*must(c.Current(ctx))), "other")
		check(t, v.Swap(ctx, c, []byte("new")))
		equal(t, "value", valueOf(b, "k"), "new")
	})
	t.Run("tells none and empty apart", func(t *testing.T) {
		v, b, c := start(t)
		check(t, b.Delete(ctx, "k"))
		c = failed(t, v.Swap(ctx, c, nil))
		equal(t, "current", must(c.Current(ctx)), nil)
		check(t, b.Set(ctx, "k", nil))
		c = failed(t, v.Swap(ctx, c, []byte("new")))
		equal(t, "current", len(*must(c.Current(ctx))), 0)
		check(t, v.Swap(ctx, c, []byte("new")))
	})
	t.Run("makes a key that is not there", func(t *testing.T) {
		v, b, _ := start(t)
		check(t, v.Swap(ctx, must(v.CasNew(ctx, b, "fresh")), []byte("1")))
		equal(t, "value", valueOf(b, "fresh"), "1")
	})
	t.Run("does not swap after current gave another value, even if the old one is back", func(t *testing.T) {
		v, b, c := start(t)
		check(t, b.Set(ctx, "k", []byte("other")))
		equal(t, "current", string(*must(c.Current(ctx))), "other")
		check(t, b.Set(ctx, "k", []byte("old")))
		c = failed(t, v.Swap(ctx, c, []byte("from other")))
		check(t, v.Swap(ctx, c, []byte("from old")))
	})
	t.Run("outlives its bucket's handle", func(t *testing.T) {
		v, b, c := start(t)
		check(t, b.Close(ctx))
		check(t, v.Swap(ctx, c, []byte("new")))
		check(t, c.Close(ctx))
	})
}

func TestBatches(t *testing.T) {
	ctx := context.Background()
	v, b := openBucket(t, Limits{}, NewMemoryBucket(nil))
	check(t, v.SetMany(ctx, b, []kv{{F0: "a1", F1: []byte("1")}, {F0: "b1", F1: []byte("2")}, {F0: "c1"}, {F0: "a1", F1: []byte("3")}}))
	check(t, v.DeleteMany(ctx, b, []string{"c1", "c1", "d1"}))
	got := must(v.GetMany(ctx, b, []string{"b1", "c1", "a1", "b1"}))
	var text []string
	for _, e := range got {
		if e == nil {
			text = append(text, "none")
			continue
		}
		text = append(text, e.F0+"="+string(e.F1))
	}
	equal(t, "in the order of the keys", strings.Join(text, " "), "b1=2 none a1=3 b1=2")
	equal(t, "of no keys", len(must(v.GetMany(ctx, b, nil))), 0)
	told(t, v.SetMany(ctx, b, []kv{{F0: "x"}, {F0: ""}}))
	equal(t, "of a batch that failed", valueOf(b, "x"), "none")
	told(t, v.DeleteMany(ctx, b, []string{"a1", ""}))
	equal(t, "after a delete that failed", valueOf(b, "a1"), "3")
}

func TestABucketIsBounded(t *testing.T) {
	ctx := context.Background()
	v, b := openBucket(t, Limits{KeyBytes: 4, ValueBytes: 10, BucketKeys: 3, BucketBytes: 20}, NewMemoryBucket(nil))
	limit := func(err error, name string) {
		t.Helper()
		if s := told(t, err); !strings.HasSuffix(s, "(Limits."+name+")") {
			t.Errorf("got %q, want the limit %s", s, name)
		}
	}
	limit(b.Set(ctx, "12345", nil), "KeyBytes")
	limit(b.Delete(ctx, "12345"), "KeyBytes")
	_, err := b.Get(ctx, "12345")
	limit(err, "KeyBytes")
	_, err = b.Exists(ctx, "12345")
	limit(err, "KeyBytes")
	_, err = v.CasNew(ctx, b, "12345")
	limit(err, "KeyBytes")
	_, err = v.Increment(ctx, b, "12345", 1)
	limit(err, "KeyBytes")
	limit(b.Set(ctx, "a", make([]byte, 11)), "ValueBytes")
	check(t, b.Set(ctx, "a", make([]byte, 10)))
	limit(b.Set(ctx, "b", make([]byte, 9)), "BucketBytes")
	check(t, b.Set(ctx, "b", make([]byte, 6)))
	check(t, b.Set(ctx, "b", make([]byte, 8)))
	limit(b.Set(ctx, "b", make([]byte, 9)), "BucketBytes")
	check(t, b.Set(ctx, "a", nil))
	check(t, b.Set(ctx, "c", nil))
	limit(b.Set(ctx, "d", nil), "BucketKeys")
	check(t, b.Delete(ctx, "c"))
	check(t, b.Set(ctx, "d", nil))
	_, err = v.GetMany(ctx, b, []string{"b", "b", "b"})
	limit(err, "BucketBytes")
	for _, err := range []error{b.Set(ctx, "", nil), b.Delete(ctx, ""), func() error { _, err := b.Exists(ctx, ""); return err }()} {
		equal(t, "an empty key", told(t, err), "the key is empty")
	}
}

func TestAnUpdateThatFailsHasChangedNothing(t *testing.T) {
	ctx := context.Background()
	b := NewMemoryBucket(map[string]string{"a": "1", "b": ""})
	why := errors.New("no")
	err := b.Update(ctx, func(p Pairs) error {
		p.Put("a", []byte("2"))
		p.Put("a", []byte("3"))
		p.Delete("b")
		p.Put("c", []byte("4"))
		equal(t, "inside", strings.Join(slices.Collect(p.Keys("")), " "), "a c")
		return why
	})
	wantError(t, "update", err, why)
	b.View(ctx, func(p Pairs) error {
		keys, size := p.Size()
		equal(t, "keys", strings.Join(slices.Collect(p.Keys("")), " "), "a b")
		equal(t, "count", keys, 2)
		equal(t, "bytes", size, 3)
		v, ok := p.Get("b")
		equal(t, "b", fmt.Sprint(v, ok), "[] true")
		if p.Put("a", nil) == nil || p.Delete("a") == nil {
			t.Error("a View changes")
		}
		return nil
	})
}
