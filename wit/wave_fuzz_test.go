package wit

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParseValue holds that any text is refused with a place in it, or is a value that
// can be written and read back as the same. The seed chooses the type.
func FuzzParseValue(f *testing.F) {
	for seed := range uint64(200) {
		g := newWaveTypes(seed)
		typ := g.typ(4)
		text, err := PrintValue(typ, g.value(typ))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed, text)
	}
	_, _, cases := waveCases(f)
	for i, c := range cases {
		f.Add(uint64(i), c.text)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		typ := newWaveTypes(seed).typ(4)
		v, err := ParseValue(typ, text)
		if err != nil {
			checkPlace(t, text, err)
			return
		}
		rewritten(t, typ, v)
	})
}

// checkPlace makes sure that an error points into the text.
func checkPlace(t *testing.T, text string, err error) {
	t.Helper()
	var we *WaveError
	if !errors.As(err, &we) {
		t.Fatalf("%v is no WaveError", err)
	}
	lines := strings.Split(text, "\n")
	if we.Line < 1 || we.Line > len(lines) || we.Col < 1 || we.Col > 1+len([]rune(lines[we.Line-1])) {
		t.Fatalf("%q: %v is not in it", text, err)
	}
	line, caret := we.Caret()
	if !strings.HasSuffix(caret, "^") || len(caret) > 200 || strings.Contains(line+caret+we.Error(), "\n") {
		t.Fatalf("%q: %v\n%s\n%s", text, err, line, caret)
	}
}

// FuzzParseCall holds that any text is refused with a place in it, or is calls whose
// names stand in it.
func FuzzParseCall(f *testing.F) {
	for _, s := range []string{`f()`, `acme:kv/store@1.2.3.get("a", some(1))`, `counter(3).next().add([1, 2])`, `[method]a.b({x: 1})`, `f(`, `f`, `a.b(1) .c(2)`, "f(\n1 // one\n)", `f().`} {
		f.Add(uint64(3), s)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		c, err := ParseCall(text)
		if err != nil {
			checkPlace(t, text, err)
			return
		}
		g := newWaveTypes(seed)
		params := []Param{{Name: "a", Type: g.typ(2)}, {Name: "b", Type: &Option{g.typ(1)}}}
		for ; c != nil; c = c.Then {
			if c.Name == "" || !strings.Contains(text, c.Name) {
				t.Fatalf("%q: the name %q", text, c.Name)
			}
			checkPlace(t, text, c.Errorf("none"))
			args, err := c.Args(params)
			if err != nil {
				checkPlace(t, text, err)
				continue
			}
			for i, a := range args {
				rewritten(t, params[i].Type, a)
			}
		}
	})
}
