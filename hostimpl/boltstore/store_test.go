package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/tenon-wasm/tenon/hostimpl"
)

var ctx = context.Background()

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inFile(t *testing.T, path, name string) (*Store, hostimpl.Bucket) {
	t.Helper()
	s, err := Open(path)
	check(t, err)
	t.Cleanup(func() { s.Close() })
	b, err := s.Bucket(name)
	check(t, err)
	return s, b
}

func path(t *testing.T) string { return filepath.Join(t.TempDir(), "kv.db") }

func put(t *testing.T, b hostimpl.Bucket, pairs ...string) {
	t.Helper()
	check(t, b.Update(ctx, func(p hostimpl.Pairs) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := p.Put(pairs[i], []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	}))
}

// contents shows a bucket, and checks that its size is right.
func contents(t *testing.T, b hostimpl.Bucket) map[string]string {
	t.Helper()
	m := map[string]string{}
	check(t, b.View(ctx, func(p hostimpl.Pairs) error {
		bytes := 0
		for k := range p.Keys("") {
			v, ok := p.Get(k)
			if !ok {
				t.Errorf("%s is listed, but not there", k)
			}
			m[k] = string(v)
			bytes += len(k) + len(v)
		}
		if keys, size := p.Size(); keys != len(m) || size != int64(bytes) {
			t.Errorf("size %d, %d, want %d, %d", keys, size, len(m), bytes)
		}
		return nil
	}))
	return m
}

func want(t *testing.T, b hostimpl.Bucket, pairs ...string) {
	t.Helper()
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	if got := contents(t, b); !maps.Equal(got, m) {
		t.Errorf("got %q, want %q", got, m)
	}
}

func TestAFileKeepsWhatWasPut(t *testing.T) {
	file := path(t)
	s, a := inFile(t, file, "a")
	put(t, a, "x", "1", "empty", "", "x", "22")
	b, err := s.Bucket("b")
	check(t, err)
	put(t, b, "x", "other")
	check(t, s.Close())

	s, a = inFile(t, file, "a")
	want(t, a, "x", "22", "empty", "")
	b, err = s.Bucket("b")
	check(t, err)
	want(t, b, "x", "other")
}

func TestAnUpdateThatFailsHasChangedNothing(t *testing.T) {
	_, b := inFile(t, path(t), "a")
	put(t, b, "x", "1", "y", "2")
	why := errors.New("no")
	err := b.Update(ctx, func(p hostimpl.Pairs) error {
		check(t, p.Put("x", []byte("33")))
		check(t, p.Delete("y"))
		check(t, p.Delete("not there"))
		check(t, p.Put("z", nil))
		if keys, size := p.Size(); keys != 2 || size != 4 {
			t.Errorf("size inside: %d, %d", keys, size)
		}
		return why
	})
	if !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	want(t, b, "x", "1", "y", "2")
}

func TestKeysBeginAfterTheGivenOne(t *testing.T) {
	_, b := inFile(t, path(t), "a")
	put(t, b, "a", "", "b", "", "c", "")
	for after, keys := range map[string]string{"": "a b c", "a": "b c", "aa": "b c", "c": "", "d": ""} {
		check(t, b.View(ctx, func(p hostimpl.Pairs) error {
			if got := strings.Join(slices.Collect(p.Keys(after)), " "); got != keys {
				t.Errorf("after %q: %q, want %q", after, got, keys)
			}
			for range p.Keys("") {
				break
			}
			return nil
		}))
	}
}

func TestAPutKeepsNothingOfTheValueItWasGiven(t *testing.T) {
	_, b := inFile(t, path(t), "a")
	check(t, b.Update(ctx, func(p hostimpl.Pairs) error {
		v := []byte("before")
		err := p.Put("x", v)
		copy(v, "after!")
		return err
	}))
	want(t, b, "x", "before")
}

func TestOneBucketIsTheSameHoweverOftenItIsAskedFor(t *testing.T) {
	s, a := inFile(t, path(t), "a")
	again, err := s.Bucket("a")
	check(t, err)
	put(t, a, "x", "1")
	put(t, again, "y", "2")
	want(t, a, "x", "1", "y", "2")
	if _, err := s.Bucket(""); err == nil {
		t.Error("there is a bucket without a name")
	}
}

func TestWhatAGuestCannotHavePutIsNotShown(t *testing.T) {
	file := path(t)
	db, err := bolt.Open(file, 0o600, nil)
	check(t, err)
	check(t, db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte("a"))
		check(t, err)
		_, err = b.CreateBucket([]byte("inside"))
		check(t, err)
		check(t, b.Put([]byte("\xff"), []byte("no text")))
		return b.Put([]byte("x"), []byte("1"))
	}))
	check(t, db.Close())
	_, b := inFile(t, file, "a")
	want(t, b, "x", "1")
	err = b.Update(ctx, func(p hostimpl.Pairs) error { return p.Put("inside", nil) })
	if err == nil {
		t.Error("a bucket inside was overwritten")
	}
	check(t, b.Update(ctx, func(p hostimpl.Pairs) error { return p.Delete("inside") }))
	want(t, b, "x", "1")
}

