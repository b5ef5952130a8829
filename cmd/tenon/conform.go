package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

const conformUsage = `usage: tenon conform [flags] DIR

Tests guests: runs all that the manifests in DIR say, each in a process and a sandbox of
its own, and prints how many passed, by interface and toolchain. A manifest is a file
conform.json ("go doc ./adapter/conform Manifest"), or the .json files of wasi-testsuite
beside its guests.

  --guests NAME=DIR   one more toolchain, whose guests are the .wasm files in DIR
  --filter TEXT       only tests whose name SUITE/TEST [TOOLCHAIN] holds TEXT; may be
                      given many times
  --skip FILE         tests that are expected to fail, each with a reason: lines such as
                      "basics/exit [Rust]: the reason", or the JSON of wasi-testsuite.
                      One that passes is a failure. May be given many times
  --jobs N            run N guests at once (default: one for each processor)
  --timeout TIME      how long a guest may take (default: 30s)
  --memory MIB        how large each memory of a guest may grow (default: 1024)
  --json FILE         write the results as JSON,
  --junit FILE        as XML for CI systems,
  --html FILE         as a page for people that needs nothing else
  --cache DIR         keep compiled code there; "off" keeps none
                      (default: tenon in the user's cache directory)

The exit code is 0 where nothing failed, 1 where something did, 2 where the command line
or a manifest is wrong, 125 that the host failed.
`

// conformOptions is what the command line of conform says.
type conformOptions struct {
	conform.Options
	dir               string
	guests, filter    list
	skip              list
	json, junit, html string
	cache             string
	memory            uint64
}

func parseConform(args []string, stderr io.Writer) (*conformOptions, error) {
	o := &conformOptions{}
	flags := flag.NewFlagSet("tenon conform", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.Var(&o.guests, "guests", "")
	flags.Var(&o.filter, "filter", "")
	flags.Var(&o.skip, "skip", "")
	flags.IntVar(&o.Jobs, "jobs", 0, "")
	flags.DurationVar(&o.Timeout, "timeout", 30*time.Second, "")
	flags.Uint64Var(&o.memory, "memory", 1024, "")
	flags.StringVar(&o.json, "json", "", "")
	flags.StringVar(&o.junit, "junit", "", "")
	flags.StringVar(&o.html, "html", "", "")
	flags.StringVar(&o.cache, "cache", "", "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			io.WriteString(stderr, conformUsage)
		}
		return nil, err
	}
	switch {
	case flags.NArg() != 1:
		return nil, errors.New("want one folder; usage: tenon conform [flags] DIR")
	case o.Jobs < 0 || o.Timeout <= 0:
		return nil, errors.New("--jobs and --timeout must be above zero")
	case o.memory < 1 || o.memory > 4096:
		return nil, fmt.Errorf("--memory %d: want 1 to 4096", o.memory)
	}
	o.dir = flags.Arg(0)
	o.Memory = o.memory << 20
	o.Isolate = true
	if o.Cache = cacheDir(o.cache); o.Cache != "" {
		abs, err := filepath.Abs(o.Cache)
		if err != nil {
			return nil, err
		}
		o.Cache = abs
	}
	return o, nil
}

// tests are those that the command line asks for.
func (o *conformOptions) tests() ([]*conform.Test, error) {
	more := map[string]string{}
	for _, g := range o.guests {
		name, dir, ok := strings.Cut(g, "=")
		if !ok || name == "" || dir == "" {
			return nil, fmt.Errorf("--guests %s: want NAME=DIR", g)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("--guests %s: there is no folder %s", g, dir)
		}
		more[name] = dir
	}
	all, err := conform.Load(o.dir, more)
	if err != nil {
		return nil, err
	}
	for _, file := range o.skip {
		expected, err := conform.ReadExpected(file)
		if err != nil {
			return nil, err
		}
		if err := conform.CheckExpected(expected, all); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		o.Expected = append(o.Expected, expected...)
	}
	if len(o.filter) == 0 {
		return all, nil
	}
	var some []*conform.Test
	for _, t := range all {
		for _, text := range o.filter {
			if strings.Contains(t.ID(), text) {
				some = append(some, t)
				break
			}
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("--filter %s: none of %s has that in its name", o.filter.String(), counted(len(all), "test"))
	}
	return some, nil
}

func conformCommand(args []string, stdout, stderr io.Writer) int {
	o, err := parseConform(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var tests []*conform.Test
	if err == nil {
		tests, err = o.tests()
	}
	if err != nil {
		fmt.Fprintf(stderr, "tenon conform: %v\n", err)
		return exitUsage
	}
	for _, e := range o.Expected {
		fmt.Fprintf(stdout, "expected to fail: %v: %s\n", &e, e.Reason)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	progress := progressOn(stdout, len(tests))
	o.OnResult = progress.tell
	report, err := conform.Run(ctx, tests, o.Options)
	progress.end()
	if report == nil {
		fmt.Fprintf(stderr, "tenon conform: %v\n", err)
		return exitHost
	}
	if err := errors.Join(err, report.Text(stdout), o.write(report)); err != nil {
		fmt.Fprintf(stderr, "tenon conform: %v\n", err)
		return exitHost
	}
	if report.Failed() {
		return 1
	}
	return 0
}

// write writes the files that were asked for.
func (o *conformOptions) write(r *conform.Report) error {
	var errs []error
	for _, f := range []struct {
		path string
		form func(io.Writer) error
	}{{o.json, r.JSON}, {o.junit, r.JUnit}, {o.html, r.HTML}} {
		if f.path == "" {
			continue
		}
		var b strings.Builder
		err := f.form(&b)
		if err == nil {
			err = os.WriteFile(f.path, []byte(b.String()), 0o666)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// A progress tells of results as they come: on a terminal in one line, which is written
// over and over, and elsewhere in a line each.
type progress struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	all      int
	done     int
	bad      int
}

func progressOn(w io.Writer, all int) *progress {
	p := &progress{w: w, all: all}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("CI") == ""
	}
	return p
}

const clearLine = "\r\x1b[K"

func (p *progress) tell(r *conform.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if r.Status.Bad() {
		p.bad++
	}
	switch {
	case !p.terminal:
		fmt.Fprintf(p.w, "%s\n%s", r.Line(), r.Details())
	case r.Status.Bad():
		fmt.Fprintf(p.w, "%s%s\n", clearLine, r.Line())
		fallthrough
	default:
		fmt.Fprintf(p.w, "%s%d of %d, %d failed: %.60s", clearLine, p.done, p.all, p.bad, r.ID())
	}
}

func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.w, clearLine)
	}
}
