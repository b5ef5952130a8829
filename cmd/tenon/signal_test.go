//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestASignalEndsABlockedGuestAtOnce: wherever the guest waits, Ctrl-C ends the
// run with the shell's code for it, and says nothing of traps.
func TestASignalEndsABlockedGuestAtOnce(t *testing.T) {
	for _, how := range []string{"poll", "accept", "stdin"} {
		for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(how+", "+s.String(), func(t *testing.T) {
				cmd := tenon(t, "run", "--net", "loopback", "../../testdata/guests/blocked.wasm", how)
				var errs strings.Builder
				cmd.Stderr = &errs
				if _, err := cmd.StdinPipe(); err != nil {
					t.Fatal(err)
				}
				stdout, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				kill := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
				defer kill.Stop()
				for lines := bufio.NewScanner(stdout); lines.Scan(); {
					if strings.HasPrefix(lines.Text(), "blocking in ") {
						break
					}
				}
				begin := time.Now()
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				cmd.Wait()
				if took := time.Since(begin); took > grace {
					t.Errorf("it took %v, the grace for guests that compute is %v", took, grace)
				}
				if got, want := cmd.ProcessState.ExitCode(), 128+int(s); got != want {
					t.Errorf("exit code %d, want %d", got, want)
				}
				if errs.Len() > 0 {
					t.Errorf("it said %q", errs.String())
				}
			})
		}
	}
}

// TestAReaderThatGoesAwayDoesNotKillTheHost: the guest sees a closed stream.
func TestAReaderThatGoesAwayDoesNotKillTheHost(t *testing.T) {
	cmd := tenon(t, "run", "../../testdata/guests/hello.wasm", "cat")
	cmd.Stdin = strings.NewReader(strings.Repeat("a line that nobody reads\n", 100_000))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd.Stdout = w
	err = cmd.Run()
	w.Close()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signaled() {
		t.Errorf("the host was killed: %v", err)
	}
}

// TestASignalEndsAPrintedProgramToo: with the same code.
func TestASignalEndsAPrintedProgramToo(t *testing.T) {
	var source strings.Builder
	args := []string{"run", "--print-go", "--cache", t.TempDir(), "../../testdata/guests/blocked.wasm", "sleep"}
	if code := command(args, nil, &source, os.Stderr); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	cmd := exec.Command(built(t, []byte(source.String())))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer kill.Stop()
	if lines := bufio.NewScanner(stdout); !lines.Scan() || lines.Text() != "blocking in sleep" {
		t.Fatalf("it said %q", lines.Text())
	}
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 143 {
		t.Errorf("exit code %d, want 143", got)
	}
}
