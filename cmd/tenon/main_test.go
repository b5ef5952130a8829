package main

import (
	"encoding/hex"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

// beTenon is the variable that makes the test binary the command.
const beTenon = "TENON_TEST_BE_TENON"

func TestMain(m *testing.M) {
	if os.Getenv(beTenon) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){
		"tenon": main,
	})
}

// tenon is the command as a process, which can get signals.
func tenon(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), beTenon+"=1", "XDG_CACHE_HOME="+t.TempDir())
	return cmd
}

// writeBadFiles makes the inputs that a script cannot hold: they are not text.
func writeBadFiles(dir, component string) error {
	whole, err := os.ReadFile(component)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"core.wasm":      []byte("\x00asm\x01\x00\x00\x00"),
		"noise.wasm":     {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0},
		"truncated.wasm": whole[:len(whole)/2],
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// unhex turns a file of hexadecimal digits, with comments from # to the end of the
// line, into the binary file that the second argument names.
func unhex(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unhex text binary")
	}
	var digits strings.Builder
	for _, line := range strings.Split(ts.ReadFile(args[0]), "\n") {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	data, err := hex.DecodeString(digits.String())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

// embedWorld adds the world of a text to a core module, as bindings do.
func embedWorld(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: world core.wasm w.wit out.wasm")
	}
	packages, err := wit.Parse(wit.File{Name: args[1], Text: ts.ReadFile(args[1])})
	ts.Check(err)
	data, err := component.EmbedWorld([]byte(ts.ReadFile(args[0])), packages[0].Worlds[0], cabi.UTF8)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data, 0o644))
}

// cutFile makes a file of all but so many bytes at the end of another.
func cutFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut file bytes new-file")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := []byte(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:len(data)-n], 0o644))
}

// flipFile makes a file that differs from another in a bit of the middle.
func flipFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip file new-file")
	}
	data := []byte(ts.ReadFile(args[0]))
	data[len(data)/2] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

// TestScripts runs the command line: every script says what is typed and what
// must come out, error text included.
func TestScripts(t *testing.T) {
	guests, err := filepath.Abs("../../testdata/guests")
	if err != nil {
		t.Fatal(err)
	}
	linked, err := filepath.Abs("../../component/testdata/link")
	if err != nil {
		t.Fatal(err)
	}
	link, err := filepath.Abs("testdata/link")
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GUESTS", guests)
			e.Setenv("LINK", link)
			e.Setenv("LINKED", linked)
			// Scripts share compiled code, not the developer's cache.
			e.Setenv("XDG_CACHE_HOME", cache)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return writeBadFiles(e.WorkDir, filepath.Join(guests, "hello.wasm"))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":  checkCode,
			"guest": makeGuest,
			"unhex": unhex,
			"world": embedWorld,
			"cut":   cutFile,
			"flip":  flipFile,
		},
	})
}
