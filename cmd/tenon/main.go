// Command tenon runs WebAssembly components that are built for WASI 0.2, and modules for
// preview 1, under a policy. It also calls their functions, traces, records and repeats
// what they do, shows what they are made of, says why they would not run, and compares them.
//
// It is a thin user of packages adapter, component and hostimpl, in three phases: the
// command line becomes options (this file, and one for each command; the flags of run.go
// serve whatever runs a guest), they are granted to a guest or the file is looked into, and
// what went wrong is said in one line, with an exit code (report.go).
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

// Exit codes. A guest that ran gives its own.
const (
	exitUsage    = 2   // the command line is wrong
	exitHost     = 125 // the host failed
	exitCannot   = 126 // the file cannot be run here
	exitTrap     = 134 // the guest trapped
	exitSignaled = 128 // plus the number of the signal that ended the run
)

func main() {
	conform.Child()
	os.Exit(command(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

const usage = `tenon runs WebAssembly components (WASI 0.2) in pure Go.

usage:
  tenon run [flags] app.wasm [args...]   run a command component
  tenon invoke [flags] app.wasm [call]   call a function that it exports: 'add(1, 2)'
  tenon trace [flags] app.wasm [args...] run it and print the calls that it makes
  tenon replay record [app.wasm]         run it again with what --record wrote down
  tenon inspect app.wasm                 print what it imports and exports, as WIT
  tenon inspect --tree app.wasm          print what it is made of, and by what
  tenon doctor [flags] app.wasm          say whether it would run here, and why not
  tenon explain [T0304]                  say more about a code of doctor, or list them
  tenon diff A B                         say whether B can stand for A, and if not, why
  tenon conform DIR                      test the guests of a toolchain
  tenon version                          print the version
  tenon help                             print this text

"tenon run -h" lists the flags of run; the others tell theirs as well.
`

func command(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		io.WriteString(stderr, usage)
		return exitUsage
	}
	switch args[0] {
	case "run":
		return runCommand(args[1:], stdin, stdout, stderr)
	case "trace":
		return traceCommand(args[1:], stdin, stdout, stderr)
	case "replay":
		return replayCommand(args[1:], stdout, stderr)
	case "invoke":
		return invokeCommand(args[1:], stdin, stdout, stderr)
	case "doctor":
		return doctorCommand(args[1:], stdout, stderr)
	case "explain":
		return explainCommand(args[1:], stdout, stderr)
	case "diff":
		return diffCommand(args[1:], stdout, stderr)
	case "conform":
		return conformCommand(args[1:], stdout, stderr)
	case "inspect":
		return inspectCommand(args[1:], stdout, stderr)
	case "version", "--version", "-version":
		fmt.Fprintln(stdout, "tenon", version())
		return 0
	case "help", "--help", "-help", "-h":
		io.WriteString(stdout, usage)
		return 0
	}
	fmt.Fprintf(stderr, "tenon: unknown command %q; \"tenon help\" lists them\n", args[0])
	return exitUsage
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
