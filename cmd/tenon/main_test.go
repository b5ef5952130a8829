package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tenon": main,
	})
}

// TestScripts runs the command line: every script says what is typed and what
// must come out, error text included.
func TestScripts(t *testing.T) {
	guests, err := filepath.Abs("../../testdata/guests")
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GUESTS", guests)
			// Scripts share compiled code, not the developer's cache.
			e.Setenv("XDG_CACHE_HOME", cache)
			return os.MkdirAll(filepath.Join(cache, "tenon"), 0o755)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": checkCode,
		},
	})
}
