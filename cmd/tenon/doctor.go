package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/hostimpl"
)

const doctorUsage = `usage: tenon doctor [--json] [--library] [flags of run] app.wasm

Says, before anything runs and without compiling, whether "tenon run" with the same flags
would run the file, and everything that keeps it from that: what the file is and who made
it, by what each import is met, where types drifted and what that does to the ABI, what the
engine lacks, what it may need to be granted, and what to do.

  --json       the same as one JSON value
  --library    the file is to be linked or called; it need not be a command

Each finding has a code, and "tenon explain CODE" a page about it. The exit code is 0 where
it would run, 1 where it would not, 2 where the command line is wrong or a file cannot be
read.
`

func doctorCommand(args []string, stdout, stderr io.Writer) int {
	report, asJSON, err := diagnose(args)
	switch {
	case errors.Is(err, errDoctorHelp):
		io.WriteString(stderr, doctorUsage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "tenon doctor: %v\n", err)
		return exitUsage
	}
	if asJSON {
		err = printJSON(stdout, report)
	} else {
		_, err = io.WriteString(stdout, report.String())
	}
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "tenon doctor: %v\n", err)
		return exitHost
	case !report.Runs:
		return 1
	}
	return 0
}

var errDoctorHelp = errors.New("help is asked for")

// diagnose reads the command line, which is that of run, and the files that it names.
func diagnose(args []string) (r doctor.Report, asJSON bool, err error) {
	// What is meant for doctor may stand anywhere: there is no guest to take it.
	take := func(names ...string) bool {
		n := len(args)
		args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return slices.Contains(names, a) })
		return len(args) < n
	}
	asJSON = take("--json", "-json")
	library := take("--library", "-library")
	if take("--help", "-help", "-h") {
		return r, false, errDoctorHelp
	}
	o, err := parseRun(args, io.Discard)
	if err == error(usageError{errNoComponent}) {
		err = usageError{errors.New("no file given; usage: tenon doctor [flags of run] app.wasm")}
	}
	if err != nil {
		return r, false, err
	}
	data, err := os.ReadFile(o.path)
	if err != nil {
		return r, false, plainPathError(o.path, err)
	}
	options := doctor.Options{Name: o.path, Grants: o.host, Adapter: o.adapter, Stubs: o.stubs, Library: library}
	for _, a := range o.aliases {
		options.Aliases = append(options.Aliases, doctor.Alias(a))
	}
	for _, k := range o.links {
		data, err := os.ReadFile(k.path)
		if err != nil {
			return r, false, plainPathError("--link "+k.name+"="+k.path, err)
		}
		options.Links = append(options.Links, doctor.Link{Name: k.name, Path: k.path, Data: data})
	}
	o.services.pretend(&options.Grants)
	return doctor.Examine(data, options), asJSON, nil
}

// pretend grants what open would, with no file opened: that it is granted is all that counts.
func (s *services) pretend(c *hostimpl.Config) {
	c.KeyValue = map[string]hostimpl.Bucket{}
	for _, f := range s.stores {
		c.KeyValue[f.name] = hostimpl.NewMemoryBucket(nil)
	}
	c.Log = s.logger(io.Discard)
}

const explainUsage = `usage: tenon explain [CODE]

Says what a code of "tenon doctor" means: an example, how it comes about, and what to do.
Without a code it lists all of them.
`

func explainCommand(args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 0:
		io.WriteString(stdout, doctor.Index())
		return 0
	case args[0] == "-h" || args[0] == "--help" || args[0] == "-help":
		io.WriteString(stderr, explainUsage)
		return 0
	case len(args) > 1:
		io.WriteString(stderr, explainUsage)
		return exitUsage
	}
	page, err := doctor.Explain(args[0])
	if err != nil {
		fmt.Fprintf(stderr, "tenon explain: %v\n", err)
		return exitUsage
	}
	io.WriteString(stdout, page)
	return 0
}
