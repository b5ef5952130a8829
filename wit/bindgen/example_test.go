package bindgen_test

import (
	"fmt"
	"log"

	"github.com/tenon-wasm/tenon/wit"
	"github.com/tenon-wasm/tenon/wit/bindgen"
)

// A host interface of your own is generated from its WIT: what the Go program
// implements, the lifting and lowering, and the types for the linker.
func ExampleGenerate() {
	packages, err := wit.Parse(wit.File{Name: "shop.wit", Text: `
		package acme:shop@1.0.0;
		interface cart {
			record item { name: string, count: u32 }
			enum quote-error { sold-out, unknown }
			quote: func(i: item) -> result<u64, quote-error>;
		}`})
	if err != nil {
		log.Fatal(err)
	}
	files, err := bindgen.Generate(bindgen.Config{
		Interfaces: packages[0].Interfaces,
		Base:       "example.com/shop/bind",
		Source:     "shop.wit",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		fmt.Println(f.Path)
	}
	// Output:
	// shop/cart/cart.go
	// shop/cart/cart_abi.go
	// shop/cart/cart_wit.go
}
