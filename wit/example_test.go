package wit_test

import (
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/tenon-wasm/tenon/wit"
)

func ExampleParse() {
	pkgs, err := wit.Parse(wit.File{Name: "greet.wit", Text: `
		package acme:greet@1.0.0;
		interface greeter {
			hello: func(name: string) -> result<string, u8>;
		}
		world app { export greeter; }`})
	if err != nil {
		fmt.Println(err)
		return
	}
	hello := pkgs[0].Interface("greeter").Func("hello")
	fmt.Println(hello.Name, hello.Params[0].Type, hello.Result)
	fmt.Println(pkgs[0].World("app").Exports[0].Name)
	// Output:
	// hello string result<string, u8>
	// acme:greet/greeter@1.0.0
}

func ExampleParse_error() {
	_, err := wit.Parse(wit.File{Name: "greet.wit", Text: `package acme:greet;
interface greeter {
  hello: func(name: strng);
}`})
	fmt.Println(err)
	var bad *wit.ParseError
	if errors.As(err, &bad) {
		fmt.Println("line", bad.Line)
	}
	// Output:
	// greet.wit:3:21: unknown type `strng`; did you mean `string`?
	// line 3
}

func ExampleParseFS() {
	folders := fstest.MapFS{
		"wit/world.wit":      {Data: []byte("package acme:app;\nworld app { import acme:log/log@0.2.3; }")},
		"wit/deps/log/a.wit": {Data: []byte("package acme:log@0.2.3;\ninterface log { line: func(s: string); }")},
	}
	pkgs, err := wit.ParseFS(folders, "wit")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range pkgs {
		fmt.Println(p.Name)
	}
	// Output:
	// acme:app
	// acme:log@0.2.3
}

// Packages of several places are resolved together.
func ExampleResolver_AddFS() {
	var r wit.Resolver
	for _, dir := range []fstest.MapFS{
		{"app.wit": {Data: []byte("package acme:app;\nworld app { import acme:log/log; }")}},
		{"log/log.wit": {Data: []byte("package acme:log;\ninterface log { line: func(s: string); }")}},
	} {
		if err := r.AddFS(dir, "."); err != nil {
			fmt.Println(err)
			return
		}
	}
	pkgs, err := r.Resolve()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pkgs[0].World("app").Imports[0].Interface.Funcs[0].Name)
	fmt.Println(r.AddFS(fstest.MapFS{}, "wit"))
	// Output:
	// line
	// wit: open wit: file does not exist
}

func ExampleResolver() {
	r := wit.Resolver{Tracks: true, Keep: wit.Stable()}
	if err := r.Add(wit.File{Name: "app.wit", Text: `package acme:app;
		interface app { use acme:log/log@0.2.6.{level}; }`}); err != nil {
		fmt.Println(err)
		return
	}
	if err := r.Add(wit.File{Name: "log.wit", Text: `package acme:log@0.2.12;
		interface log {
			type level = u8;
			@unstable(feature = colours)
			type colour = u32;
		}`}); err != nil {
		fmt.Println(err)
		return
	}
	pkgs, err := r.Resolve()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(wit.Print(pkgs[0], pkgs[1:]...))
	// Output:
	// package acme:app;
	//
	// interface app {
	//   use acme:log/log@0.2.12.{level};
	// }
	//
	// package acme:log@0.2.12 {
	//   interface log {
	//     type level = u8;
	//   }
	// }
}

func ExampleCompareFunc() {
	pkgs, err := wit.Parse(wit.File{Name: "net.wit", Text: `package acme:net;
		interface want { record addr { port: u16 } dial: func(to: addr); }
		interface have { record addr { port: u32 } dial: func(to: addr); }`})
	if err != nil {
		fmt.Println(err)
		return
	}
	want, have := pkgs[0].Interface("want").Func("dial"), pkgs[0].Interface("have").Func("dial")
	fmt.Println(wit.CompareFunc(want, have, nil))
	// Output:
	// param "to".port: u16, host has u32
}

func ExampleCompare() {
	want := &wit.List{Elem: wit.U8}
	have := &wit.List{Elem: wit.S8}
	fmt.Println(wit.Compare(want, have, nil))
	// Output:
	// []: u8, host has s8
}

func ExampleMismatches() {
	pkgs, err := wit.Parse(wit.File{Name: "net.wit", Text: `package acme:net;
		interface want { dial: func(host: string, port: u16) -> result<u32, string>; }
		interface have { dial: func(host: list<u8>, port: u32) -> result<u32, string>; }`})
	if err != nil {
		fmt.Println(err)
		return
	}
	want, have := pkgs[0].Interface("want").Func("dial"), pkgs[0].Interface("have").Func("dial")
	for _, m := range wit.Mismatches(want, have, nil) {
		fmt.Println(m)
	}
	// Output:
	// param "host": string, host has list<u8>
	// param "port": u16, host has u32
}

func ExampleTypeMismatches() {
	want := &wit.Tuple{Elems: []wit.Type{wit.U8, wit.U16}}
	have := &wit.Tuple{Elems: []wit.Type{wit.S8, wit.S16}}
	for _, m := range wit.TypeMismatches(want, have, nil) {
		fmt.Println(m)
	}
	// Output:
	// 0: u8, host has s8
	// 1: u16, host has s16
}
