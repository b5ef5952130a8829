package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/component"
)

// A refusal is a file that cannot be run or read here, said in one line.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// readComponent reads a file: a component, or a core module, of which it gives the
// component that it stands for. Anything else is a common mistake that deserves its own
// words.
func readComponent(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, refusal{err}
	}
	if k := adapter.Identify(data); !k.Runs() {
		return nil, refusal{fmt.Errorf("it is %v; %s", k, k.Remedy())}
	}
	data, err = adapter.Wrap(data)
	var module *component.ModuleError
	if errors.As(err, &module) {
		return nil, refusal{errors.New(module.Msg)}
	}
	return data, err
}

// report prints err in one line (more only for what a guest did: a trap's
// backtrace, or several imports that are not met) and returns the exit code.
func report(stderr io.Writer, path string, err error) int {
	var (
		exit *component.ExitError
		trap *component.Trap
		link *component.LinkError
		dec  *component.DecodeError
		uns  *component.UnsupportedError
		ref  refusal
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit.Code)
	case errors.As(err, &link):
		unmet(stderr, path, doctor.Missing(link.Missing))
		return exitCannot
	case errors.As(err, &dec), errors.As(err, &uns), errors.As(err, &ref):
		fmt.Fprintf(stderr, "tenon: cannot run %s: %v\n", path, err)
		return exitCannot
	case errors.As(err, &trap):
		fmt.Fprintf(stderr, "tenon: %s: %v\n", path, trap)
		for _, line := range strings.Split(trap.Backtrace, "\n") {
			if line != "" {
				fmt.Fprintf(stderr, "  at %s\n", line)
			}
		}
		return exitTrap
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(stderr, "tenon: %s: interrupted\n", path)
		return exitHost
	}
	fmt.Fprintf(stderr, "tenon: %s: %v\n", path, err)
	return exitHost
}

// unmet tells in the words of doctor why imports are not met.
func unmet(stderr io.Writer, path string, found []doctor.Finding) {
	lead := fmt.Sprintf("tenon: cannot run %s: ", path)
	if len(found) != 1 {
		fmt.Fprintf(stderr, "%s%s with its imports\n", lead, counted(len(found), "problem"))
		lead = "  "
	}
	for _, f := range found {
		fmt.Fprintf(stderr, "%s%s\n", lead, f)
		for _, line := range f.Lines() {
			fmt.Fprintf(stderr, "      %s\n", line)
		}
	}
	if len(found) > 0 {
		fmt.Fprintf(stderr, "tenon: \"tenon explain %s\" says more\n", found[0].Code)
	}
}
