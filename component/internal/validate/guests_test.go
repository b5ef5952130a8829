package validate

import (
	"os"
	"path/filepath"
	"testing"

	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
)

// guests are the components that stand in the repository.
func guests(t testing.TB) map[string][]byte {
	found := map[string][]byte{}
	for _, pattern := range []string{"../../../testdata/guests/*.wasm", "../../testdata/*.wasm"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if wasm.Kind(data) == wasm.KindComponent {
				found[filepath.Base(f)] = data
			}
		}
	}
	return found
}

func TestWhatToolsWriteIsValid(t *testing.T) {
	for name, data := range guests(t) {
		if _, err := check(string(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
