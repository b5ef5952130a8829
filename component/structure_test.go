package component_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/component"
)

// Each guest's parts lie within the file, do not overlap, and hold what makes most of it.
func TestThePartsOfAGuestLieInIt(t *testing.T) {
	files, err := filepath.Glob("../testdata/guests/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, err := component.Structure(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if root.Offset != 0 || root.Size != len(data) {
			t.Errorf("%s: the root is at %d and has %d bytes of %d", file, root.Offset, root.Size, len(data))
		}
		if inner := checkParts(t, file, root); inner < len(data)/2 {
			t.Errorf("%s: its parts have %d of %d bytes", file, inner, len(data))
		}
	}
}

func checkParts(t *testing.T, file string, p *component.Part) (inner int) {
	t.Helper()
	end := p.Offset
	for _, q := range p.Parts {
		if q.Offset < end || q.Offset+q.Size > p.Offset+p.Size || q.Malformed != "" {
			t.Errorf("%s: %s %d at %d with %d bytes does not lie in its place: %s", file, q.Sort, q.Index, q.Offset, q.Size, q.Malformed)
		}
		end = q.Offset + q.Size
		inner += q.Size
		checkParts(t, file, q)
	}
	return inner
}

// Hostile names must not make more of a file than it is.
func TestTheStructureOfHostileNamesIsBounded(t *testing.T) {
	// An import with a long name, then instances of the alias of an export with a long name
	// of the instance before.
	name := make([]byte, 10_000)
	for i := range name {
		name[i] = 'a'
	}
	leb := func(n int) []byte {
		var b []byte
		for ; n > 0x7f; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return append(b, byte(n))
	}
	section := func(id byte, body []byte) []byte { return append(append([]byte{id}, leb(len(body))...), body...) }
	data := []byte("\x00asm\x0d\x00\x01\x00")
	for i := range 100 {
		body := append([]byte{1, 0x05, 0x00}, leb(i)...)
		body = append(append(body, leb(len(name))...), name...)
		data = append(data, section(6, body)...)
	}
	canons := []byte{}
	canons = append(canons, leb(component.MaxCanons+7)...)
	for range component.MaxCanons + 7 {
		canons = append(canons, 0x01, 0x00, 0x00, 0x00)
	}
	data = append(data, section(8, canons)...)
	root, err := component.Structure(data)
	if err != nil || len(root.Canons) != component.MaxCanons || root.Omitted != 7 || root.Canons[0].Of != "func 0" {
		t.Fatalf("%v, %d canons", err, len(root.Canons))
	}
}
