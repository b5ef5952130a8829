package doctor_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/internal/bounds"
	p "github.com/tenon-wasm/tenon/internal/pieces"
)

// TestAMebibyteOfHostileBytesIsExaminedInBounds: a report costs less than a second and
// 256 MiB, its JSON included, and its text is one that a person could scroll through.
func TestAMebibyteOfHostileBytesIsExaminedInBounds(t *testing.T) {
	const mebibyte = 1 << 20
	// fill repeats something until there is a mebibyte of it.
	fill := func(one func(i int) string) string {
		var b strings.Builder
		n := 0
		for ; b.Len() < mebibyte; n++ {
			b.WriteString(one(n))
		}
		return p.Uint(n) + b.String()
	}
	void := p.Section(1, p.Vec("\x60\x00\x00"))
	body := p.Name("\x00" + strings.Repeat("\x41\x00\x1a", 1000) + "\x0b")
	lane := p.Name("\x00" + strings.Repeat("\xfd\x80\x02", 1000) + "\x0b")
	field := func(i int) string { return p.Name("f"+p.Letters(i)) + "\x7d" }
	// To plan so many takes more than the bound by itself, so there are fewer.
	instances := p.Each(90_000, func(i int) string { return "\x00" + p.Name(p.Letters(i)) + "\x05\x00" })
	for what, data := range map[string]string{
		"code":                   p.Component(p.Section(1, p.Module(void, p.Section(3, p.Times(340, "\x00")), p.Section(10, p.Times(340, body))))),
		"what the engine lacks":  p.Component(p.Section(1, p.Module(void, p.Section(3, p.Times(340, "\x00")), p.Section(10, p.Times(340, lane))))),
		"tiny functions":         p.Module(p.Section(10, fill(func(int) string { return "\x02\x00\x0b" }))),
		"imported instances":     p.Component(p.Section(7, p.Vec("\x42\x00")), p.Section(10, instances)),
		"imported functions":     p.Component(p.Section(7, p.Vec("\x40\x00\x01\x00")), p.Section(10, fill(func(i int) string { return "\x00" + p.Name(p.Letters(i)) + "\x01\x00" }))),
		"modules":                p.Component(strings.Repeat(p.Section(1, p.Module()), mebibyte/10)),
		"imports of a module":    p.Module(void, p.Section(2, fill(func(i int) string { return p.Name("env") + p.Name(p.Letters(i)) + "\x00\x00" }))),
		"imports of preview 1":   p.Module(void, p.Section(2, fill(func(i int) string { return p.Name("wasi_snapshot_preview1") + p.Name(p.Letters(i)) + "\x00\x00" }))),
		"exports of a module":    p.Module(void, p.Section(3, p.Vec("\x00")), p.Section(7, fill(func(i int) string { return p.Name(p.Letters(i)) + "\x00\x00" })), p.Section(10, p.Vec("\x02\x00\x0b"))),
		"producers":              p.Component(p.Section(0, p.Name("producers")+p.Vec(p.Name("language")+fill(func(i int) string { return p.Name(p.Letters(i)) + "\x00" })))),
		"custom sections":        p.Component(strings.Repeat("\x00\x01\x00", mebibyte/3)),
		"a table of branches":    p.Component(p.Section(1, p.Module(p.Section(10, p.Vec(p.Name("\x00\x0e\xff\xff\xff\xff\x0f\x00")))))),
		"a record in a function": p.Component(p.Section(7, p.Vec("\x72"+fill(field))), p.Section(7, p.Vec("\x40\x01"+p.Name("p")+"\x00\x01\x00")), p.Section(10, p.Vec("\x00"+p.Name("f")+"\x01\x01"))),
		"parentheses":            strings.Repeat("(;", mebibyte/2),
		"words of WIT":           strings.Repeat("world ", mebibyte/6),
		"a name without end":     p.Component(p.Section(7, p.Vec("\x42\x00")), p.Section(10, p.Vec("\x00"+p.Name(strings.Repeat("a", mebibyte))+"\x05\x00"))),
	} {
		t.Run(what, func(t *testing.T) {
			bounds.Check(t, "Examine", func() error {
				r := doctor.Examine([]byte(data), doctor.Options{})
				text := r.String()
				if first, _, _ := strings.Cut(text, "\n"); len(first) > 4096 {
					t.Errorf("the first line has %d bytes", len(first))
				}
				if len(text) > mebibyte {
					t.Errorf("%d bytes of text", len(text))
				}
				found, err := json.Marshal(r)
				if err != nil {
					return err
				}
				return fmt.Errorf("%d bytes of text, %d of JSON", len(text), len(found))
			})
		})
	}
}

// TestALargeComponentIsExaminedSoon: twelve megabytes of code, as a JavaScript engine has,
// cost less than a second here, which is far from what compiling them would.
func TestALargeComponentIsExaminedSoon(t *testing.T) {
	body := p.Name("\x00" + strings.Repeat("\x20\x00\x41\x01\x6a\x1a", 100) + "\x0b")
	const n = 20_000
	data := p.Component(p.Section(1, p.Module(
		p.Section(1, p.Vec("\x60\x01\x7f\x00")), p.Section(3, p.Times(n, "\x00")), p.Section(10, p.Times(n, body)))))
	if len(data) < 12_000_000 {
		t.Fatal(len(data))
	}
	bounds.Check(t, "Examine", func() error {
		if r := doctor.Examine([]byte(data), doctor.Options{Library: true}); !r.Runs || len(r.Uses) > 0 {
			t.Error(r)
		}
		return nil
	})
}
