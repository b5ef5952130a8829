package dump

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/internal/bounds"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestAGuestPrintsItsStructure(t *testing.T) {
	for _, guest := range []string{"hello", "resources"} {
		data, err := os.ReadFile("../../../testdata/guests/" + guest + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, guest+".golden", dump(t, data))
	}
}

// The corpus of package binary has a small component for every production of the
// binary format, and mistakes, which print what comes before.
func TestEveryProductionPrints(t *testing.T) {
	files, err := filepath.Glob("../binary/testdata/fuzz/FuzzDecode/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var all strings.Builder
	for _, file := range files {
		fmt.Fprintf(&all, "== %s\n%s", filepath.Base(file), dump(t, seed(t, file)))
	}
	golden(t, "productions.golden", all.String())
}

// seed reads the bytes in a file of a fuzz corpus.
func seed(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, quoted, _ := strings.Cut(string(text), "[]byte(")
	data, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(quoted), ")"))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return []byte(data)
}

func dump(t *testing.T, data []byte) string {
	t.Helper()
	c, _ := binary.Decode(data)
	if c == nil {
		return "not a component\n"
	}
	var out strings.Builder
	if err := Write(&out, c); err != nil {
		return out.String() + err.Error() + "\n"
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (write it with -update):\n%s", file, got)
	}
}

func TestAMalformedCoreModuleIsToldWithItsOffsetAndTheRestIsPrinted(t *testing.T) {
	// A core module of version 1 with a memory section that ends too soon, then a
	// type.
	data := []byte("\x00asm\x0d\x00\x01\x00" + "\x01\x0c\x00asm\x01\x00\x00\x00\x05\x02\x01\x05" + "\x07\x02\x01\x73")
	out := dump(t, data)
	want := `0x0000000a  core module 0      12 bytes, malformed at 0x16: unexpected end
0x00000019  type 0             string
offset 0x16: core module, memory section, memory 0: unexpected end
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
}

func TestWhatIsPrintedIsSafeForATerminal(t *testing.T) {
	label := "\x1b[31m"
	data := "\x00asm\x0d\x00\x01\x00" +
		"\x07\x09\x01\x6d\x01" + string(rune(len(label))) + label +
		"\x0a\x0a\x01\x00" + string(rune(len(label))) + label + "\x01\x00" +
		"\x00\x06" + string(rune(len(label))) + label
	out := dump(t, []byte(data))
	if strings.Count(out, "\n") != 3 || strings.ContainsRune(out, 0x1b) {
		t.Errorf("%q", out)
	}
}

type full struct{ error }

func (f full) Write([]byte) (int, error) { return 0, f.error }

func TestAFailingWriterIsReported(t *testing.T) {
	c, err := binary.Decode([]byte("\x00asm\x0d\x00\x01\x00\x07\x02\x01\x73"))
	if err != nil {
		t.Fatal(err)
	}
	noSpace := errors.New("no space")
	if err := Write(full{noSpace}, c); !errors.Is(err, noSpace) {
		t.Errorf("%v, want %v", err, noSpace)
	}
}

func TestAMebibyteOfHostileInputIsCheapToPrint(t *testing.T) {
	const size = 1 << 20
	leb := func(n int) string {
		return string([]byte{byte(n) | 0x80, byte(n>>7) | 0x80, byte(n>>14) | 0x80, byte(n >> 21)})
	}
	section := func(body string) string { return "\x00asm\x0d\x00\x01\x00\x07" + leb(len(body)) + body }
	for what, data := range map[string]string{
		"primitives":            section(leb(size) + strings.Repeat("\x73", size)),
		"deep declarations":     section("\x01" + strings.Repeat("\x42\x01\x01", 98) + "\x42" + leb(size/2) + strings.Repeat("\x01\x73", size/2)),
		"empty modules":         "\x00asm\x0d\x00\x01\x00" + strings.Repeat("\x01\x08\x00asm\x01\x00\x00\x00", size/10),
		"labels to be quoted":   section("\x01\x6d" + leb(size/2) + strings.Repeat("\x01\x01", size/2)),
		"control characters":    section("\x01\x6d\x01" + leb(size) + strings.Repeat("\x01", size)),
		"empty custom sections": "\x00asm\x0d\x00\x01\x00" + strings.Repeat("\x00\x01\x00", size/3),
	} {
		c, err := binary.Decode([]byte(data))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		bounds.Check(t, what, func() error {
			var n counter
			if err := Write(&n, c); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			return fmt.Errorf("%d bytes printed", n)
		})
	}
}

type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// FuzzWrite: whatever decodes prints, with as many lines as there are definitions
// or more.
func FuzzWrite(f *testing.F) {
	files, err := filepath.Glob("../binary/testdata/fuzz/FuzzDecode/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, quoted, _ := strings.Cut(string(text), "[]byte(")
		if data, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(quoted), ")")); err == nil {
			f.Add([]byte(data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _ := binary.Decode(data)
		if c == nil {
			return
		}
		var out bytes.Buffer
		var de *binary.DecodeError
		if err := Write(&out, c); err != nil && !errors.As(err, &de) {
			t.Fatal(err)
		}
		if lines := bytes.Count(out.Bytes(), []byte("\n")); lines < len(c.Defs)+len(c.Custom) {
			t.Fatalf("%d lines for %d definitions", lines, len(c.Defs))
		}
		binary.Gated(c)
	})
}
