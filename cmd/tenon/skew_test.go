package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/wit"
)

// makeGuest is the script command `guest out.wasm in.wit function [run]`: it makes a
// command that imports the last interface of the WIT and calls that function of it with
// zeros. Run is the interface that it exports, by default wasi:cli/run@0.2.0.
func makeGuest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: guest out.wasm in.wit function [run]")
	}
	packages, err := wit.Parse(wit.File{Name: args[1], Text: ts.ReadFile(args[1])})
	ts.Check(err)
	all := packages[0].Interfaces
	run := "wasi:cli/run@0.2.0"
	if len(args) == 4 {
		run = args[3]
	}
	data, err := forward.Command(run, "run", all[len(all)-1], args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}

func TestAliasesAndStubsOfTheCommandLine(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--alias a:b/c@1.0.0-x=a:b/c@1.0.0", ""},
		{"--alias a:b@1.0.0-x=a:b@1.0.0 --stub missing", ""},
		{"--stub missing=trap", ""},
		{"--stub missing=error", ""},
		{"--alias a:b", "--alias a:b: want NAME=NAME, such as wasi:config@0.2.0-draft=wasi:config@0.2.0-rc.1"},
		{"--alias =a:b", "--alias =a:b: want NAME=NAME, such as wasi:config@0.2.0-draft=wasi:config@0.2.0-rc.1"},
		{"--alias a:b@1.0.0=a:b/c@1.0.0", "--alias a:b@1.0.0=a:b/c@1.0.0: a:b@1.0.0 is a package, a:b/c@1.0.0 is an interface"},
		{"--alias a:b@1.0.0=a:b@1.0.0", "--alias a:b@1.0.0=a:b@1.0.0: both are a:b@1.0.0"},
		{"--alias a=b", `--alias a=b: name "a": want namespace:package/interface@version`},
		{"--stub all", "--stub all: want missing, missing=trap or missing=error"},
	} {
		_, err := parseRun(append(strings.Fields(c.args), "app.wasm"), os.Stderr)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.args, got, c.want)
		}
	}
}
