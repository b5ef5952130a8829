package replay_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/replay"
	"github.com/tenon-wasm/tenon/component/trace"
	"github.com/tenon-wasm/tenon/hostimpl"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A run is written down, and repeated without its host.
func Example() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	guest := must(os.ReadFile(filepath.Join("..", "..", "testdata", "guests", "hello.wasm")))
	c := must(r.Compile(ctx, guest))

	var file bytes.Buffer
	recorder := must(replay.NewRecorder(&file, replay.Header{Guest: replay.HashOf(guest)}))
	l := component.NewLinker(r)
	l.Trace(recorder)
	if err := hostimpl.Link(l, hostimpl.Config{Args: []string{"hello", "exit", "3"}}); err != nil {
		fmt.Println(err)
		return
	}
	in := must(l.Instantiate(ctx, c))
	_, err := in.Call(ctx, "wasi:cli/run", "run")
	fmt.Println("recorded:", err)
	if err := in.Close(ctx); err != nil {
		fmt.Println(err)
	}
	if err := recorder.Close(); err != nil {
		fmt.Println(err)
	}

	p := must(replay.NewPlayer(&file))
	fmt.Println("the same guest:", p.Header().Guest == replay.HashOf(guest))
	p.OnCall = func(c replay.Call) { fmt.Println(trace.Call(component.CallImport, c.Func, c.Type, c.Args)) }
	_, err = p.Run(ctx, r, c)
	fmt.Println("replayed:", err)
	// Output:
	// recorded: exit status 3
	// the same guest: true
	// wasi:cli/environment#get-arguments()
	// wasi:cli/stdout#get-stdout()
	// wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1>, b"hello from C\n")
	// replayed: exit status 3
}
