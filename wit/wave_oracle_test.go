package wit

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// waveOracle runs wasm-wave, the format's reference, on texts: testdata/wave-oracle has
// the program around it. It gives the value as it writes it, and whether it is one.
func waveOracle(t *testing.T, wit string, types, texts []string) (out []string, ok []bool) {
	t.Helper()
	program := os.Getenv("TENON_WAVE_ORACLE")
	if program == "" {
		t.Skip("TENON_WAVE_ORACLE is not set; testdata/wave-oracle/README.md tells how to build the program that it names")
	}
	file := filepath.Join(t.TempDir(), "types.wit")
	if err := os.WriteFile(file, []byte(wit), 0o644); err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	for i, text := range texts {
		fmt.Fprintf(&in, "%s\t%x\n", types[i], text)
	}
	cmd := exec.Command(program, file)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	answers, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(answers), "\n"), "\n")
	if len(lines) != len(texts) {
		t.Fatalf("%d answers to %d texts", len(lines), len(texts))
	}
	for _, line := range lines {
		digits, fine := strings.CutPrefix(line, "=")
		text, err := hex.DecodeString(digits)
		if fine && err != nil {
			t.Fatal(err)
		}
		out, ok = append(out, string(text)), append(ok, fine)
	}
	return out, ok
}

// The reference reads six digits of a code point at most; its grammar knows no limit.
var manyDigits = regexp.MustCompile(`\\u\{[0-9a-fA-F]{7}`)

// TestWaveIsReadAsTheReferenceDoes compares the table, values of its types, and texts
// that were made of these by accident: whether they are values, and which.
func TestWaveIsReadAsTheReferenceDoes(t *testing.T) {
	head, _, all := waveCases(t)
	var cases []waveCase
	for _, c := range all {
		// The reference has no streams, and reads no list of fixed length.
		if !strings.HasPrefix(c.expr, "stream") && c.expr != "list<u16, 3>" {
			cases = append(cases, c)
		}
	}
	g := newWaveTypes(1)
	var names, texts []string
	var types []Type
	add := func(i int, text string) {
		names, types, texts = append(names, fmt.Sprintf("t%d", i)), append(types, cases[i].typ), append(texts, text)
	}
	for i, c := range cases {
		add(i, c.text)
		for range 20 {
			text := rewritten(t, c.typ, g.value(c.typ))
			add(i, text)
			for range 10 {
				add(i, g.spoiled(text, c.text))
			}
		}
	}
	out, ok := waveOracle(t, waveWIT(head, cases), names, texts)
	values := 0
	for i, text := range texts {
		v, err := ParseValue(types[i], text)
		if manyDigits.MatchString(text) {
			continue
		}
		if (err == nil) != ok[i] {
			t.Errorf("%s <- %q\nhere: %v, %v\nthere: %v %s", types[i], text, v, err, ok[i], out[i])
			continue
		}
		if err != nil {
			continue
		}
		values++
		theirs, err := ParseValue(types[i], out[i])
		if err != nil || !strings.Contains(out[i], "nan") && !reflect.DeepEqual(v, theirs) {
			t.Errorf("%s <- %q\nhere:  %#v\nthere: %#v, %v", types[i], text, v, theirs, err)
		}
	}
	t.Logf("%d texts, %d of them values", len(texts), values)
	if values < len(texts)/20 || values > len(texts)*19/20 {
		t.Error("that tells little")
	}
}

// spoiled is text with a few bytes of it, or of another, taken out, doubled or put in.
func (g waveTypes) spoiled(text, other string) string {
	b := []byte(text)
	for range 1 + g.IntN(3) {
		at := g.IntN(len(b) + 1)
		switch g.IntN(4) {
		case 0:
			b = append(b[:at:at], b[min(at+1, len(b)):]...)
		case 1:
			const few = `,:(){}[]"'%-. 0none`
			b = append(b[:at:at], append([]byte{few[g.IntN(len(few))]}, b[at:]...)...)
		case 2:
			from := g.IntN(len(other) + 1)
			b = append(b[:at:at], append([]byte(other[from:min(len(other), from+1+g.IntN(4))]), b[at:]...)...)
		case 3:
			to := min(len(b), at+g.IntN(4))
			b = append(b[:to:to], b[at:]...)
		}
	}
	return string(b)
}
