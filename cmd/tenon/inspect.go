package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

func inspectCommand(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tenon inspect", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: tenon inspect app.wasm")
	}
	if err := flags.Parse(args); err != nil {
		return usageCode(err)
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return exitUsage
	}
	path := flags.Arg(0)
	data, err := readComponent(path)
	if err != nil {
		fmt.Fprintf(stderr, "tenon: cannot inspect %s: %v\n", path, err)
		return exitCannot
	}
	world, err := component.World(data)
	if err != nil {
		fmt.Fprintf(stderr, "tenon: cannot inspect %s: %v\n", path, err)
		return exitCannot
	}
	io.WriteString(stdout, wit.PrintWorld(world))
	return 0
}
