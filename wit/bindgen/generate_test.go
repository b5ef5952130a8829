package bindgen

import (
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

func parse(t *testing.T, text string) []*wit.Package {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: "test.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// generate returns the files of all interfaces of the text, by path.
func generate(t *testing.T, cfg Config, text string) map[string]string {
	t.Helper()
	for _, p := range parse(t, text) {
		cfg.Interfaces = append(cfg.Interfaces, p.Interfaces...)
	}
	files, err := Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Path] = string(f.Data)
	}
	return texts
}

func TestErrorsNameTheItem(t *testing.T) {
	for _, c := range []struct{ sentence, item, want string }{
		{"an async function", "f: async func();", "a:b/i@1.0.0#f: not supported yet: async functions"},
		{"a stream", "f: func() -> stream<u8>;", "a:b/i@1.0.0#f: not supported yet: stream<u8>"},
		{"a future in a record", "record r { x: future<string> }", "a:b/i@1.0.0#r: not supported yet: future<string>"},
		{"an error-context", "type e = error-context;", "a:b/i@1.0.0#e: not supported yet: error-context"},
	} {
		t.Run(c.sentence+" is refused by name", func(t *testing.T) {
			p := parse(t, "package a:b@1.0.0;\ninterface i { "+c.item+" }\n")
			_, err := Generate(Config{Interfaces: p[0].Interfaces})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestExtern(t *testing.T) {
	files := generate(t, Config{
		Base:   "example.com/shop/bind",
		Extern: map[string]string{"wasi:io": "example.com/wasi/bind"},
	}, `package acme:shop;
		interface cart {
			use wasi:io/error@0.2.12.{error, kind};
			check: func(e: borrow<error>) -> result<_, kind>;
		}
		package wasi:io@0.2.12 {
			interface error {
				resource error;
				variant kind { one, two(u8) }
			}
		}`)
	t.Run("what stands elsewhere is not generated again", func(t *testing.T) {
		var paths []string
		for path := range files {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		if want := []string{"shop/cart/cart.go", "shop/cart/cart_abi.go", "shop/cart/cart_wit.go"}; !slices.Equal(paths, want) {
			t.Errorf("got %v", paths)
		}
	})
	t.Run("what stands elsewhere is imported from there", func(t *testing.T) {
		for path, want := range map[string]string{
			"shop/cart/cart.go":     "\t\"example.com/wasi/bind/io/ioerror\"\n",
			"shop/cart/cart_wit.go": "ErrorDef = &wit.TypeDef{Name: \"error\", Type: ioerror.ErrorDef}",
			"shop/cart/cart_abi.go": "ioerror.StoreKind(c, ret+1, e)",
		} {
			if !strings.Contains(files[path], want) {
				t.Errorf("%s lacks %q:\n%s", path, want, files[path])
			}
		}
	})
}

func TestPackagesOfOneName(t *testing.T) {
	files := generate(t, Config{Base: "example.com/bind"}, `package a:x@1.0.0;
		interface user { use b:x/types@1.0.0.{t}; use c:x/types@1.0.0.{t as u}; f: func(t: t, u: u); }
		package b:x@1.0.0 { interface types { record t { a: u8 } } }
		package c:x@1.0.0 { interface types { record t { b: u8 } } }`)
	t.Run("the second is given a number", func(t *testing.T) {
		if files["x/types/types.go"] == "" || files["x/types2/types.go"] == "" {
			t.Error("want x/types and x/types2")
		}
	})
	t.Run("both can be imported by one", func(t *testing.T) {
		if want := "F(ctx context.Context, t types.T, u xtypes.T) error"; !strings.Contains(files["x/user/user.go"], want) {
			t.Errorf("want %s in\n%s", want, files["x/user/user.go"])
		}
	})
}

func TestAnErrorIsOneWhereverItIsUsed(t *testing.T) {
	packages := parse(t, `package a:b;
		interface types { enum code { no } variant other { no } }
		interface user { use types.{code}; f: func() -> result<_, code>; }`)
	files, err := Generate(Config{Interfaces: packages[0].Interfaces[:1]})
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[0].Data)
	t.Run("an enum is an error though its user is not generated", func(t *testing.T) {
		if !strings.Contains(text, "func (e Code) Error() string") {
			t.Error(text)
		}
	})
	t.Run("what is nobody's E is no error", func(t *testing.T) {
		if strings.Contains(text, "func (OtherNo) Error") {
			t.Error(text)
		}
	})
}
