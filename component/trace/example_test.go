package trace_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/trace"
	"github.com/tenon-wasm/tenon/wit"
)

// A guest's calls are printed like those of a process by strace.
func ExamplePrinter() {
	p := trace.NewPrinter(trace.Config{
		Out:    os.Stdout,
		Filter: must(trace.ParseFilter("wasi:cli,wasi:io", "!drop")),
		Now:    ticking(), // so that this example has the same times at each run
	})
	if err := run("hello", "--show", p); err != nil {
		fmt.Println(err)
	}
	p.Note("the guest has ended")
	if err := p.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// #2        0.003000 -> wasi:cli/run#run()
	// #3        0.004000   wasi:cli/environment#get-arguments() = ["hello", "--show"] <0.001000>
	// #4        0.006000   wasi:cli/stdout#get-stdout() = <output-stream 1> <0.001000>
	// #5        0.008000   wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1 from #4>, b"hello from C\n") = ok <0.001000>
	// #6        0.010000   wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1 from #4>, b"arg hello\n") = ok <0.001000>
	// #7        0.012000   wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1 from #4>, b"arg --show\n") = ok <0.001000>
	// #8        0.014000   wasi:cli/environment#get-environment() = [] <0.001000>
	// #2        0.018000 <- wasi:cli/run#run = ok <0.015000>
	//           0.019000 ~ the guest has ended
}

func ExampleSummary() {
	s := trace.NewSummary(must(trace.ParseFilter("!%start")))
	if err := run("hello", "exit 3", s); err != nil {
		fmt.Println(err)
	}
	for _, c := range s.Counts() {
		if strings.Contains(c.Func, "stdout") {
			fmt.Printf("%s %s: %d calls, %d errors\n", c.Kind, c.Func, c.Calls, c.Errors)
		}
	}
	// Output:
	// exit status 3
	// import wasi:cli/stdout@0.2.12#get-stdout: 1 calls, 0 errors
}

// The last calls are told when they matter. Two tracers see the same run.
func ExampleRecent() {
	last, all := trace.NewRecent(2), trace.NewSummary(nil)
	if err := run("hello", "exit 3", trace.Tee(last, all)); err != nil {
		fmt.Println(err)
	}
	for _, line := range last.Lines() {
		fmt.Println(line)
	}
	fmt.Println(len(all.Counts()), "functions")
	// Output:
	// exit status 3
	// wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1>, b"hello from C\n") = ok
	// wasi:cli/exit#exit-with-code(3) exits
	// 6 functions
}

func ExampleFilter() {
	f := must(trace.ParseFilter("wasi:sockets,streams#*read", "!*.subscribe"))
	for _, name := range []string{
		"wasi:sockets/tcp@0.2.12#[method]tcp-socket.start-bind",
		"wasi:sockets/tcp@0.2.12#[method]tcp-socket.subscribe",
		"wasi:io/streams@0.2.12#[method]input-stream.blocking-read",
		"wasi:io/streams@0.2.12#[method]output-stream.write",
	} {
		fmt.Println(f.Match(component.CallImport, name), name)
	}
	fmt.Println("unknown:", f.Unmatched([]string{"wasi:sockets/tcp@0.2.12#[method]tcp-socket.subscribe"}))
	// Output:
	// true wasi:sockets/tcp@0.2.12#[method]tcp-socket.start-bind
	// false wasi:sockets/tcp@0.2.12#[method]tcp-socket.subscribe
	// true wasi:io/streams@0.2.12#[method]input-stream.blocking-read
	// false wasi:io/streams@0.2.12#[method]output-stream.write
	// unknown: [streams#*read]
}

// Others print calls in the same way.
func ExampleCall() {
	f := &wit.Func{Name: "send", Params: []wit.Param{{Name: "to", Type: wit.String}, {Name: "what", Type: &wit.List{Elem: wit.U8}}}}
	fmt.Println(trace.Call(component.CallImport, "acme:mail/post@1.2.0#send", f, []any{"bob", []byte("hi\x00")}))
	fmt.Println(trace.Value(&wit.Option{Elem: wit.U32}, uint32(7)))
	// Output:
	// acme:mail/post#send("bob", b"hi\x00")
	// some(7)
}
