package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/internal/bounds"
	"github.com/tenon-wasm/tenon/internal/pieces"
	"github.com/tenon-wasm/tenon/wit"
)

// Components in pieces: component(section(7, vec("\x73"))).
var (
	b, u, name, index          = pieces.Join, pieces.Uint, pieces.Name, pieces.Index
	vec, times, each, letters  = pieces.Vec, pieces.Times, pieces.Each, pieces.Letters
	section, component, module = pieces.Section, pieces.Component, pieces.Module
)

func build(data string) (*Plan, error) {
	c, err := wasm.Decode([]byte(data))
	if err != nil {
		return nil, err
	}
	return Build(c, nil)
}

// doubling is a component in n others, each of which instantiates what it holds
// twice.
func doubling(n int, inner string) string {
	c := inner
	for range n {
		c = component(section(4, c), section(5, vec("\x00\x00\x00", "\x00\x00\x00")))
	}
	return c
}

// TestHostileInputIsBounded: a mebibyte costs less than a second and 256 MiB,
// whether it is a component in the end or not.
func TestHostileInputIsBounded(t *testing.T) {
	const size = 1 << 20
	emptyInstance := vec("\x01\x00")
	tests := map[string]string{
		"instances that double": doubling(20, component()),
		"large instances that double": doubling(20,
			component(section(7, times(size/2, "\x73")))),
		"modules that double": doubling(20, component(section(1, module()), section(2, vec("\x00\x00\x00")))),
		"a million types":     component(section(7, times(size-100, "\x73"))),
		"tuples that double": component(section(7, b(u(60), "\x6f\x02\x73\x73", strings.Join(func() (s []string) {
			for i := range 59 {
				s = append(s, b("\x6f\x02", index(i), index(i)))
			}
			return
		}(), "")))),
		"a deep type": component(section(7, b(u(200_000), "\x70\x73", strings.Join(func() (s []string) {
			for i := range 199_999 {
				s = append(s, b("\x70", index(i)))
			}
			return
		}(), "")))),
		"a type named many times": component(section(7, vec("\x70\x73")),
			section(11, each(60_000, func(i int) string { return b("\x00", name(letters(i)), "\x03", u(i), "\x00") }))),
		"many imports of a large instance": component(
			section(7, vec(b("\x42", each(30_000, func(i int) string { return b("\x04\x00", name(letters(i)), "\x03\x01") })))),
			section(10, each(60_000, func(i int) string { return b("\x00", name(letters(i)), "\x05\x00") }))),
		"many imports": component(section(7, vec("\x40\x00\x01\x00")),
			section(10, each(90_000, func(i int) string { return b("\x00", name(letters(i)), "\x01\x00") }))),
		"many exports of a large instance": component(section(7, vec("\x70\x73")),
			section(5, vec(b("\x01", each(40_000, func(i int) string { return b("\x00", name(letters(i)), "\x03\x00") })))),
			section(11, each(40_000, func(i int) string { return b("\x00", name(letters(i)), "\x05\x00\x00") }))),
		"many methods and resources": component(section(7, vec(b("\x42", each(40_001, func(i int) string {
			if i == 0 {
				return "\x01\x40\x00\x01\x00"
			}
			if i%2 == 0 {
				return b("\x04\x00", name("[static]"+letters(i-1)+".m"), "\x01\x00")
			}
			return b("\x04\x00", name(letters(i)), "\x03\x01")
		})))), section(10, vec(b("\x00", name("i"), "\x05\x00")))),
		"many instances of a module with many exports": component(
			section(1, module(section(1, vec("\x60\x00\x00")), section(3, vec("\x00")),
				section(7, each(60_000, func(i int) string { return b(name(letters(i)), "\x00\x00") })), section(10, vec("\x02\x00\x0b")))),
			section(2, times(100_000, "\x00\x00\x00"))),
		"many instances of a module with many imports": component(
			section(1, module(section(1, vec("\x60\x00\x00")), section(2, times(100_000, "\x00\x00\x00\x00")))),
			section(1, module(section(1, vec("\x60\x00\x00")), section(3, vec("\x00")), section(7, vec("\x00\x00\x00")), section(10, vec("\x02\x00\x0b")))),
			section(2, b(u(50_001), "\x00\x01\x00", strings.Repeat("\x00\x00\x01\x00\x12\x00", 50_000)))),
		"a module linked in many shapes": shapes(),
		"a large record in many functions": component(
			section(7, b(u(60_002), "\x72", each(60_000, func(i int) string { return b(name(letters(i)), "\x73") }),
				"\x40\x00\x01\x00", strings.Repeat("\x40\x00\x00\x00", 60_000))),
		),
		"many ascriptions of a large type": ascriptions(),
		"an outer alias far out":           component(section(6, vec(b("\x03\x02", u(1<<31), "\x00")))),
		"a component that holds itself":    component(section(4, component(section(6, vec("\x04\x02\x01\x00")), section(5, vec("\x00\x00\x00")))), section(5, vec("\x00\x00\x00"))),
		"bundles":                          component(section(2, times(200_000, "\x01\x00")), section(5, emptyInstance)),
	}
	for what, data := range tests {
		t.Run(what, func(t *testing.T) {
			if len(data) > size+100 {
				t.Fatalf("the test has %d bytes", len(data))
			}
			bounds.Check(t, fmt.Sprint(len(data), " bytes"), func() error {
				p, err := build(data)
				if err == nil {
					wit.PrintWorld(p.World)
				}
				return err
			})
		})
	}
}

