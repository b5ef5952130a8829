package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/component"
)

// Would this file run here? If not, every reason is told, each with what to do.
func ExampleExamine() {
	app, err := os.ReadFile("../../testdata/guests/missing-import.wasm")
	if err != nil {
		fmt.Println(err)
		return
	}
	report := doctor.Examine(app, doctor.Options{Name: "app.wasm"})
	fmt.Println(report.Runs, report.File.Toolchain, report.World.Name)
	for _, f := range report.Errors() {
		fmt.Println(f.Code, f.Subject)
		fmt.Println(f.Cause)
		fmt.Println(f.Cure)
	}
	// Output:
	// false C (wit-bindgen) wasi:cli/command@0.2.12
	// T0301 acme:missing/thing@1.2.3
	// no interface of that name is offered, in any version
	// meet it by --link acme:missing/thing@1.2.3=FILE, or let calls of it trap with --stub missing
}

// A program that links components by itself tells its users the same.
func ExampleMissing() {
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close(ctx)
	app, err := os.ReadFile("../../testdata/guests/hello.wasm")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := r.Compile(ctx, app)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = component.NewLinker(r).Instantiate(ctx, c)
	var link *component.LinkError
	if errors.As(err, &link) {
		for _, f := range doctor.Missing(link.Missing) {
			fmt.Println(f)
		}
	}
	// Output:
	// T0302 wasi:cli/environment@0.2.12: WASI is not linked: the host offers no wasi:cli; link it: hostimpl.Link(linker, hostimpl.Config{...}), or adapter.Link for core modules, too
}
