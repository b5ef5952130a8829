package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
)

// runOptions is what the command line of run says. What the guest may see and do is
// all in host; the rest of it is how to say that in Go.
type runOptions struct {
	path      string
	cache     string
	links     []link
	host      hostimpl.Config
	adapter   adapter.Config
	repeat    repeatable
	debug     debugInfo
	fullTrace bool
	noHint    bool
	printGo   bool
	typed     []string // the command line, but for --print-go
	services
	skew
	tracing
}

// A list is a flag that may be given many times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// usageError is a command line that is wrong, said in one line.
type usageError struct{ error }

func usageCode(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	return exitUsage
}

const runUsage = `usage: tenon run [flags] app.wasm [args...]

Nothing is granted unless a flag says so.

  --env K=V            set a variable of the guest's environment
  --net RULE           allow network operations, such as
                         tcp:connect=127.0.0.1:*      connect to any port there
                         tcp:connect=example.com:443  look that name up, connect there
                         tcp:listen=127.0.0.1:8080    listen there
                         udp:send=10.0.0.53:53        send datagrams there, receive answers
                         loopback                     everything on loopback
                         all                          everything
  --dir HOST::GUEST    give the guest the directory HOST, which it knows as GUEST, and
                       all that is in it; GUEST can be / or . too. HOST alone keeps its
                       name. With :ro behind it, nothing in it can be changed; with
                       :any-names, names such as aux.c and 12:30.log are allowed
  --listen ADDR:PORT   listen there for a preview 1 module, which finds the listener open,
                       after its directories
  --config K=V         a setting for wasi:config
  --keyvalue NAME=mem  a bucket for wasi:keyvalue, empty and in memory,
  --keyvalue NAME=FILE or in a file, which is made if need be; FILE:ro only reads
  --log LEVEL          print the messages of wasi:logging to stderr, from LEVEL up:
                       trace, debug, info, warn, error or critical
  --link NAME=FILE     meet the import NAME by a component, or a core module, in a
                       file; by the interface NAME that it exports, if it does, and
                       otherwise by all that it exports
  --alias NAME=OTHER   meet what is imported as NAME by what is offered as OTHER, if the
                       types agree: a release candidate by the release, for example;
                       both are interfaces, or packages: wasi:config@0.2.0-draft
  --stub missing       let functions that nobody provides trap when they are called, or,
  --stub missing=error where their types have a fitting error, answer that; each is told
  --clock TIME         let the guest's time begin then, as 2026-01-02T03:04:05Z, and pass
                       without waiting; what a guest waits for besides takes its time
  --seed N             random numbers that follow from N, the same in each run: none of
                       them is a secret
  --tz NAME            the guest's time zone, such as Europe/Berlin (default: UTC)
  --trace[=FILTER]     print the guest's calls; see "tenon trace -h", which tells of -e, -o,
                       -c, -s, --trace-json and --record, too
  --record FILE        write down what the host answers, for "tenon replay"
  --no-file-hint       say nothing of the directories when a guest fails that has looked
                       for files in vain
  --print-go           print a Go program that does the same, and run nothing
  --cache DIR          keep compiled code there; "off" keeps none
                       (default: tenon in the user's cache directory)
  --debug-info HOW     keep the debugging information of the program, so that a trap names
                       lines, or drop it, so that it starts faster: keep, drop or auto,
                       which keeps that of up to 512 KiB of code (default: auto)
  --full-backtrace     where it traps, show the frames of adapters and shims, too, and the
                       stack after a stack overflow; calls in the guest are slower

The exit code is the guest's own; 2 means wrong usage, 125 that the host failed,
126 that the file cannot be run here, 134 that the guest trapped.
`

// errNoComponent is a command line that ends before the name of a file.
var errNoComponent = errors.New("no component given; usage: tenon run [flags] app.wasm [args...]")

