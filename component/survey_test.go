package component_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/internal/forward"
	p "github.com/tenon-wasm/tenon/internal/pieces"
	"github.com/tenon-wasm/tenon/wit"
)

// usingFeature are core modules, each of which uses one feature.
func usingFeature() map[string]string {
	body := func(code string) string {
		return p.Join(p.Section(3, p.Vec("\x00")), p.Section(10, p.Vec(p.Name("\x00"+code+"\x0b"))))
	}
	function := func(code string) string { return p.Module(p.Section(1, p.Vec("\x60\x00\x00")), body(code)) }
	typed := func(typ string) string { return p.Module(p.Section(1, p.Vec("\x60\x00\x00", typ))) }
	memory := func(limits ...string) string { return p.Module(p.Section(5, p.Vec(limits...))) }
	v128 := "\xfd\x0c" + strings.Repeat("\x00", 16)
	return map[string]string{
		"SIMD":                               function(v128 + "\x1a"),
		"threads":                            memory("\x03\x01\x01"),
		"tail calls":                         function("\x12\x00"),
		"exceptions":                         p.Module(p.Section(1, p.Vec("\x60\x00\x00")), p.Section(3, p.Vec("\x00")), p.Section(13, p.Vec("\x00\x00")), p.Section(10, p.Vec(p.Name("\x00\x08\x00\x0b")))),
		"typed function references":          function("\xd0\x00\xd4\x1a"),
		"legacy exceptions":                  function("\x06\x40\x19\x0b"),
		"typed function references: a group": typed("\x4e" + p.Vec("\x60\x00\x00", "\x60\x00\x00")),
		"garbage collection: a sub type":     typed("\x50\x00\x60\x00\x00"),
		"garbage collection: an array":       typed("\x5e\x7f\x00"),
		"garbage collection: ref.eq":         function("\xd0\x71\xd0\x71\xd3\x1a"),
		"threads: fence":                     function("\xfe\x03\x00"),
		"tail calls: by reference":           function("\xd0\x00\x15\x00"),
		"typed function references: call":    function("\xd0\x00\x14\x00"),
		"stack switching: cont.new":          function("\x00\xe0\x00"),
		"garbage collection":                 typed("\x5f\x01\x7f\x00"),
		"multiple memories":                  memory("\x00\x01", "\x00\x01"),
		"64-bit memories":                    memory("\x04\x01"),
		"relaxed SIMD":                       function(v128 + v128 + "\xfd\x80\x02\x1a"),
		"stack switching":                    typed("\x5d\x00"),
		"custom page sizes":                  memory("\x08\x01\x00"),
		"wide arithmetic":                    function(strings.Repeat("\x42\x00", 4) + "\xfc\x13\x1a\x1a"),
		"shared-everything threads":          typed("\x65\x60\x00\x00"),
		"an unknown instruction":             function("\xff"),
	}
}

// TestTheEngineHasTheFeaturesThatAreSaidToBeSupported, and has none of the others: a module
// that uses just one is compiled.
func TestTheEngineHasTheFeaturesThatAreSaidToBeSupported(t *testing.T) {
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(ctx)
	for feature, module := range usingFeature() {
		// Modules that nothing instantiates are not compiled if the engine lacks what they use.
		data := []byte(p.Component(p.Section(1, module), p.Section(2, p.Vec("\x00\x00\x00"))))
		survey, err := component.SurveyOf(data)
		if err != nil {
			t.Errorf("%s: %v", feature, err)
			continue
		}
		uses := survey.Modules[0].Uses
		feature, _, _ = strings.Cut(feature, ": ")
		if feature == "relaxed SIMD" {
			uses = uses[1:] // There is SIMD, too.
		}
		if len(uses) != 1 || uses[0].Feature != feature {
			t.Errorf("%s: found %+v", feature, uses)
			continue
		}
		c, err := r.Compile(ctx, data)
		if (err == nil) != uses[0].Supported {
			t.Errorf("%s: supported is %v, and compiling gives %v", feature, uses[0].Supported, err)
		}
		if c != nil {
			c.Close(ctx)
		}
	}
}

// TestEveryInstructionIsRead: what real compilers write has no unknown instruction.
func TestEveryInstructionIsRead(t *testing.T) {
	guests, err := filepath.Glob("../testdata/guests/*.wasm")
	if err != nil || len(guests) == 0 {
		t.Fatal("no guests", err)
	}
	for _, guest := range guests {
		data, err := os.ReadFile(guest)
		if err != nil {
			t.Fatal(err)
		}
		s, err := component.SurveyOf(data)
		if err != nil {
			t.Errorf("%s: %v", guest, err)
			continue
		}
		for _, m := range s.Modules {
			for _, u := range m.Uses {
				if !u.Supported {
					t.Errorf("%s: module %q: %+v", guest, m.Name, u)
				}
			}
		}
	}
}

