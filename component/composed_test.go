package component_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// TestValuesCrossBetweenComponents: composed.wasm is two components with a memory
// each; strings are UTF-8 in one and UTF-16 in the other.
func TestValuesCrossBetweenComponents(t *testing.T) {
	r, c := guest(t, "composed.wasm")
	in := instantiate(t, r, c)
	var iface *wit.Interface
	for _, e := range c.World().Exports {
		if e.Name == values {
			iface = e.Interface
		}
	}
	rnd := rand.New(rand.NewPCG(2, 3))
	calls := uint64(0)
	for _, f := range iface.Funcs {
		if f.Name == "sixteen" {
			continue // The provider wants certain numbers.
		}
		for range 30 {
			args := make([]any, len(f.Params))
			for i, p := range f.Params {
				args[i] = random(rnd, p.Type)
			}
			got := call(t, in, values, f.Name, args...)
			calls++
			if want := echo(f, args); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: came back as\n%#v, want\n%#v", f.Name, got, want)
			}
		}
	}
	call(t, in, values, "echo-string", "état 🙂")
	if got := call(t, in, "tenon:test/tally", "last"); got != "état 🙂" {
		t.Errorf("the provider saw %q", got)
	}
	if got := call(t, in, "tenon:test/tally", "calls"); got != calls+1 {
		t.Errorf("the provider counted %v calls, want %d", got, calls+1)
	}
}

// TestATrapInAnInnerComponentEndsTheWhole: the provider traps unless the numbers are
// 1 to 14.
func TestATrapInAnInnerComponentEndsTheWhole(t *testing.T) {
	r, c := guest(t, "composed.wasm")
	in := instantiate(t, r, c)
	args := make([]any, 15)
	for i := range 14 {
		args[i] = uint64(i + 1)
	}
	args[14] = "right"
	if got := call(t, in, values, "sixteen", args...); got != "right" {
		t.Errorf("sixteen: %v", got)
	}
	args[3] = uint64(9)
	_, err := in.Call(context.Background(), values, "sixteen", args...)
	trap := trapOf(t, err, cabi.GuestTrapped)
	t.Logf("%v\n%s", err, trap.Backtrace)
	if trap.Msg != "unreachable" {
		t.Errorf("message %q", trap.Msg)
	}
	_, err = in.Call(context.Background(), "tenon:test/tally", "calls")
	trapOf(t, err, cabi.Dead)
}

// TestMalformedStringsTrap: the guest makes a string of any bytes.
func TestMalformedStringsTrap(t *testing.T) {
	type memory struct {
		length uint32
		bytes  []byte
	}
	const tag = 1 << 31
	for _, try := range []struct {
		guest string
		m     memory
		want  any // a string, or the code of a trap
	}{
		{"utf8", memory{5, []byte("\xc3\xa9tat")}, "éta"[:0] + "état"},
		{"utf8", memory{1, []byte{0xc3}}, cabi.BadEncoding},
		{"utf8", memory{3, []byte{0xed, 0xa0, 0x80}}, cabi.BadEncoding},
		{"utf8", memory{1 << 30, nil}, cabi.TooLong},
		{"utf8", memory{1 << 27, nil}, cabi.OutOfBounds},
		{"utf16", memory{2, []byte{0x3d, 0xd8, 0x42, 0xde}}, "🙂"},
		{"utf16", memory{1, []byte{0x3d, 0xd8}}, cabi.BadEncoding},
		{"utf16", memory{2, []byte{0x42, 0xde, 0x3d, 0xd8}}, cabi.BadEncoding},
		{"latin1", memory{2, []byte{0xe9, 0x41}}, "éA"},
		{"latin1", memory{2 | tag, []byte{0x3d, 0xd8, 0x42, 0xde}}, "🙂"},
		{"latin1", memory{1 | tag, []byte{0x3d, 0xd8}}, cabi.BadEncoding},
	} {
		r, c := guest(t, "values-"+try.guest+".wasm")
		in := instantiate(t, r, c, echoing(t, c, nil))
		got, err := in.Call(context.Background(), "tenon:test/raw", "string-of",
			map[string]any{"length": try.m.length, "bytes": try.m.bytes})
		if code, ok := try.want.(cabi.Code); ok {
			var trap *component.Trap
			if !errors.As(err, &trap) || trap.Code != code {
				t.Errorf("%s %x: %v %v, want %v", try.guest, try.m, got, err, code)
			}
			continue
		}
		if err != nil || got != try.want {
			t.Errorf("%s %x: %q %v, want %q", try.guest, try.m, got, err, try.want)
		}
	}
}
