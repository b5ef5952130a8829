package conform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A running guest.
type running struct {
	stdin          io.WriteCloser
	stdout, stderr *output
	ended          chan Ending
	kill           func()
}

// start starts a guest in this process.
func start(ctx context.Context, j *job) (*running, error) {
	in, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	g := &running{stdin: w, stdout: newOutput(), stderr: newOutput(), ended: make(chan Ending, 1), kill: cancel}
	go func() {
		defer cancel()
		end := j.run(ctx, in, g.stdout, g.stderr)
		in.Close()
		g.stdout.end()
		g.stderr.end()
		g.ended <- end
	}()
	return g, nil
}

// childVariable names the file with the job of a child.
const childVariable = "TENON_CONFORM_CHILD"

// Child runs a guest and ends the process, if a [Run] with [Options.Isolate] started this
// process to do so; else it does nothing. Call it before anything else, in main or TestMain.
func Child() {
	file := os.Getenv(childVariable)
	if file == "" {
		return
	}
	os.Unsetenv(childVariable)
	var j job
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err == nil {
		end := j.run(context.Background(), os.Stdin, os.Stdout, os.Stderr)
		data, err = json.Marshal(end)
	}
	if err == nil {
		err = os.WriteFile(j.Result, data, 0o666)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conform:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// startChild starts a guest in a process of its own, which keeps its files in scratch.
func startChild(ctx context.Context, j *job, scratch string) (*running, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(scratch, "job")
	j.Result = filepath.Join(scratch, "result")
	if j.Guest, err = filepath.Abs(j.Guest); err != nil {
		return nil, err
	}
	data, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		return nil, err
	}
	g := &running{stdout: newOutput(), stderr: newOutput(), ended: make(chan Ending, 1)}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childVariable+"="+file)
	cmd.Stdout, cmd.Stderr = g.stdout, g.stderr
	cmd.Dir = scratch
	cmd.WaitDelay = grace
	if g.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g.kill = func() { _ = cmd.Process.Kill() }
	go func() {
		err := cmd.Wait()
		g.stdout.end()
		g.stderr.end()
		g.ended <- j.ending(err, g.stderr.String())
	}()
	return g, nil
}

// ending reads what a child has left; err is how its process ended.
func (j *job) ending(err error, stderr string) (end Ending) {
	data, readErr := os.ReadFile(j.Result)
	if readErr == nil {
		readErr = json.NewDecoder(bytes.NewReader(data)).Decode(&end)
	}
	if readErr == nil {
		return end
	}
	var exit *exec.ExitError
	why := "the host's process ended without a result"
	if errors.As(err, &exit) {
		why = "the host's process ended: " + exit.String()
	}
	if lines := strings.Split(strings.TrimSpace(stderr), "\n"); lines[0] != "" {
		why += ": " + lines[0]
	}
	return Ending{Refused: why}
}

// grace is how long a guest that was told to end has until it is given up.
const grace = 2 * time.Second
