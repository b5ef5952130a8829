package adapter_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/wit"
)

// socketsProgram is testdata/sockets, built by the Go toolchain for preview 1, with the
// world in it of what it imports of WASI 0.2.
func socketsProgram(t *testing.T) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("building and compiling a Go program takes seconds")
	}
	file := filepath.Join(t.TempDir(), "sockets.wasm")
	build := exec.Command("go", "build", "-o", file, "./testdata/sockets")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := component.EmbedWorld(module, worldOf(t, "testdata/sockets", "echo"), cabi.UTF8)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// worldOf is a world of a folder, which may use all of WASI.
func worldOf(t *testing.T, dir, name string) *wit.World {
	t.Helper()
	var r wit.Resolver
	err := r.AddFS(witfiles.FS, ".")
	if err == nil {
		err = r.AddFS(os.DirFS(dir), ".")
	}
	if err != nil {
		t.Fatal(err)
	}
	packages, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		if w := p.World(name); w != nil && p.Name.Namespace == "tenon" {
			return w
		}
	}
	t.Fatalf("no world %s in %s", name, dir)
	return nil
}

// TestAGoProgramHasSocketsOfItsOwn is a program that imports wasi:sockets itself, and
// preview 1 for the rest. Its allocator reads the clock while the host writes lists to it.
func TestAGoProgramHasSocketsOfItsOwn(t *testing.T) {
	data := socketsProgram(t)
	if k := adapter.Identify(data); k != adapter.Mixed {
		t.Errorf("it is %v", k)
	}
	p := compile(t, data)
	t.Run("with itself", func(t *testing.T) {
		var out, errs bytes.Buffer
		code, err := p.run(t.Context(), t, hostimpl.Config{
			Args: []string{"sockets", "self", "40", "200000"}, Stdout: &out, Stderr: &errs, Network: loopback(t),
		})
		if err != nil || code != 0 || out.String() != "40 clients, 200000 bytes each way, ok\n" {
			t.Errorf("exit code %d, %v\n%s%s", code, err, &out, &errs)
		}
	})
	t.Run("with others", func(t *testing.T) { echoOthers(t, p, 10) })
	t.Run("denied", func(t *testing.T) {
		var errs bytes.Buffer
		code, err := p.run(t.Context(), t, hostimpl.Config{Args: []string{"sockets", "echo", "0", "1"}, Stderr: &errs})
		if err != nil || code != 1 || !strings.Contains(errs.String(), "error-code 1") { // access-denied
			t.Errorf("exit code %d, %v\n%s", code, err, &errs)
		}
	})
}

// echoOthers lets clients outside talk to the guest, all at once.
func echoOthers(t *testing.T, p *program, clients int) {
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		code, err := p.run(t.Context(), t, hostimpl.Config{
			Args: []string{"sockets", "echo", "0", fmt.Sprint(clients)}, Stdout: w, Stderr: os.Stderr, Network: loopback(t),
		})
		if code != 0 {
			err = fmt.Errorf("exit code %d, %v", code, err)
		}
		w.CloseWithError(io.EOF)
		done <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	var port int
	if _, serr := fmt.Sscanf(line, "listening on %d", &port); err != nil || serr != nil {
		t.Fatalf("it says %q: %v", line, err)
	}
	errs := make(chan error, clients)
	for i := range clients {
		go func() { errs <- talk(port, bytes.Repeat([]byte{byte(i), 'a'}, 50_000)) }()
	}
	for range clients {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func talk(port int, sent []byte) error {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	defer c.Close()
	go func() {
		_, _ = c.Write(sent) // What does not arrive does not come back.
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err == nil && !bytes.Equal(got, sent) {
		err = fmt.Errorf("%d bytes came back, not what was sent", len(got))
	}
	return err
}
