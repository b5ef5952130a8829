package testbind

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind/shapes/base"
	"github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind/shapes/values"
)

// echo answers what it is given; its error is what the functions that may fail
// fail with.
type echo struct{ err error }

type (
	units   = cabi.ResultOf[struct{}, struct{}]
	results = cabi.Tuple4[units, cabi.ResultOf[uint8, struct{}], cabi.ResultOf[struct{}, string], cabi.ResultOf[base.Shape, base.Failure]]
	tuples  = cabi.Tuple5[[3]uint8, cabi.Tuple2[string, uint64], [1]int16, []byte, bool]
)

func (echo) TakeAll(_ context.Context, v values.All) (values.All, error)       { return v, nil }
func (echo) TakeOne(_ context.Context, v values.One) (values.One, error)       { return v, nil }
func (echo) TakeDoors(_ context.Context, v values.Doors) (values.Doors, error) { return v, nil }
func (echo) TakeFlags(_ context.Context, _ values.Few, _ values.Eight, _ values.Nine, _ values.Seventeen, v values.ThirtyTwo) (values.ThirtyTwo, error) {
	return v, nil
}
func (echo) TakeFew(_ context.Context, v values.Few) (values.Few, error)          { return v, nil }
func (echo) TakeNine(_ context.Context, v values.Nine) (values.Nine, error)       { return v, nil }
func (echo) TakeMixed(_ context.Context, v values.Mixed) (values.Mixed, error)    { return v, nil }
func (echo) TakeOnly(_ context.Context, v values.Only) (values.Only, error)       { return v, nil }
func (echo) TakePlain(_ context.Context, v values.Plain) (values.Plain, error)    { return v, nil }
func (echo) TakeForm(_ context.Context, v base.Shape) (base.Shape, error)         { return v, nil }
func (echo) TakeColour(_ context.Context, v base.Colour) (base.Colour, error)     { return v, nil }
func (echo) TakeLookup(_ context.Context, v values.Lookup) (values.Lookup, error) { return v, nil }
func (echo) TakePoints(_ context.Context, v []base.Point) ([]base.Point, error)   { return v, nil }
func (echo) TakeBytes(_ context.Context, v []byte) ([]byte, error)                { return v, nil }
func (echo) TakeText(_ context.Context, v string) (string, error)                 { return v, nil }
func (echo) TakeOptions(_ context.Context, a *uint8, b **string, c base.Shape, d *[]byte) (*uint8, **string, base.Shape, *[]byte, error) {
	return a, b, c, d, nil
}
func (echo) TakeTuples(_ context.Context, a [3]uint8, b cabi.Tuple2[string, uint64], c [1]int16) (tuples, error) {
	return tuples{F0: a, F1: b, F2: c, F3: []byte(b.F0), F4: b.F1 != 0}, nil
}
func (echo) TakeWide(_ context.Context, v values.Wide) ([]values.Wide, error) {
	return []values.Wide{v}, nil
}
func (echo) TakeResults(_ context.Context, a units, b cabi.ResultOf[uint8, struct{}], c cabi.ResultOf[struct{}, string], d cabi.ResultOf[base.Shape, base.Failure]) ([]results, error) {
	return []results{{F0: a, F1: b, F2: c, F3: d}}, nil
}
func (echo) TakeMany(_ context.Context, a uint8, b uint64, c, d string, e []byte, f []string, g values.Mixed, h float64) (string, error) {
	return fmt.Sprint(a, b, c, d, string(e), f, g, h), nil
}
func (echo) Split(_ context.Context, v string) (string, string, bool, error) {
	return v[:1], v[1:], true, nil
}
func (h echo) Just(context.Context, bool) error                       { return h.err }
func (h echo) JustOK(context.Context, bool) (uint64, error)           { return 7, h.err }
func (h echo) JustError(context.Context, bool) error                  { return h.err }
func (h echo) Both(context.Context, bool) (string, error)             { return "seven", h.err }
func (h echo) BothParts(context.Context, bool) (uint8, string, error) { return 7, "seven", h.err }
func (h echo) StringError(context.Context, bool) (uint8, error)       { return 7, h.err }
func (h echo) RecordError(context.Context, bool) (uint8, error)       { return 7, h.err }
func (h echo) NumberError(context.Context, bool) (float64, error)     { return 7, h.err }

