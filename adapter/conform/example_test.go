package conform_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

// A toolchain's guests are run against the suite of this repository. In a test that is
// func TestMain(m *testing.M) { conform.Child(); os.Exit(m.Run()) } and what follows.
func ExampleRun() {
	tests, err := conform.Load("../../testdata/conform/basics", map[string]string{"Mine": "../../testdata/conform/guests/zig"})
	if err != nil {
		log.Fatal(err)
	}
	var mine []*conform.Test
	for _, t := range tests {
		if t.Toolchain == "Mine" && t.Interface == "cli" {
			mine = append(mine, t)
		}
	}
	report, err := conform.Run(context.Background(), mine, conform.Options{
		Isolate: true, // what Child is for: a guest that never ends is ended all the same
		Timeout: time.Minute,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range report.Results {
		fmt.Println(r.Status, r.ID())
		for _, f := range r.Failures {
			fmt.Println("   ", f)
		}
	}
	m := report.Matrix()
	fmt.Println(m.Rows, m.Columns, m.Cells)
	// Output:
	// pass basics/a-variable [Mine]
	// pass basics/arguments [Mine]
	// pass basics/exit-0 [Mine]
	// pass basics/exit-1 [Mine]
	// pass basics/no-variable [Mine]
	// pass basics/stderr [Mine]
	// [cli] [Mine] [[6/6]]
}

// A manifest says what guests must do; what one does instead is told.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	app, err := os.ReadFile("../../testdata/guests/hello.wasm")
	if err != nil {
		log.Fatal(err)
	}
	for name, data := range map[string]string{
		"app.wasm": string(app),
		conform.ManifestName: `{"name": "mine", "tests": [
			{"name": "greets", "guest": "app", "stdout": "hello, world\n"},
			{"name": "traps", "guest": "app", "args": ["trap"], "trap": "unreachable"}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			log.Fatal(err)
		}
	}
	tests, err := conform.Load(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	report, err := conform.Run(context.Background(), tests, conform.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range report.Results {
		fmt.Println(strings.TrimSpace(fmt.Sprintln(r.Status, r.ID(), strings.Join(r.Failures, "; "))))
	}
	fmt.Println(report.Failed())
	// Output:
	// fail mine/greets stdout is "hello from C\n", want "hello, world\n"
	// pass mine/traps
	// true
}
