package wit

import (
	"fmt"
	"strings"
	"testing"
)

// many joins n lines that are made of their number.
func many(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
		b.WriteByte('\n')
	}
	return b.String()
}

// TestLargeTextCostsWhatItsSizeDoes would not end in useful time if any step
// took the square of the size, or more.
func TestLargeTextCostsWhatItsSizeDoes(t *testing.T) {
	const n = 20000
	for _, test := range []struct{ name, text, err string }{
		{"many nested packages", "package a:b;\n" + many(n, func(i int) string { return fmt.Sprintf("package a:c%d {}", i) }), ""},
		{"many uses of one interface", "package a:b;\ninterface i {\n" + many(n, func(i int) string { return fmt.Sprintf("type t%d = u8;", i) }) +
			"}\ninterface j { use i.{" + many(n, func(i int) string { return fmt.Sprintf("t%d,", i) }) + "}; }", ""},
		{"many worlds that import one interface", "package a:b;\ninterface h { type t = u8; }\ninterface i {\n use h.{t};\n" + many(n, func(i int) string { return fmt.Sprintf("type t%d = u8;", i) }) + "}\n" +
			many(n, func(i int) string { return fmt.Sprintf("world w%d { import i; }", i) }), ""},
		{"many worlds that include a large one", "package a:b;\nworld v {\n" + many(n, func(i int) string { return fmt.Sprintf("import fn%d: func();", i) }) + "}\n" +
			many(n, func(i int) string { return fmt.Sprintf("world w%d { include v; }", i) }), "hold more than"},
		{"a long chain of types", "package a:b;\ninterface i {\n" + many(n, func(i int) string { return fmt.Sprintf("type t%d = list<t%d>;", i, i+1) }) + "}", "deep"},
		{"a long chain of interfaces", "package a:b;\n" + many(n, func(i int) string { return fmt.Sprintf("interface i%d { use i%d.{}; }", i, i+1) }), "deep"},
		{"many brackets", "package a:b;\ninterface i { type t = " + strings.Repeat("list<", 10*n), "nested"},
		{"many blocks", "package a:b;\n" + strings.Repeat("interface i {", n), "found keyword"},
		{"deep comments", "package a:b;\n" + strings.Repeat("/*", 50*n), "unterminated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(File{Name: "f.wit", Text: test.text})
			switch {
			case err == nil && test.err != "":
				t.Errorf("no error, want one with %q", test.err)
			case err != nil && (test.err == "" || !strings.Contains(err.Error(), test.err)):
				t.Errorf("%.200v, want %q", err, test.err)
			}
		})
	}
}
