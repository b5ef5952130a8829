package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/replay"
	"github.com/tenon-wasm/tenon/component/trace"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
	"github.com/tenon-wasm/tenon/wit"
)

const traceUsage = `usage: tenon trace [flags] app.wasm [args...]

Runs a component as "tenon run" does and prints the calls that it makes and gets, as
strace does for a process: the number of the call, the seconds since the beginning, the
function, the arguments and the result in WAVE, and the seconds that it took.

  -e FILTER       only these calls: packages, interfaces, functions or kinds of calls,
                  separated by commas; * and ? stand for any text and character; what
                  follows a ! is left out:
                    -e wasi:sockets          a package        -e streams,poll   interfaces
                    -e 'tcp-socket.*'        functions        -e 'streams#read' one of both
                    -e %file,%net            groups: %file %net %io %clock
                    -e %export,%drop         kinds: %import %export %inner %drop %start
                    -e '!poll,!*.drop'       all but these
  -o FILE         print to a file; what comes before a crash may miss a tenth of a second
  -c              print a table of calls, errors and time per function instead, at the end
  -s N            print N characters of a string and elements of a list (default 32; 0 is
                  all)
  --trace-json    print an object on each line
  --record FILE   write down what the host answers, for "tenon replay"

All flags of run are flags of trace as well, "tenon run -h" lists them; what is allowed to
the guest is the same.
`

// tracing are the flags by which a run is traced and recorded.
type tracing struct {
	filters filterFlag
	out     string
	count   bool
	short   string
	json    bool
	record  string

	on     bool // print something
	filter *trace.Filter

	file     *os.File // of out
	printer  *trace.Printer
	summary  *trace.Summary
	recorder *replay.Recorder
	recorded *os.File
}

// filterFlag is --trace, with a filter or without.
type filterFlag struct {
	texts []string
	given bool
}

func (f *filterFlag) String() string   { return "" }
func (f *filterFlag) IsBoolFlag() bool { return true }

func (f *filterFlag) Set(s string) error {
	if f.given = s != "false"; s != "true" && s != "false" {
		f.texts = append(f.texts, s)
	}
	return nil
}

func (t *tracing) register(flags *flag.FlagSet) {
	flags.Var(&t.filters, "trace", "")
	flags.Func("e", "", func(s string) error { return t.filters.Set(s) })
	flags.StringVar(&t.out, "o", "", "")
	flags.BoolVar(&t.count, "c", false, "")
	flags.StringVar(&t.short, "s", "", "")
	flags.BoolVar(&t.json, "trace-json", false, "")
	flags.StringVar(&t.record, "record", "", "")
}

func (t *tracing) parse() error {
	t.on = t.filters.given || t.out != "" || t.count || t.short != "" || t.json
	if len(t.filters.texts) > 0 {
		var err error
		if t.filter, err = trace.ParseFilter(t.filters.texts...); err != nil {
			return usageError{err}
		}
	}
	if n, err := strconv.Atoi(t.short); t.short != "" && (err != nil || n < 0) {
		return usageError{fmt.Errorf("-s %s: want a number of characters, 0 for all", t.short)}
	}
	return nil
}

// show opens what the trace goes to, and is the tracer that prints or counts, nil for none.
// The world says what the guest could call.
func (t *tracing) show(world *wit.World, stderr io.Writer) (component.Tracer, error) {
	if !t.on {
		return nil, nil
	}
	out := stderr
	if t.out != "" {
		f, err := os.Create(t.out)
		if err != nil {
			return nil, refusal{fmt.Errorf("-o %w", err)}
		}
		t.file, out = f, f
	}
	if t.filter != nil {
		for _, p := range t.filter.Unmatched(funcNames(world)) {
			fmt.Fprintf(stderr, "tenon: trace: the guest has no function that %s means\n", p)
		}
	}
	if t.count {
		t.summary = trace.NewSummary(t.filter)
		return t.summary, nil
	}
	n, _ := strconv.Atoi(t.short) // parse has looked.
	if t.short == "0" {
		n = -1
	}
	t.printer = trace.NewPrinter(trace.Config{Out: out, JSON: t.json, Filter: t.filter, Short: n, Buffered: t.file != nil})
	return t.printer, nil
}

// begin gives the linker and the host the tracers. Guest is the component at path.
func (t *tracing) begin(l *component.Linker, path string, guest []byte, world *wit.World, host *hostimpl.Config) error {
	shown, err := t.show(world, host.Stderr)
	if err != nil {
		return err
	}
	tracers := []component.Tracer{shown}
	if t.printer != nil && (t.filter == nil || t.filter.Match(component.CallImport, "wasi:sockets/tcp#state")) {
		host.OnSocket = func(c sockets.Change) { t.printer.Note(c.String()) }
	}
	if t.record != "" {
		f, err := os.Create(t.record)
		if err != nil {
			return refusal{fmt.Errorf("--record %w", err)}
		}
		t.recorded = f
		if whole, err := filepath.Abs(path); err == nil {
			path = whole
		}
		h := replay.Header{Guest: replay.HashOf(guest), Path: path, By: "tenon " + version()}
		if t.recorder, err = replay.NewRecorder(f, h); err != nil {
			return fmt.Errorf("--record: %w", err)
		}
		tracers = append(tracers, t.recorder)
	}
	if tracer := trace.Tee(tracers...); tracer != nil {
		l.Trace(tracer)
	}
	return nil
}

// end writes what is left.
func (t *tracing) end(stderr io.Writer) error {
	var errs []error
	if t.printer != nil {
		errs = append(errs, t.printer.Close())
	}
	if t.summary != nil {
		out, print := stderr, t.summary.Print
		if t.file != nil {
			out = t.file
		}
		if t.json {
			print = t.summary.PrintJSON
		}
		errs = append(errs, print(out))
	}
	if t.file != nil {
		errs = append(errs, t.file.Close())
	}
	if t.recorder != nil {
		errs = append(errs, t.recorder.Close())
	}
	if t.recorded != nil {
		errs = append(errs, t.recorded.Close())
	}
	return errors.Join(errs...)
}

// funcNames are the functions that a guest imports and exports.
func funcNames(w *wit.World) (names []string) {
	for _, item := range append(append([]wit.WorldItem(nil), w.Imports...), w.Exports...) {
		switch {
		case item.Func != nil:
			names = append(names, item.Name)
		case item.Interface != nil:
			for _, f := range item.Interface.Funcs {
				names = append(names, item.Name+"#"+f.Name)
			}
		}
	}
	return names
}

// traceCommand is run with a trace.
func traceCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	for _, a := range args {
		if a == "-h" || a == "-help" || a == "--help" {
			io.WriteString(stderr, traceUsage)
			return 0
		}
		if a == "" || a[0] != '-' {
			break
		}
	}
	return runAs("trace", append([]string{"--trace"}, args...), stdin, stdout, stderr)
}
