package adapter_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/adapter/preview1"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/wit"
)

func uvarint(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }

// forwarder is a module that exports each function that it imports, under the same name,
// as one of its own, and has one page of memory, which begins with names of files.
func forwarder(from string, funcs []*wit.Func) string {
	var types, imports, own, exports, code string
	for i, f := range funcs {
		params, body := "", "\x00"
		for k, p := range f.Params {
			if p.Type == wit.U64 {
				params += "\x7e"
			} else {
				params += "\x7f"
			}
			body += "\x20" + uvarint(k)
		}
		field := strings.ReplaceAll(f.Name, "-", "_")
		types += "\x60" + name(params) + "\x01\x7f"
		imports += name(from) + name(field) + "\x00" + uvarint(i)
		own += uvarint(i)
		exports += name(field) + "\x00" + uvarint(len(funcs)+i)
		code += name(body + "\x10" + uvarint(i) + "\x0b")
	}
	n := len(funcs)
	return "\x00asm\x01\x00\x00\x00" + vector(1, n, types) + vector(2, n, imports) + vector(3, n, own) + vector(5, 1, "\x00\x01") +
		vector(7, n+1, name("memory")+"\x02\x00"+exports) + vector(10, n, code) +
		vector(11, 1, "\x00\x41\x00\x0b"+name(strings.Repeat("a", 64)))
}

// TestNoArgumentsMakeAFunctionTrap calls all functions with numbers that are likely to be
// something: a descriptor, a pointer near the end of memory, a size, a flag.
func TestNoArgumentsMakeAFunctionTrap(t *testing.T) {
	for _, from := range []string{preview1.Module, preview1.Unstable} {
		t.Run(from, func(t *testing.T) {
			var funcs []*wit.Func
			for _, f := range preview1.Types()[from].Funcs {
				if f.Result != nil { // proc_exit does not come back.
					funcs = append(funcs, f)
				}
			}
			hammer(t, compile(t, []byte(forwarder(from, funcs))), funcs)
		})
	}
}

func hammer(t *testing.T, p *program, funcs []*wit.Func) {
	calls := 60_000
	if testing.Short() {
		calls = 3000
	}
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	start := func() (*component.Instance, func()) {
		for _, name := range []string{"a", "aaa/aa"} {
			path := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("content"), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		in, stop, err := p.start(t, hostimpl.Config{
			Args: []string{"a", "b"}, Env: []string{"A=1"}, Stdout: io.Discard, Random: hostimpl.Seeded(seed),
			Clock: hostimpl.NewVirtualClock(time.Unix(0, 0)), Dirs: []hostimpl.Dir{{Host: dir, Guest: "/"}, {Host: dir, Guest: "/ro", ReadOnly: true}},
		}, adapter.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return in, stop
	}
	in, stop := start()
	defer func() { stop() }()
	worked := map[string]int{}
	for n := range calls {
		if n%200 == 199 { // It has closed what it had.
			stop()
			in, stop = start()
		}
		f := funcs[random.IntN(len(funcs))]
		args := make([]any, len(f.Params))
		for i, p := range f.Params {
			if p.Type == wit.U64 {
				args[i] = int64(likely(random))
			} else {
				args[i] = int32(likely(random))
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		begin := time.Now()
		got, err := in.Call(ctx, "", f.Name, args...)
		cancel()
		var trap *component.Trap
		if f.Name == "poll-oneoff" && errors.As(err, &trap) && trap.Code == cabi.Interrupted {
			// It was told to wait for centuries.
			stop()
			in, stop = start()
			continue
		}
		if err != nil {
			t.Fatalf("%s%v: %v", f.Name, args, err)
		}
		if errno := got.(int32); errno < 0 || errno > 76 {
			t.Fatalf("%s%v answers %d", f.Name, args, errno)
		} else if errno == 0 {
			worked[f.Name]++
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("%s%v took %v", f.Name, args, took)
		}
	}
	t.Logf("%d of %d functions did something: %v", len(worked), len(funcs), worked)
	if !testing.Short() && len(worked) < 20 {
		t.Error("that is too few to show anything")
	}
}

// likely is a number that may mean something.
func likely(r *rand.Rand) uint64 {
	const page = 1 << 16
	switch r.IntN(14) {
	case 0, 1, 2, 3, 10, 11, 12, 13:
		return r.Uint64N(6)
	case 4:
		return r.Uint64N(64)
	case 5:
		return r.Uint64N(page)
	case 6:
		return page - r.Uint64N(70)
	case 7:
		return math.MaxUint32 - r.Uint64N(10)
	case 8:
		return []uint64{math.MaxInt64, math.MaxUint64, 1 << 63, 1 << 31, math.MaxInt32, 4096, 1 << 20, 1 << 40}[r.IntN(8)]
	}
	return r.Uint64()
}
