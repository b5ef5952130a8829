package wit_test

import (
	"fmt"
	"log"
	"slices"

	"github.com/tenon-wasm/tenon/wit"
)

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

// A name leads to those of its package and of its neighbours.
func ExampleName() {
	poll, err := wit.ParseName("wasi:io/poll@0.2.12")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(poll.Pkg().In("streams"))
	fmt.Println(poll.Unversioned())
	fmt.Println(poll.IsZero(), poll.Pkg() == wit.Name{Namespace: "wasi", Package: "io", Version: wit.V(0, 2, 12)})
	// Output:
	// wasi:io/streams@0.2.12
	// wasi:io/poll
	// false true
}

// Versions have the order of semantic versioning; a bare track comes before what is on
// it.
func ExampleVersion_Compare() {
	var versions []wit.Version
	for _, s := range []string{"0.3.0", "0.2.12", "0.2", "0.3.0-rc-2026-03-15", "0.2.3"} {
		v, err := wit.ParseVersion(s)
		if err != nil {
			log.Fatal(err)
		}
		versions = append(versions, v)
	}
	slices.SortFunc(versions, wit.Version.Compare)
	fmt.Println(versions)
	fmt.Println(wit.Version{}.IsZero())
	// Output:
	// [0.2 0.2.3 0.2.12 0.3.0-rc-2026-03-15 0.3.0]
	// true
}
