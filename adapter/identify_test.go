package adapter_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
)

// module is a core module that imports a function f from each of the names, and has
// the custom sections.
func module(imports []string, sections ...string) string {
	m := "\x00asm\x01\x00\x00\x00" + section(1, "\x01\x60\x00\x00")
	if len(imports) > 0 {
		body := string(rune(len(imports)))
		for _, name := range imports {
			body += string(rune(len(name))) + name + "\x01f\x00\x00"
		}
		m += section(2, body)
	}
	for _, s := range sections {
		m += section(0, string(rune(len(s)))+s+"content")
	}
	return m
}

func section(id byte, body string) string {
	return string(rune(id)) + string(rune(len(body))) + body
}

func TestIdentifyTellsWhatAFileIs(t *testing.T) {
	for _, c := range []struct {
		what string
		data string
		want adapter.Kind
	}{
		{"nothing", "", adapter.Empty},
		{"another binary", "\x7fELF\x02\x01\x01\x00", adapter.Unknown},
		{"WebAssembly text", "(component)", adapter.Text},
		{"a module without imports", module(nil), adapter.Module},
		{"a module of some other host", module([]string{"env"}), adapter.Module},
		{"a preview 1 module", module([]string{"env", "wasi_snapshot_preview1"}), adapter.Preview1},
		{"a preview 0 module", module([]string{"wasi_unstable"}), adapter.Preview0},
		{"a module with bindings", module([]string{"wasi:io/poll@0.2.12"}, "component-type:hello"), adapter.Embedded},
		{"the same beside preview 1", module([]string{"wasi_snapshot_preview1"}, "producers", "component-type"), adapter.Mixed},
		{"half a module", module([]string{"wasi_snapshot_preview1"})[:20], adapter.Broken},
	} {
		t.Run(c.what, func(t *testing.T) {
			got := adapter.Identify([]byte(c.data))
			if got != c.want {
				t.Errorf("it is %v, want %v", got, c.want)
			}
			if runs := c.want >= adapter.Module; got.Runs() != runs {
				t.Errorf("%v runs: %v; %s", got, got.Runs(), got.Remedy())
			}
		})
	}
}

func ExampleIdentify() {
	data, err := os.ReadFile("../testdata/guests/hello.wasm")
	if err != nil {
		panic(err)
	}
	fmt.Println("hello.wasm is", adapter.Identify(data))
	k := adapter.Identify([]byte("(module)"))
	fmt.Printf("that is %v; %s\n", k, k.Remedy())
	// Output:
	// hello.wasm is a component
	// that is a text file, not a component; WebAssembly text is turned into a binary by `wasm-tools parse`
}
