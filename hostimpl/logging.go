package hostimpl

import (
	"context"
	"log/slog"

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
