package component_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// found is acme:missing/thing@1.2.3, as a component imports it, under another name. It has
// a value for every key.
func found(c *component.Component, name string) *component.Interface {
	typ := *c.World().Imports[0].Interface
	typ.Name = must(wit.ParseName(name))
	i := &component.Interface{Type: &typ, Funcs: map[string]component.HostFunc{}}
	for _, f := range typ.Funcs {
		i.Funcs[f.Name] = must(component.Dynamic(f, func(_ context.Context, args []any) (any, error) {
			fmt.Println("asked for", args)
			return cabi.Result{Value: "a value"}, nil
		}))
	}
	return i
}

// A component was built with a release candidate, and the host has what came of it.
func ExampleLinker_Alias() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	if err := l.Define(found(c, "acme:found/thing@2.0.0")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(l.Match(c)[0])
	if err := l.Alias("acme:missing@1.2.3", "acme:found@2.0.0"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(l.Match(c)[0])
	// Output:
	// acme:missing/thing@1.2.3: no interface of that name is offered, in any version
	// acme:missing/thing@1.2.3: met by acme:found/thing@2.0.0, its alias
}

// A component imports what nobody has, and may be able to do without.
func ExampleLinker_StubMissing() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	l.StubMissing(component.StubTraps)
	for _, m := range l.Match(c) {
		for _, s := range m.Stubs {
			fmt.Println(s)
		}
	}
	in := must(l.Instantiate(ctx, c))
	defer in.Close(ctx)
	_, err := in.Call(ctx, "wasi:cli/run", "run")
	fmt.Println(errors.Is(err, component.ErrStub))
	// Output:
	// acme:missing/thing@1.2.3#lookup is a stub: it traps when it is called
	// true
}

// What is imported under an old name is made of what there is under the new one.
func ExampleLinker_Shim() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	if err := l.Define(found(c, "acme:found/thing@2.0.0")); err != nil {
		fmt.Println(err)
	}
	if err := l.Shim(component.Shim{
		From: "acme:missing@1.2.3", To: "acme:found@2",
		Why: "version 2 only has another name",
	}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(l.Match(c)[0])
	// Output: acme:missing/thing@1.2.3: met by acme:found/thing@2.0.0 through a shim: version 2 only has another name
}

// A program that offers ways out needs to know what kind of mismatch it is.
func ExampleCause() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	if err := l.Define(found(c, "acme:missing/thing@1.2.3-rc.1")); err != nil {
		fmt.Println(err)
	}
	_, err := l.Instantiate(ctx, c)
	var missing *component.LinkError
	if errors.As(err, &missing) {
		for _, m := range missing.Missing {
			if m.Cause == component.OtherPrerelease {
				fmt.Println("is", m.Import, "the same as", m.Near+"?")
			}
		}
	}
	// Output: is acme:missing/thing@1.2.3 the same as acme:missing/thing@1.2.3-rc.1?
}
