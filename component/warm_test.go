package component_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
)

// large is a module with a function that returns a number, and a mebibyte of code beside it.
func large(number byte, valid bool) []byte {
	sized := func(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }
	section := func(id byte, body []byte) []byte { return append([]byte{id}, sized(body)...) }
	answer := sized([]byte{0, 0x41, number, 0x0b}) // i32.const, end
	if !valid {
		answer = sized([]byte{0, 0x42, number, 0x0b}) // i64.const
	}
	rest := sized(append(append([]byte{0}, bytes.Repeat([]byte{0x01}, 1<<20)...), 0x0b))
	return slices.Concat([]byte("\x00asm\x01\x00\x00\x00"),
		section(1, []byte{2, 0x60, 0, 1, 0x7f, 0x60, 0, 0}),
		section(3, []byte{2, 0, 1}),
		section(7, append(append([]byte{1}, sized([]byte("answer"))...), 0, 0)),
		section(10, slices.Concat([]byte{2}, answer, rest)))
}

// answerOf is what the function of a large module returns, in a runtime of its own.
func answerOf(t *testing.T, cache string, module []byte) any {
	t.Helper()
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.CompileModule(ctx, component.ModuleWorld{}, module)
	if err != nil {
		t.Fatal(err)
	}
	in, err := component.NewLinker(r).Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	v, err := in.Call(ctx, "", "answer")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// entries are the files of a cache that match a pattern.
func entries(t *testing.T, cache, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(cache, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestALargeModuleComesOutOfTheCacheAsItWentIn(t *testing.T) {
	cache := t.TempDir()
	for _, state := range []string{"cold", "warm"} {
		for number := range byte(3) {
			if got := answerOf(t, cache, large(number, true)); got != int32(number) {
				t.Errorf("%s: the answer is %v, want %d", state, got, number)
			}
		}
		if n := len(entries(t, cache, "hollow-*")); n != 3 {
			t.Errorf("%s: the cache has %d marks, want 3", state, n)
		}
		if left := entries(t, cache, "compile-*"); left != nil {
			t.Errorf("%s: %q are left", state, left)
		}
	}
	before := len(entries(t, cache, "*/*"))
	if answerOf(t, cache, large(1, true)); len(entries(t, cache, "*/*")) != before {
		t.Error("a module that is in the cache was compiled again")
	}
}

func TestWhatIsDamagedInTheCacheIsCompiledAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(code, mark string) error
	}{
		{"the code is gone", func(code, _ string) error { return os.Remove(code) }},
		{"the code is cut off", func(code, _ string) error { return os.Truncate(code, 100) }},
		{"the code is empty", func(code, _ string) error { return os.Truncate(code, 0) }},
		{"the mark is cut off", func(_, mark string) error { return os.Truncate(mark, 5) }},
		{"the mark is another", func(_, mark string) error { return os.WriteFile(mark, make([]byte, 32), 0o600) }},
		{"the mark is gone", func(_, mark string) error { return os.Remove(mark) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cache, module := t.TempDir(), large(42, true)
			answerOf(t, cache, large(1, true))
			other := append(entries(t, cache, "*/*"), entries(t, cache, "hollow-*")...)
			answerOf(t, cache, module)
			of := func(pattern string) string {
				own := slices.DeleteFunc(entries(t, cache, pattern), func(f string) bool { return slices.Contains(other, f) })
				if len(own) != 1 {
					t.Fatalf("the cache has %q of it", own)
				}
				return own[0]
			}
			if err := c.damage(of("*/*"), of("hollow-*")); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got := answerOf(t, cache, module); got != int32(42) {
					t.Errorf("the answer is %v", got)
				}
			}
		})
	}
}

func TestALargeModuleThatIsNotValidIsRefusedEachTime(t *testing.T) {
	ctx, cache := context.Background(), t.TempDir()
	r, err := component.NewRuntime(ctx, component.Config{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(ctx)
	for range 2 {
		if _, err := r.CompileModule(ctx, component.ModuleWorld{}, large(1, false)); err == nil {
			t.Fatal("it was compiled")
		}
	}
	if all := append(entries(t, cache, "hollow-*"), entries(t, cache, "compile-*")...); all != nil {
		t.Errorf("the cache has %q", all)
	}
}

func TestATrapOutOfTheCacheNamesTheLine(t *testing.T) {
	ctx, cache := context.Background(), t.TempDir()
	var first string
	for range 2 {
		r, err := component.NewRuntime(ctx, component.Config{Cache: cache, DebugInfo: component.DebugInfoKeep})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(ctx)
		c, err := r.CompileModule(ctx, component.ModuleWorld{}, crashing(1<<20))
		if err != nil {
			t.Fatal(err)
		}
		in, err := component.NewLinker(r).Instantiate(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Call(ctx, "", "crash")
		var trap *component.Trap
		if !errors.As(err, &trap) || !strings.Contains(trap.Backtrace.String(), "crash.c:7") || first != "" && trap.Backtrace.String() != first {
			t.Fatalf("%v\nfirst %q", err, first)
		}
		first = trap.Backtrace.String()
	}
	if len(entries(t, cache, "hollow-*")) != 1 {
		t.Error("it did not come out of the cache")
	}
}
