package adapter_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/replay"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/wit"
)

// allocator is a module with a world whose realloc calls a function of preview 1, with these
// arguments; it takes and gives as the type of that number does.
func allocator(call, typ, args string) string {
	return "\x00asm\x01\x00\x00\x00" +
		vector(1, 4, "\x60\x01\x7f\x00"+"\x60\x04\x7f\x7f\x7f\x7f\x01\x7f"+"\x60\x00\x00"+"\x60\x03\x7f\x7e\x7f\x01\x7f") +
		vector(2, 2, name("$root")+name("f")+"\x00\x00"+name("wasi_snapshot_preview1")+name(call)+"\x00"+typ) +
		vector(3, 2, "\x01\x02") + vector(5, 1, "\x00\x01") +
		vector(7, 3, name("memory")+"\x02\x00"+name("cabi_realloc")+"\x00\x02"+name("g")+"\x00\x03") +
		vector(10, 2, name("\x00"+args+"\x10\x01\x1a\x41\x80\x08\x0b")+name("\x00\x41\x10\x10\x00\x0b"))
}

var readsClock = allocator("clock_time_get", "\x03", "\x41\x00\x42\x00\x41\x20")

func four(context.Context, []any) (any, error) { return []byte("four"), nil }

// linkAllocator compiles such a module and links it with a host, and with f.
func linkAllocator(t *testing.T, module string, f func(context.Context, []any) (any, error)) (*program, *component.Linker) {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: "w.wit", Text: "package a:b; world w { import f: func() -> list<u8>; export g: func(); }"})
	if err != nil {
		t.Fatal(err)
	}
	w := packages[0].World("w")
	data, err := component.EmbedWorld([]byte(module), w, cabi.UTF8)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, data)
	h, err := hostimpl.New(hostimpl.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	l := component.NewLinker(p.runtime)
	if err := adapter.Link(l, h, adapter.Config{}); err != nil {
		t.Fatal(err)
	}
	code, err := component.Dynamic(w.Imports[0].Func, f)
	if err != nil {
		t.Fatal(err)
	}
	l.DefineFunc(w.Imports[0].Func, code)
	return p, l
}

// TestAnAllocatorMayReadAClock and no file: while the host writes a list to the guest, most
// of what it could call is what the list may come from.
func TestAnAllocatorMayReadAClock(t *testing.T) {
	for _, c := range []struct {
		call, module string
		code         cabi.Code
	}{
		{"clock_time_get", readsClock, 0},
		{"fd_read", allocator("fd_read", "\x01", "\x41\x00\x41\x00\x41\x00\x41\x20"), cabi.CannotLeave},
	} {
		t.Run(c.call, func(t *testing.T) {
			p, l := linkAllocator(t, c.module, four)
			in, err := l.Instantiate(t.Context(), p.component)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(t.Context())
			_, err = in.Call(t.Context(), "", "g")
			var trap *component.Trap
			switch {
			case c.code == 0 && err != nil:
				t.Error(err)
			case c.code != 0 && (!errors.As(err, &trap) || trap.Code != c.code):
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// rooms notes how much room each function has asked for.
type rooms map[string]int

func (rooms) Begin(*component.TracedCall) {}

func (r rooms) End(c *component.TracedCall) { r[c.Func] = c.Room }

// TestATracerSeesTheRoomThoughTheAllocatorReadsAClock, a call within the call that asks.
func TestATracerSeesTheRoomThoughTheAllocatorReadsAClock(t *testing.T) {
	p, l := linkAllocator(t, readsClock, func(ctx context.Context, _ []any) (any, error) {
		room := component.Room(ctx, 6)
		return room[:copy(room, "four")], nil
	})
	seen := rooms{}
	l.Trace(seen)
	in, err := l.Instantiate(t.Context(), p.component)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	if _, err := in.Call(t.Context(), "", "g"); err != nil {
		t.Fatal(err)
	}
	const clock = "wasi-snapshot-preview1#clock-time-get"
	if within, called := seen[clock]; !called || within != 0 || seen["f"] != 6+1 {
		t.Errorf("the rooms are %v, want 7 for f and none for %s", seen, clock)
	}
}

// TestARecordOfAnAllocatorThatReadsAClockIsReplayed: in a record the call within comes before
// the one around it.
func TestARecordOfAnAllocatorThatReadsAClockIsReplayed(t *testing.T) {
	p, l := linkAllocator(t, readsClock, four)
	var b bytes.Buffer
	r, err := replay.NewRecorder(&b, replay.Header{})
	if err != nil {
		t.Fatal(err)
	}
	l.Trace(r)
	in, err := l.Instantiate(t.Context(), p.component)
	if err != nil {
		t.Fatal(err)
	}
	_, err = in.Call(t.Context(), "", "g")
	if err := errors.Join(err, in.Close(t.Context()), r.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := replay.NewPlayer(&b)
	if err != nil {
		t.Fatal(err)
	}
	again.Reading = adapter.Reading
	var calls []string
	again.OnCall = func(c replay.Call) { calls = append(calls, c.Func) }
	if _, err := again.Run(t.Context(), p.runtime, p.component); err != nil {
		t.Error(err)
	}
	if want := []string{"wasi-snapshot-preview1#clock-time-get", "f"}; !slices.Equal(calls, want) {
		t.Errorf("the calls are %q, want %q", calls, want)
	}
}
