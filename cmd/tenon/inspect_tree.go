package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/component"
)

// inspectTree prints what a file is made of, each part under the one that it lies in.
func inspectTree(w io.Writer, path string) error {
	var all inspected
	if err := all.read(path); err != nil {
		return err
	}
	t := tree{w: bufio.NewWriter(w)}
	t.part(all.Structure, all.Kind)
	if all.NoWorld != "" {
		t.line("no world: %s", all.NoWorld)
	}
	for _, n := range all.Needs {
		t.line("%s", strings.TrimPrefix(needLine(n), "// "))
	}
	return t.w.Flush()
}

// A tree is an indented text. How deep is bounded, and so what hostile nesting makes of a file.
type tree struct {
	w     *bufio.Writer
	depth int
}

const maxTreeDepth = 12

func (t *tree) line(format string, args ...any) {
	t.w.WriteString(strings.Repeat("  ", min(t.depth, maxTreeDepth)))
	fmt.Fprintf(t.w, format+"\n", args...)
}

// part prints a part and those in it; what is how it is called.
func (t *tree) part(p *component.Part, what string) {
	name := ""
	if p.Name != "" {
		name = fmt.Sprintf(" %q", p.Name)
	}
	t.line("%s%s: %s at offset %#x", what, name, grouped(p.Size, "byte"), p.Offset)
	t.depth++
	defer func() { t.depth-- }()
	if p.Malformed != "" {
		t.line("malformed: %s", p.Malformed)
		return
	}
	for _, m := range p.Producers {
		t.line("%s %s", m.Field, strings.TrimSpace(m.Name+" "+m.Version))
	}
	for _, it := range p.Imports {
		t.item("import", it)
	}
	for _, it := range p.Exports {
		t.item("export", it)
	}
	for _, c := range p.Canons {
		t.line("canon %s", canonWords(c))
	}
	if p.Omitted > 0 {
		t.line("... and %s more", grouped(p.Omitted, "canonical definition"))
	}
	for _, s := range p.Custom {
		t.line("custom section %q: %s", s.Name, grouped(s.Size, "byte"))
	}
	for _, inner := range p.Parts {
		t.part(inner, fmt.Sprintf("%s %d", inner.Sort, inner.Index))
	}
}

func (t *tree) item(word string, it component.PartItem) {
	name := it.Name
	if it.Module != "" || it.Type != "" && word == "import" {
		name = fmt.Sprintf("%q %q", it.Module, it.Name)
	}
	t.line("%s", strings.TrimSpace(word+" "+it.Sort+" "+name+" "+it.Type))
}

// canonWords are a canonical definition with its options, in the order of the text format.
func canonWords(c component.Canon) string {
	words := strings.TrimSpace(c.Op + " " + c.Of)
	for _, o := range []struct{ name, value string }{
		{"string-encoding", c.Encoding}, {"memory", c.Memory}, {"realloc", c.Realloc},
		{"post-return", c.PostReturn}, {"callback", c.Callback},
	} {
		if o.value != "" {
			words += ", " + o.name + "=" + o.value
		}
	}
	if c.Async {
		words += ", async"
	}
	return words
}

// grouped is a number with its thousands apart.
func grouped(n int, what string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n == 1 {
		return s + " " + what
	}
	return s + " " + what + "s"
}