func TestAFileThatIsOnlyRead(t *testing.T) {
	file := path(t)
	if _, err := OpenReadOnly(file); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	s, b := inFile(t, file, "a")
	put(t, b, "x", "1")
	check(t, s.Close())
	before, err := os.ReadFile(file)
	check(t, err)

	s, err = OpenReadOnly(file)
	check(t, err)
	other, err := OpenReadOnly(file)
	check(t, err)
	defer other.Close()
	b, err = s.Bucket("a")
	check(t, err)
	want(t, b, "x", "1")
	if err := b.Update(ctx, func(hostimpl.Pairs) error { return nil }); !errors.Is(err, hostimpl.ErrAccessDenied) {
		t.Errorf("update: %v", err)
	}
	if _, err := s.Bucket("new"); err == nil || !strings.Contains(err.Error(), `bucket "new": the file has no such bucket`) {
		t.Errorf("a bucket that is not there: %v", err)
	}
	check(t, s.Close())
	after, err := os.ReadFile(file)
	check(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file has changed")
	}
}

func TestAFileThatCannotBeUsedSaysWhy(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	check(t, os.WriteFile(text, []byte(strings.Repeat("no database\n", 4000)), 0o600))
	for file, says := range map[string]string{
		text:                               "invalid database",
		dir:                                "directory",
		filepath.Join(dir, "no", "folder"): "no such file or directory",
	} {
		_, err := Open(file)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Count(err.Error(), file) != 1 {
			t.Errorf("%s: %v, want %q", file, err, says)
		}
	}
	empty := filepath.Join(dir, "empty")
	check(t, os.WriteFile(empty, nil, 0o600))
	if _, err := OpenReadOnly(empty); err == nil {
		t.Error("an empty file can be read")
	}
	file := path(t)
	inFile(t, file, "a")
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Errorf("a file that is open: %v", err)
	}
}

func TestAStoreThatIsClosedFails(t *testing.T) {
	s, b := inFile(t, path(t), "a")
	check(t, s.Close())
	if err := b.View(ctx, func(hostimpl.Pairs) error { return nil }); !errors.Is(err, berrors.ErrDatabaseNotOpen) {
		t.Errorf("view: %v", err)
	}
	if err := b.Update(ctx, func(hostimpl.Pairs) error { return nil }); !errors.Is(err, berrors.ErrDatabaseNotOpen) {
		t.Errorf("update: %v", err)
	}
}

// The pages of a bucket are overwritten; what leads to them is whole.
func TestADamagedFileIsAnErrorAndNoPanic(t *testing.T) {
	file := path(t)
	s, b := inFile(t, file, "a")
	check(t, b.Update(ctx, func(p hostimpl.Pairs) error {
		for i := range 2000 {
			if err := p.Put(fmt.Sprintf("key-%04d", i), bytes.Repeat([]byte("v"), 100)); err != nil {
				return err
			}
		}
		return nil
	}))
	check(t, s.Close())
	data, err := os.ReadFile(file)
	check(t, err)
	page := os.Getpagesize()
	for i := 2 * page; i < len(data); i++ {
		data[i] ^= 0x55
	}
	check(t, os.WriteFile(file, data, 0o600))
	s, err = Open(file)
	if err == nil {
		defer s.Close()
		_, err = s.Bucket("a")
	}
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
}

// TestAFileIsLikeMemory does the same, at random, to a bucket in a file and to one in
// memory, some of it in transactions that fail, and opens the file again from time to time.
func TestAFileIsLikeMemory(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	file := path(t)
	s, b := inFile(t, file, "a")
	memory := hostimpl.NewMemoryBucket(nil)
	no := errors.New("no")
	for round := range 300 {
		var ops []func(p hostimpl.Pairs) error
		for range random.IntN(20) {
			key := fmt.Sprintf("k%d", random.IntN(40))
			value := bytes.Repeat([]byte("v"), random.IntN(3)*random.IntN(300))
			switch random.IntN(3) {
			case 0:
				ops = append(ops, func(p hostimpl.Pairs) error { return p.Delete(key) })
			default:
				ops = append(ops, func(p hostimpl.Pairs) error { return p.Put(key, value) })
			}
		}
		fails := random.IntN(4) == 0
		for _, b := range []hostimpl.Bucket{b, memory} {
			err := b.Update(ctx, func(p hostimpl.Pairs) error {
				for _, op := range ops {
					check(t, op(p))
				}
				if fails {
					return no
				}
				return nil
			})
			if fails != errors.Is(err, no) {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if got, want := contents(t, b), contents(t, memory); !maps.Equal(got, want) {
			t.Fatalf("round %d: in the file %q, in memory %q", round, got, want)
		}
		if random.IntN(50) == 0 {
			check(t, s.Close())
			s, b = inFile(t, file, "a")
		}
	}
}
