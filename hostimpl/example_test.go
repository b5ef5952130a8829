package hostimpl_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
)

// A command component runs with what its Config grants, and with nothing else.
func Example() {
	ctx := context.Background()
	app, err := os.ReadFile("../testdata/guests/hello.wasm")
	if err != nil {
		log.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, app)
	if err != nil {
		log.Fatal(err)
	}

	host, err := hostimpl.New(hostimpl.Config{
		Args:   []string{"hello", "--show"},
		Env:    []string{"GREETING=hi"},
		Stdout: os.Stdout,
		Stderr: os.Stderr,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	l := component.NewLinker(r)
	if err := host.Link(l); err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// hello from C
	// arg hello
	// arg --show
	// env GREETING=hi
}

// Link is enough for a program that runs until it ends. The policy of the network
// is made of the rules that the command line has; a denial comes with the rule that
// would have allowed the call.
func ExampleLink() {
	ctx := context.Background()
	app, err := os.ReadFile("../testdata/guests/tcp-client.wasm")
	if err != nil {
		log.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, app)
	if err != nil {
		log.Fatal(err)
	}
	policy, err := sockets.ParsePolicy("tcp:listen=127.0.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	l := component.NewLinker(r)
	err = hostimpl.Link(l, hostimpl.Config{
		Args:     []string{"tcp-client", "127.0.0.1:9", "100"},
		Stderr:   os.Stdout,
		Network:  policy,
		OnDenied: func(d sockets.Denial) { fmt.Println("denied:", d, "- the rule would be", d.Rule()) },
	})
	if err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	in.Call(ctx, "wasi:cli/run", "run")
	// Output:
	// denied: tcp connect 127.0.0.1:9 - the rule would be tcp:connect=127.0.0.1:9
	// connect: access-denied
}

// A phone book is a resolver. The usual one is the system's, or a *net.Resolver.
type phoneBook map[string]netip.Addr

func (b phoneBook) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	ip, ok := b[name]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return []netip.Addr{ip}, nil
}

// A rule by name lets a guest look the name up, and connect to what it was resolved
// to. A hook has the last word on everything; here it only watches.
func ExampleConfig() {
	ctx := context.Background()
	app, err := os.ReadFile("../testdata/guests/lookup-selftest.wasm")
	if err != nil {
		log.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, app)
	if err != nil {
		log.Fatal(err)
	}
	policy, err := sockets.ParsePolicy("tcp:connect=*.example.com:443")
	if err != nil {
		log.Fatal(err)
	}
	host, err := hostimpl.New(hostimpl.Config{
		Args:     []string{"lookup-selftest", "www.example.com", "80"},
		Stdout:   os.Stdout,
		Network:  policy,
		Resolver: phoneBook{"www.example.com": netip.MustParseAddr("192.0.2.1")},
		Decide: func(q sockets.Question) bool {
			fmt.Printf("asked: %s, by the rules: %v\n", q, q.Allowed)
			return q.Allowed
		},
		OnDenied: func(d sockets.Denial) { fmt.Println("it would take", d.Rule()) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	l := component.NewLinker(r)
	if err := host.Link(l); err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	in.Call(ctx, "wasi:cli/run", "run")
	fmt.Println("denied:", host.NetworkStats().Denied.Total())
	// Output:
	// asked: name lookup www.example.com, by the rules: true
	// address 192.0.2.1:80
	// asked: tcp create, by the rules: true
	// asked: tcp connect 192.0.2.1:80 (www.example.com), by the rules: false
	// it would take tcp:connect=www.example.com:80
	// denied: 1
}

// A guest finds the directories that a Config grants, by the names that it has for them,
// and no path leads out. This one prints a file, by libc's fopen.
func ExampleConfig_dirs() {
	ctx := context.Background()
	app, err := os.ReadFile("../testdata/guests/hello-adapter.wasm")
	if err != nil {
		log.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, app)
	if err != nil {
		log.Fatal(err)
	}
	host, err := hostimpl.New(hostimpl.Config{
		Args:         []string{"hello-adapter", "file", "/docs/note.txt"},
		Stdout:       os.Stdout,
		Stderr:       os.Stdout,
		Dirs:         []hostimpl.Dir{{Host: "testdata/docs", Guest: "/docs", ReadOnly: true}},
		OnFileDenied: func(d hostimpl.FileDenial) { fmt.Println("denied:", d) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	l := component.NewLinker(r)
	if err := host.Link(l); err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// hello from C through preview 1
	// arg 0 hello-adapter
	// arg 1 file
	// arg 2 /docs/note.txt
	// env NAME (unset)
	// a note of the host's
}

// A guest that exits gives its status as an error of a type of its own: it is no
// failure of the host, and no trap.
func ExampleHost_Link() {
	ctx := context.Background()
	app, err := os.ReadFile("../testdata/guests/hello.wasm")
	if err != nil {
		log.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, app)
	if err != nil {
		log.Fatal(err)
	}
	host, err := hostimpl.New(hostimpl.Config{Args: []string{"hello", "exit", "7"}})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	l := component.NewLinker(r)
	if err := host.Link(l); err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	_, err = in.Call(ctx, "wasi:cli/run", "run")
	var exit *component.ExitError
	fmt.Println(errors.As(err, &exit), exit.Code)
	// Output: true 7
}

// What is offered can be looked at, and one interface of it replaced by a later
// Linker.Define.
func ExampleHost_Interfaces() {
	host, err := hostimpl.New(hostimpl.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	for _, i := range host.Interfaces() {
		if i.Type.Name.Package == "random" {
			fmt.Println(i.Type.Name)
		}
	}
	// Unordered output:
	// wasi:random/random@0.2.12
	// wasi:random/insecure@0.2.12
	// wasi:random/insecure-seed@0.2.12
}

// A bell is a thing of the host's own that a guest can wait for.
type bell struct{ rung chan struct{} }

func (b bell) Ready() bool {
	select {
	case <-b.rung:
		return true
	default:
		return false
	}
}

func (b bell) Notify(ch chan<- struct{}) (stop func()) {
	done := make(chan struct{})
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-b.rung:
			select {
			case ch <- struct{}{}:
			default:
			}
		case <-done:
		}
	}()
	return func() {
		select {
		case <-done:
		default:
			close(done)
		}
		<-gone
	}
}

// Resources of an interface of your own take part in wasi:io/poll.
func ExampleNewPollable() {
	b := bell{make(chan struct{})}
	p := hostimpl.NewPollable(b, nil)
	ready, _ := p.Ready(context.Background())
	fmt.Println("ready:", ready)
	go close(b.rung)
	fmt.Println("block:", p.Block(context.Background()))
	ready, _ = p.Ready(context.Background())
	fmt.Println("ready:", ready)
	// Output:
	// ready: false
	// block: <nil>
	// ready: true
}
