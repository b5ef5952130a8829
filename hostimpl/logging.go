package hostimpl

import (
	"context"
	"io"
	"log/slog"
	"slices"

	"github.com/tenon-wasm/tenon/hostimpl/bind/logging/logging"
)

// Levels of wasi:logging that slog has no name for.
const (
	LevelTrace    = slog.LevelDebug - 4
	LevelCritical = slog.LevelError + 4
)

var levels = [...]slog.Level{
	logging.LevelTrace:    LevelTrace,
	logging.LevelDebug:    slog.LevelDebug,
	logging.LevelInfo:     slog.LevelInfo,
	logging.LevelWarn:     slog.LevelWarn,
	logging.LevelError:    slog.LevelError,
	logging.LevelCritical: LevelCritical,
}

// NewLogger writes messages of wasi:logging as lines to w, from a level up, with the
// words of that interface for levels: `level=critical msg="it burns" context=main`. They
// have no time, which whoever collects them knows.
func NewLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: inWords}))
}

func inWords(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	if level, ok := a.Value.Any().(slog.Level); ok {
		if i := slices.Index(levels[:], level); i >= 0 {
			return slog.String(a.Key, logging.Level(i).String())
		}
	}
	return a
}

// messages is wasi:logging/logging.
type messages struct {
	to    *slog.Logger // nil discards
	limit int          // bytes of a message, and of its context
}

func (m messages) Log(ctx context.Context, level logging.Level, group, message string) error {
	if m.to == nil {
		return nil
	}
	var attrs []slog.Attr
	if group != "" {
		attrs = append(attrs, slog.String("context", cut(group, m.limit)))
	}
	m.to.LogAttrs(ctx, levels[level], cut(message, m.limit), attrs...)
	return nil
}

// cut is what is told of a text that is longer than the limit. It may end within a rune,
// which handlers replace.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return s[:limit] + "..."
}

var _ logging.Host = messages{}
