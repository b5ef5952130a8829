package binary

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestEncodingADecodedGuestYieldsItsBytes(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/guests/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	components := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if Kind(data) != KindComponent {
			continue
		}
		components++
		roundTrip(t, file, data)
	}
	if components == 0 {
		t.Skip("no components in testdata/guests")
	}
}

func TestEncodingADecodedProductionYieldsItsBytes(t *testing.T) {
	for what, data := range productions() {
		t.Run(what, func(t *testing.T) { roundTrip(t, what, []byte(data)) })
	}
}

// roundTrip wants numbers in their shortest form and no empty sections, which
// leave no trace in the tree.
func roundTrip(t *testing.T, what string, data []byte) {
	t.Helper()
	c, err := Decode(data)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	out := encode(c)
	if bytes.Equal(out, data) {
		return
	}
	at := 0
	for at < len(out) && at < len(data) && out[at] == data[at] {
		at++
	}
	t.Errorf("%s: differs at %#x: % x, want % x", what, at, around(out, at), around(data, at))
}

func around(data []byte, at int) []byte { return data[max(0, at-8):min(len(data), at+16)] }
