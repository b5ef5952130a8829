package wit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/internal/bounds"
)

// parsed is the first package of a text.
func parsed(t testing.TB, text string) *Package {
	t.Helper()
	pkgs, err := Parse(File{Name: "t.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return pkgs[0]
}

func told(changes []Change) string {
	var lines []string
	for _, c := range changes {
		line := c.String()
		if c.Breaks {
			line = "! " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestChangesOfPackagesAreToldOnceWithWhatTheyBreak(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"a type within a type is told where it is declared",
			"interface i { record a { x: u8 } record b { a: a } f: func() -> u8; }", "interface i { record a { x: u16 } record b { a: a } f: func() -> u8; }",
			"! interface a:b/i, type a: x: u8, now u16"},
		{"and by each function that uses it",
			"interface i { record a { x: u8 } f: func(p: option<a>); g: func() -> list<a>; }", "interface i { record a { x: u16 } f: func(p: option<a>); g: func() -> list<a>; }",
			"! interface a:b/i, type a: x: u8, now u16\n! interface a:b/i, func f: param \"p\".some.x: u8, now u16\n! interface a:b/i, func g: result[].x: u8, now u16"},
		{"a function that differs does not hide another",
			"interface i { f: func(p: list<u8>, q: u8); g: func(p: list<u8>, q: u8); }", "interface i { f: func(p: list<u16>, q: u8); g: func(p: list<u16>, q: u8); }",
			"! interface a:b/i, func f: param \"p\"[]: u8, now u16\n! interface a:b/i, func g: param \"p\"[]: u8, now u16"},
		{"order does not count among functions and types",
			"interface i { type a = u8; type b = u16; f: func(); g: func(); }", "interface i { g: func(); type b = u16; f: func(); type a = u8; }", ""},
		{"a type that becomes a resource",
			"interface i { type a = u8; }", "interface i { resource a; }", "! interface a:b/i, type a: u8, now resource a"},
		{"an alias for what was spelled out is the same",
			"interface i { f: func(p: list<u8>); }", "interface i { type bytes = list<u8>; f: func(p: bytes); }", "interface a:b/i, type bytes: added"},
		{"a resource used from elsewhere is the same by its name",
			"interface h { resource r; } interface i { use h.{r}; f: func(p: borrow<r>); }", "interface h { resource r; } interface i { use h.{r as s}; f: func(p: borrow<s>); }",
			"! interface a:b/i, type r: removed\ninterface a:b/i, type s: added"},
		{"another resource is another",
			"interface h { resource r; resource q; } interface i { use h.{r}; f: func(p: borrow<r>); }", "interface h { resource r; resource q; } interface i { use h.{q as r}; f: func(p: borrow<r>); }",
			"! interface a:b/i, type r: resource a:b/h.r, now resource a:b/h.q (another resource)\n! interface a:b/i, func f: param \"p\": borrow a:b/h.r, now borrow a:b/h.q (another resource)"},
		{"a method that becomes static",
			"interface i { resource r { m: func(); } }", "interface i { resource r { m: static func(); } }",
			"! interface a:b/i, method r.m: removed\ninterface a:b/i, static r.m: added"},
		{"what is unstable may come and go",
			"interface i { @unstable(feature = x) f: func(); }", "interface i { @unstable(feature = y) g: func(); }",
			"interface a:b/i, func f: removed (unstable)\ninterface a:b/i, func g: added (unstable)"},
		{"an interface in a world of its own package is told once",
			"interface i { f: func(); } world w { import i; }", "interface i { f: func(p: u8); } world w { import i; }",
			"! interface a:b/i, func f: param \"p\": no such parameter, now u8"},
		{"an import without a name of its own may grow",
			"world w { import i: interface { f: func(); } }", "world w { import i: interface { f: func(); g: func(); } }", "world a:b/w, import i, func g: added"},
		{"an export may not",
			"world w { export i: interface { f: func(); } }", "world w { export i: interface { f: func(); g: func(); } }", "! world a:b/w, export i, func g: added"},
		{"types of a world", "world w { type t = u8; record r { a: u8 } }", "world w { type t = u16; }",
			"! world a:b/w, import type t: u8, now u16\n! world a:b/w, import type r: removed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := told(DiffPackages(parsed(t, "package a:b;\n"+test.old), parsed(t, "package a:b;\n"+test.new)))
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestVersionsOfPackagesStayOnTheirTrack(t *testing.T) {
	text := func(version string) string {
		return "package a:b" + version + ";\ninterface i { f: func(); }\nworld w { import i; }"
	}
	for _, test := range []struct{ old, new, want string }{
		{"@1.0.0", "@1.9.0", ""},
		{"@1.9.0", "@1.0.0", ""},
		{"@0.2.0", "@0.2.12", ""},
		{"", "", ""},
		{"@1.0.0", "@2.0.0", "! package a:b@1.0.0: the version is 2.0.0, on another track"},
		{"@0.2.0", "@0.3.0", "! package a:b@0.2.0: the version is 0.3.0, on another track"},
		{"@0.3.0-rc", "@0.3.0", "! package a:b@0.3.0-rc: the version is 0.3.0, and 0.3.0-rc is met by itself alone"},
		{"@0.0.1", "@0.0.2", "! package a:b@0.0.1: the version is 0.0.2, and 0.0.1 is met by itself alone"},
		{"@1.0.0", "", "! package a:b@1.0.0: the version is gone"},
		{"", "@1.0.0", "! package a:b: the version is 1.0.0, there was none"},
	} {
		t.Run(test.old+" to "+test.new, func(t *testing.T) {
			if got := told(DiffPackages(parsed(t, text(test.old)), parsed(t, text(test.new)))); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAComponentMayStandForAnotherThatAsksForMoreAndGivesLess(t *testing.T) {
	p := parsed(t, `package a:b@1.1.0;
		interface i { resource r; f: func(p: borrow<r>); g: func(); }
		interface e { f: func(); }
		interface less { f: func(); }
		world old { import i; export e; export run: func(); }
		world same { import i; export e; export run: func(); }
		world new { export e; export run: func(); export i; }
		world worse { import i; import e; export run: func() -> u8; }
		world typed { import i; use i.{r}; export e; export run: func(); }`)
	for _, test := range []struct{ old, new, want string }{
		{"old", "same", ""},
		{"old", "new", "import a:b/i@1.1.0: removed\nexport a:b/i@1.1.0: added"},
		{"new", "old", "! import a:b/i@1.1.0: added\n! export a:b/i@1.1.0: removed"},
		{"old", "worse", "! import a:b/e@1.1.0: added\n! export a:b/e@1.1.0: removed\n! export func run: result: nothing, now u8"},
		{"old", "typed", ""},
	} {
		t.Run(test.old+" to "+test.new, func(t *testing.T) {
			if got := told(DiffComponents(p.World(test.old), p.World(test.new))); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestAComponentOfAWorldNeedsNoMoreAndGivesNoLess(t *testing.T) {
	component := parsed(t, `package root:component;
		world root { import a:b/i@1.0.0; import extra: func(); export a:b/e@1.0.0; export more: func(); }
		package a:b@1.0.0 { interface i { f: func(); h: func(); } interface e { f: func(); } }`)
	world := parsed(t, `package a:b@1.1.0;
		interface i { f: func(); g: func(); }
		interface e { f: func(); g: func(); }
		interface unused { f: func(); }
		world w { import i; import unused; export e; export run: func(); }`)
	want := "! import a:b/i@1.0.0, func h: the world has none\n! import func extra: the world has none\n" +
		"! export a:b/e@1.0.0, func g: the component has none\n! export func run: the component has none"
	if got := told(DiffTarget(component.World("root"), world.World("w"))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheNextVersionLeavesTheTrackOnlyWhereSomethingBreaks(t *testing.T) {
	adds, breaks, unstable := []Change{{}}, []Change{{}, {Breaks: true}}, []Change{{Unstable: true}}
	for _, test := range []struct {
		version string
		changes []Change
		want    string
	}{
		{"1.2.3", nil, "1.2.3"}, {"1.2.3", unstable, "1.2.3"}, {"1.2.3", adds, "1.3.0"}, {"1.2.3", breaks, "2.0.0"},
		{"0.2.3", adds, "0.2.4"}, {"0.2.3", breaks, "0.3.0"}, {"0.0.3", adds, "0.0.4"}, {"0.0.3", breaks, "0.0.4"},
		{"0.3.0-rc-1", breaks, "0.3.0-rc-1"},
	} {
		v, err := ParseVersion(test.version)
		if err != nil {
			t.Fatal(err)
		}
		if got := NextVersion(v, test.changes).String(); got != test.want {
			t.Errorf("%s after %v: got %s, want %s", test.version, test.changes, got, test.want)
		}
	}
}

// TestDiffsOfHostilePackagesAreBounded: functions and types that all lead through the
// same large type, equal or not, and that in other interfaces or in a world, and interfaces
// that share nothing.
func TestDiffsOfHostilePackagesAreBounded(t *testing.T) {
	if raced {
		t.Skip("the race detector takes many times the time and memory; .ci/run measures without it")
	}
	wide := func(last string) string {
		return "package a:b;\ninterface i {\n record r {\n" + many(10_000, func(i int) string { return fmt.Sprintf("x%d: u8,", i) }) + "last: " + last + " }\n" +
			many(10_000, func(i int) string { return fmt.Sprintf("g%d: func(p: r);", i) }) +
			many(5_000, func(i int) string { return fmt.Sprintf("type t%d = list<r>;", i) }) + "}"
	}
	names := func(s string) string {
		return "package a:b;\ninterface i {\n" + many(40_000, func(i int) string { return fmt.Sprintf("%s%d: func();", s, i) }) + "}"
	}
	used := "package a:b;\ninterface i {\n record r {\n" + many(10_000, func(i int) string { return fmt.Sprintf("x%d: u8,", i) }) + "}\n}\n" +
		many(20_000, func(i int) string { return fmt.Sprintf("interface j%d { use i.{r}; }", i) })
	world := "package a:b;\nworld w {\n record r {\n" + many(10_000, func(i int) string { return fmt.Sprintf("x%d: u8,", i) }) + "}\n" +
		many(10_000, func(i int) string { return fmt.Sprintf("type t%d = list<r>;", i) }) + "}"
	for _, test := range []struct {
		name, old, new string
		changes        int
	}{
		{"one large type that many interfaces use", used, used, 0},
		{"one large type of a world", world, world, 0},
		{"one large type, equal", wide("u8"), wide("u8"), 0},
		{"one large type that differs in the end", wide("u8"), wide("u16"), MaxChanges},
		{"nothing in common", names("a"), names("b"), MaxChanges},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, new := parsed(t, test.old), parsed(t, test.new)
			bounds.Check(t, "DiffPackages", func() error {
				if n := len(DiffPackages(old, new)); n != test.changes {
					t.Errorf("%d changes, want %d", n, test.changes)
				}
				return nil
			})
		})
	}
}
