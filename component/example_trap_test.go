package component_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/tenon-wasm/tenon/component"
)

// trapInLibrary calls a function of a component that traps in another one, which it carries.
func trapInLibrary() *component.Trap {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("testdata/traps.wasm"))))
	in := must(component.NewLinker(r).Instantiate(ctx, c))
	_, err := in.Call(ctx, "", "say", uint32(3))
	var trap *component.Trap
	errors.As(err, &trap)
	return trap
}

// A trap has the stack of the guest, innermost first, across all core modules and
// components.
func ExampleTrap_backtrace() {
	trap := trapInLibrary()
	fmt.Println(trap)
	fmt.Println(trap.Help())
	fmt.Println(trap.Backtrace)
	// Output:
	// trap in text: guest trapped: unreachable
	// the program has given up: an abort, a failed assertion or a panic; what it has to say is usually on stderr
	// library/engine[wasm-function 2]
	// library/engine[wasm-function 1, exported as "text"]
	// main!say
}

// With %+v, what is left out otherwise is there, too.
func ExampleBacktrace() {
	var b component.Backtrace = trapInLibrary().Backtrace
	fmt.Printf("%+v\n", b)
	// Output:
	// library/engine[wasm-function 2]
	// library/engine[wasm-function 1, exported as "text"]
	// text (glue)
	// main!say
}

// A frame is a value, in JSON as in Go.
func ExampleFrame() {
	var last component.Frame
	for _, f := range trapInLibrary().Backtrace {
		if f.Kind == component.FrameGuest {
			last = f
		}
	}
	fmt.Printf("%s\n", must(json.Marshal(last)))
	// Output:
	// {"kind":"guest","func":"say","symbol":"say","module":"main","index":6,"export":"say"}
}

// Frames that are not the program's are told by their kind.
func ExampleFrameKind() {
	count := map[component.FrameKind]int{}
	for _, f := range trapInLibrary().Backtrace {
		count[f.Kind]++
	}
	fmt.Println(count[component.FrameGuest], count[component.FrameGlue])
	// Output: 3 1
}
