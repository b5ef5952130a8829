package wit

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestFilesOfAFolderAreOnePackage(t *testing.T) {
	pkgs, err := Parse(
		File{"a.wit", "use c:d/e as other;\ninterface a { use b.{t}; use other.{u}; }"},
		File{"b.wit", "/// Docs.\npackage a:b;\ninterface b { type t = u8; }"},
		File{"c.wit", "package a:b;\npackage c:d { interface e { type u = u8; } }"})
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) != 2 || pkgs[0].Docs != "Docs." || len(pkgs[0].Interfaces) != 2 {
		t.Errorf("%+v", pkgs[0])
	}
	if u := pkgs[0].Interface("a").Type("u"); u.Root() != pkgs[1].Interface("e").Type("u") {
		t.Error("u is not the type that c:d declares")
	}
}

func TestATopLevelUseIsSeenInItsFileOnly(t *testing.T) {
	_, err := Parse(
		File{"a.wit", "package a:b;\nuse b as c;\ninterface a { use c.{t}; }"},
		File{"b.wit", "interface b { type t = u8; }\ninterface d { use c.{t}; }"})
	if err == nil || !strings.HasPrefix(err.Error(), "b.wit:2:19: ") {
		t.Errorf("got %v", err)
	}
}

func TestAWorldImportsWhatItsItemsUse(t *testing.T) {
	pkgs, err := Parse(File{"f.wit", `package a:b@1.0.0;
		interface base { type t = u8; }
		interface middle { use base.{t}; }
		interface top { use middle.{t}; }
		world imports { import f: func(); import top; }
		world exports { export top; export middle; }
		world types { use middle.{t}; import f: func(x: t); }`})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"imports": "f a:b/base@1.0.0 a:b/middle@1.0.0 a:b/top@1.0.0 ->",
		"exports": "a:b/base@1.0.0 -> a:b/middle@1.0.0 a:b/top@1.0.0",
		"types":   "a:b/base@1.0.0 a:b/middle@1.0.0 t f ->",
	} {
		w := pkgs[0].World(name)
		var got []string
		for _, it := range w.Imports {
			got = append(got, it.Name)
		}
		got = append(got, "->")
		for _, it := range w.Exports {
			got = append(got, it.Name)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("world %s: %s\nwant %s", name, s, want)
		}
	}
}

func TestAnIncludeCopiesTheTypesOfTheOtherWorld(t *testing.T) {
	pkgs, err := Parse(File{"f.wit", `package a:b;
		world inner { resource r { constructor(); m: func(x: borrow<r>); } export f: func(x: list<r>); }
		world outer { include inner with { r as s, f as g } }`})
	if err != nil {
		t.Fatal(err)
	}
	outer := pkgs[0].World("outer")
	s := outer.Imports[0].Type
	if s.Name != "s" || s.World != outer || !s.IsResource() {
		t.Errorf("%+v", s)
	}
	for i, want := range []string{"s", "[constructor]s", "[method]s.m"} {
		if outer.Imports[i].Name != want {
			t.Errorf("import %d is %s, want %s", i, outer.Imports[i].Name, want)
		}
	}
	g := outer.Exports[0].Func
	if g.Name != "g" || g.Params[0].Type.(*List).Elem.(*Own).Resource != s {
		t.Errorf("%+v", g)
	}
}

func TestVersionsOfAGateStayInTheirPackageButFeaturesDoNot(t *testing.T) {
	pkgs, err := Parse(File{"f.wit", `package a:b@0.1.0;
		world outer { @since(version = 0.1.0) include c:d/inner@2.0.0; }
		package c:d@2.0.0 {
			interface i {}
			interface j {}
			world inner {
				@since(version = 2.0.0) import i;
				@unstable(feature = j) import j;
			}
		}`})
	if err != nil {
		t.Fatal(err)
	}
	got := pkgs[0].World("outer").Imports
	if got[0].Gate != (Gate{Since: V(0, 1, 0)}) || got[1].Gate != (Gate{Unstable: "j"}) {
		t.Errorf("%+v", got)
	}
}

const gated = `package a:b@1.0.0;
interface i {
  @unstable(feature = x)
  type t = u8;
  @unstable(feature = x)
  f: func() -> t;
  resource r {
    @unstable(feature = y)
    m: func();
  }
  @since(version = 1.0.0)
  g: func();
}
@unstable(feature = x)
world w { import i; }`

func TestGatedItemsAreKeptUnlessKeepSaysOtherwise(t *testing.T) {
	for _, test := range []struct {
		name string
		keep func(Name, Gate) bool
		want string
	}{
		{"all", nil, "t r f [method]r.m g w"},
		{"stable ones", Stable(), "r g"},
		{"those of a feature", Stable("x"), "t r f g w"},
		{"those of an old version", func(pkg Name, g Gate) bool { return g.Since.IsZero() }, "t r f [method]r.m w"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := Resolver{Keep: test.keep}
			if err := r.Add(File{"f.wit", gated}); err != nil {
				t.Fatal(err)
			}
			pkgs, err := r.Resolve()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			i := pkgs[0].Interface("i")
			for _, t := range i.Types {
				got = append(got, t.Name)
			}
			for _, f := range i.Funcs {
				got = append(got, f.Name)
			}
			for _, w := range pkgs[0].Worlds {
				got = append(got, w.Name.Interface)
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got %s, want %s", s, test.want)
			}
		})
	}
}

func TestWhatIsKeptCannotReferToWhatIsNot(t *testing.T) {
	for text, want := range map[string]string{
		"interface i { @unstable(feature = x) type t = u8; f: func() -> t; }":            "type `t` is left out because of its gate; enable feature `x`",
		"@unstable(feature = x) interface i { type t = u8; } interface j { use i.{t}; }": "interface `i` is left out because of its gate; enable feature `x`",
		"interface i { @unstable(feature = x) type t = u8; } interface j { use i.{t}; }": "type `t` of interface `a:b/i` is left out because of its gate; enable feature `x`",
		"@unstable(feature = x) world v {} world w { include v; }":                       "world `v` is left out because of its gate; enable feature `x`",
	} {
		r := Resolver{Keep: Stable()}
		if err := r.Add(File{"f.wit", "package a:b; " + text}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Resolve(); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func TestFoldersThatHoldTheSamePackageAgree(t *testing.T) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	folders := fstest.MapFS{
		"one/a.wit":          text("package a:one; interface i { use c:d/e.{t}; }"),
		"one/deps/cd/a.wit":  text("package c:d;\n/// Docs.\ninterface e { type t = u8; }"),
		"one/deps/README.md": text("not WIT"),
		"two/a.wit":          text("package a:two; interface i { use c:d/e.{t}; }"),
		"two/deps/cd.wit":    text("package c:d; interface e { type t=u8; } // same"),
		"three/a.wit":        text("package a:three; package c:d { interface e { type t = u8; } }"),
		"four/a.wit":         text("package a:four; package c:d { interface e { type t = u16; } }"),
	}
	pkgs, err := ParseFS(folders, "one", "two", "three/a.wit")
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) != 4 {
		t.Errorf("%d packages, want 4", len(pkgs))
	}
	_, err = ParseFS(folders, "one", "four")
	if err == nil || !strings.Contains(err.Error(), "defined in two places; the other is in one/deps/cd/a.wit, line 1") {
		t.Errorf("got %v", err)
	}
	if _, err = ParseFS(folders, "five"); err == nil {
		t.Error("a folder that is not there gives no error")
	}
	if _, err = ParseFS(fstest.MapFS{"d/a.txt": text("x")}, "d"); err == nil {
		t.Error("a folder without WIT gives no error")
	}
}
