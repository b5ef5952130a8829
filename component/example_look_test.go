package component_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/tenon-wasm/tenon/component"
)

// streaming makes a stream of bytes, and waits for it: built-ins of WASI 0.3.
//
//	(component
//	  (type $s (stream u8))
//	  (core func (canon stream.new $s))
//	  (core func (canon waitable-set.new))
//	  (core func (canon stream.new $s)))
var streaming = []byte("\x00asm\x0d\x00\x01\x00" + "\x07\x04\x01\x66\x01\x7d" + "\x08\x06\x03\x0e\x00\x1f\x0e\x00")

// Validate needs no engine, and no imports.
func ExampleValidate() {
	fmt.Println(component.Validate(part("user")))
	fmt.Println(component.Validate(streaming))
	// An instance of a component that is not there.
	err := component.Validate([]byte("\x00asm\x0d\x00\x01\x00" + "\x05\x04\x01\x00\x00\x00"))
	fmt.Println(errors.As(err, new(*component.DecodeError)))
	// Output:
	// <nil>
	// <nil>
	// true
}

// Dump shows the structure of a component, whether or not it could run.
func ExampleDump() {
	if err := component.Dump(os.Stdout, streaming); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 0x0000000b  type 0             stream<u8>
	// 0x00000011  core func 0        canon stream.new type 0
	// 0x00000013  core func 1        canon waitable-set.new
	// 0x00000014  core func 2        canon stream.new type 0
}

// Needs tells why a component does not run here yet.
func ExampleNeeds() {
	needs, err := component.Needs(streaming)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range needs {
		fmt.Printf("%s (%s) at %d\n", n.Feature, n.Gate, n.Offsets)
	}
	// Output:
	// the type stream (async, WASI 0.3) at [11]
	// the built-in stream.new (async, WASI 0.3) at [17 20]
	// the built-in waitable-set.new (async, WASI 0.3) at [19]
}

// A core module is no component, but it can be looked at.
func ExampleReadModule() {
	info := must(component.ReadModule(part("double")))
	fmt.Println(info.Imports, info.Exports)
	_, err := component.ReadModule(part("triple"))
	fmt.Println(errors.As(err, new(*component.DecodeError)))
	// Output:
	// [] [double]
	// true
}

// The compiled code is there until the last instance that runs it is closed.
func ExampleComponent_Close() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, part("triple")))
	fmt.Println(c.ExportNames())
	l := component.NewLinker(r)
	in := must(l.Instantiate(ctx, c))
	fmt.Println(c.Close(ctx))
	fmt.Println(in.Call(ctx, "", "triple", uint32(3)))
	_, err := l.Instantiate(ctx, c)
	fmt.Println(err)
	fmt.Println(in.Close(ctx))
	// Output:
	// triple, more
	// <nil>
	// 9 <nil>
	// component: the component is closed
	// <nil>
}

// What a file is made of: no engine is needed.
func ExampleStructure() {
	data, err := os.ReadFile("../testdata/guests/hello.wasm")
	if err != nil {
		log.Fatal(err)
	}
	root, err := component.Structure(data)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range root.Parts {
		fmt.Printf("%s %d, %d bytes, %d imports\n", p.Sort, p.Index, p.Size, len(p.Imports))
	}
	for _, m := range root.Parts[0].Producers {
		fmt.Println(m.Field, m.Name)
	}
	var lift component.Canon
	for _, lift = range root.Canons {
		if lift.Op == "lift" {
			break
		}
	}
	fmt.Println(lift.Op, lift.Of, len(root.Canons) < component.MaxCanons)
	var section component.CustomSection
	for _, section = range root.Custom {
		fmt.Println(section.Name, section.Size)
	}
	// Output:
	// core module 0, 21614 bytes, 19 imports
	// core module 1, 751 bytes, 0 imports
	// core module 2, 270 bytes, 9 imports
	// component 0, 63 bytes, 1 imports
	// language C99
	// processed-by Debian clang
	// processed-by wit-component
	// processed-by wit-bindgen-c
	// lift wasi:cli/run@0.2.12#run of hello.core.wasm true
	// component-name 3152
	// producers 37
}

// The functions of a component by the names that [component.Instance.Func] takes.
func ExampleExportedFuncs() {
	data, err := os.ReadFile("../cmd/tenon/testdata/link/nested.wasm")
	if err != nil {
		log.Fatal(err)
	}
	all, err := component.ExportedFuncs(data)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range all {
		fmt.Println(f.Interface, f.Name)
	}
	// Output:
	// outer ten
	// outer#acme:kv/store@1.0.0 plus
	// outer#acme:kv/store@1.0.0 open
	// outer#acme:kv/store@1.0.0 [method]box.size
	// outer#deep only
	// outer#deep#acme:kv/store@1.0.0 plus
	// outer#deep#acme:kv/store@1.0.0 open
	// outer#deep#acme:kv/store@1.0.0 [method]box.size
}
