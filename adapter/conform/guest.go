package conform

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/trace"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
)

// A job is all that is needed to run a guest. It travels to a child as JSON.
type job struct {
	Guest    string
	Args     []string
	Env      []string
	Dirs     []jobDir
	Net      []string
	Buckets  []string
	Settings map[string]string
	Memory   uint64
	Cache    string

	// CompileOnly fills the cache.
	CompileOnly bool

	// Result is the file for the ending, from a child.
	Result string
}

type jobDir struct {
	Host, Guest string
	ReadOnly    bool
}

// An Ending is how a guest ended.
type Ending struct {
	// Exit is its exit code, if it ended by itself.
	Exit int `json:"exit"`

	// Trap is the message of its trap, Backtrace the stack, innermost first.
	Trap      string `json:"trap,omitempty"`
	Backtrace string `json:"backtrace,omitempty"`

	// Refused says why it was not run: it is no component, its imports are not met, the
	// host failed.
	Refused string `json:"refused,omitempty"`

	// Calls are the last calls of imports, with arguments and results, the last one last.
	Calls []string `json:"calls,omitempty"`

	// Denied is what it was not permitted, a line each.
	Denied []string `json:"denied,omitempty"`

	// TimedOut and Killed tell that it was ended from outside.
	TimedOut bool `json:"timed-out,omitempty"`
	Killed   bool `json:"killed,omitempty"`
}

// maxDenied is how many denials are told, maxCalls how many calls of imports.
const (
	maxDenied = 20
	maxCalls  = 50
)

// run runs a guest to its end.
func (j *job) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (end Ending) {
	deny := func(what string) {
		if len(end.Denied) < maxDenied {
			end.Denied = append(end.Denied, what)
		}
	}
	cfg := hostimpl.Config{
		Args: append([]string{filepath.Base(j.Guest)}, j.Args...), Env: j.Env, Settings: j.Settings,
		Stdin: stdin, Stdout: stdout, Stderr: stderr, KeyValue: map[string]hostimpl.Bucket{},
		OnDenied:     func(d sockets.Denial) { deny(d.String() + "; --net " + d.Rule().String()) },
		OnFileDenied: func(d hostimpl.FileDenial) { deny(d.String()) },
	}
	for _, d := range j.Dirs {
		cfg.Dirs = append(cfg.Dirs, hostimpl.Dir{Host: d.Host, Guest: d.Guest, ReadOnly: d.ReadOnly})
	}
	for _, b := range j.Buckets {
		cfg.KeyValue[b] = hostimpl.NewMemoryBucket(nil)
	}
	calls := trace.NewRecent(maxCalls)
	err := j.with(ctx, cfg, calls)
	end.Calls = calls.Lines()
	var exit *component.ExitError
	var trap *component.Trap
	switch {
	case errors.As(err, &exit):
		end.Exit = int(exit.Code)
	case errors.As(err, &trap):
		end.Trap, end.Backtrace = trap.Error(), trap.Backtrace.String()
	case err != nil:
		end.Refused = err.Error()
	}
	return end
}

// with makes the host and the instance, calls it, and closes all.
func (j *job) with(ctx context.Context, cfg hostimpl.Config, calls component.Tracer) (err error) {
	rules := []sockets.Rule{}
	texts := j.Net
	if len(texts) > 0 {
		// A socket alone is nothing; what is denied is then told with its address.
		texts = append([]string{"tcp:create", "udp:create"}, texts...)
	}
	for _, text := range texts {
		r, err := sockets.ParseRule(text)
		if err != nil {
			return err
		}
		rules = append(rules, r)
	}
	cfg.Network = sockets.NewPolicy(rules...)
	data, err := os.ReadFile(j.Guest)
	if err != nil {
		return plain(j.Guest, err)
	}
	if k := adapter.Identify(data); !k.Runs() {
		return errors.New("it is " + k.String() + "; " + k.Remedy())
	}
	clean := context.WithoutCancel(ctx)
	r, err := component.NewRuntime(clean, component.Config{Cache: j.Cache, MemoryLimit: j.Memory})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(clean)) }()
	c, err := adapter.Compile(ctx, r, data)
	if err != nil {
		return err
	}
	if j.CompileOnly {
		return nil
	}
	export := adapter.ExportName(c, adapter.Command)
	if !c.Exports(export) {
		return errors.New("it exports no " + adapter.Command + ", so it is no command; it exports " + c.ExportNames())
	}
	host, err := hostimpl.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	l := component.NewLinker(r)
	l.Trace(calls)
	if err := adapter.Link(l, host, adapter.Config{}); err != nil {
		return err
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, in.Close(clean))
		_ = host.Drain(ctx)
	}()
	result, err := in.Call(ctx, export, "run")
	if res, ok := result.(cabi.Result); ok && res.IsErr && err == nil {
		return &component.ExitError{Code: 1}
	}
	return err
}
