package wit_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/tenon-wasm/tenon/wit"
)

// shop is the interface whose values these examples read and write.
func shop() *wit.Interface {
	pkgs, err := wit.Parse(wit.File{Name: "shop.wit", Text: `
		package acme:shop;
		interface shop {
			resource basket { add: func(name: string, count: option<u16>) -> result<u32, problem>; }
			enum problem { sold-out, none }
			variant delivery { pick-up, parcel(address) }
			record address { street: string, zip: u16, note: option<option<string>> }
			new-basket: func(to: delivery) -> basket;
		}`})
	if err != nil {
		log.Fatal(err)
	}
	return pkgs[0].Interface("shop")
}

func ExampleParseValue() {
	delivery := shop().Type("delivery")
	v, err := wit.ParseValue(delivery, `parcel({
		street: "Rue \"X\" 5", // Fields that are none may be left out.
		zip: 1201,
	})`)
	if err != nil {
		log.Fatal(err)
	}
	parcel := v.(wit.VariantValue)
	address := parcel.Value.(map[string]any)
	fmt.Println(parcel.Case, address["street"], address["zip"], address["note"])

	address["note"] = wit.SomeValue{} // an option that is there and holds one that is not
	fmt.Println(wit.PrintValue(delivery, v))
	// Output:
	// parcel Rue "X" 5 1201 <nil>
	// parcel({street: "Rue \"X\" 5", zip: 1201, note: some(none)}) <nil>
}

func ExampleWaveError() {
	_, err := wit.ParseValue(shop().Type("delivery"), `parcel({street: "Rue X", zip: 70000})`)
	fmt.Println(err)
	var wave *wit.WaveError
	if errors.As(err, &wave) {
		line, caret := wave.Caret()
		fmt.Printf("%s\n%s\n", line, caret)
	}
	// Output:
	// 1:31: parcel.zip: expected u16, got 70000
	// parcel({street: "Rue X", zip: 70000})
	//                               ^^^^^
}

func ExamplePrintValue() {
	add := shop().Func("[method]basket.add")
	fmt.Println(wit.PrintValue(add.Result, wit.ResultValue{Value: uint32(3)}))
	fmt.Println(wit.PrintValue(add.Result, wit.ResultValue{IsErr: true, Value: "none"}))
	fmt.Println(wit.PrintValue(add.Result, 3))
	// Output:
	// ok(3) <nil>
	// err(%none) <nil>
	//  wit: want wit.ResultValue, have int
}

// For people, handles can be written, and what is long can be cut.
func ExampleValuePrinter_Print() {
	p := wit.ValuePrinter{
		Handle: func(def *wit.TypeDef, v any) string { return fmt.Sprintf("<%s %v>", def.Name, v) },
		Limit:  16,
	}
	fmt.Println(p.Print(shop().Func("new-basket").Result, 7))
	fmt.Println(p.Print(&wit.List{Elem: wit.U8}, make([]byte, 1<<20)))
	// Output:
	// <basket 7> <nil>
	// [0, 0, 0, 0, 0, ... <nil>
}

// Bytes can be written as text, and long lists and strings can be cut, each for itself.
func ExampleValuePrinter_Append() {
	p := wit.ValuePrinter{Bytes: true, Elems: 8}
	line, err := p.Append([]byte("took "), &wit.List{Elem: wit.U8}, []byte("GET /\r\n\r\nand more"))
	fmt.Printf("%s %v\n", line, err)
	line, err = p.Append(nil, &wit.List{Elem: wit.String}, []any{"one", "much too long"})
	fmt.Printf("%s %v\n", line, err)
	// Output:
	// took b"GET /\r\n\r"... <nil>
	// ["one", "much too"...] <nil>
}

func ExampleParseCall() {
	call, err := wit.ParseCall(`acme:shop/shop.new-basket(pick-up).add("tea")`)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(call.Name)
	fmt.Println(call.Args(shop().Func("new-basket").Params))

	// A method is called on what came before: the parameter self is not written.
	add := shop().Func("[method]basket.add")
	fmt.Println(call.Then.Name)
	fmt.Println(call.Then.Args(add.Params[1:]))
	// Output:
	// acme:shop/shop.new-basket
	// [{pick-up <nil>}] <nil>
	// add
	// [tea <nil>] <nil>
}

func ExampleCallText_Errorf() {
	call, err := wit.ParseCall(`new-baskte(pick-up)`)
	if err != nil {
		log.Fatal(err)
	}
	wave := call.Errorf("there is no function `%s`%s", call.Name, wit.Instead(call.Name, []string{"new-basket", "close"}))
	line, caret := wave.Caret()
	fmt.Printf("%v\n%s\n%s\n", wave, line, caret)
	// Output:
	// 1:1: there is no function `new-baskte`; did you mean `new-basket`?
	// new-baskte(pick-up)
	// ^^^^^^^^^^
}

func ExampleCallText_Args() {
	call, err := wit.ParseCall(`add("tea", many)`)
	if err != nil {
		log.Fatal(err)
	}
	_, err = call.Args(shop().Func("[method]basket.add").Params[1:])
	fmt.Println(err)
	// Output:
	// 1:12: arg "count": expected u16, got many
}

// The message about a name that does not exist ends with the way out of it.
func ExampleInstead() {
	have := []string{"get", "set", "delete"}
	fmt.Println("no such function" + wit.Instead("delte", have))
	fmt.Println("no such function" + wit.Instead("list-keys", have))
	// Output:
	// no such function; did you mean `delete`?
	// no such function; there is `delete`, `get`, `set`
}
