package adapter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/replay"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
)

// A played is what a run, or its replay, has shown.
type played struct {
	out, errs string
	end       string // the exit status or the kind of trap
}

func (p played) String() string { return fmt.Sprintf("%s\n%s%s", p.end, p.out, p.errs) }

// ending is how a command has ended.
func ending(result any, err error) string {
	var exit *component.ExitError
	var trap *component.Trap
	switch {
	case errors.As(err, &exit):
		return exit.Error()
	case errors.As(err, &trap):
		return "trap: " + trap.Code.String()
	case err != nil:
		return err.Error()
	}
	if res, ok := result.(cabi.Result); ok && res.IsErr {
		return "exit status 1"
	}
	return "exit status 0"
}

// record runs a guest and records it.
func (p *program) record(t testing.TB, cfg hostimpl.Config) (record []byte, was played) {
	t.Helper()
	var file, out, errs bytes.Buffer
	r, err := replay.NewRecorder(&file, replay.Header{Guest: "sha256:test"})
	if err != nil {
		t.Fatal(err)
	}
	var to io.Writer = &out
	if cfg.Stdout != nil {
		to = io.MultiWriter(cfg.Stdout, &out)
	}
	cfg.Stdout, cfg.Stderr = to, &errs
	ctx := context.Background()
	h, err := hostimpl.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	l := component.NewLinker(p.runtime)
	if err := adapter.Link(l, h, adapter.Config{}); err != nil {
		t.Fatal(err)
	}
	l.Trace(r)
	in, err := l.Instantiate(ctx, p.component)
	if err != nil {
		t.Fatal(err)
	}
	result, err := in.Call(ctx, adapter.Command, "run")
	was.end = ending(result, err)
	if err := errors.Join(in.Close(ctx), r.Close()); err != nil {
		t.Fatal(err)
	}
	was.out, was.errs = out.String(), errs.String()
	return file.Bytes(), was
}

// replay runs the guest against a record.
func (p *program) replay(t testing.TB, record []byte) (is played, err error) {
	t.Helper()
	player, err := replay.NewPlayer(bytes.NewReader(record))
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	player.Reading = adapter.Reading
	player.OnCall = adapter.NewOutput(&out, &errs).Call
	result, err := player.Run(context.Background(), p.runtime, p.component)
	return played{out.String(), errs.String(), ending(result, err)}, err
}

