package core

import (
	"bytes"
	"testing"
)

// samePieces checks that what is done to a module in pieces is what is done to it in one.
func samePieces(t *testing.T, p Pieces) {
	t.Helper()
	one := Pieces{p.Bytes()}
	if p.Size() != len(one[0]) {
		t.Errorf("%d bytes, want %d", p.Size(), len(one[0]))
	}
	gotSize, gotCode := DebugInfo(p)
	if size, code := DebugInfo(one); gotSize != size || gotCode != code {
		t.Errorf("%d bytes of DWARF for %d of code, want %d for %d", gotSize, gotCode, size, code)
	}
	for what, do := range map[string]func(Pieces) Pieces{
		"label":               func(p Pieces) Pieces { return Label(p, "m1", false) },
		"label with offsets":  func(p Pieces) Pieces { return Label(p, "m1", true) },
		"hollow":              func(p Pieces) Pieces { return Hollow(p, []byte("mark")) },
		"hollow with a label": func(p Pieces) Pieces { return Hollow(Label(p, "m1", false), []byte("mark")) },
	} {
		before := bytes.Clone(one[0])
		got, want := do(p).Bytes(), do(one).Bytes()
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		if !bytes.Equal(p.Bytes(), before) {
			t.Fatalf("%s changes what it is made of", what)
		}
	}
}

func TestPiecesAreEditedAsTheWholeIs(t *testing.T) {
	m := read(t, everything)
	samePieces(t, m.RewriteImports(importNames(m)))
	for _, whole := range []string{everything, Preamble, Preamble + "\x00\x01\x00", Preamble + "\x0a\x02\x00", "", "\x00asm"} {
		for cut := range len(whole) + 1 {
			samePieces(t, Pieces{[]byte(whole[:cut])})
		}
	}
}