// shapes instantiates a large module with each of many functions in turn.
func shapes() string {
	const n = 20_000
	large := module(section(1, vec("\x60\x00\x00")), section(2, vec("\x00\x00\x00\x00")), section(0, name("x")+strings.Repeat("x", 400_000)))
	many := module(section(1, vec("\x60\x00\x00")), section(3, vec("\x00")),
		section(7, each(n, func(i int) string { return b(name(letters(i)), "\x00\x00") })), section(10, vec("\x02\x00\x0b")))
	return component(section(1, large), section(1, many), section(2, vec("\x00\x01\x00")),
		section(6, each(n, func(i int) string { return b("\x00\x00\x01\x00", name(letters(i))) })),
		section(2, b(u(2*n), func() string {
			var s strings.Builder
			for i := range n {
				s.WriteString(b("\x01\x01\x00\x00", u(i), "\x00\x00\x01\x00\x12", u(1+2*i)))
			}
			return s.String()
		}())))
}

// ascriptions exports one function many times, each time with a type of its own.
func ascriptions() string {
	const fields, n = 30_000, 20_000
	record := b("\x72", each(fields, func(i int) string { return b(name(letters(i)), "\x73") }))
	return component(section(7, b(u(2+n), record, record, strings.Repeat("\x40\x01\x01a\x01\x01\x00", n))),
		section(10, vec(b("\x00", name("f"), "\x01\x02"))),
		section(11, each(n, func(i int) string { return b("\x00", name(letters(i)+"x"), "\x01", u(i), "\x01\x01", u(2+i)) })))
}

// TestWhatLeadsNowhereIsAnError: validation tells such components in its own words; the
// planner only gives up.
func TestWhatLeadsNowhereIsAnError(t *testing.T) {
	f := b(section(7, vec("\x40\x00\x01\x00")), section(10, vec(b("\x00", name("f"), "\x01\x00"))))
	i := b(section(7, vec("\x42\x00")), section(10, vec(b("\x00", name("i"), "\x05\x00"))))
	lacks := b(section(1, module(section(1, vec("\x60\x00\x00")), section(2, vec("\x00\x00\x00\x00")))), section(2, vec("\x01\x00")))
	for what, data := range map[string]string{
		"a type":                           component(section(7, vec("\x70\x00"))),
		"a core module":                    component(section(2, vec("\x00\x00\x00"))),
		"a core module that does not read": component(section(1, module("\xff"))),
		"a component":                      component(section(5, vec("\x00\x00\x00"))),
		"a core instance":                  component(section(6, vec(b("\x00\x00\x01\x00", name("f"))))),
		"a core export":                    component(section(2, vec("\x01\x00")), section(6, vec(b("\x00\x00\x01\x00", name("f"))))),
		"a core import from nowhere":       component(lacks, section(2, vec("\x00\x00\x00"))),
		"a core import of nothing":         component(lacks, section(2, vec(b("\x00\x00", vec("\x00\x12\x00"))))),
		"a function":                       component(section(8, vec("\x01\x00\x00\x00"))),
		"a memory":                         component(f, section(8, vec(b("\x01\x00\x00", vec("\x03\x00"))))),
		"a resource":                       component(section(7, vec("\x73")), section(8, vec("\x03\x00"))),
		"a scope":                          component(section(6, vec("\x03\x02\x01\x00"))),
		"an export":                        component(i, section(6, vec(b("\x01\x00\x00", name("f"))))),
		"a type of functions":              component(section(7, vec("\x73")), section(10, vec(b("\x00", name("f"), "\x01\x00")))),
		"a type of another sort":           component(f, section(11, vec(b("\x00", name("g"), "\x01\x00\x01\x05\x00")))),
		"a type with another export":       component(i, section(7, vec(b("\x42", vec("\x01\x40\x00\x01\x00", b("\x04\x00", name("f"), "\x01\x00"))))), section(11, vec(b("\x00", name("j"), "\x05\x00\x01\x05\x01")))),
	} {
		t.Run(what, func(t *testing.T) {
			c, err := wasm.Decode([]byte(data))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := validate.Component(c); err == nil {
				t.Error("validation lets it through")
			}
			_, err = Build(c, nil)
			var invalid *validate.Error
			if !errors.As(err, &invalid) || invalid.Msg != notValid {
				t.Errorf("%T %v, want an Error that says %q", err, err, notValid)
			}
		})
	}
}
