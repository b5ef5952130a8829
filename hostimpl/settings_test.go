package hostimpl

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl/bind/logging/logging"
)

func TestSettings(t *testing.T) {
	ctx := context.Background()
	given := map[string]string{"b": "2", "a": "", "ä": "1\x00"}
	h := host(t, Config{Settings: given})
	given["a"] = "changed later"
	t.Run("are found by their keys", func(t *testing.T) {
		equal(t, "b", *must(h.settings.Get(ctx, "b")), "2")
		equal(t, "a", *must(h.settings.Get(ctx, "a")), "")
		equal(t, "c", must(h.settings.Get(ctx, "c")), nil)
	})
	t.Run("are all given in the order of their keys", func(t *testing.T) {
		equal(t, "all", fmt.Sprintf("%q", must(h.settings.GetAll(ctx))), `[["a" ""] ["b" "2"] ["ä" "1\x00"]]`)
	})
	t.Run("are none where none were given", func(t *testing.T) {
		equal(t, "all", len(must(host(t, Config{}).settings.GetAll(ctx))), 0)
	})
	t.Run("that are no text are refused", func(t *testing.T) {
		for _, bad := range []map[string]string{{"a": "\xff"}, {"\xff": "a"}} {
			if _, err := New(Config{Settings: bad}); err == nil || !strings.Contains(err.Error(), "is not valid UTF-8") {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestMessages(t *testing.T) {
	ctx := context.Background()
	var out bytes.Buffer
	lines := func(level slog.Level) *slog.Logger {
		out.Reset()
		return slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	}
	t.Run("have the levels of slog, and their context as an attribute", func(t *testing.T) {
		m := host(t, Config{Log: lines(LevelTrace)}).messages
		for l := logging.LevelTrace; l <= logging.LevelCritical; l++ {
			check(t, m.Log(ctx, l, "ctx", "hello\n"))
		}
		check(t, m.Log(ctx, logging.LevelInfo, "", "no context"))
		equal(t, "lines", out.String(), strings.Join([]string{
			`level=DEBUG-4 msg="hello\n" context=ctx`,
			`level=DEBUG msg="hello\n" context=ctx`,
			`level=INFO msg="hello\n" context=ctx`,
			`level=WARN msg="hello\n" context=ctx`,
			`level=ERROR msg="hello\n" context=ctx`,
			`level=ERROR+4 msg="hello\n" context=ctx`,
			`level=INFO msg="no context"`,
			``,
		}, "\n"))
	})
	t.Run("have the words of the interface for levels in NewLogger", func(t *testing.T) {
		out.Reset()
		m := host(t, Config{Log: NewLogger(&out, LevelTrace).With("level", 1).WithGroup("g")}).messages
		for l := logging.LevelTrace; l <= logging.LevelCritical; l++ {
			check(t, m.Log(ctx, l, "ctx", "a"))
		}
		NewLogger(&out, slog.LevelInfo).Log(ctx, slog.LevelInfo+1, "a level of somebody else")
		var want string
		for _, word := range []string{"trace", "debug", "info", "warn", "error", "critical"} {
			want += "level=" + word + " msg=a level=1 g.context=ctx\n"
		}
		equal(t, "lines", out.String(), want+"level=INFO+1 msg=\"a level of somebody else\"\n")
	})
	t.Run("below the level of the logger are not told", func(t *testing.T) {
		m := host(t, Config{Log: lines(slog.LevelWarn)}).messages
		check(t, m.Log(ctx, logging.LevelInfo, "", "quiet"))
		equal(t, "lines", out.String(), "")
	})
	t.Run("go nowhere without a logger", func(t *testing.T) {
		check(t, host(t, Config{}).messages.Log(ctx, logging.LevelCritical, "a", "b"))
	})
	t.Run("are cut where they are too long", func(t *testing.T) {
		m := host(t, Config{Log: lines(slog.LevelInfo), Limits: Limits{LogBytes: 3}}).messages
		check(t, m.Log(ctx, logging.LevelInfo, "context", "message"))
		check(t, m.Log(ctx, logging.LevelInfo, "abc", "abc"))
		equal(t, "lines", out.String(), "level=INFO msg=mes... context=con...\nlevel=INFO msg=abc context=abc\n")
	})
}

func TestDraftsAreOfferedByEachNameThatGuestsHave(t *testing.T) {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	h := host(t, Config{})
	check(t, h.Link(component.NewLinker(r)))
	offered := map[string]bool{}
	for _, i := range h.Interfaces() {
		equal(t, i.Type.Name.String()+" twice", offered[i.Type.Name.String()], false)
		offered[i.Type.Name.String()] = true
	}
	for _, name := range []string{
		"wasi:config/store@0.2.0-draft", "wasi:config/store@0.2.0-rc.1", "wasi:config/store@0.2.0-draft-2024-09-27",
		"wasi:keyvalue/store@0.2.0-draft", "wasi:keyvalue/atomics@0.2.0-draft", "wasi:keyvalue/batch@0.2.0-draft",
		"wasi:keyvalue/store@0.2.0-draft2", "wasi:keyvalue/atomics@0.2.0-draft2", "wasi:keyvalue/batch@0.2.0-draft2",
		"wasi:logging/logging@0.1.0-draft", "wasi:logging/logging",
		"wasi:http/types@0.2.12", "wasi:http/outgoing-handler@0.2.12",
	} {
		equal(t, name, offered[name], true)
	}
}