func TestASurveyTellsWhereAFeatureIsUsed(t *testing.T) {
	nop, tail := p.Name("\x00\x01\x0b"), p.Name("\x00\x12\x00\x0b")
	module := p.Module(p.Section(1, p.Vec("\x60\x00\x00")), p.Section(3, p.Times(4, "\x00")), p.Section(10, p.Vec(nop, tail, nop, tail)))
	data := p.Component(p.Section(1, module))
	s, err := component.SurveyOf([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	want := component.CoreUse{Feature: "tail calls", Supported: true, Offset: strings.Index(data, "\x12\x00"), Func: 1, Functions: 2}
	if uses := s.Modules[0].Uses; !slices.Equal(uses, []component.CoreUse{want}) {
		t.Errorf("got %+v, want %+v", uses, want)
	}
}

// TestASurveyHasProducersAndSections, also of a core module alone, and of a producers
// section that ends too soon what comes before.
func TestASurveyHasProducersAndSections(t *testing.T) {
	entry := func(field string, values ...string) string { return p.Name(field) + p.Vec(values...) }
	rust := p.Name("Rust") + p.Name("")
	clang := p.Name("clang") + p.Name("22.1")
	producers := p.Name("producers") + p.Vec(entry("language", rust), entry("processed-by", clang))
	module := p.Module(p.Section(0, producers), p.Section(0, p.Name("other")), p.Section(5, p.Vec("\x00\x03")))
	want := []component.Producer{{Field: "language", Name: "Rust"}, {Field: "processed-by", Name: "clang", Version: "22.1"}}
	for _, data := range []string{module, p.Component(p.Section(0, p.Name("outer")), p.Section(1, module))} {
		s, err := component.SurveyOf([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		m := s.Modules[0]
		if !slices.Equal(m.Producers, want) || !slices.Equal(m.Sections, []string{"producers", "other"}) || m.Memory != 3<<16 {
			t.Errorf("got %+v", m)
		}
	}
	cut := p.Module(p.Section(0, producers[:len(producers)-3]))
	s, err := component.SurveyOf([]byte(cut))
	if err != nil || !slices.Equal(s.Modules[0].Producers, want[:1]) {
		t.Errorf("a section that is cut: %+v, %v", s, err)
	}
}

// TestWhatWasReadCanBeMatchedAndNotRun.
func TestWhatWasReadCanBeMatchedAndNotRun(t *testing.T) {
	data, err := os.ReadFile("../testdata/guests/missing-import.wasm")
	if err != nil {
		t.Fatal(err)
	}
	c, err := component.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	l := component.NewLinker(nil)
	if matches := l.Match(c); len(matches) == 0 || matches[0].Quality != component.Missing || len(matches[0].Problems) == 0 {
		t.Errorf("matches are %v", matches)
	}
	l.StubMissing(component.StubTraps)
	if _, err := l.Instantiate(context.Background(), c); err == nil || !strings.Contains(err.Error(), "read and not compiled") {
		t.Errorf("instantiating: %v", err)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestProblemsTellAllThatReasonsDo, with the types.
func TestProblemsTellAllThatReasonsDo(t *testing.T) {
	parse := func(text string) *wit.Interface {
		t.Helper()
		pkgs, err := wit.Parse(wit.File{Name: "a.wit", Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return pkgs[0].Interfaces[0]
	}
	have := parse("package a:b@1.0.0; interface i { record r { x: u8 } f: func(r: r); g: func(r: r); h: func() -> u8; }")
	want := parse("package a:b@1.0.1; interface i { record r { x: u16 } f: func(r: r); g: func(r: r); h: func() -> s8; more: func(); }")
	l := component.NewLinker(nil)
	funcs := map[string]component.HostFunc{}
	for _, f := range have.Funcs {
		funcs[f.Name] = nothing
	}
	if err := l.Define(&component.Interface{Type: have, Funcs: funcs}); err != nil {
		t.Fatal(err)
	}
	c := readForwarding(t, want)
	m := l.Match(c)[0]
	type row struct {
		item    string
		cause   component.Cause
		follows bool
	}
	var got []row
	for _, pr := range m.Problems {
		got = append(got, row{pr.Item, pr.Cause, pr.Follows})
		if pr.Item == "h" && (pr.Want.Result != wit.S8 || pr.Have.Result != wit.U8) {
			t.Errorf("h: %+v", pr)
		}
	}
	wantRows := []row{{"r", component.OtherType, false}, {"f", component.OtherType, true}, {"g", component.OtherType, true},
		{"h", component.OtherType, false}, {"more", component.LacksFunction, false}}
	if !slices.Equal(got, wantRows) {
		t.Errorf("got %+v\nwant %+v", got, wantRows)
	}
}

func nothing(*cabi.Call, []uint64) {}

func readForwarding(t *testing.T, i *wit.Interface) *component.Component {
	t.Helper()
	g, err := forward.Component(i)
	if err != nil {
		t.Fatal(err)
	}
	c, err := component.Read(g.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
