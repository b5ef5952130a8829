package hostimpl

import (
	"context"
	"path"
	"slices"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalinput"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminaloutput"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
)

// cli is wasi:cli but for stdin: environment, exit, stdout, stderr, terminal-*.
type cli struct {
	args           []string
	env            [][2]string
	cwd            *string
	stdout, stderr *output
	said           *said // by guests, on stderr
	terminals      struct{ in, out, err bool }
}

func newCLI(c Config) cli {
	v := cli{args: slices.Clone(c.Args), env: variables(c.Env), said: &said{}}
	if c.Cwd != "" {
		v.cwd = &c.Cwd
	}
	v.stdout = newOutput(c.Stdout)
	v.stderr = v.stdout
	if !same(c.Stdout, c.Stderr) {
		v.stderr = newOutput(c.Stderr)
	}
	v.terminals.in = isTerminal(c.Stdin)
	v.terminals.out = isTerminal(c.Stdout)
	v.terminals.err = isTerminal(c.Stderr)
	return v
}

// from is where a relative path leads from the initial working directory, if it is told one.
func (c *cli) from(p string) string {
	if c.cwd == nil {
		return p
	}
	return path.Join(*c.cwd, p)
}

// variables splits what has been checked. The last of a name wins, in the place of
// the first.
func variables(list []string) [][2]string {
	var out [][2]string
	at := make(map[string]int, len(list))
	for _, s := range list {
		key, value, _ := cutVariable(s)
		if i, ok := at[key]; ok {
			out[i][1] = value
			continue
		}
		at[key] = len(out)
		out = append(out, [2]string{key, value})
	}
	return out
}

func (c *cli) GetEnvironment(context.Context) ([][2]string, error) { return c.env, nil }
func (c *cli) GetArguments(context.Context) ([]string, error)      { return c.args, nil }
func (c *cli) InitialCwd(context.Context) (*string, error)         { return c.cwd, nil }

// Exit ends the instance: 0 for ok, 1 for error.
func (c *cli) Exit(ctx context.Context, status cabi.ResultOf[struct{}, struct{}]) error {
	if status.IsErr {
		return c.ExitWithCode(ctx, 1)
	}
	return c.ExitWithCode(ctx, 0)
}

func (c *cli) ExitWithCode(_ context.Context, code uint8) error {
	return &component.ExitError{Code: code}
}

func (c *cli) GetStdout(context.Context) (streams.OutputStream, error) {
	return c.stdout.open(), nil
}

func (c *cli) GetStderr(context.Context) (streams.OutputStream, error) {
	return c.stderr.openHeard(c.said), nil
}

// terminal is the resources terminal-input and terminal-output, which only say that
// they are there.
type terminal struct{}

func (terminal) Close(context.Context) error { return nil }

func (c *cli) GetTerminalStdin(context.Context) (terminalinput.TerminalInput, error) {
	if !c.terminals.in {
		return nil, nil
	}
	return terminal{}, nil
}

func (c *cli) GetTerminalStdout(context.Context) (terminaloutput.TerminalOutput, error) {
	if !c.terminals.out {
		return nil, nil
	}
	return terminal{}, nil
}

func (c *cli) GetTerminalStderr(context.Context) (terminaloutput.TerminalOutput, error) {
	if !c.terminals.err {
		return nil, nil
	}
	return terminal{}, nil
}
