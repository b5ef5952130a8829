package component_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// storeOf offers an interface that remembers one number.
func storeOf(c *component.Component, value *uint32) *component.Interface {
	return &component.Interface{Type: c.World().Imports[0].Interface, Funcs: map[string]component.HostFunc{
		"put": func(_ *cabi.Call, stack []uint64) { *value = uint32(stack[0]) },
		"get": func(_ *cabi.Call, stack []uint64) { stack[0] = uint64(*value) },
	}}
}

func TestAnInterfaceThatAWorldSpellsOutIsMetByItsPlainName(t *testing.T) {
	l := newLinking(t)
	c, linker := l.compile("store"), l.linker()
	var value uint32
	if err := linker.DefineAs("shop", storeOf(c, &value)); err != nil {
		t.Fatal(err)
	}
	if m := matchOf(t, linker, c, "store"); m.Quality != component.Missing || m.Reason != "no interface of that name is offered" {
		t.Errorf("under another name: %v", m)
	}
	if err := linker.DefineAs("store", storeOf(c, &value)); err != nil {
		t.Fatal(err)
	}
	if m := matchOf(t, linker, c, "store"); m.Quality != component.Exact || m.Offer != "store" {
		t.Errorf("%+v", m)
	}
	in := start(t, linker, c)
	if got := call(t, in, "", "add", uint32(3)); got != uint32(3) || value != 3 {
		t.Errorf("add gave %v, the host has %d", got, value)
	}
}

func TestWhatIsDefinedAgainCountsForInstancesToCome(t *testing.T) {
	l := newLinking(t)
	c, linker := l.compile("store"), l.linker()
	first, second := uint32(100), uint32(200)
	if err := linker.DefineAs("store", storeOf(c, &first)); err != nil {
		t.Fatal(err)
	}
	one := start(t, linker, c)
	if err := linker.DefineAs("store", storeOf(c, &second)); err != nil {
		t.Fatal(err)
	}
	two := start(t, linker, c)
	if got := call(t, one, "", "add", uint32(1)); got != uint32(101) {
		t.Errorf("the instance from before has %v", got)
	}
	if got := call(t, two, "", "add", uint32(1)); got != uint32(201) {
		t.Errorf("the instance from after has %v", got)
	}
	// By something of another sort, too, and back.
	linker.DefineFunc(&wit.Func{Name: "store"}, func(*cabi.Call, []uint64) {})
	if m := matchOf(t, linker, c, "store"); m.Quality != component.Missing || m.Reason != "what is offered is a function, not an instance" {
		t.Errorf("%v", m)
	}
	if err := linker.DefineModule("store", l.read("double")); err != nil {
		t.Fatal(err)
	}
	if m := matchOf(t, linker, c, "store"); m.Quality != component.Missing || !strings.Contains(m.Reason, "is a core module") {
		t.Errorf("%v", m)
	}
	if err := linker.DefineAs("store", storeOf(c, &first)); err != nil {
		t.Fatal(err)
	}
	if got := call(t, start(t, linker, c), "", "add", uint32(1)); got != uint32(102) {
		t.Errorf("the third instance has %v", got)
	}
}

func TestWhatIsDefinedForAnOpenComponentAgainIsCompiledAgain(t *testing.T) {
	l := newLinking(t)
	c, linker := l.compile("open"), l.linker()
	linker.DefineComponent("tripler", l.compile("triple"))
	if err := linker.DefineModule("doubler", l.read("double")); err != nil {
		t.Fatal(err)
	}
	one := start(t, linker, c)
	// The same name, and it does nothing.
	idle := "\x00asm\x01\x00\x00\x00" + "\x01\x06\x01\x60\x01\x7f\x01\x7f" + "\x03\x02\x01\x00" +
		"\x07\x0a\x01\x06double\x00\x00" + "\x0a\x06\x01\x04\x00\x20\x00\x0b"
	if err := linker.DefineModule("doubler", []byte(idle)); err != nil {
		t.Fatal(err)
	}
	two := start(t, linker, c)
	if got := call(t, one, "", "six", uint32(7)); got != uint32(42) {
		t.Errorf("the instance from before: %v", got)
	}
	if got := call(t, two, "", "six", uint32(7)); got != uint32(21) {
		t.Errorf("the instance from after: %v", got)
	}
}