func shared(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "guests", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// resolver answers look-ups.
type resolver map[string]string

func (r resolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	a, err := netip.ParseAddr(r[host])
	if err != nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []netip.Addr{a}, nil
}

// TestAReplayIsAsTheRun: the same output, and the same end. No directory, address or
// input is there for the replay.
func TestAReplayIsAsTheRun(t *testing.T) {
	dirs := func(t *testing.T) []hostimpl.Dir {
		rw, ro := t.TempDir(), t.TempDir()
		for name, content := range map[string]string{"file": "read only\n", "dir/inner": "read only too\n"} {
			path := filepath.Join(ro, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		return []hostimpl.Dir{{Host: rw, Guest: "/rw"}, {Host: ro, Guest: "/ro", ReadOnly: true}}
	}
	big := func(t *testing.T) []hostimpl.Dir {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "from"), bytes.Repeat([]byte("0123456789abcdef"), 20_000), 0o644); err != nil {
			t.Fatal(err)
		}
		return []hostimpl.Dir{{Host: dir, Guest: "/dir"}}
	}
	none := func(*testing.T) []hostimpl.Dir { return nil }
	policy, err := sockets.ParsePolicy("loopback", "name=example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		guest string
		args  string // of several runs, each after a |
		dirs  func(*testing.T) []hostimpl.Dir
	}{
		{"hello", "|--show a b|cat|files|clocks|random|exit 7|fail|trap", dirs},
		{"hello-adapter", "x|stdin|file /ro/file|time|float|exit3|abort", dirs},
		{"hello-adapter-0.2.0", "x|stdin", none},
		{"hello-zig", "x|error|trap", none},
		{"io-asserts", "copy|copy splice|terminals|mistake poll-nothing|mistake drop-input-with-pollable|mistake write-beyond-permit|mistake use-dropped-pollable|mistake drop-pollable-twice|mistake pollable-for-stream|mistake random-without-end", none},
		{"tcp-selftest", "|127.0.0.1:0 100000", none},
		{"tcp-asserts", "states 4|sockopts 4|bind 4|connect 4|streams 4", none},
		{"fs-asserts", "directories|links|metadata|opening|paths|preopens|read-write|renaming|rights|streams|mistake no-such", dirs},
		{"file-copy", "/dir/from /dir/to|/dir/from /dir/to calls|/dir/from discard", big},
		{"http-asserts", "fields|limits|requests|responses|options|bodies|denied|mistake drop-body-with-stream|mistake write-without-permit|mistake clone-without-end", none},
		{"lookup-selftest", "|example.com|nobody.example", none},
		{"udp-selftest", "", none},
		{"stores", "check bucket|set bucket k v|settings", none},
		{"modules/p1-asserts", "clocks|random|streams|numbers|exit 5|trap", none},
	} {
		p := compile(t, shared(t, try.guest))
		for _, args := range strings.Split(try.args, "|") {
			t.Run(try.guest+"/"+args, func(t *testing.T) {
				cfg := hostimpl.Config{
					Args: append([]string{"guest"}, strings.Fields(args)...), Env: []string{"A=1"},
					Stdin: strings.NewReader("one\ntwo\n"), Network: policy, Dirs: try.dirs(t),
					Resolver: resolver{"example.com": "127.0.0.7"}, Settings: map[string]string{"k": "v"},
					KeyValue: map[string]hostimpl.Bucket{"bucket": hostimpl.NewMemoryBucket(nil)},
				}
				record, was := p.record(t, cfg)
				is, _ := p.replay(t, record)
				if try.guest == "io-asserts" && strings.HasPrefix(args, "copy ") {
					was.out = "" // What is spliced is not in the guest, nor in the record.
				}
				if is != was {
					t.Errorf("the replay: %.2000v\nthe run: %.2000v", is, was)
				}
			})
		}
	}
}

// TestAModulesFilesAreReplayed runs the programs of preview 1 that use files and sockets.
func TestAModulesFilesAreReplayed(t *testing.T) {
	for _, module := range []string{"p1-asserts", "p0-asserts"} {
		p := compile(t, guest(t, module))
		for _, program := range []string{
			"aliases", "appending", "clocks", "directories", "flags", "lists", "numbers", "paths", "places", "pointers",
			"polls", "random", "renumbering", "rights", "signals", "sockets", "streams",
		} {
			t.Run(module+"/"+program, func(t *testing.T) {
				record, was := p.record(t, hostimpl.Config{
					Args: []string{"asserts", program}, Env: []string{"A=1"}, Stdin: strings.NewReader("ab"), Dirs: assertedDirs(t),
				})
				if !strings.HasPrefix(was.out, "ok "+program) {
					t.Fatalf("the run: %v", was)
				}
				is, _ := p.replay(t, record)
				if is.end != was.end || !strings.HasSuffix(is.out, was.out) {
					t.Errorf("the replay: %v\nthe run: %v", is, was)
				}
			})
		}
	}
}

// sayer hands over the address that a guest prints.
type sayer chan string

func (l sayer) Write(b []byte) (int, error) {
	if at, ok := strings.CutPrefix(string(b), "listening on "); ok {
		l <- strings.TrimSpace(at)
	}
	return len(b), nil
}

// TestAnEchoServerIsReplayedWithoutItsPeers: a real peer talks to the guest while it is
// recorded, and nobody when it is replayed.
func TestAnEchoServerIsReplayedWithoutItsPeers(t *testing.T) {
	p := compile(t, shared(t, "tcp-echo"))
	for _, flags := range []string{"", "--splice", "--blocking"} {
		t.Run(flags, func(t *testing.T) {
			at := make(sayer, 1)
			talked := make(chan error, 1)
			go func() { talked <- talk(<-at) }()
			record, was := p.record(t, hostimpl.Config{
				Args: append([]string{"tcp-echo", "127.0.0.1:0", "2"}, strings.Fields(flags)...), Stdout: at, Network: loopback(t),
			})
			if err := <-talked; err != nil || was.end != "exit status 0" {
				t.Fatalf("%v\n%v", err, was)
			}
			is, err := p.replay(t, record)
			if is != was {
				t.Errorf("the replay: %v, %v\nthe run: %v", err, is, was)
			}
		})
	}
}

// talk has two connections echo 100 KiB each.
func talk(at string) error {
	for i := range 2 {
		c, err := net.Dial("tcp", at)
		if err != nil {
			return err
		}
		c.SetDeadline(time.Now().Add(20 * time.Second))
		sent, back := bytes.Repeat([]byte{byte('a' + i)}, 100<<10), make([]byte, 100<<10)
		go c.Write(sent)
		if _, err := io.ReadFull(c, back); err != nil || !bytes.Equal(back, sent) {
			return fmt.Errorf("connection %d: %v, as sent: %v", i, err, bytes.Equal(back, sent))
		}
		c.Close()
	}
	return nil
}
