package embed_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/embed"
	"github.com/tenon-wasm/tenon/component/internal/wrap"
	"github.com/tenon-wasm/tenon/wit"
)

// section is the world `w` of a text, which is the last package, as a section.
func section(t testing.TB, text string, encoding cabi.Encoding) string {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: "a.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	var w *wit.World
	for _, p := range packages {
		if found := p.World("w"); found != nil {
			w = found
		}
	}
	data, err := wrap.Section(w, encoding)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sized(s string) string { return string(binary.AppendUvarint(nil, uint64(len(s)))) + s }

// module is a core module with sections of these contents.
func module(contents ...string) string {
	m := "\x00asm\x01\x00\x00\x00"
	for i, c := range contents {
		m += "\x00" + sized(sized(fmt.Sprintf("component-type:%d", i))+c)
	}
	return m
}

func read(t testing.TB, contents ...string) (*embed.World, error) {
	t.Helper()
	m, err := core.Read([]byte(module(contents...)))
	if err != nil {
		t.Fatal(err)
	}
	return embed.Read(m)
}

// printed is a world without the packages around it.
func printed(w *embed.World) string {
	w.Name = wit.Name{Namespace: "a", Package: "b", Interface: "w"}
	return strings.TrimSpace(strings.TrimPrefix(wit.PrintWorld(&w.World), "package a:b;\n\n"))
}

const everything = `
package tenon:all@1.2.3;
interface types {
  type size = u64;
  record point { x: s32, y: f32, name: string }
  variant shape { dot(point), many(list<point>), none }
  enum color { red, green }
  flags rights { read, write }
  resource thing {
    constructor(n: size);
    get: func(c: color) -> result<shape, string>;
    make: static func() -> option<thing>;
  }
  type pair = tuple<char, bool>;
  all: func(t: borrow<thing>, p: pair, r: rights) -> own<thing>;
}
interface more {
  use types.{thing, shape as form, size};
  type forms = list<form>;
  each: func(f: forms, t: thing) -> size;
}
world w {
  use types.{point};
  record box { at: point }
  import more;
  import run: func(b: box);
  import inline: interface { f: func(n: u8) -> s8; }
  export types;
  export more;
  export go: func() -> string;
}`

func TestASectionTellsTheWorldThatWasWrittenToIt(t *testing.T) {
	got, err := read(t, section(t, everything, cabi.UTF16))
	if err != nil {
		t.Fatal(err)
	}
	packages, err := wit.Parse(wit.File{Name: "a.wit", Text: everything})
	if err != nil {
		t.Fatal(err)
	}
	want := packages[0].World("w")
	if got.Name != want.Name {
		t.Errorf("it is %s, want %s", got.Name, want.Name)
	}
	for _, c := range append(wit.DiffComponents(want, &got.World), wit.DiffComponents(&got.World, want)...) {
		t.Errorf("it differs: %s", c)
	}
	for f, e := range got.Encodings {
		if e != cabi.UTF16 {
			t.Errorf("the strings of %s are in encoding %d", f.Name, e)
		}
	}
	if got.Import("tenon:all/types@1") == nil || got.Export("tenon:all/more@1.9.9") == nil || got.Import("tenon:all/types@2") != nil {
		t.Error("interfaces are not found by their tracks")
	}
}

func TestSectionsAreJoined(t *testing.T) {
	const io = `package a:c; package wasi:io@%s { interface streams { resource pipe { %s } variant error { closed, failed(u32) } %s } }
package a:b { world w { %s } }`
	text := func(version, methods, funcs, world string) string {
		return fmt.Sprintf(io, version, methods, funcs, world)
	}
	for _, c := range []struct{ what, one, two, want string }{
		{
			"two worlds", "package a:b; world w { import f: func(); export g: func(); }", "package a:b; world w { import h: func(s: string); export g: func(); }",
			"world w {\n  import f: func();\n  import h: func(s: string);\n  export g: func();\n}",
		},
		{
			"two parts of an interface",
			text("0.2.3", "read: func() -> u32;", "", "import wasi:io/streams@0.2.3;"),
			text("0.2.3", "write: func(n: u32) -> error;", "type n = u8; use-it: func(n: n);", "import wasi:io/streams@0.2.3;"),
			`world w {
  import wasi:io/streams@0.2.3;
}

package wasi:io@0.2.3 {
  interface streams {
    resource pipe {
      read: func() -> u32;
      write: func(n: u32) -> error;
    }

    variant error {
      closed,
      failed(u32),
    }

    type n = u8;

    use-it: func(n: n);
  }
}`,
		},
		{
			"two versions on a track",
			text("0.2.3", "read: func() -> u32;", "", "import wasi:io/streams@0.2.3; import f: func();"),
			text("0.2.10", "read: func() -> u32;", "", "import wasi:io/streams@0.2.10;"),
			`world w {
  import wasi:io/streams@0.2.10;
  import f: func();
}

package wasi:io@0.2.10 {
  interface streams {
    resource pipe {
      read: func() -> u32;
    }

    variant error {
      closed,
      failed(u32),
    }
  }
}`,
		},
		{
			"two versions on a track that differ",
			"package a:c; package wasi:io@0.2.3 { interface a { f: func(); } } package a:b { world w { import wasi:io/a@0.2.3; } }",
			"package a:c; package wasi:io@0.2.4 { interface a { f: func() -> u8; } } package a:b { world w { import wasi:io/a@0.2.4; } }",
			`world w {
  import wasi:io/a@0.2.3;
  import wasi:io/a@0.2.4;
}

package wasi:io@0.2.3 {
  interface a {
    f: func();
  }
}

package wasi:io@0.2.4 {
  interface a {
    f: func() -> u8;
  }
}`,
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			w, err := read(t, section(t, c.one, cabi.UTF8), section(t, c.two, cabi.UTF8))
			if err != nil {
				t.Fatal(err)
			}
			if got := printed(w); got != c.want {
				t.Errorf("it is\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestSectionsThatDoNotAgreeAreRefused(t *testing.T) {

	text := func(iface, world string) string {
		return fmt.Sprintf("package a:b; interface i { %s } world w { %s }", iface, world)
	}

	for _, c := range []struct {
		what, one, two string
		encoding       cabi.Encoding
		want           string
	}{
		{"a function", text("", "import f: func();"), text("", "import f: func(n: u8);"), cabi.UTF8, `about "f", which it imports: param "n"`},
		{"a kind", text("", "import f: func();"), text("", "import f: interface {}"), cabi.UTF8, `about "f", which it imports: it is of another kind there`},
		{"a type", text("record r { a: u8 }", "import i;"), text("record r { b: u8 }", "import i;"), cabi.UTF8, `about "a:b/i", which it imports: type r: `},
		{"a resource", text("resource r; type s = u8;", "import i;"), text("type r = u8; resource s;", "import i;"), cabi.UTF8, `type r: it is a resource there`},
		{"a function of an interface", text("f: func();", "export i;"), text("f: func() -> u8;", "export i;"), cabi.UTF8, `about "a:b/i", which it exports: function f: result: `},
		{"strings", text("f: func(s: string);", "import i;"), text("f: func(s: string);", "import i;"), cabi.UTF16, `function f: its strings have another encoding`},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := read(t, section(t, c.one, cabi.UTF8), section(t, c.two, c.encoding))
			var refused *embed.Error
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || refused.Section != "component-type:1" {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}

func TestWhatIsNoSectionIsTold(t *testing.T) {
	good := section(t, "package a:b; world w { import f: func(); }", cabi.UTF8)
	const encoding = "wit-component-encoding"
	at := strings.Index(good, encoding) + len(encoding)
	for _, c := range []struct{ what, content, want string }{
		{"nothing", "", "holds no component: "},
		{"text", "package a:b;", "holds no component: "},
		{"half of one", good[:len(good)-5], "holds no component: "},
		{"a core module", "\x00asm\x01\x00\x00\x00", "holds no component: "},
		{"an empty component", "\x00asm\x0d\x00\x01\x00", "has no wit-component-encoding"},
		{"another version", good[:at] + "\x05" + good[at+1:], "has the format 5, which is not known; 4 is"},
		{"another encoding", good[:at+1] + "\x03" + good[at+2:], "has an encoding of strings, 0x3, which is not known"},
		{"no world", "\x00asm\x0d\x00\x01\x00\x00" + sized(sized(encoding)+"\x04\x00"), "holds a component that exports no world"},
		{"the older form, cut off", "\x03\x00", "unexpected end"},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := read(t, c.content)
			var refused *embed.Error
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
	t.Run("too many", func(t *testing.T) {
		many := make([]string, 70)
		for i := range many {
			many[i] = good
		}
		if _, err := read(t, many...); err == nil || !strings.Contains(err.Error(), "is one of more than 64") {
			t.Errorf("the error is %v", err)
		}
	})
}

// TestTheOlderFormIsRead: it has the encoding and the name of the world before the component.
func TestTheOlderFormIsRead(t *testing.T) {
	good := section(t, "package a:b; world w { import f: func(s: string); }", cabi.UTF8)
	w, err := read(t, "\x03\x01"+sized("w")+good)
	if err != nil {
		t.Fatal(err)
	}
	if f := w.Imports[0].Func; w.Encodings[f] != cabi.UTF16 || f.Name != "f" {
		t.Errorf("it has %s, %d", f.Name, w.Encodings[f])
	}
	if _, err := read(t, "\x03\x01"+sized("v")+good); err == nil || !strings.Contains(err.Error(), "exports no world") {
		t.Errorf("of a world that is not there the error is %v", err)
	}
}

// Whatever a section holds: it is read, or there is an error that tells which it is.
func FuzzRead(f *testing.F) {
	f.Add([]byte(section(f, everything, cabi.UTF16)), []byte(section(f, "package a:b; world w { import f: func(); }", cabi.UTF8)))
	f.Add([]byte("\x03\x00\x01w"), []byte(nil))
	guests, _ := filepath.Glob("../../../testdata/guests/modules/embedded/*.wasm")
	for _, g := range guests {
		data, err := os.ReadFile(g)
		if err != nil {
			f.Fatal(err)
		}
		m, err := core.Read(data)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range m.CustomSections() {
			if embed.IsSection(c.Name) {
				f.Add(c.Data, []byte(section(f, everything, cabi.UTF8)))
			}
		}
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		w, err := read(t, string(one), string(two))
		var refused *embed.Error
		switch {
		case err == nil:
			wit.PrintWorld(&w.World)
		case !errors.As(err, &refused):
			t.Errorf("the error is a %T: %v", err, err)
		}
	})
}
