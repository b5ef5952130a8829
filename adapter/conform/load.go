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
// [Manifest], whose folder and whose toolchains' folders are then its business; any other
// folder with .wasm files is one of wasi-testsuite's, where a .json beside a guest says how
// it is run. To the toolchains of manifests come those given here, folders by their names.
// Tests come in the order of their names. An error names the file.
func Load(dir string, toolchains map[string]string) ([]*Test, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, plain(dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: it is no folder; a manifest is called %s and stands in one", dir, ManifestName)
	}
	all, taken, err := loadManifests(dir, toolchains)
	if err != nil {
		return nil, err
	}
	err = eachFolder(dir, func(path string) error {
		abs, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		if taken[abs] {
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

// loadManifests reads the manifests of this package. The folders that they stand in or take
// guests from are no others' business.
func loadManifests(dir string, toolchains map[string]string) (all []*Test, taken map[string]bool, err error) {
	taken = map[string]bool{}
	take := func(folder string) error {
		abs, err := filepath.Abs(folder)
		taken[abs] = true
		return err
	}
	err = eachFolder(dir, func(path string) error {
		if !exists(filepath.Join(path, ManifestName)) {
			return nil
		}
		tests, err := loadManifest(filepath.Join(path, ManifestName), toolchains)
		if err != nil {
			return err
		}
		all = append(all, tests...)
		for _, t := range tests {
			if err := take(filepath.Dir(t.Guest)); err != nil {
				return err
			}
		}
		if err := take(path); err != nil {
			return err
		}
		return fs.SkipDir
	})
	return all, taken, err
}

// eachFolder visits a folder and those in it, but for hidden ones. What visit skips, with
// fs.SkipDir, is not looked into.
func eachFolder(dir string, visit func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return err
		case strings.HasPrefix(d.Name(), ".") && path != dir:
			return fs.SkipDir
		}
		return visit(path)
	})
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
