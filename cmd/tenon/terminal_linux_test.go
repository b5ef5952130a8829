package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo terminal: what is written to keys is typed, and what is read
// from it is on the screen. Nothing is echoed, and lines end as they are written.
func terminal(t *testing.T) (keys, line *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		t.Skip("this machine gives no terminals")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	var number uint32
	control(t, keys, func(fd int) (err error) {
		if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetUint32(fd, unix.TIOCGPTN)
		}
		return err
	})
	line, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	control(t, line, func(fd int) error {
		mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		mode.Lflag &^= unix.ECHO
		mode.Oflag &^= unix.OPOST
		return unix.IoctlSetTermios(fd, unix.TCSETS, mode)
	})
	return keys, line
}

// control keeps the file in the runtime's poller, which Fd would not.
func control(t *testing.T, f *os.File, do func(fd int) error) {
	t.Helper()
	conn, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := conn.Control(func(fd uintptr) { failed = do(int(fd)) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}

func typeKeys(t *testing.T, keys io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(keys, s); err != nil {
		t.Fatal(err)
	}
}

// screen waits for what comes next on the screen.
func screen(t *testing.T, keys *os.File, want string) {
	t.Helper()
	keys.SetReadDeadline(time.Now().Add(time.Minute))
	got := make([]byte, len(want))
	if n, err := io.ReadFull(keys, got); string(got) != want {
		t.Fatalf("on the screen is %q, want %q: %v", got[:n], want, err)
	}
}

// started is tenon with a time limit.
func started(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() { kill.Stop() })
}

func wantCode(t *testing.T, cmd *exec.Cmd, code int) {
	t.Helper()
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
}

const ioAsserts = "../../testdata/guests/io-asserts.wasm"

func TestAGuestIsToldWhichStreamsAreATerminal(t *testing.T) {
	keys, line := terminal(t)
	for bits := range 8 {
		cmd := tenon(t, "run", ioAsserts, "terminals")
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		var want strings.Builder
		for i, name := range []string{"stdin", "stdout", "stderr"} {
			is := "no"
			if bits&(1<<i) != 0 {
				is = "a"
				switch i {
				case 0:
					cmd.Stdin = line
				case 1:
					cmd.Stdout = line
				case 2:
					cmd.Stderr = line
				}
			}
			fmt.Fprintf(&want, "%s: %s terminal\n", name, is)
		}
		started(t, cmd)
		wantCode(t, cmd, 0)
		if cmd.Stdout == line {
			screen(t, keys, want.String())
		} else if out.String() != want.String() {
			t.Errorf("it said %q, want %q", &out, &want)
		}
	}
}

// What is typed arrives line by line, while the guest runs, and Ctrl-D is the end.
func TestAGuestReadsATerminalAsItIsTyped(t *testing.T) {
	for _, how := range []string{"poll", "splice", "blocking-splice"} {
		t.Run(how, func(t *testing.T) {
			keys, line := terminal(t)
			cmd := tenon(t, "run", ioAsserts, "copy", how)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = line, line, line
			started(t, cmd)
			for _, s := range []string{"one\n", "and another\n", "\n"} {
				typeKeys(t, keys, s)
				screen(t, keys, s)
			}
			typeKeys(t, keys, "no newline\x04")
			screen(t, keys, "no newline")
			typeKeys(t, keys, "\x04")
			wantCode(t, cmd, 0)
		})
	}
}

// A terminal that nobody reads, or that Ctrl-S has stopped, makes the guest wait, but
// does not keep it: Ctrl-C ends it at once, and Ctrl-Q loses nothing.
func TestATerminalThatIsStopped(t *testing.T) {
	text := strings.Repeat("the bytes of a line that is copied\n", 3000)
	in := func(t *testing.T) *os.File {
		f, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		typeKeys(t, f, text)
		f.Seek(0, io.SeekStart)
		return f
	}
	t.Run("Ctrl-C ends a guest that writes to it", func(t *testing.T) {
		_, line := terminal(t)
		cmd := tenon(t, "run", ioAsserts, "copy")
		var errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in(t), line, &errs
		started(t, cmd)
		time.Sleep(time.Second) // until the terminal is full
		cmd.Process.Signal(syscall.SIGINT)
		wantCode(t, cmd, 130)
		if errs.Len() > 0 { // which it says after its grace
			t.Errorf("it said %q", &errs)
		}
	})
	t.Run("all is there when it goes on", func(t *testing.T) {
		keys, line := terminal(t)
		cmd := tenon(t, "run", ioAsserts, "copy")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in(t), line, os.Stderr
		typeKeys(t, keys, "\x13")
		started(t, cmd)
		time.Sleep(300 * time.Millisecond)
		typeKeys(t, keys, "\x11")
		screen(t, keys, text)
		wantCode(t, cmd, 0)
	})
	t.Run("what was written last is not lost", func(t *testing.T) {
		keys, line := terminal(t)
		cmd := tenon(t, "run", ioAsserts, "terminals")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, line, os.Stderr
		typeKeys(t, keys, "\x13")
		started(t, cmd)
		time.Sleep(300 * time.Millisecond)
		typeKeys(t, keys, "\x11")
		screen(t, keys, "stdin: no terminal\nstdout: a terminal\nstderr: ")
		wantCode(t, cmd, 0)
	})
}

// The keys of a terminal that controls the process: Ctrl-C is a signal.
func TestCtrlCEndsAGuestThatWaitsForATerminal(t *testing.T) {
	keys, line := terminal(t)
	cmd := tenon(t, "run", "../../testdata/guests/blocked.wasm", "stdin")
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = line, line, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	started(t, cmd)
	screen(t, keys, "blocking in stdin\n")
	typeKeys(t, keys, "\x03")
	wantCode(t, cmd, 130)
	if errs.Len() > 0 { // which it says after its grace
		t.Errorf("it said %q", &errs)
	}
}

// A terminal that is gone is the end of input.
func TestATerminalThatHangsUpEndsTheGuest(t *testing.T) {
	keys, line := terminal(t)
	cmd := tenon(t, "run", ioAsserts, "copy")
	cmd.Stdin = line
	started(t, cmd)
	time.Sleep(300 * time.Millisecond)
	line.Close()
	keys.Close()
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 1 {
		t.Errorf("exit code %d", code)
	}
}
