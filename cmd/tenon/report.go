package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/component"
)

// A refusal is a file that cannot be run or read here, said in one line.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// readApp reads a file that can be run: a component or a core module. Anything else is a
// common mistake that deserves its own words.
func readApp(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, refusal{withoutPath(err)}
	}
	if k := adapter.Identify(data); !k.Runs() {
		return nil, refusal{fmt.Errorf("it is %v; %s", k, k.Remedy())}
	}
	return data, nil
}

// withoutPath is an error without the path, which whoever prints it names already.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// readComponent is readApp, and gives the component that a core module stands for.
func readComponent(path string) ([]byte, error) {
	data, err := readApp(path)
	if err != nil {
		return nil, err
	}
	data, err = adapter.Wrap(data)
	return data, unfit(err)
}

// compileApp compiles what readApp has read. What the engine refuses cannot be run here;
// that the cache cannot be written is the host's failure.
func compileApp(ctx context.Context, r *component.Runtime, data []byte) (*component.Component, error) {
	c, err := adapter.Compile(ctx, r, data)
	var file *fs.PathError
	if err == nil || ctx.Err() != nil || errors.As(err, &file) {
		return c, err
	}
	if err = unfit(err); !errors.As(err, new(refusal)) {
		err = refusal{err}
	}
	return nil, err
}

// unfit refuses a core module that nothing can be made of.
func unfit(err error) error {
	var module *component.ModuleError
	if errors.As(err, &module) {
		return refusal{errors.New(module.Msg)}
	}
	return err
}

// printJSON prints what a command found for programs.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
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
		play replayFailure
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &play):
		fmt.Fprintf(stderr, "tenon: %s: %v\n", path, play)
		return play.code
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
		explain(stderr, err, trap)
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