func parseRun(args []string, stderr io.Writer) (*runOptions, error) {
	var env, net, dirs, links, listen list
	o := &runOptions{}
	flags := flag.NewFlagSet("tenon run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.Var(&env, "env", "")
	flags.Var(&net, "net", "")
	flags.Var(&dirs, "dir", "")
	flags.Var(&listen, "listen", "")
	flags.Var(&links, "link", "")
	flags.StringVar(&o.cache, "cache", "", "")
	flags.StringVar(&o.repeat.clock, "clock", "", "")
	flags.StringVar(&o.repeat.seed, "seed", "", "")
	flags.StringVar(&o.repeat.zone, "tz", "", "")
	flags.BoolVar(&o.printGo, "print-go", false, "")
	flags.Var(&o.debug, "debug-info", "")
	flags.BoolVar(&o.fullTrace, "full-backtrace", false, "")
	flags.BoolVar(&o.noHint, "no-file-hint", false, "")
	o.services.register(flags)
	o.skew.register(flags)
	o.tracing.register(flags)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			io.WriteString(stderr, runUsage)
			return nil, err
		}
		return nil, usageError{err}
	}
	if flags.NArg() == 0 {
		return nil, usageError{errNoComponent}
	}
	o.path = flags.Arg(0)
	o.typed = withoutPrintGo(args, len(args)-flags.NArg())
	o.host.Args = append([]string{filepath.Base(o.path)}, flags.Args()[1:]...)
	for _, e := range env {
		if k, _, ok := strings.Cut(e, "="); !ok || k == "" {
			return nil, usageError{fmt.Errorf("--env %s: want K=V", e)}
		}
		o.host.Env = append(o.host.Env, e)
	}
	// With the right to make a socket, which gives nothing by itself, a denial
	// comes at the call that names an address, and so does the rule for it.
	rules := []sockets.Rule{mustRule("tcp:create"), mustRule("udp:create")}
	for _, n := range net {
		r, err := sockets.ParseRule(n)
		if err != nil {
			return nil, usageError{fmt.Errorf("--net %s: %w", n, err)}
		}
		rules = append(rules, r)
	}
	for _, a := range listen {
		at, rule, err := parseListen(a)
		if err != nil {
			return nil, err
		}
		o.adapter.Listen = append(o.adapter.Listen, at)
		rules = append(rules, rule)
	}
	o.host.Network = sockets.NewPolicy(rules...)
	for _, d := range dirs {
		dir, err := parseDir(d)
		if err != nil {
			return nil, err
		}
		o.host.Dirs = append(o.host.Dirs, dir)
	}
	if err := o.services.parse(&o.host); err != nil {
		return nil, err
	}
	if err := o.skew.parse(); err != nil {
		return nil, err
	}
	if err := o.tracing.parse(); err != nil {
		return nil, err
	}
	for _, s := range links {
		k, err := parseLink(s)
		if err != nil {
			return nil, err
		}
		o.links = append(o.links, k)
	}
	if err := o.repeat.grant(&o.host); err != nil {
		return nil, usageError{err}
	}
	return o, nil
}

func runCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runAs("run", args, stdin, stdout, stderr)
}

// runAs is run, or a command that runs with other flags set.
func runAs(name string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseRun(args, stderr)
	if err == nil && o.printGo && (o.tracing.on || o.tracing.record != "") {
		err = usageError{errors.New("--print-go prints no trace; leave --trace and its like out")}
	}
	if err != nil {
		var u usageError
		if errors.As(err, &u) {
			fmt.Fprintf(stderr, "tenon %s: %v\n", name, u.error)
		}
		return usageCode(err)
	}
	if o.printGo {
		return report(stderr, o.path, printGo(context.Background(), stdout, o))
	}
	o.attach(stdin, stdout, stderr)
	collectLater()
	return attended(o.path, stderr, func(ctx context.Context) error { return o.detail(run(ctx, o)) })
}

// attach gives the guest its standard streams, and the user the reports.
func (o *runOptions) attach(stdin io.Reader, stdout, stderr io.Writer) {
	o.host.Stdin, o.host.Stdout, o.host.Stderr = stdin, stdout, stderr
	o.host.Log = o.services.logger(stderr)
	o.host.OnDenied = func(d sockets.Denial) {
		fmt.Fprintf(stderr, "tenon: denied %s; allow it with --net %s\n", d, d.Rule())
	}
	o.host.OnFileDenied = fileDenials(stderr)
}

