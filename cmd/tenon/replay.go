package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/replay"
)

const replayUsage = `usage: tenon replay [flags] record [app.wasm]

Runs a guest again with the answers that "tenon run --record" wrote down, and compares
what it does with what it did then. No file, address or clock of this machine is used. What
it prints is printed again. Without app.wasm, the guest is taken from where it was.

  --trace[=FILTER], -e, -o, -c, -s, --trace-json
                print the calls while they are repeated, see "tenon trace -h"; times are
                those of the replay
  --cache DIR   keep compiled code there; "off" keeps none
                (default: tenon in the user's cache directory)

The exit code is the guest's own where all is as recorded; 123 means that it is not, and
the first difference is printed; 2 means wrong usage, 125 that the record is cut off or
that the host failed, 126 that the record or the guest cannot be read, 134 that the guest
trapped as it did.
`

// exitDiverged is the exit code of a replay that is not as recorded.
const exitDiverged = 123

func replayCommand(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tenon replay", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	cache := flags.String("cache", "", "")
	var t tracing
	t.register(flags)
	err := flags.Parse(args)
	if err == nil {
		err = t.parse()
	}
	var usage usageError
	if errors.As(err, &usage) {
		err = usage.error
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		io.WriteString(stderr, replayUsage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "tenon replay: %v\n", err)
		return exitUsage
	case t.record != "":
		fmt.Fprintln(stderr, "tenon replay: --record is for runs: a replay has a record already")
		return exitUsage
	case flags.NArg() == 0 || flags.NArg() > 2:
		fmt.Fprintln(stderr, "tenon replay: want a record, and perhaps a guest; usage: tenon replay [flags] record [app.wasm]")
		return exitUsage
	}
	record, guest := flags.Arg(0), flags.Arg(1)
	return attended(record, stderr, func(ctx context.Context) error {
		return replayError(replayRecord(ctx, record, guest, cacheDir(*cache), &t, stdout, stderr))
	})
}

// A replayFailure is an error of a replay with its exit code.
type replayFailure struct {
	error
	code int
}

func (f replayFailure) Unwrap() error { return f.error }

func replayError(err error) error {
	var (
		diverged *replay.Divergence
		cut      *replay.CutError
		format   *replay.FormatError
	)
	switch {
	case errors.As(err, &diverged):
		return replayFailure{err, exitDiverged}
	case errors.As(err, &cut):
		return replayFailure{err, exitHost}
	case errors.As(err, &format):
		return refusal{err}
	}
	return err
}

// replayRecord runs a guest, or the one that the record names.
func replayRecord(ctx context.Context, record, guest, cache string, t *tracing, stdout, stderr io.Writer) (err error) {
	f, err := os.Open(record)
	if err != nil {
		return refusal{withoutPath(err)}
	}
	defer f.Close()
	p, err := replay.NewPlayer(f)
	if err != nil {
		return err
	}
	h := p.Header()
	if guest == "" {
		guest = h.Path
	}
	data, err := readComponent(guest)
	if err != nil {
		return refusal{fmt.Errorf("the guest %s: %w", guest, err)}
	}
	if hash := replay.HashOf(data); hash != h.Guest {
		fmt.Fprintf(stderr, "tenon: %s is not the guest that was recorded: it is %s, recorded was %s\n", guest, hash, h.Guest)
	}
	r, err := component.NewRuntime(ctx, component.Config{Cache: cache})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(context.WithoutCancel(ctx))) }()
	c, err := r.Compile(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.end(stderr)) }()
	if p.Tracer, err = t.show(c.World(), stderr); err != nil {
		return err
	}
	p.Reading = adapter.Reading
	p.OnCall = adapter.NewOutput(stdout, stderr).Call
	result, err := p.Run(ctx, r, c)
	if res, ok := result.(cabi.Result); err == nil && ok && res.IsErr {
		return &component.ExitError{Code: 1}
	}
	return err
}
