package wit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/internal/bounds"
)

// TestAMebibyteOfHostileTextIsBounded: it costs less than a second and 256 MiB to
// parse, and the same again to print, whether it means something or not.
func TestAMebibyteOfHostileTextIsBounded(t *testing.T) {
	if raced {
		t.Skip("the race detector takes many times the time and memory; .ci/run measures without it")
	}
	for what, text := range hostileTexts() {
		t.Run(what, func(t *testing.T) {
			if len(text) > mebibyte+200 || len(text) < mebibyte/2 {
				t.Fatalf("the text has %d bytes", len(text))
			}
			var pkgs []*Package
			bounds.Check(t, "Parse", func() (err error) {
				pkgs, err = Parse(File{Name: "f.wit", Text: text})
				return err
			})
			if len(pkgs) > 0 {
				bounds.Check(t, "Print", func() error {
					Print(pkgs[0], pkgs[1:]...)
					return nil
				})
			}
		})
	}
}

const mebibyte = 1 << 20

// filled is a text of about a mebibyte: before, as many lines as fit, each made of
// its number, and after.
func filled(before string, line func(i int) string, after string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; ; i++ {
		l := line(i) + "\n"
		if b.Len()+len(l)+len(after) > mebibyte {
			return b.String() + after
		}
		b.WriteString(l)
	}
}

// f is a line with its number as #, and its remainder by 10,000 as $.
func f(format string) func(i int) string {
	return func(i int) string {
		return strings.NewReplacer("#", fmt.Sprint(i), "$", fmt.Sprint(i%10_000)).Replace(format)
	}
}

func repeated(before, s, after string) string {
	return before + strings.Repeat(s, (mebibyte-len(before)-len(after))/len(s)) + after
}

// following is f for a line that also names the one before it, as ~.
func following(format string) func(i int) string {
	return func(i int) string {
		return strings.NewReplacer("#", fmt.Sprint(i+1), "~", fmt.Sprint(i)).Replace(format)
	}
}

