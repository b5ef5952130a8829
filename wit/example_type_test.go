package wit_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

// What a type is made of is told by a type switch. The primitive types are constants,
// a name is a *TypeDef, and the others are pointers to structs.
func ExampleType() {
	var describe func(t wit.Type) string
	describe = func(t wit.Type) string {
		switch t := t.(type) {
		case nil:
			return "nothing"
		case wit.Prim:
			return t.String()
		case *wit.TypeDef:
			return t.Name
		case *wit.List:
			return "many of " + describe(t.Elem)
		case *wit.FixedList:
			return fmt.Sprintf("%d of %s", t.Len, describe(t.Elem))
		case *wit.Map:
			return describe(t.Value) + " by " + describe(t.Key)
		case *wit.Option:
			return "maybe " + describe(t.Elem)
		case *wit.Result:
			return fmt.Sprintf("%s, or else %s", describe(t.OK), describe(t.Err))
		case *wit.Stream:
			return "over time, many of " + describe(t.Elem)
		case *wit.Future:
			return "some time, " + describe(t.Elem)
		case *wit.Own, *wit.Borrow:
			return "a handle, " + t.String()
		case *wit.Resource:
			return "a resource"
		case *wit.Tuple:
			var parts []string
			for _, e := range t.Elems {
				parts = append(parts, describe(e))
			}
			return strings.Join(parts, " and ")
		case *wit.Record:
			var parts []string
			for _, f := range t.Fields {
				parts = append(parts, f.Name+": "+describe(f.Type))
			}
			return strings.Join(parts, " and ")
		case *wit.Variant:
			var parts []string
			for _, c := range t.Cases {
				parts = append(parts, c.Name+": "+describe(c.Type))
			}
			return strings.Join(parts, " or ")
		case *wit.Enum:
			return strings.Join(t.Labels, " or ")
		case *wit.Flags:
			return "any of " + strings.Join(t.Labels, ", ")
		}
		return "?"
	}
	pkgs, err := wit.Parse(wit.File{Name: "zoo.wit", Text: `package acme:zoo;
		interface zoo {
			resource cage;
			flags days { monday, tuesday }
			enum diet { leaves, meat }
			record animal { name: string, diet: diet, weight: option<f32> }
			variant guest { animal(animal), pair(tuple<animal, animal>), nobody }
			type rooms = list<own<cage>>;
			type look = result<list<u8, 4>>;
			type wait = future<stream<u8>>;
		}`})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range pkgs[0].Interface("zoo").Types {
		fmt.Println(t, "is", describe(t.Type))
	}
	fmt.Println(describe(&wit.Map{Key: wit.String, Value: wit.U32}))
	// Output:
	// cage is a resource
	// days is any of monday, tuesday
	// diet is leaves or meat
	// animal is name: string and diet: diet and weight: maybe f32
	// guest is animal: animal or pair: animal and animal or nobody: nothing
	// rooms is many of a handle, own<cage>
	// look is 4 of u8, or else nothing
	// wait is some time, over time, many of u8
	// u32 by string
}

// A type that is brought in by use, or is given a second name, is still the one that
// was declared.
func ExampleTypeDef() {
	pkgs, err := wit.Parse(wit.File{Name: "zoo.wit", Text: `package acme:zoo;
		interface cages {
			resource cage;
			type weight = f32;
		}
		interface keepers {
			use cages.{cage as room, weight};
			type den = room;
			type load = list<weight>;
		}`})
	if err != nil {
		log.Fatal(err)
	}
	cages, keepers := pkgs[0].Interface("cages"), pkgs[0].Interface("keepers")
	den := keepers.Type("den")
	fmt.Println(den.IsResource(), den.Root() == cages.Type("cage"))
	fmt.Println(wit.Structure(keepers.Type("load")), wit.Structure(keepers.Type("weight")) == wit.F32)
	// Output:
	// true true
	// list<weight> true
}

// Functions of a resource have names that say so.
func ExampleFunc() {
	pkgs, err := wit.Parse(wit.File{Name: "bank.wit", Text: `package acme:bank;
		interface bank {
			resource account {
				constructor(owner: string);
				balance: func() -> s64;
				merge: static func(a: account, b: borrow<account>) -> account;
			}
			open: func() -> bool;
		}`})
	if err != nil {
		log.Fatal(err)
	}
	kinds := map[wit.FuncKind]string{
		wit.Freestanding: "function", wit.Constructor: "constructor", wit.Method: "method", wit.Static: "static function",
	}
	for _, f := range pkgs[0].Interface("bank").Funcs {
		fmt.Printf("%s is the %s %s", f.Name, kinds[f.Kind], f.BaseName())
		for _, p := range f.Params {
			fmt.Printf(", %s: %v", p.Name, p.Type)
		}
		fmt.Printf(" -> %v\n", f.Result)
	}
	// Output:
	// [constructor]account is the constructor account, owner: string -> own<account>
	// [method]account.balance is the method balance, self: borrow<account> -> s64
	// [static]account.merge is the static function merge, a: own<account>, b: borrow<account> -> own<account>
	// open is the function open -> bool
}

// Gates tell since when an item is there, and which feature it belongs to while it is
// unstable.
func ExampleGate() {
	pkgs, err := wit.Parse(wit.File{Name: "time.wit", Text: `package acme:time@0.2.8;
		@since(version = 0.2.0)
		interface time {
			@since(version = 0.2.0)
			@deprecated(version = 0.2.6)
			ticks: func() -> u32;
			@unstable(feature = zones)
			zone: func() -> string;
			now: func() -> u64;
		}`})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range pkgs[0].Interface("time").Funcs {
		switch g := f.Gate; {
		case g.IsZero():
			fmt.Println(f.Name, "is always there")
		case g.Unstable != "":
			fmt.Println(f.Name, "is for those who want", g.Unstable)
		default:
			fmt.Println(f.Name, "is there since", g.Since, "and deprecated since", g.Deprecated)
		}
	}
	// Output:
	// ticks is there since 0.2.0 and deprecated since 0.2.6
	// zone is for those who want zones
	// now is always there
}

// Of a type with a name there is the name, of another its text as far as it is short.
func ExampleBrief() {
	t := wit.Type(wit.U8)
	for range 100 {
		t = &wit.Tuple{Elems: []wit.Type{t, t}}
	}
	fmt.Println(wit.Brief(&wit.List{Elem: wit.String}))
	fmt.Println(len(wit.Brief(t)))
	// Output:
	// list<string>
	// 83
}
