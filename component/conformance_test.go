package component_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tenon-wasm/tenon/internal/leaks"
)

var update = flag.Bool("update", false, "write CONFORMANCE.md and the golden files")

// barred are the files of which every directive must pass, unless the engine cannot
// run it: the synchronous ones of the component model, and those of wasmtime that
// are about 0.2.
var barred = []string{
	"component-model/validation/*", "component-model/binary/*", "component-model/linking/*",
	"component-model/resources/borrows.wast", "component-model/resources/handle-table.wast",
	"component-model/resources/multiple-resources.wast",
	"component-model/values/alignment.wast", "component-model/values/numerics.wast",
	"component-model/values/realloc.wast", "component-model/values/strings.wast",
	"component-model/values/transcode.wast",
	"wasmtime/adapter.wast", "wasmtime/alias-region-*", "wasmtime/aliasing.wast", "wasmtime/big-strings.wast",
	"wasmtime/enum_discriminant.wast", "wasmtime/enums.wast", "wasmtime/import.wast", "wasmtime/instance.wast",
	"wasmtime/linking.wast", "wasmtime/modules.wast", "wasmtime/nested.wast", "wasmtime/nested-many-instantiations.wast",
	"wasmtime/resources.wast", "wasmtime/restrictions.wast", "wasmtime/simple.wast",
	"wasmtime/string-transcode-invalid.wast", "wasmtime/strings.wast", "wasmtime/trap.wast", "wasmtime/types.wast",
}

func isBarred(file string) bool {
	return slices.ContainsFunc(barred, func(pattern string) bool {
		ok, _ := path.Match(pattern, file)
		return ok
	})
}

// conformanceData is the folder of the public suites.
func conformanceData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TENON_CONFORMANCE")
	if dir == "" {
		t.Skip("TENON_CONFORMANCE does not name the folder of the public suites")
	}
	return dir
}

// scriptsIn lists the .wast files below dir.
func scriptsIn(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".wast") {
			all = append(all, name)
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("no .wast files in TENON_CONFORMANCE: %v", err)
	}
	return all
}

// TestConformance runs the scripts of the public suites, directive by directive.
// What does not pass stands in testdata/wast/expect.txt, and nothing else does.
func TestConformance(t *testing.T) {
	data, tool := conformanceData(t), wasmTools(t)
	expect, err := readExpectations(filepath.Join("testdata", "wast", "expect.txt"))
	if err != nil {
		t.Fatal(err)
	}
	files := scriptsIn(t, data)
	var mu sync.Mutex
	results := map[string][]outcome{}
	leaks.None(t)
	t.Run("files", func(t *testing.T) {
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				all := conform(t, tool, filepath.Join(data, file), file, expect)
				mu.Lock()
				defer mu.Unlock()
				results[file] = all
			})
		}
	})
	if len(results) < len(files) {
		t.Log("not every file was run: nothing to compare CONFORMANCE.md with")
		return
	}
	for _, x := range expect.unmet() {
		t.Errorf("%s is listed as %s (%s), and is not", x.where, x.verdict, x.reason)
	}
	for file, all := range results {
		for _, o := range all {
			if o.verdict == failed && isBarred(file) {
				t.Errorf("%s:%d is in the bar and fails", file, o.line)
			}
		}
	}
	for _, pattern := range barred {
		if !slices.ContainsFunc(files, func(f string) bool { ok, _ := path.Match(pattern, f); return ok }) {
			t.Errorf("no file is %s", pattern)
		}
	}
	compareReport(t, filepath.Join("..", "CONFORMANCE.md"), report(t, origins(t, data), results))
}

// conform runs one script. Every unexpected failure is an error of the test.
func conform(t *testing.T, tool, source, file string, expect *expectations) []outcome {
	ctx := context.Background()
	s, err := convert(ctx, tool, source, file, t.TempDir())
	if err != nil {
		if o, ok := expect.unread(file); ok {
			t.Log(err)
			return []outcome{o}
		}
		t.Fatal(err)
	}
	all, err := play(ctx, s, expect)
	if err != nil {
		t.Error(err)
	}
	for _, o := range all {
		if o.verdict == failed && !o.listed {
			t.Errorf("%s:%d: %s: %s", o.file, o.line, o.directive, o.reason)
		} else {
			t.Logf("%s:%d: %s: %s %s", o.file, o.line, o.directive, o.verdict, o.reason)
		}
	}
	return all
}