func hostileTexts() map[string]string {
	const (
		pkg   = "package a:b;\n"
		iface = pkg + "interface i {\n"
	)
	half := func(line string, n int) string { return many(n, f(line)) }
	return map[string]string{
		"zeros":              strings.Repeat("\x00", mebibyte),
		"not UTF-8":          strings.Repeat("\xff", mebibyte),
		"blanks":             strings.Repeat(" ", mebibyte),
		"empty lines":        strings.Repeat("\n", mebibyte),
		"semicolons":         strings.Repeat(";", mebibyte),
		"a long word":        pkg + "interface " + strings.Repeat("a", mebibyte-100) + " {}",
		"a word of hyphens":  repeated(pkg+"interface a", "-b", " {}"),
		"percent signs":      repeated(pkg, "%", ""),
		"a long number":      pkg + "interface i { type t = list<u8, " + strings.Repeat("9", mebibyte-100) + ">; }",
		"a long version":     "package a:b@1.0.0-" + strings.Repeat("9", mebibyte-100) + ";",
		"a version of parts": repeated("package a:b@1.0.0-a", ".1", ";"),
		"a path of colons":   repeated("package a", ":b", ";"),
		"a path of slashes":  repeated(pkg+"world w { import a:b", "/c", "; }"),
		"open comments":      strings.Repeat("/*", mebibyte/2),
		"comments in one":    strings.Repeat("/*", mebibyte/4) + strings.Repeat("*/", mebibyte/4),
		"one-line comments":  repeated(pkg, "//\n", ""),
		"docs":               repeated(pkg, "///\n", "interface i {}"),
		"blocks of docs":     repeated(pkg, "/***/", "interface i {}"),
		"a long doc":         pkg + "/** " + strings.Repeat("\n ", mebibyte/2-100) + "*/ interface i {}",
		"gates":              repeated(pkg, "@unstable(feature = a)\n", "interface i {}"),
		"brackets":           repeated(iface+"type t = ", "list<", ""),
		"blocks":             repeated(pkg, "interface i {", ""),
		"packages in one":    repeated(pkg, "package a:c {", ""),

		"packages":                    filled(pkg, f("package a:c# {}"), ""),
		"versions of one package":     filled(pkg, f("package a:c@1.#.0 { interface i {} }"), ""),
		"one package again and again": filled(pkg, f("package a:c {}"), ""),
		"interfaces":                  filled(pkg, f("interface i# {}"), ""),
		"one interface again":         filled(pkg, f("interface i {}"), ""),
		"types":                       filled(iface, f("type t# = u8;"), "}"),
		"one type again":              filled(iface, f("type t = u8;"), "}"),
		"unknown types":               filled(iface, f("type t# = u#;"), "}"),
		"unknown types on one line":   strings.ReplaceAll(filled(iface, f("type t# = u#;"), "}"), "\n", " "),
		"unknown packages":            filled(iface, f("use a:c#/i@1.0.0.{t#};"), "}"),
		"a chain of types":            filled(iface+"type t0 = u8;\n", following("type t# = list<t~>;"), "}"),
		"a chain downwards":           filled(iface, following("type t~ = list<t#>;"), "}"),
		"types that double":           filled(iface+"type t0 = u8;\n", following("type t# = tuple<t~, t~>;"), "}"),
		"aliases of aliases":          filled(iface+"record t0 { a: u8 }\n", following("type t# = t~;"), "}"),
		"a type of itself":            filled(iface, f("type t# = list<t#>;"), "}"),
		"a wide tuple":                repeated(iface+"type t = tuple<", "u8,", ">;}"),
		"wide tuples of wide tuples":  filled(iface+"type t0 = tuple<"+strings.Repeat("u8,", 1000)+">;\n", following("type t# = tuple<t~,t~,t~,t~,t~,t~,t~,t~>;"), "}"),
		"fields":                      filled(iface+"record r {", f("a#: u8,"), "}}"),
		"one field again":             filled(iface+"record r {", f("a: u8,"), "}}"),
		"cases":                       filled(iface+"variant v {", f("a#(string),"), "}}"),
		"labels":                      filled(iface+"enum e {", f("a#,"), "}}"),
		"flags":                       filled(iface+"flags e {", f("a#,"), "}}"),
		"parameters":                  filled(iface+"g: func(", f("a#: u8,"), ");}"),
		"methods":                     filled(iface+"resource r {", f("a#: func();"), "}}"),
		"constructors":                filled(iface+"resource r {", f("constructor();"), "}}"),
		"resources":                   filled(iface, f("resource r#; fn#: func(r: borrow<r#>);"), "}"),

		"uses of one interface":      filled(iface+half("type t# = u8;", 10_000)+"}\ninterface j {", f("use i.{t$ as v#};"), "}"),
		"interfaces that use a type": filled(pkg+"interface h { type t = u8; }\n", f("interface i# { use h.{t}; }"), ""),
		"a chain of interfaces":      filled(pkg+"interface i0 { type t = u8; }\n", following("interface i# { use i~.{t}; }"), ""),
		"interfaces in a circle":     filled(pkg, following("interface i~ { use i#.{t}; }"), "interface last { use i0.{t}; }"),
		"an interface that uses many, in many worlds": filled(pkg+half("interface i# { type t = u8; }", 10_000)+"interface j {"+half("use i#.{t as t#};", 10_000)+"}\n",
			f("world w# { import j; }"), ""),
		"an interface of resources, used by many": filled(pkg+"interface h {"+half("resource r#;", 10_000)+"}\n",
			f("interface i# { use h.{r$}; }"), ""),

		"worlds":                    filled(pkg, f("world w# {}"), ""),
		"imports":                   filled(pkg+"world w {", f("import a#: func();"), "}"),
		"one import again":          filled(pkg+"world w {", f("import a: func();"), "}"),
		"imports of one interface":  filled(pkg+"interface i {}\nworld w {", f("import i;"), "}"),
		"imports and exports":       filled(pkg+"world w {", f("import a#: func(); export a#: func();"), "}"),
		"interfaces in a world":     filled(pkg+"world w {", f("import a#: interface { type t = u8; }"), "}"),
		"a chain of worlds":         filled(pkg+"world w0 { import a: func(); }\n", following("world w# { include w~; }"), ""),
		"a chain of growing worlds": filled(pkg+"world w0 {}\n", following("world w# { include w~; import a#: func(); }"), ""),
		"worlds that double":        filled(pkg+"world w0 { import a: func(); }\n", following("world w# { include w~; include w~ with { a as a# } }"), ""),
		"worlds that include many":  filled(pkg+"world v {"+half("import a#: func();", 20_000)+"}\n", f("world w# { include v; }"), ""),
		"worlds of many types":      filled(pkg+"world v {"+half("type a# = u8;", 20_000)+"}\n", f("world w# { include v; }"), ""),
		"worlds of large interfaces": filled(pkg+"world v { import x: interface {"+half("type a# = u8;", 20_000)+"} }\n",
			f("world w# { include v; }"), ""),
		"worlds of interfaces that share what they use": filled(pkg+half("interface i# { type t = u8; }", 150)+
			many(150, func(n int) string { return fmt.Sprintf("interface j%d {", n) + half("use i#.{t as t#};", 150) + "}" })+
			"world v {"+half("import j#;", 150)+"}\n",
			f("world w# { include v; }"), ""),
		"worlds that export what shares": filled(pkg+half("interface i# { type t = u8; }", 150)+
			many(150, func(n int) string {
				return fmt.Sprintf("interface j%d { type t = u8; ", n) + half("use i#.{t as t#};", 150) + "}"
			})+
			"interface k {"+half("use j#.{t as t#};", 150)+"}\nworld v {"+half("import j#;", 150)+"}\n",
			f("world w# { include v; export k; }"), ""),
		"an include that renames":   filled(pkg+"world v {"+half("import a#: func();", 10_000)+"}\nworld w { include v with {", f("a# as b#,"), "} }"),
		"one include again":         filled(pkg+"world v { import a: func(); }\nworld w {", f("include v;"), "}"),
		"one world with many names": filled(pkg+"world v { import a: func(); }\nworld w {", f("include v with { a as a# }"), "}"),
	}
}
