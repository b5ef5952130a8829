package adapter_test

import (
	"context"
	"fmt"
	"os"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// A host that runs components of old toolchains, too, gives its linker the table of shims.
func ExampleShims() {
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close(ctx)
	l := component.NewLinker(r)
	if err := hostimpl.Link(l, hostimpl.Config{Stdout: os.Stdout}); err != nil {
		fmt.Println(err)
	}
	if err := l.Shim(adapter.Shims()...); err != nil {
		fmt.Println(err)
	}
	for _, s := range adapter.Shims() {
		if s.From == "wasi:sockets/tcp@0.2.0-rc-2023-11-10" {
			fmt.Println(&s)
			fmt.Println(s.Why)
		}
	}
	// Output:
	// wasi:sockets/tcp@0.2.0-rc-2023-11-10 by wasi:sockets/tcp@0.2
	// 0.2.0 dropped ipv6-only, which was always on, and the shim has it
}