// partsOf offers what parts.wasm imports.
func partsOf(t testing.TB, l *linking) (parts, inner, third *component.Interface) {
	t.Helper()
	doubler, err := component.ReadModule(l.read("double"))
	if err != nil {
		t.Fatal(err)
	}
	plus := &wit.Func{Name: "plus", Params: []wit.Param{{Name: "n", Type: wit.U32}}, Result: wit.U32}
	third = &component.Interface{
		Type:  &wit.Interface{Funcs: []*wit.Func{plus}},
		Funcs: map[string]component.HostFunc{"plus": func(_ *cabi.Call, stack []uint64) { stack[0]++ }},
	}
	inner = &component.Interface{
		Type:      &wit.Interface{},
		Modules:   map[string]*component.ModuleInfo{"doubler": doubler},
		Instances: map[string]*component.Interface{"third": third},
	}
	parts = &component.Interface{
		Type:      &wit.Interface{},
		Modules:   map[string]*component.ModuleInfo{"doubler": doubler},
		Instances: map[string]*component.Interface{"inner": inner},
	}
	return parts, inner, third
}

func TestInstancesWithinInstancesAreCalledAndHandedOn(t *testing.T) {
	l := newLinking(t)
	parts, _, _ := partsOf(t, l)
	linker := l.linker()
	if err := linker.DefineAs("parts", parts); err != nil {
		t.Fatal(err)
	}
	in := start(t, linker, l.compile("parts"))
	if got := call(t, in, "", "go", uint32(4)); got != uint32(20) {
		t.Errorf("go: %v", got)
	}
	if got := call(t, in, "again#third", "plus", uint32(4)); got != uint32(5) {
		t.Errorf("plus: %v", got)
	}
	// Once more, from the instance that hands it on, and from one that is made.
	deep := l.compile("deep")
	below := l.linker()
	if err := below.DefineInstance("deep", in); err != nil {
		t.Fatal(err)
	}
	linker.DefineComponent("deep", l.compile("parts"))
	for _, k := range []*component.Linker{below, linker} {
		if got := call(t, start(t, k, deep), "", "dive", uint32(4)); got != uint32(42) {
			t.Errorf("dive: %v", got)
		}
	}
}

func TestWhatDoesNotFitWithinInstancesIsALinkError(t *testing.T) {
	l := newLinking(t)
	c := l.compile("parts")
	halve, err := component.ReadModule(l.read("halve"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what  string
		spoil func(parts, inner, third *component.Interface)
		want  string
	}{
		{"no instance", func(p, _, _ *component.Interface) { p.Instances = nil }, "parts has no instance inner"},
		{"no instance within an instance", func(_, i, _ *component.Interface) { i.Instances = nil }, "parts#inner has no instance third"},
		{"no module", func(p, _, _ *component.Interface) { p.Modules = nil }, "parts has no core module doubler"},
		{"no module within an instance", func(_, i, _ *component.Interface) { i.Modules = nil }, "parts#inner has no core module doubler"},
		{"another module", func(_, i, _ *component.Interface) { i.Modules = map[string]*component.ModuleInfo{"doubler": halve} }, `no export "double"`},
		{"no function", func(_, _, th *component.Interface) { th.Type = &wit.Interface{} }, "parts#inner#third has no function plus"},
		{"a function of another type", func(_, _, th *component.Interface) {
			th.Type = &wit.Interface{Funcs: []*wit.Func{{Name: "plus", Params: []wit.Param{{Name: "n", Type: wit.U64}}, Result: wit.U32}}}
		}, `function plus of parts#inner#third has another type: param "n": u32, host has u64`},
		{"an instance for a module", func(p, i, _ *component.Interface) {
			p.Modules, p.Instances = nil, map[string]*component.Interface{"inner": i, "doubler": i}
		}, "parts: its export doubler is an instance, not a core module"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			parts, inner, third := partsOf(t, l)
			tt.spoil(parts, inner, third)
			linker := l.linker()
			if err := linker.DefineAs("parts", parts); err != nil {
				t.Fatal(err)
			}
			in, err := linker.Instantiate(context.Background(), c)
			if !errors.As(err, new(*component.LinkError)) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, %v, want %q", in, err, tt.want)
			}
		})
	}
	parts, _, third := partsOf(t, l)
	third.Funcs = nil
	if err := l.linker().DefineAs("parts", parts); err == nil || !strings.Contains(err.Error(), "parts#inner#third offers no code for its function plus") {
		t.Errorf("an instance without code: %v", err)
	}
}

