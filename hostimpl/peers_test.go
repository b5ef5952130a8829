package hostimpl_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// server runs a server of the system until the test ends, and waits until it listens.
// The test is skipped where it is not installed, but not where tools are required.
func server(t *testing.T, name string, flags func(port int) []string) (addr string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("TENON_REQUIRE_TOOLS") == "" {
		t.Skipf("%s is not installed", name)
	} else if err != nil {
		t.Fatal(err)
	}
	// None of them can be asked which free port it took.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	var said bytes.Buffer
	cmd := exec.Command(path, flags(port)...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return addr
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s: %v\n%s", name, err, &said)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen\n%s", name, &said)
		}
	}
}

// ask runs tcp-ask and returns the lines that it prints.
func ask(t *testing.T, p *program, args ...string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	leaks.By(t, func() {
		in, stop := p.start(t, hostimpl.Config{
			Args: append([]string{"tcp-ask"}, args...), Stdout: &out, Stderr: &errs, Network: loopback(t),
		})
		defer stop()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := command(ctx, in); err != nil {
			t.Fatalf("%v: %s", err, &errs)
		}
	})
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func TestAGuestGetsPagesFromNginx(t *testing.T) {
	p := compile(t, "tcp-ask")
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 3<<20)
	rand.Read(large)
	pages := map[string][]byte{"index.html": []byte("hello from nginx\n"), "large.bin": large, "empty": nil}
	for name, data := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	addr := server(t, "nginx", func(port int) []string {
		conf := filepath.Join(dir, "nginx.conf")
		text := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr;
events {}
http {
  access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server { listen 127.0.0.1:%[2]d; root %[1]s; error_page 404 /empty; }
}
`, dir, port)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return []string{"-p", dir, "-c", conf, "-e", "stderr"}
	})
	answer := func(status int, page string) string {
		sum := fnv.New64a()
		sum.Write(pages[page])
		return fmt.Sprintf("%d %d bytes fnv1a %#016x", status, len(pages[page]), sum.Sum64())
	}
	got := ask(t, p, "http", addr, "localhost", "/", "/large.bin", "/missing", "/empty", "/large.bin")
	want := []string{answer(200, "index.html"), answer(200, "large.bin"), answer(404, "empty"), answer(200, "empty"), answer(200, "large.bin")}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAGuestSetsAndGetsAKeyOfRedis(t *testing.T) {
	p := compile(t, "tcp-ask")
	addr := server(t, "redis-server", func(port int) []string {
		return []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--appendonly", "no", "--dir", t.TempDir()}
	})
	for _, value := range []string{"plain", "", "grüße, κόσμε", strings.Repeat("x", 20000)} {
		got := ask(t, p, "redis", addr, "tenon", value)
		if want := []string{"+PONG", "+OK", value}; strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
