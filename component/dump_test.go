package component_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
)

// Components by hand: a preamble and sections.
const (
	preamble   = "\x00asm\x0d\x00\x01\x00"
	streams    = preamble + "\x07\x04\x01\x66\x01\x7d" + "\x08\x06\x03\x0e\x00\x1f\x0e\x00" // stream<u8>; stream.new, waitable-set.new, stream.new
	noImports  = preamble + "\x07\x05\x01\x40\x00\x01\x00"                                  // func()
	mistake    = preamble + "\x07\x02\x01\x73" + "\x07\x02\x01\x00"                         // string; no type
	moduleCut  = preamble + "\x01\x0a\x00asm\x01\x00\x00\x00\x01\x05" + "\x07\x02\x01\x00"
	outOfRange = preamble + "\x08\x05\x01\x01\x00\x07\x00" // lowers function 7
)

func TestDumpTellsWhereItHadToStop(t *testing.T) {
	for _, c := range []struct {
		what, data string
		lines      int
		want       string // of the error
	}{
		{"a whole component", streams, 4, ""},
		{"an index out of range", outOfRange, 1, ""},
		{"a mistake", mistake, 1, "not a valid component: offset 0xf: type section, definition 0: 0x00 is not a type"},
		{"a core module that is cut short, and a mistake behind it", moduleCut, 1, "not a valid component: offset 0x14: core module, type section: unexpected end: 5 bytes announced, 0 left"},
		{"text", "(component)", 0, "not a valid component: offset 0x0: this is WebAssembly text, not a component: assemble it first, as with wasm-tools parse"},
	} {
		t.Run(c.what, func(t *testing.T) {
			var out strings.Builder
			err := component.Dump(&out, []byte(c.data))
			if n := strings.Count(out.String(), "\n"); n != c.lines {
				t.Errorf("%d lines, want %d:\n%s", n, c.lines, out.String())
			}
			var de *component.DecodeError
			if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &de) || err.Error() != c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestDumpReportsItsWriter(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if err := component.Dump(w, []byte(mistake)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

func TestNeedsIsEmptyForWhatRunsAndAnErrorForWhatIsNotValid(t *testing.T) {
	for _, guest := range []string{"hello.wasm", "composed.wasm", "tcp-selftest.wasm", "missing-import.wasm"} {
		if needs, err := component.Needs(read(guest)); err != nil || len(needs) > 0 {
			t.Errorf("%s needs %v, %v", guest, needs, err)
		}
	}
	if needs, err := component.Needs([]byte(noImports)); err != nil || len(needs) > 0 {
		t.Errorf("a function type needs %v, %v", needs, err)
	}
	for _, data := range []string{mistake, outOfRange} {
		var de *component.DecodeError
		if needs, err := component.Needs([]byte(data)); !errors.As(err, &de) || needs != nil {
			t.Errorf("%q needs %v, %v", data, needs, err)
		}
	}
}
