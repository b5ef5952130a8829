package component

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/validate"
)

// Trap is the end of an instance: the guest broke a rule, its core code trapped,
// or a host function failed without an answer for it.
type Trap = cabi.Trap

var (
	// ErrBusy is returned by a call of an instance that another goroutine is
	// running. One goroutine at a time runs an instance; calls are not queued.
	ErrBusy = errors.New("component: the instance is running in another goroutine")

	// ErrClosed is the cause of whatever ends because the instance was closed.
	ErrClosed = errors.New("component: the instance is closed")
)

// DecodeError tells that bytes are no valid component. Offset is where in the
// file.
type DecodeError struct {
	Offset int
	Msg    string
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("not a valid component: offset %#x: %s", e.Offset, e.Msg)
}

// UnsupportedError tells that a component is valid and needs something that this
// host does not have yet.
type UnsupportedError struct {
	Offset  int
	Feature string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("the component uses %s (offset %#x), which is not supported yet", e.Feature, e.Offset)
}

// ExitError tells that the guest ended itself with a status. It is not a failure
// of the host, and not a trap; the instance cannot be called again.
type ExitError struct{ Code uint8 }

func (e *ExitError) Error() string { return fmt.Sprintf("exit status %d", e.Code) }

// LinkError tells which imports of a component are not met: all of them at once.
type LinkError struct{ Missing []Match }

func (e *LinkError) Error() string {
	if len(e.Missing) == 1 {
		return "cannot link: " + e.Missing[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "cannot link: %d imports are not met", len(e.Missing))
	for _, m := range e.Missing {
		b.WriteString("\n  ")
		b.WriteString(m.String())
	}
	return b.String()
}

// publicError turns an error of the internal packages into the one documented
// here.
func publicError(err error) error {
	var de *binary.DecodeError
	if errors.As(err, &de) {
		msg := de.Msg
		if de.Path != "" {
			msg = de.Path + ": " + msg
		}
		return &DecodeError{de.Offset, msg}
	}
	var ve *validate.Error
	if errors.As(err, &ve) {
		return &DecodeError{ve.Offset, ve.Msg}
	}
	var vu *validate.Unsupported
	if errors.As(err, &vu) {
		return &UnsupportedError{vu.Offset, vu.Feature}
	}
	return err
}

// guestError turns what a core call of this instance returned into a *Trap or *ExitError.
func (in *Instance) guestError(err error) error {
	var exit *ExitError
	if errors.As(err, &exit) {
		return exit
	}
	text, stack := cutStack(err.Error())
	frames := in.component.frames(stack)
	var t *Trap
	if errors.As(err, &t) {
		// A copy: the trap of another instance, which a host function passes on, may
		// be remembered there.
		own := *t
		own.Backtrace = own.Backtrace.Join(frames)
		return &own
	}
	if _, within, start := strings.Cut(text, "] failed: "); start && strings.HasPrefix(text, "start function[") {
		text = within
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "wasm error: "), " (recovered by wazero)")
	if frames == nil && overflows(text) {
		frames = in.overflowed()
	}
	return &Trap{Code: cabi.GuestTrapped, Msg: text, Backtrace: frames, Err: engineError{err}}
}

// engineError keeps the engine's error for errors.Is and errors.As; its text is
// in Trap.Msg already.
type engineError struct{ error }

func (e engineError) Unwrap() error { return e.error }
func (e engineError) Error() string { return "" }
