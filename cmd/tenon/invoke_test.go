package main

import (
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// TestNamesOfCallsAreFoundWhereOneFunctionIsMeant covers worlds that no guest here has.
func TestNamesOfCallsAreFoundWhereOneFunctionIsMeant(t *testing.T) {
	pkgs, err := wit.Parse(wit.File{Name: "t.wit", Text: `
		package acme:app;
		interface ids { resource id { text: func() -> string; } }
		interface store {
			use ids.{id};
			resource bucket {
				constructor(name: string);
				size: func() -> u32;
				merge: static func(a: bucket, b: bucket) -> bucket;
			}
			open: func(name: string, retries: option<u8>) -> result<bucket, string>;
			next: func() -> id;
			get: func(key: string) -> option<string>;
		}
		world app {
			export store;
			export acme:other/log@1.0.0;
			export acme:other/log@2.0.0;
			export plain: interface { get: func(); run: func(); }
			export run: func(times: u8);
		}
		package acme:other@1.0.0 { interface log { write: func(s: string); } }
		package acme:other@2.0.0 { interface log { write: func(s: string); } }`})
	if err != nil {
		t.Fatal(err)
	}
	all := exportedFuncs(funcsOf(pkgs[0].World("app")))
	for _, test := range []struct{ name, call, want string }{
		{"a function of the world before one of an interface", `run(1)`, "#run"},
		{"a plain name of an interface", `plain.run()`, "plain#run"},
		{"a function alone", `open("x", 3)`, "acme:app/store#open"},
		{"options at the end are left out", `open("x")`, "acme:app/store#open"},
		{"a method of a result that went well", `store.open("x").size()`, "acme:app/store#open acme:app/store#[method]bucket.size"},
		{"a constructor by its name in the binary", `acme:app/store.[constructor]bucket("x").size()`, "acme:app/store#[constructor]bucket acme:app/store#[method]bucket.size"},
		{"a version among many", `acme:other/log@2.1.0.write("x")`, "acme:other/log@2.0.0#write"},
		{"many versions", `log.write("x")`, "1:1: `log.write` means many functions: `acme:other/log@1.0.0.write`, `acme:other/log@2.0.0.write`"},
		{"many interfaces", `get()`, "1:1: `get` means many functions: `acme:app/store.get`, `plain.get`"},
		{"a static function takes handles, which have no text", `bucket.merge(1, 2)`, "1:14: arg \"a\": own<bucket> is a handle, which has no text"},
		{"a static function is no method", `bucket("x").merge()`, "1:13: bucket has no method `merge`; there is `size`"},
		{"methods of an import", `next().text()`, "1:8: no method of id is exported"},
		{"methods of nothing", `plain.get().size()`, "1:13: `plain.get` returns nothing, which has no methods"},
		{"an argument of a method", `bucket("x").size(1)`, "1:18: `size` takes no arguments"},
		{"another interface", `acme:app/stroe.get("x")`, "1:1: no function `acme:app/stroe.get` is exported; did you mean `acme:app/store.get`?"},
		{"nothing near", `frobnicate()`, "1:1: no function `frobnicate` is exported; there is `bucket`, `bucket.merge`, `get`, `next`, `open`, `run`, `write`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			steps, err := planInvocation(all, test.call)
			var got []string
			for _, s := range steps {
				got = append(got, s.iface+"#"+s.Name)
			}
			if err != nil {
				got = []string{err.Error()}
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got  %s\nwant %s", s, test.want)
			}
		})
	}
}

// funcsOf are the functions of a component of a world.
func funcsOf(w *wit.World) (all []component.ExportedFunc) {
	for _, e := range w.Exports {
		if e.Func != nil {
			all = append(all, component.ExportedFunc{Func: e.Func})
			continue
		}
		for _, f := range e.Interface.Funcs {
			all = append(all, component.ExportedFunc{Func: f, Interface: e.Name})
		}
	}
	return all
}
