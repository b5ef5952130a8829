package wit_test

import (
	"fmt"
	"log"

	"github.com/tenon-wasm/tenon/wit"
)

func packageOf(text string) *wit.Package {
	pkgs, err := wit.Parse(wit.File{Name: "kv.wit", Text: text})
	if err != nil {
		log.Fatal(err)
	}
	return pkgs[0]
}

func ExampleDiffPackages() {
	old := packageOf(`package acme:kv@1.2.0;
		interface store {
			record address { port: u16 }
			open: func(at: option<address>);
			close: func();
		}`)
	new := packageOf(`package acme:kv@1.2.1;
		interface store {
			record address { port: u32 }
			open: func(at: option<address>);
			close: func();
			flush: func();
		}`)
	changes := wit.DiffPackages(old, new)
	for _, c := range changes {
		fmt.Println(c.Breaks, c)
	}
	fmt.Println(wit.NextVersion(old.Name.Version, changes))
	// Output:
	// true interface acme:kv/store, type address: port: u16, now u32
	// true interface acme:kv/store, func open: param "at".some.port: u16, now u32
	// false interface acme:kv/store, func flush: added
	// 2.0.0
}

// worlds has those of two components, and one that both might be made for.
const worlds = `package acme:app;
	interface log { write: func(s: string); }
	interface net { connect: func(); }
	world old { import log; export run: func(); }
	world new { import log; import net; export run: func(); export stop: func(); }
	world target { import log; import net; export run: func(); }`

func ExampleDiffComponents() {
	p := packageOf(worlds)
	for _, c := range wit.DiffComponents(p.World("old"), p.World("new")) {
		fmt.Println(c.Breaks, c)
	}
	// Output:
	// true import acme:app/net: added
	// false export func stop: added
}

func ExampleDiffTarget() {
	p := packageOf(worlds)
	fmt.Println(wit.DiffTarget(p.World("old"), p.World("target")))
	fmt.Println(wit.DiffTarget(p.World("new"), p.World("old")))
	// Output:
	// []
	// [import acme:app/net: the world has none]
}

func ExampleNextVersion() {
	breaks := []wit.Change{{Breaks: true}}
	fmt.Println(wit.NextVersion(wit.V(0, 2, 3), nil), wit.NextVersion(wit.V(0, 2, 3), breaks), wit.NextVersion(wit.V(1, 2, 3), breaks))
	// Output:
	// 0.2.3 0.3.0 2.0.0
}
