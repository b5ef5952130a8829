package wit_test

import (
	"fmt"
	"log"

	"github.com/tenon-wasm/tenon/wit"
)

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

// A Printer prints parts, and leaves out what is not wanted. What is printed of a world
// is no more than it refers to.
func ExamplePrinter() {
	pkgs, err := wit.Parse(wit.File{Name: "shop.wit", Text: `package acme:shop;
		interface shop {
			/// What is sold.
			record item {
				/// in grams
				weight: u32,
			}
			/// Sells.
			@since(version = 0.2.0)
			sell: func(what: item);
		}
		interface cellar {}
		world market { import shop; }`})
	if err != nil {
		log.Fatal(err)
	}
	shop := pkgs[0].Interface("shop")
	fmt.Print(wit.Printer{}.TypeDef(shop.Type("item")))
	brief := wit.Printer{NoDocs: true, NoGates: true}
	for _, text := range []string{
		brief.Func(shop.Func("sell")),
		brief.Interface(shop),
		brief.World(pkgs[0].World("market")),
		brief.Packages(pkgs[0]),
	} {
		fmt.Print("--\n", text)
	}
	// Output:
	// /// What is sold.
	// record item {
	//   /// in grams
	//   weight: u32,
	// }
	// --
	// sell: func(what: item);
	// --
	// interface shop {
	//   record item {
	//     weight: u32,
	//   }
	//
	//   sell: func(what: item);
	// }
	// --
	// package acme:shop;
	//
	// interface shop {
	//   record item {
	//     weight: u32,
	//   }
	//
	//   sell: func(what: item);
	// }
	//
	// world market {
	//   import shop;
	// }
	// --
	// package acme:shop;
	//
	// interface shop {
	//   record item {
	//     weight: u32,
	//   }
	//
	//   sell: func(what: item);
	// }
	//
	// interface cellar {
	// }
	//
	// world market {
	//   import shop;
	// }
}