func TestResults(t *testing.T) {
	const ret = 64
	other := errors.New("the disk is gone")
	for _, c := range []struct {
		sentence string
		name     string
		err      error
		want     string // of the return area, as far as the type fills it
	}{
		{"a result with an E stores the ok case", "just-error", nil, "\x00"},
		{"an enum is an error", "just-error", base.FailureTooBig, "\x01\x01"},
		{"an E is found behind what wraps it", "just-error", fmt.Errorf("open: %w", base.FailureNotFound), "\x01\x00"},
		{"a result without an E stores the ok case", "just-ok", nil, "\x00.......\x07\x00\x00\x00\x00\x00\x00\x00"},
		{"ErrUnit is the error of a result without an E", "just-ok", cabi.ErrUnit, "\x01"},
		{"a variant is an error", "both", values.TroubleCode{Value: 0x1234}, "\x01...\x01...\x34\x12"},
		{"a case without a payload is an error", "both-parts", values.TroubleBusy{}, "\x01...\x00"},
		{"the parts of a tuple are stored apart", "both-parts", nil, "\x00...\x07...\x00\x00\x01\x00\x05\x00\x00\x00"},
		{"a string is an error in ErrorOf", "string-error", cabi.ErrorOf[string]{Value: "no"}, "\x01...\x00\x00\x01\x00\x02\x00\x00\x00"},
		{"a record is an error in ErrorOf", "record-error", cabi.ErrorOf[values.Detail]{Value: values.Detail{Code: 9}}, "\x01...\x09\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"},
		{"a number is an error in ErrorOf", "number-error", cabi.ErrorOf[uint64]{Value: 3}, "\x01.......\x03\x00\x00\x00\x00\x00\x00\x00"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			g := newGuest()
			for i := range g.mem[:128] {
				g.mem[i] = '.'
			}
			g.must(t, values.Interface(echo{c.err}), c.name, 0, ret)
			if got := string(g.mem[ret : ret+len(c.want)]); got != c.want {
				t.Errorf("stored %q, want %q", got, c.want)
			}
			for i, b := range g.mem[:ret] {
				if b != '.' {
					t.Fatalf("wrote at %d, below the return area", i)
				}
			}
		})
	}
	t.Run("an error that is no E traps and is in the trap", func(t *testing.T) {
		for _, name := range []string{"just", "just-ok", "just-error", "both", "both-parts", "string-error", "record-error", "number-error"} {
			g := newGuest()
			err := g.run(values.Interface(echo{other}), name, []uint64{0, ret})
			if !errors.Is(err, other) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
	t.Run("a result without payloads is one flat value", func(t *testing.T) {
		g := newGuest()
		if got := g.must(t, values.Interface(echo{}), "just", 9); got != 0 {
			t.Errorf("ok is %d", got)
		}
		if got := g.must(t, values.Interface(echo{cabi.ErrUnit}), "just", 9); got != 1 {
			t.Errorf("error is %d", got)
		}
	})
	t.Run("errors have the words of the WIT", func(t *testing.T) {
		hint := "salt"
		for _, c := range []struct {
			err  error
			want string
		}{
			{base.FailureNotFound, "not-found"},
			{base.Failure(7), "failure(7)"},
			{values.TroubleBusy{}, "busy"},
			{values.TroubleCode{Value: 3}, "code: 3"},
			{values.TroubleHint{}, "hint"},
			{values.TroubleHint{Value: &hint}, "hint: salt"},
			{values.TroubleAt{}, "at"},
		} {
			if got := c.err.Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		}
	})
}

func TestGuestMistakes(t *testing.T) {
	i := values.Interface(echo{})
	for _, c := range []struct {
		sentence string
		code     cabi.Code
		name     string
		stack    []uint64
	}{
		{"a case that is not there traps", cabi.BadDiscriminant, "take-plain", []uint64{2}},
		{"a label that is not there traps", cabi.BadDiscriminant, "take-colour", []uint64{3}},
		{"an option is 0 or 1", cabi.BadDiscriminant, "take-options", []uint64{2, 13: 0}},
		{"spilled parameters must be aligned", cabi.Unaligned, "take-many", []uint64{4, 64}},
		{"spilled parameters must be in memory", cabi.OutOfBounds, "take-many", []uint64{1<<20 - 96, 64}},
		{"the return area must be aligned", cabi.Unaligned, "just-ok", []uint64{0, 68}},
		{"the return area must be in memory", cabi.OutOfBounds, "just-error", []uint64{0, 1<<20 - 1}},
		{"a list must be in memory", cabi.OutOfBounds, "take-points", []uint64{64, 1 << 20, 64}},
		{"a list must be aligned", cabi.Unaligned, "take-points", []uint64{66, 1, 64}},
	} {
		t.Run(c.sentence, func(t *testing.T) { newGuest().traps(t, c.code, i, c.name, c.stack...) })
	}
	t.Run("the host is not called for a guest that cannot take the answer", func(t *testing.T) {
		var called bool
		h := watched{called: &called}
		newGuest().traps(t, cabi.OutOfBounds, values.Interface(h), "split", 64, 1, 1<<20)
		if called {
			t.Error("it was")
		}
	})
	t.Run("bits beyond the flags are ignored", func(t *testing.T) {
		if got := newGuest().must(t, i, "take-few", 0xfff5); values.Few(got) != values.FewA|values.FewC {
			t.Errorf("got %#x", got)
		}
	})
	t.Run("a view of bytes and a string of them cross", func(t *testing.T) {
		g := newGuest()
		p, n := g.text("grüße")
		g.must(t, i, "take-text", p, n, 64)
		g.must(t, i, "take-bytes", p, n, 72)
		if a, b := g.read(t, 64), g.read(t, 72); a != "grüße" || b != a {
			t.Errorf("got %q and %q", a, b)
		}
	})
}

type watched struct {
	echo
	called *bool
}

func (w watched) Split(context.Context, string) (string, string, bool, error) {
	*w.called = true
	return "", "", false, nil
}

type lost struct{ echo }

func (lost) TakeForm(context.Context, base.Shape) (base.Shape, error) { return nil, nil }
func (lost) TakePlain(context.Context, values.Plain) (values.Plain, error) {
	return nil, nil
}
func (lost) TakeColour(context.Context, base.Colour) (base.Colour, error) { return 9, nil }

func TestHostMistakes(t *testing.T) {
	i := values.Interface(lost{})
	t.Run("no case at all traps, and does not panic", func(t *testing.T) {
		newGuest().traps(t, cabi.HostFailed, i, "take-form", 0, 0, 0, 64)
		newGuest().traps(t, cabi.HostFailed, i, "take-plain", 0)
	})
	t.Run("a constant that is not there traps", func(t *testing.T) {
		newGuest().traps(t, cabi.BadDiscriminant, i, "take-colour", 0)
	})
}

func TestFlagsHas(t *testing.T) {
	f := values.NineB0 | values.NineB8
	if !f.Has(values.NineB8) || !f.Has(values.NineB0|values.NineB8) || f.Has(values.NineB0|values.NineB1) {
		t.Error("Has is true where all flags are set, and only there")
	}
}
