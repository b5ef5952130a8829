package hostimpl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/files"
)

func TestEnvironment(t *testing.T) {
	ctx := context.Background()
	t.Run("the zero Config grants nothing", func(t *testing.T) {
		h := host(t, Config{})
		equal(t, "arguments", len(must(h.cli.GetArguments(ctx))), 0)
		equal(t, "variables", len(must(h.cli.GetEnvironment(ctx))), 0)
		equal(t, "working directory", must(h.cli.InitialCwd(ctx)), nil)
		equal(t, "directories", len(must(h.files.GetDirectories(ctx))), 0)
	})
	t.Run("arguments and variables come in order, the last of one name wins", func(t *testing.T) {
		h := host(t, Config{
			Args: []string{"app", "", "ü"},
			Env:  []string{"B=1", "A=x=y", "=C:=C:\\dir", "B=2", "E="},
			Cwd:  "/home",
		})
		if got := must(h.cli.GetArguments(ctx)); !slices.Equal(got, []string{"app", "", "ü"}) {
			t.Errorf("arguments: %q", got)
		}
		want := [][2]string{{"B", "2"}, {"A", "x=y"}, {"=C:", "C:\\dir"}, {"E", ""}}
		if got := must(h.cli.GetEnvironment(ctx)); !slices.Equal(got, want) {
			t.Errorf("environment: %q", got)
		}
		equal(t, "working directory", *must(h.cli.InitialCwd(ctx)), "/home")
	})
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Args: []string{"app", "a\xff"}}, `argument 1: "a\xff" is not valid UTF-8`},
		{Config{Args: []string{"a\x00b"}}, "contains a zero byte"},
		{Config{Env: []string{"NAME"}}, `"NAME" is not of the form KEY=VALUE`},
		{Config{Env: []string{""}}, `"" is not of the form KEY=VALUE`},
		{Config{Env: []string{"=x"}}, `"=x" is not of the form KEY=VALUE`},
		{Config{Env: []string{"A=\xff"}}, "is not valid UTF-8"},
		{Config{Cwd: "\xff"}, "working directory"},
		{Config{Dirs: []Dir{{Host: "nowhere", Guest: "/"}}}, "directory nowhere: no such file or directory"},
		{Config{Dirs: []Dir{{Host: "cli_test.go", Guest: "/"}}}, "directory cli_test.go: not a directory"},
		{Config{Dirs: []Dir{{Host: ".", Guest: "/a"}, {Host: "bind", Guest: "/a/"}}}, "directory bind: the guest has another directory of the name /a/"},
		{Config{Dirs: []Dir{{Host: "."}}}, "directory .: the guest needs a name for it"},
		{Config{Dirs: []Dir{{Guest: "/"}}}, "directory for /: neither Host nor FS says which"},
		{Config{Dirs: []Dir{{Host: ".", FS: struct{ files.Dir }{}, Guest: "/"}}}, "directory .: Host and FS both say which"},
		{Config{Dirs: []Dir{{Host: ".", Guest: "a\xff"}}}, `the guest's name "a\xff" is not valid UTF-8`},
		{Config{Limits: Limits{Files: -1}}, "a limit is negative"},
		{Config{Limits: Limits{PollList: -1}}, "a limit is negative"},
	} {
		_, err := New(c.config)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestExit(t *testing.T) {
	ctx := context.Background()
	var c cli
	for _, e := range []struct {
		err  error
		want uint8
	}{
		{c.Exit(ctx, cabi.ResultOf[struct{}, struct{}]{}), 0},
		{c.Exit(ctx, cabi.ResultOf[struct{}, struct{}]{IsErr: true}), 1},
		{c.ExitWithCode(ctx, 42), 42},
	} {
		var exit *component.ExitError
		if !errors.As(e.err, &exit) || exit.Code != e.want {
			t.Errorf("got %v, want exit status %d", e.err, e.want)
		}
	}
}
