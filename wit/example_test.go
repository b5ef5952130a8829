package wit_test

import (
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
	// Output:
	// greet.wit:3:21: unknown type `strng`; did you mean `string`?
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

func ExamplePrint() {
	pkgs, err := wit.Parse(wit.File{Name: "shop.wit", Text: `package acme:shop; interface shop{
		/// Says what it costs.
		quote:func(%type:string)->option<u32>;resource basket{constructor();}}`})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(wit.Print(pkgs[0]))
	// Output:
	// package acme:shop;
	//
	// interface shop {
	//   /// Says what it costs.
	//   quote: func(%type: string) -> option<u32>;
	//
	//   resource basket {
	//     constructor();
	//   }
	// }
}

func ExamplePrintWorld() {
	poll := &wit.Interface{
		Name:  wit.Name{Namespace: "wasi", Package: "io", Interface: "poll", Version: wit.V(0, 2, 12)},
		Types: []*wit.TypeDef{{Name: "pollable", Type: &wit.Resource{}}},
	}
	world := &wit.World{Imports: []wit.WorldItem{{Name: poll.Name.String(), Interface: poll}}}
	fmt.Print(wit.PrintWorld(world))
	// Output:
	// package root:component;
	//
	// world root {
	//   import wasi:io/poll@0.2.12;
	// }
	//
	// package wasi:io@0.2.12 {
	//   interface poll {
	//     resource pollable;
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

func ExampleParseName() {
	n, err := wit.ParseName("wasi:io/poll@0.2.12")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Namespace, n.Package, n.Interface, n.Version, n.Pkg())
	// Output:
	// wasi io poll 0.2.12 wasi:io@0.2.12
}

func ExampleVersion_Track() {
	for _, s := range []string{"0.2.12", "1.4.0", "0.2", "0.0.3", "0.3.0-rc-2026-03-15"} {
		v, err := wit.ParseVersion(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %q\n", v, v.Track())
	}
	// Output:
	// 0.2.12: "0.2"
	// 1.4.0: "1"
	// 0.2: "0.2"
	// 0.0.3: ""
	// 0.3.0-rc-2026-03-15: ""
}

func ExamplePick() {
	var have []wit.Name
	for _, s := range []string{"wasi:io/poll@0.2.3", "wasi:io/poll@0.2.12", "wasi:io/poll@0.3.0"} {
		n, err := wit.ParseName(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		have = append(have, n)
	}
	want := have[0]
	want.Version = wit.V(0, 2, 20)
	fmt.Println(wit.Pick(want, have))
	// Output:
	// wasi:io/poll@0.2.12 true
}
