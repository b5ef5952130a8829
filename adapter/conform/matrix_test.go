package conform_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

var update = flag.Bool("update", false, "write testdata/conform/matrix.json")

// A guestMatrix is testdata/conform/matrix.json, of which CONFORMANCE.md has a table: for
// each toolchain how many tests passed, by interface, and what is expected to fail.
type guestMatrix struct {
	Toolchains map[string]map[string]string
	Expected   []string
}

const conformData = "../../testdata/conform"

// TestTheGuestMatrix runs all guests of all toolchains that are there: those of C, Rust and
// Zig always, that of Go, which it builds, and those of JavaScript and Python, which are too
// large to keep, out of the folder TENON_CONFORM_GUESTS (see testdata/conform/build.sh).
// What cannot be run keeps its cells.
func TestTheGuestMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three hundred guests; run without -short")
	}
	folders := map[string]string{}
	for name, folder := range map[string]string{"JavaScript": "js", "Python": "python"} {
		dir := filepath.Join(os.Getenv("TENON_CONFORM_GUESTS"), folder)
		if _, err := os.Stat(filepath.Join(dir, "basics.wasm")); os.Getenv("TENON_CONFORM_GUESTS") == "" || err != nil {
			t.Logf("TENON_CONFORM_GUESTS does not say where guests of %s are: their cells are not checked", name)
			continue
		}
		folders[name] = dir
	}
	folders["Go"] = goGuests(t)
	tests, err := conform.Load(conformData, folders)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := conform.ReadExpected(filepath.Join(conformData, "expected.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := conform.CheckExpected(expected, tests); err != nil {
		t.Error(err)
	}
	report, err := conform.Run(t.Context(), tests, conform.Options{Isolate: true, Cache: cache, Expected: expected, Timeout: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if report.Failed() {
		_ = report.Text(os.Stderr)
		t.Error("some failed")
	}
	compareMatrix(t, matrixOf(report, tests, expected))
}

// goGuests builds the guest of Go.
func goGuests(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "basics.wasm"), filepath.Join(conformData, "src", "go", "main.go"))
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// matrixOf has a column for each toolchain that has a guest; the suite of asserts is of C
// alone, and is told so.
func matrixOf(report *conform.Report, tests []*conform.Test, expected []conform.ExpectedFailure) guestMatrix {
	out := guestMatrix{Toolchains: map[string]map[string]string{}}
	for _, suite := range []string{"asserts", "basics"} {
		one := &conform.Report{}
		for _, r := range report.Results {
			if r.Suite == suite {
				one.Results = append(one.Results, r)
			}
		}
		m := one.Matrix()
		for column, name := range m.Columns {
			cells := map[string]string{}
			ran := false
			for row, iface := range m.Rows {
				cells[iface] = m.Cells[row][column].String()
				ran = ran || m.Cells[row][column].Ran > 0
			}
			if suite == "asserts" {
				name += ", asserts"
			}
			if ran {
				out.Toolchains[name] = cells
			}
		}
	}
	for i := range expected {
		out.Expected = append(out.Expected, fmt.Sprintf("%v: %s", &expected[i], expected[i].Reason))
	}
	return out
}

func compareMatrix(t *testing.T, have guestMatrix) {
	t.Helper()
	file := filepath.Join(conformData, "matrix.json")
	var want guestMatrix
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &want)
	}
	if err != nil && !(*update && errors.Is(err, fs.ErrNotExist)) {
		t.Fatal(err)
	}
	for name, cells := range want.Toolchains {
		if have.Toolchains[name] == nil {
			have.Toolchains[name] = cells
		}
	}
	text, err := json.MarshalIndent(have, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(file, text, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !slices.Equal(data, text) {
		t.Errorf("%s is not what this run gives (run with -update):\n%s", file, strings.TrimSpace(string(text)))
	}
}