// pen is a resource of the world in tests.
type pen struct{ colour, ink uint32 }

// definePens offers the resource and functions that pens.wasm imports.
func definePens(t testing.TB, l *component.Linker, c *component.Component, pens *cabi.ResourceType, skip string) {
	t.Helper()
	for _, im := range c.World().Imports {
		switch {
		case im.Name == skip:
		case im.Type != nil:
			if err := l.DefineResource(im.Type, pens); err != nil {
				t.Fatal(err)
			}
		case im.Name == "[constructor]pen":
			l.DefineFunc(im.Func, func(c *cabi.Call, stack []uint64) {
				stack[0] = uint64(c.NewOwn(pens, &pen{colour: uint32(stack[0])}))
			})
		case im.Name == "[method]pen.write":
			l.DefineFunc(im.Func, func(c *cabi.Call, stack []uint64) {
				p := cabi.Lend[*pen](c, uint32(stack[0]), pens)
				p.ink += uint32(stack[1])
				stack[0] = uint64(p.ink)
			})
		default:
			t.Fatalf("import %s", im.Name)
		}
	}
}

func TestAResourceOfTheWorldIsMadeUsedAndDropped(t *testing.T) {
	l := newLinking(t)
	c, linker := l.compile("pens"), l.linker()
	dropped := []uint32{}
	pens := &cabi.ResourceType{Name: "pen", Drop: func(_ context.Context, rep any) error {
		dropped = append(dropped, rep.(*pen).colour)
		return nil
	}}
	definePens(t, linker, c, pens, "")
	in := start(t, linker, c)
	if got := call(t, in, "", "draw", uint32(3)); got != uint32(3) || len(dropped) != 1 || dropped[0] != 7 {
		t.Errorf("draw gave %v, dropped %v", got, dropped)
	}
	mine := &pen{ink: 10}
	if got := call(t, in, "", "lend", mine); got != uint32(11) || mine.ink != 11 || len(dropped) != 1 {
		t.Errorf("lend gave %v, dropped %v", got, dropped)
	}
}

func TestWhatIsMissingOfAResourceOfTheWorldIsALinkError(t *testing.T) {
	l := newLinking(t)
	c := l.compile("pens")
	pens := &cabi.ResourceType{Name: "pen"}
	for _, tt := range []struct{ skip, want string }{
		{"pen", "pen: no type of that name is offered"},
		{"[constructor]pen", "[constructor]pen: no function of that name is offered"},
		{"[method]pen.write", "[method]pen.write: no function of that name is offered"},
	} {
		linker := l.linker()
		definePens(t, linker, c, pens, tt.skip)
		_, err := linker.Instantiate(context.Background(), c)
		if !errors.As(err, new(*component.LinkError)) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("without %s: %v, want %q", tt.skip, err, tt.want)
		}
	}
	// A function that makes something else of the same name.
	linker := l.linker()
	definePens(t, linker, c, pens, "")
	other := &wit.TypeDef{Name: "pen", Type: &wit.Resource{}}
	linker.DefineFunc(&wit.Func{
		Name: "[constructor]pen", Kind: wit.Constructor, Resource: other,
		Params: []wit.Param{{Name: "colour", Type: wit.U32}}, Result: &wit.Own{Resource: other},
	}, func(*cabi.Call, []uint64) {})
	_, err := linker.Instantiate(context.Background(), c)
	if !errors.As(err, new(*component.LinkError)) || !strings.Contains(err.Error(), "[constructor]pen: result") {
		t.Errorf("with another resource: %v", err)
	}
	if err := linker.DefineResource(&wit.TypeDef{Name: "pen", Type: wit.U32}, pens); err == nil || !strings.Contains(err.Error(), "pen is no resource") {
		t.Errorf("a number as a resource: %v", err)
	}
	if err := linker.DefineResource(other, nil); err == nil {
		t.Error("a resource without a run-time type is offered")
	}
}
