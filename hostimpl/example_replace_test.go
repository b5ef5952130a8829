package hostimpl_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/environment"
)

// A tenant's environment is asked for anew by each guest.
type tenant struct{ name string }

func (t tenant) GetEnvironment(context.Context) ([][2]string, error) {
	return [][2]string{{"TENANT", t.name}}, nil
}

func (t tenant) GetArguments(context.Context) ([]string, error) {
	return []string{"hello", "--show"}, nil
}

func (t tenant) InitialCwd(context.Context) (*string, error) { return nil, nil }

// One interface is replaced by another one of the same name, defined after Link: its
// binding has the Go interface that is to be implemented. All others stay.
func ExampleHost_Link_replace() {
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
	l := component.NewLinker(r)
	if err := hostimpl.Link(l, hostimpl.Config{Stdout: os.Stdout}); err != nil {
		log.Fatal(err)
	}
	if err := l.Define(environment.Interface(tenant{"acme"})); err != nil {
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
	// env TENANT=acme
}

// Any Reader and Writer is a standard stream. The guest is given each line when it
// asks for it, and what it writes is there at once: the two take turns.
func ExampleConfig_stdio() {
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
	questions, ask := io.Pipe()
	answer, answers := io.Pipe()
	l := component.NewLinker(r)
	err = hostimpl.Link(l, hostimpl.Config{
		Args:   []string{"hello", "cat"},
		Stdin:  questions,
		Stdout: answers,
	})
	if err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	done := make(chan error)
	go func() {
		_, err := in.Call(ctx, "wasi:cli/run", "run")
		done <- err
	}()
	lines := bufio.NewScanner(answer)
	for _, q := range []string{"how are you?", "and the others?"} {
		fmt.Fprintln(ask, q)
		lines.Scan()
		fmt.Println("it says:", lines.Text())
	}
	ask.Close()
	fmt.Println(<-done)
	// Output:
	// it says: how are you?
	// it says: and the others?
	// <nil>
}

// With a clock and random numbers of its own, a guest does the same in each run, and
// what it sleeps takes no time.
func ExampleVirtualClock() {
	ctx := context.Background()
	app, err := os.ReadFile("../testdata/guests/io-asserts.wasm")
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
	var out strings.Builder
	clock := hostimpl.NewVirtualClock(time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC))
	l := component.NewLinker(r)
	err = hostimpl.Link(l, hostimpl.Config{
		Args:   []string{"io-asserts", "record"},
		Stdout: &out,
		Clock:  clock,
		Random: hostimpl.Seeded(42),
	})
	if err != nil {
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
	first, rest, _ := strings.Cut(out.String(), "\n")
	fmt.Println(first)
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "after") || strings.HasPrefix(line, "random: 0x") {
			fmt.Print(line)
		}
	}
	fmt.Println("the clock shows", clock.Now().Format(time.TimeOnly))
	// Output:
	// at first: wall 1767323045 s 1000 ns, monotonic 2000 ns
	// after 90 minutes: wall 1767328445 s 3000 ns, monotonic 5400000004000 ns
	// random: 0x06d003349f961456
	// the clock shows 04:37:05
}
