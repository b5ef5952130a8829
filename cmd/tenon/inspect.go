package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

func inspectCommand(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tenon inspect", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sections := flags.Bool("sections", false, "")
	flags.Usage = func() {
		fmt.Fprint(stderr, `usage: tenon inspect [--sections] app.wasm

Prints what a component imports and exports, as WIT, and what it needs that is not
supported yet, as comments.

  --sections   print its structure instead: a line for every definition, with its
               offset and its place in its index space; as far as it is well formed
`)
	}
	if err := flags.Parse(args); err != nil {
		return usageCode(err)
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return exitUsage
	}
	inspect := inspectWorld
	if *sections {
		inspect = component.Dump
	}
	path := flags.Arg(0)
	data, err := readComponent(path)
	if err == nil {
		err = inspect(stdout, data)
	}
	if err != nil {
		fmt.Fprintf(stderr, "tenon: cannot inspect %s: %v\n", path, err)
		return exitCannot
	}
	return 0
}

// inspectWorld prints the world, then what the host does not have yet. There is
// no world to print if that is a part of it; then what is needed is printed alone.
func inspectWorld(w io.Writer, data []byte) error {
	world, err := component.World(data)
	var unsupported *component.UnsupportedError
	if err != nil && !errors.As(err, &unsupported) {
		return err
	}
	needs, needsErr := component.Needs(data)
	if needsErr != nil {
		return needsErr
	}
	if world != nil {
		io.WriteString(w, wit.PrintWorld(world))
	}
	if world != nil && len(needs) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range needs {
		fmt.Fprintln(w, needLine(n))
	}
	return err
}

// needLine says what is needed and where, and not more than a few times where.
func needLine(n component.Need) string {
	const few = 8
	var b strings.Builder
	b.WriteString("// needs: " + n.Feature)
	if n.Gate != "" {
		b.WriteString(" (" + n.Gate + ")")
	}
	b.WriteString(" at offset ")
	for i, at := range n.Offsets[:min(few, len(n.Offsets))] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%#x", at)
	}
	if more := len(n.Offsets) - few; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}
