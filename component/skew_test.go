package component_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/wit"
)

// importer is a guest that imports the last interface of WIT text and passes calls on to it.
func importer(t testing.TB, r *component.Runtime, text string) (*component.Component, *forward.Guest) {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: "guest.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	all := packages[0].Interfaces
	g, err := forward.Component(all[len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Compile(context.Background(), g.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c, g
}

// offers is a linker with what WIT text declares.
func offers(t testing.TB, r *component.Runtime, texts ...string) *component.Linker {
	t.Helper()
	l := component.NewLinker(r)
	for _, text := range texts {
		for _, i := range interfacesOf(t, text) {
			if err := l.Define(i); err != nil {
				t.Fatal(err)
			}
		}
	}
	return l
}

// classics are mismatches as they happen, each of one guest and one host.
var classics = []struct{ name, guest, host string }{
	{"nobody has heard of it", thing("1.2.3", ask), "package acme:other@1.2.3; interface thing {}"},
	{"a prerelease, and the host has another one", thing("0.2.0-draft", ask), thing("0.2.0-rc.1", ask)},
	{"a prerelease, and the host has the release", thing("0.2.0-rc-2023-11-10", ask), thing("0.2.12", ask)},
	{"a release, and the host has a prerelease", thing("0.2.0", ask), thing("0.2.0-draft", ask)},
	{"a prerelease of the next track", thing("0.3.0-rc-2026-03-15", ask), thing("0.2.12", ask)},
	{"the guest is of the next track", thing("2.0.0", ask), thing("1.9.0", ask)},
	{"the guest is of the track before", thing("1.9.0", ask), thing("2.0.0", ask)},
	{"versions without a track", thing("0.0.2", ask), thing("0.0.1", ask)},
	{"the guest names no version", "package acme:missing;\ninterface thing {" + ask + "}", thing("1.0.0", ask)},
	{"the host names no version", thing("1.0.0", ask), "package acme:missing;\ninterface thing {" + ask + "}"},
	{"a newer patch adds a function", thing("1.0.4", ask+"tell: func();"), thing("1.0.2", ask)},
	{"a newer patch dropped a function", thing("1.0.2", ask+"tell: func();"), thing("1.0.4", ask)},
	{"a newer patch adds a resource", thing("1.0.4", "resource r { touch: func(); }"), thing("1.0.2", "")},
	{"the same version lacks a function", thing("1.0.4", "tell: func();"), thing("1.0.4", ask)},
	{"a parameter has another type", thing("1.0.4", "ask: func(question: u64) -> string;"), thing("1.0.2", ask)},
	{"a parameter has another name", thing("1.0.2", "ask: func(query: string) -> string;"), thing("1.0.4", ask)},
	{"a parameter more", thing("1.0.2", "ask: func(question: string, why: bool) -> string;"), thing("1.0.2", ask)},
	{"a parameter less", thing("1.0.2", "ask: func() -> string;"), thing("1.0.2", ask)},
	{"a result where there was none", thing("1.0.2", "ask: func(question: string);"), thing("1.0.4", ask)},
	{"a record has another field", thing("1.0.4", "record r { a: u8, c: string } put: func(it: r);"), thing("1.0.2", "record r { a: u8, b: string } put: func(it: r);")},
	{"a record has a field more", thing("1.0.4", "record r { a: u8, b: string } put: func(it: r);"), thing("1.0.2", "record r { a: u8 } put: func(it: r);")},
	{"fields in another order", thing("1.0.2", "record r { a: u8, b: u8 } put: func(it: r);"), thing("1.0.2", "record r { b: u8, a: u8 } put: func(it: r);")},
	{"an enum has a case more", thing("1.0.2", "enum e { a, b } put: func() -> e;"), thing("1.0.4", "enum e { a, b, c } put: func() -> e;")},
	{"an enum calls a case differently", thing("1.0.2", "enum e { a, b-c } put: func() -> result<u8, e>;"), thing("1.0.2", "enum e { a, bc } put: func() -> result<u8, e>;")},
	{"a variant carries something else", thing("1.0.4", "variant v { a(u32), b } put: func(it: list<v>);"), thing("1.0.2", "variant v { a(s32), b } put: func(it: list<v>);")},
	{"flags more", thing("1.0.4", "flags f { a, b } put: func(it: f);"), thing("1.0.2", "flags f { a } put: func(it: f);")},
	{"own where there was borrow", thing("1.0.4", "resource r; put: func(it: r);"), thing("1.0.2", "resource r; put: func(it: borrow<r>);")},
	{"several at once", thing("1.0.4", ask+"tell: func(); put: func(it: u8);"), thing("1.0.2", "put: func(it: s8);")},
}

// TestMismatchesAreToldInWords, and nothing runs.
func TestMismatchesAreToldInWords(t *testing.T) {
	r := newLinking(t).runtime
	var b strings.Builder
	for _, c := range classics {
		guest, _ := importer(t, r, c.guest)
		_, err := offers(t, r, c.host).Instantiate(context.Background(), guest)
		var le *component.LinkError
		if !errors.As(err, &le) {
			t.Fatalf("%s: %v, want a LinkError", c.name, err)
		}
		fmt.Fprintf(&b, "# %s\n(%v) %v\n\n", c.name, le.Missing[0].Cause, err)
	}
	golden(t, "testdata/skew.golden", b.String())
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what it says now; -update writes it:\n%s", file, got)
	}
}

// TestAnExportOfAnotherTrackIsNamed where it was looked for in vain.
func TestAnExportOfAnotherTrackIsNamed(t *testing.T) {
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	for ask, want := range map[string]string{
		"test:link/cells@2.0.0":   "it is exported as test:link/cells@1.0.1, which is on another track",
		"test:link/cells@1.0.0-x": "it is exported as test:link/cells@1.0.1; a prerelease is found by its exact name alone",
		"test:link/nothing@1.0.0": `no export "test:link/nothing@1.0.0"; exports are test:link/cells@1.0.1`,
	} {
		if _, err := provider.Call(context.Background(), ask, "dropped"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", ask, err, want)
		}
	}
	for _, ask := range []string{"test:link/cells", "test:link/cells@1.0.0", "test:link/cells@1", "test:link/cells@1.9.9"} {
		if _, err := provider.Call(context.Background(), ask, "dropped"); err != nil {
			t.Errorf("%s: %v", ask, err)
		}
	}
}

func TestAliases(t *testing.T) {
	r := newLinking(t).runtime
	const from, to = "acme:missing/thing@0.2.0-draft", "acme:missing/thing@0.2.0-rc.1"
	guest, _ := importer(t, r, thing("0.2.0-draft", ask))
	for _, c := range []struct {
		name     string
		host     []string
		aliases  []string // from and to, one after the other
		quality  component.Quality
		contains string // of what the match says
	}{
		{"of an interface", []string{thing("0.2.0-rc.1", ask)}, []string{from, to}, component.Aliased, ": met by " + to + ", its alias"},
		{"of a package", []string{thing("0.2.0-rc.1", ask)}, []string{"acme:missing@0.2.0-draft", "acme:missing@0.2.0-rc.1"}, component.Aliased, to},
		{"an interface before its package", []string{thing("0.2.0-rc.1", ask), thing("1.0.0", "")},
			[]string{"acme:missing@0.2.0-draft", "acme:missing@1.0.0", from, to}, component.Aliased, to},
		{"to a track", []string{thing("0.2.3", ask), thing("0.2.10", ask)}, []string{from, "acme:missing/thing@0.2.0"}, component.Aliased, "0.2.10"},
		{"before the name itself", []string{thing("0.2.0-draft", ask), thing("0.2.0-rc.1", ask)}, []string{from, to}, component.Aliased, to},
		{"to another package", []string{strings.Replace(thing("3.0.0", ask), "missing", "found", 1)}, []string{from, "acme:found/thing@3.0.0"}, component.Aliased, "acme:found/thing@3.0.0"},
		{"the last one counts", []string{thing("0.2.0-rc.1", ask)}, []string{from, "acme:missing/thing@9.0.0", from, to}, component.Aliased, to},
		{"of another name", []string{thing("0.2.0-rc.1", ask)}, []string{"acme:missing/thing@0.2.0-draft2", to}, component.Missing, "an alias says"},
		{"types are checked", []string{thing("0.2.0-rc.1", "ask: func(question: u8) -> string;")}, []string{from, to}, component.Missing,
			`by its alias acme:missing/thing@0.2.0-rc.1: function ask of acme:missing/thing@0.2.0-rc.1 has another type: param "question": string, host has u8`},
		{"functions must be there", []string{thing("0.2.0-rc.1", "")}, []string{from, to}, component.Missing, "has no function ask"},
		{"to what nobody offers", []string{thing("0.2.0-rc.1", ask)}, []string{from, "acme:missing/thing@0.2.0-rc.2"}, component.Missing,
			"nobody offers its alias acme:missing/thing@0.2.0-rc.2; the host offers acme:missing/thing@0.2.0-rc.1"},
		{"an alias has no alias", []string{thing("1.0.0", ask)}, []string{from, to, to, "acme:missing/thing@1.0.0"}, component.Missing, "nobody offers its alias " + to},
	} {
		l := offers(t, r, c.host...)
		for i := 0; i < len(c.aliases); i += 2 {
			if err := l.Alias(c.aliases[i], c.aliases[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		m := matchOf(t, l, guest, from)
		if m.Quality != c.quality || !strings.Contains(m.String(), c.contains) {
			t.Errorf("%s: %v: %v; want %v with %q", c.name, m.Quality, m, c.quality, c.contains)
		}
		if _, err := l.Instantiate(context.Background(), guest); (err == nil) != (c.quality == component.Aliased) {
			t.Errorf("%s: instantiate: %v", c.name, err)
		}
	}
}

func TestAnAliasThatIsNone(t *testing.T) {
	l := component.NewLinker(newLinking(t).runtime)
	for _, c := range []struct{ from, to, want string }{
		{"a:b@0.2.0-x", "a:b/c@0.2.0", "a:b@0.2.0-x is a package, a:b/c@0.2.0 is an interface"},
		{"a:b/c@0.2.0-x", "a:b@0.2.0", "a:b/c@0.2.0-x is an interface, a:b@0.2.0 is a package"},
		{"a:b@1.0.0", "a:b@1.0.0", "both are a:b@1.0.0"},
		{"plain", "a:b@1.0.0", `"plain": want namespace:package/interface@version`},
		{"a:b@1.0.0", "a:b@x", `"x" is not a version number`},
	} {
		if err := l.Alias(c.from, c.to); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: %v, want %q", c.from, c.to, err, c.want)
		}
	}
}

// TestAnAliasKeepsResourcesTheSame: what one name gives, the other takes.
func TestAnAliasKeepsResourcesTheSame(t *testing.T) {
	r := newLinking(t).runtime
	const body = "resource r; make: func() -> r; take: func(it: r);"
	guest, g := importer(t, r, thing("0.2.0-draft", body))
	all := interfacesOf(t, thing("0.2.0", body))
	i := all["acme:missing/thing@0.2.0"]
	dropped := 0
	i.Resources["r"].Drop = func(context.Context, any) error { dropped++; return nil }
	i.Funcs["make"] = func(c *cabi.Call, stack []uint64) { stack[0] = uint64(c.NewOwn(i.Resources["r"], "it")) }
	i.Funcs["take"] = func(c *cabi.Call, stack []uint64) { c.TakeOwn(uint32(stack[0]), i.Resources["r"]) }
	l := component.NewLinker(r)
	if err := errors.Join(l.Define(i), l.Alias("acme:missing@0.2.0-draft", "acme:missing@0.2.0")); err != nil {
		t.Fatal(err)
	}
	in := start(t, l, guest)
	it := call(t, in, "", g.Exports["acme:missing/thing@0.2.0-draft#make"])
	if it != "it" {
		t.Fatalf("made %v", it)
	}
	call(t, in, "", g.Exports["acme:missing/thing@0.2.0-draft#take"], it)
	if dropped != 0 {
		t.Error("dropped what was taken")
	}
}

func TestStubsThatTrap(t *testing.T) {
	r := newLinking(t).runtime
	guest, g := importer(t, r, thing("1.0.4", ask+"resource r { touch: func(); } tell: func() -> result;"))
	const name = "acme:missing/thing@1.0.4"
	for _, c := range []struct {
		name, host string
		stubs      int
	}{
		{"of an interface that nobody offers", "package acme:other; interface x {}", 3},
		{"of functions that are not there", thing("1.0.2", ask), 2},
	} {
		l := offers(t, r, c.host)
		if m := matchOf(t, l, guest, name); m.Quality != component.Missing {
			t.Fatalf("%s: not asked for: %v", c.name, m)
		}
		l.StubMissing(component.StubTraps)
		m := matchOf(t, l, guest, name)
		if m.Quality != component.Stubbed || len(m.Stubs) != c.stubs {
			t.Fatalf("%s: %v %v with %v", c.name, m.Quality, m, m.Stubs)
		}
		if got, want := m.Stubs[len(m.Stubs)-1].String(), name+"#tell is a stub: it traps when it is called"; got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
		in := start(t, l, guest)
		_, err := in.Call(context.Background(), "", g.Exports[name+"#tell"])
		var trap *component.Trap
		if !errors.Is(err, component.ErrStub) || !errors.As(err, &trap) || trap.Func != name+"#tell" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// Neither an alias that leads nowhere nor what is there and does not fit is a case for
	// stubs.
	nowhere := offers(t, r, thing("1.0.2", ask))
	if err := nowhere.Alias(name, "acme:typo/thing@1.0.4"); err != nil {
		t.Fatal(err)
	}
	nowhere.StubMissing(component.StubTraps)
	if m := matchOf(t, nowhere, guest, name); m.Quality != component.Missing || m.Cause != component.BadAlias {
		t.Errorf("with an alias to nothing: %v: %v", m.Quality, m)
	}
	l := offers(t, r, thing("1.0.2", "ask: func() -> string;"))
	l.StubMissing(component.StubTraps)
	if m := matchOf(t, l, guest, name); m.Quality != component.Missing || m.Cause != component.OtherType || m.Stubs != nil {
		t.Errorf("of another type: %v, %v", m, m.Stubs)
	}
}

// TestStubsThatAnswerErrors where the type of the function has an error to answer.
func TestStubsThatAnswerErrors(t *testing.T) {
	r := newLinking(t).runtime
	const name = "acme:missing/thing@1.0.4"
	guest, g := importer(t, r, thing("1.0.4", `
		enum code { denied, other, not-supported }
		enum bad { denied, refused }
		variant cause { denied, internal-error(option<string>) }
		record why { text: string }
		resource r;
		nothing: func() -> result;
		text: func(a: u8) -> result<u64, string>;
		label: func() -> result<list<u8>, code>;
		held: func() -> result<_, cause>;
		maybe: func() -> result<_, option<u8>>;
		no-label: func() -> result<_, bad>;
		no-error: func() -> u8;
		no-way: func() -> result<_, why>;
		number: func() -> result<_, u8>;
		gives: func(it: list<r>) -> result<r>;`))
	l := component.NewLinker(r)
	l.StubMissing(component.StubErrors)
	answers := map[string]string{}
	for _, s := range matchOf(t, l, guest, name).Stubs {
		answers[strings.TrimPrefix(s.Func, name+"#")] = s.Answer
	}
	in := start(t, l, guest)
	for fn, want := range map[string]struct {
		answer string
		value  any
		args   []any
	}{
		"nothing":  {"err", nil, nil},
		"text":     {`err("nobody provides ` + name + `#text")`, "nobody provides " + name + "#text", []any{uint8(1)}},
		"label":    {"err(not-supported)", "not-supported", nil},
		"held":     {`err(internal-error(some("nobody provides ` + name + `#held")))`, cabi.Variant{Case: "internal-error", Value: "nobody provides " + name + "#held"}, nil},
		"maybe":    {"err(none)", nil, nil},
		"no-label": {}, "no-error": {}, "no-way": {}, "number": {},
		"gives": {"err", nil, []any{[]any{}}},
	} {
		if answers[fn] != want.answer {
			t.Errorf("%s is said to answer %q, want %q", fn, answers[fn], want.answer)
		}
		if want.answer == "" {
			continue // It traps, and the instance with it.
		}
		v, err := in.Call(context.Background(), "", g.Exports[name+"#"+fn], want.args...)
		if res, ok := v.(cabi.Result); err != nil || !ok || !res.IsErr || res.Value != want.value {
			t.Errorf("%s: %#v, %v; want the error %#v", fn, v, err, want.value)
		}
	}
	if _, err := in.Call(context.Background(), "", g.Exports[name+"#no-label"]); !errors.Is(err, component.ErrStub) {
		t.Errorf("no-label: %v", err)
	}
}

// TestAStubDropsWhatItIsGiven, as a function that fails would.
func TestAStubDropsWhatItIsGiven(t *testing.T) {
	r := newLinking(t).runtime
	const name = "acme:missing/thing@1.0.4"
	const types = `resource r; record pair { one: r, more: list<option<r>> } variant which { it(r), none } make: func() -> r;`
	guest, g := importer(t, r, thing("1.0.4", types+`take: func(a: r, p: pair, w: which, r: result<r, tuple<r, u8>>) -> result;`))
	all := interfacesOf(t, thing("1.0.2", types))
	i := all["acme:missing/thing@1.0.2"]
	dropped := 0
	i.Resources["r"].Drop = func(context.Context, any) error { dropped++; return nil }
	l := component.NewLinker(r)
	if err := l.Define(i); err != nil {
		t.Fatal(err)
	}
	l.StubMissing(component.StubErrors)
	in := start(t, l, guest)
	call(t, in, "", g.Exports[name+"#take"], "a",
		map[string]any{"one": "b", "more": []any{"c", nil, "d"}}, cabi.Variant{Case: "it", Value: "e"},
		cabi.Result{IsErr: true, Value: []any{"f", uint8(1)}})
	if dropped != 6 {
		t.Errorf("dropped %d, want 6", dropped)
	}
}

// TestStubsInWhatIsMadeForAnImport: a component that is to meet an import lacks something
// itself.
func TestStubsInWhatIsMadeForAnImport(t *testing.T) {
	r := newLinking(t).runtime
	inner, _ := importer(t, r, thing("1.0.4", "tell: func();"))
	outer, g := importer(t, r, "package acme:outer@1.0.0; interface deep { f0: func(); more: func(); }")
	l := component.NewLinker(r)
	l.DefineComponent("acme:outer/deep@1.0.0", inner)
	l.StubMissing(component.StubTraps)
	m := matchOf(t, l, outer, "acme:outer/deep@1.0.0")
	if len(m.Stubs) != 2 || m.Stubs[0].Func != "acme:missing/thing@1.0.4#tell" || m.Stubs[1].Func != "acme:outer/deep@1.0.0#more" {
		t.Fatalf("%v: %v", m, m.Stubs)
	}
	for _, f := range []string{"f0", "more"} {
		in := start(t, l, outer)
		if _, err := in.Call(context.Background(), "", g.Exports["acme:outer/deep@1.0.0#"+f]); !errors.Is(err, component.ErrStub) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestShims(t *testing.T) {
	r := newLinking(t).runtime
	guest, g := importer(t, r, thing("0.2.0-rc-1", ask+"tell: func(n: u32) -> u32;"))
	const name = "acme:missing/thing@0.2.0-rc-1"
	table := component.Shim{From: "acme:missing@0.2.0-rc-1", To: "acme:missing@0.2", Why: "the release has the same declarations"}
	twice := table
	twice.Build = func(have *component.Interface) (*component.Interface, error) {
		typ := *have.Type
		typ.Funcs = append(typ.Funcs[:len(typ.Funcs):len(typ.Funcs)], &wit.Func{Name: "tell", Params: []wit.Param{{Name: "n", Type: wit.U32}}, Result: wit.U32})
		return &component.Interface{Type: &typ, Resources: have.Resources, Funcs: map[string]component.HostFunc{
			"ask": have.Funcs["ask"], "tell": func(_ *cabi.Call, stack []uint64) { stack[0] *= 2 },
		}}, nil
	}
	fails := table
	fails.Build = func(*component.Interface) (*component.Interface, error) { return nil, errors.New("no such luck") }
	half := table
	half.Build = func(have *component.Interface) (*component.Interface, error) {
		return &component.Interface{Type: have.Type}, nil
	}
	for _, c := range []struct {
		name, host string
		shim       component.Shim
		quality    component.Quality
		contains   string
	}{
		{"as it is", thing("0.2.9", ask+"tell: func(n: u32) -> u32;"), table, component.Shimmed,
			name + ": met by acme:missing/thing@0.2.9 through a shim: the release has the same declarations"},
		{"with what it builds", thing("0.2.9", ask), twice, component.Shimmed, "0.2.9"},
		{"that does not fit", thing("0.2.9", ask), table, component.Missing,
			"through the shim acme:missing@0.2.0-rc-1 by acme:missing@0.2: acme:missing/thing@0.2.9 has no function tell"},
		{"that cannot be built", thing("0.2.9", ask), fails, component.Missing, "cannot be made: no such luck"},
		{"that builds half an interface", thing("0.2.9", ask), half, component.Missing, "no code for its function ask"},
		{"of nothing", thing("0.3.0", ask), table, component.Missing, "another track"},
		{"that is not needed", thing("0.2.0-rc-1", ask+"tell: func(n: u32) -> u32;"), fails, component.Exact, "met"},
	} {
		l := offers(t, r, c.host)
		if err := l.Shim(c.shim); err != nil {
			t.Fatal(err)
		}
		m := matchOf(t, l, guest, name)
		if m.Quality != c.quality || !strings.Contains(m.String(), c.contains) {
			t.Errorf("%s: %v: %v; want %v with %q", c.name, m.Quality, m, c.quality, c.contains)
		}
		if c.name == "with what it builds" {
			if got := call(t, start(t, l, guest), "", g.Exports[name+"#tell"], uint32(21)); got != uint32(42) {
				t.Errorf("%s: %v", c.name, got)
			}
		}
	}
	if err := component.NewLinker(r).Shim(component.Shim{From: "a:b", To: "a:b/c"}); err == nil {
		t.Error("a shim from a package to an interface")
	}
}

// TestAnImportOfManyFunctionsIsToldInFewWords, and at once.
func TestAnImportOfManyFunctionsIsToldInFewWords(t *testing.T) {
	r := newLinking(t).runtime
	const n = 2_000
	i := &wit.Interface{Name: must(wit.ParseName("acme:missing/thing@1.0.4"))}
	for k := range n {
		i.Funcs = append(i.Funcs, &wit.Func{Name: fmt.Sprintf("f%d", k)})
	}
	i.Funcs = append(i.Funcs, &wit.Func{Name: "ask", Result: wit.U8})
	g, err := forward.Component(i)
	if err != nil {
		t.Fatal(err)
	}
	guest, err := r.Compile(context.Background(), g.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	l := offers(t, r, thing("1.0.2", "ask: func() -> u8;"))
	_, err = l.Instantiate(context.Background(), guest)
	if err == nil || len(err.Error()) > 2000 || !strings.Contains(err.Error(), "and 1992 more like that") {
		t.Errorf("got %v", err)
	}
	l.StubMissing(component.StubErrors)
	if m := matchOf(t, l, guest, i.Name.String()); m.Quality != component.Stubbed || len(m.Stubs) != n {
		t.Errorf("%v with %d stubs", m, len(m.Stubs))
	}
}

// TestManyVersionsAreToldInFewWords, the highest of them.
func TestManyVersionsAreToldInFewWords(t *testing.T) {
	r := newLinking(t).runtime
	guest, _ := importer(t, r, thing("2.0.0", ask))
	l := offers(t, r, thing("1.0.0", ask), thing("1.10.0", ask), thing("1.9.0", ask), thing("0.1.0", ask))
	_, err := l.Instantiate(context.Background(), guest)
	if want := "the host offers acme:missing/thing@1.10.0 and 3 lower versions, which is on another track"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
