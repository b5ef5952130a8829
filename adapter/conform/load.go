package conform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ManifestName is the file of a folder that holds a [Manifest].
const ManifestName = "conform.json"

// Load reads the tests of a folder and of all that is in it: a file conform.json is a
// [Manifest], whose folder is then its business; any other folder with .wasm files is one of
// wasi-testsuite's, where a .json beside a guest says how it is run. Tests come in the order
// of their names. An error names the file.
func Load(dir string, toolchains map[string]string) ([]*Test, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, plain(dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: it is no folder; a manifest is called %s and stands in one", dir, ManifestName)
	}
	var all []*Test
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") && path != dir {
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, ManifestName)); err == nil {
			tests, err := loadManifest(filepath.Join(path, ManifestName), toolchains)
			if err != nil {
				return err
			}
			all = append(all, tests...)
			return fs.SkipDir
		}
		tests, err := loadSuite(dir, path)
		all = append(all, tests...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there are no tests in it: no %s, and no .wasm", dir, ManifestName)
	}
	slices.SortStableFunc(all, func(a, b *Test) int { return strings.Compare(a.ID(), b.ID()) })
	return all, unique(all)
}

func unique(all []*Test) error {
	for i := 1; i < len(all); i++ {
		if all[i].ID() == all[i-1].ID() {
			return fmt.Errorf("two tests are called %s", all[i].ID())
		}
	}
	return nil
}

func plain(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// readJSON reads a file into v; a field that v does not know is an error if strict.
func readJSON(path string, v any, strict bool) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return plain(path, err)
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// quote is a text in a message, which may be long.
func quote(s string) string {
	const long = 200
	if len(s) <= long {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q and %d bytes more", s[:long], len(s)-long)
}