// attended does what runs a guest to its end or to a signal, and gives the exit code.
func attended(path string, stderr io.Writer, do func(context.Context) error) int {
	ignoreBrokenPipes()
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	select {
	case err := <-done:
		return report(stderr, path, err)
	case s := <-signals:
		stop(fmt.Errorf("signal %v", s))
		return interrupted(done, s, stderr, path)
	}
}

// grace is how long an interrupted guest has to come back from what it computes.
// A guest that waits in the host comes back at once.
const grace = 2 * time.Second

// interrupted ends a run that got a signal. Guest code that computes without
// calling the host cannot be stopped from outside; the process ends all the same.
func interrupted(done <-chan error, s os.Signal, stderr io.Writer, path string) int {
	select {
	case <-done:
	case <-time.After(grace):
		fmt.Fprintf(stderr, "tenon: %s: the guest did not stop within %v\n", path, grace)
	}
	if n, ok := s.(syscall.Signal); ok {
		return exitSignaled + int(n)
	}
	return exitHost
}

// parseListen is an address to listen on, and the rule that allows it.
func parseListen(s string) (netip.AddrPort, sockets.Rule, error) {
	at, err := netip.ParseAddrPort(s)
	var rule sockets.Rule
	if err == nil {
		rule, err = sockets.ParseRule("tcp:listen=" + at.String())
	}
	if err != nil {
		err = usageError{fmt.Errorf("--listen %s: want ADDR:PORT, such as 127.0.0.1:8080", s)}
	}
	return at, rule, err
}

func mustRule(s string) sockets.Rule {
	r, err := sockets.ParseRule(s)
	if err != nil {
		panic(err)
	}
	return r
}

// run runs a command component to its end.
func run(ctx context.Context, o *runOptions) error {
	var export string
	command := func(c *component.Component) error {
		export = adapter.ExportName(c, runInterface)
		if !c.Exports(export) {
			return refusal{fmt.Errorf("it exports no %s, so it is no command; it exports %s", runInterface, c.ExportNames())}
		}
		return nil
	}
	return o.instantiate(ctx, command, func(in *component.Instance) error {
		result, err := in.Call(ctx, export, "run")
		if err != nil {
			return err
		}
		if res, ok := result.(cabi.Result); ok && res.IsErr {
			return &component.ExitError{Code: 1}
		}
		return nil
	})
}

// instantiate makes an instance of a component that passes check, uses it, and closes
// all that it made.
func (o *runOptions) instantiate(ctx context.Context, check func(*component.Component) error, use func(*component.Instance) error) (err error) {
	data, err := readApp(o.path)
	if err != nil {
		return err
	}
	clean := context.WithoutCancel(ctx)
	r, err := component.NewRuntime(ctx, o.engine())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(clean)) }()
	c, err := compileApp(ctx, r, data)
	if err != nil {
		return err
	}
	if err := check(c); err != nil {
		return err
	}
	closeBuckets, err := o.services.open(&o.host)
	if err != nil {
		return refusal{err}
	}
	defer func() { err = errors.Join(err, closeBuckets()) }()
	l := component.NewLinker(r)
	defer func() { err = errors.Join(err, o.tracing.end(o.host.Stderr)) }()
	if err := o.tracing.begin(l, o.path, data, c.World(), &o.host); err != nil {
		return err
	}
	host, err := hostimpl.New(o.host)
	if err != nil {
		return refusal{errors.New(strings.TrimPrefix(err.Error(), "hostimpl: "))}
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	if err := adapter.Link(l, host, o.adapter); err != nil {
		return err
	}
	components, imports, err := defineLinks(ctx, r, l, c, o.links)
	if err != nil {
		return err
	}
	if err := o.skew.apply(l, imports); err != nil {
		return err
	}
	announce(o.host.Stderr, l, components)
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, in.Close(clean))
		// What the guest sent before it ended is still sent, unless a signal says no.
		_ = host.Drain(ctx)
	}()
	err = use(in)
	o.fileHint(host, err)
	return err
}

const runInterface = adapter.Command

// cacheDir is where compiled code is kept. A place that cannot be found is no
// reason not to run.
func cacheDir(flag string) string {
	switch flag {
	case "off":
		return ""
	case "":
		dir, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		return filepath.Join(dir, "tenon")
	}
	return flag
}
