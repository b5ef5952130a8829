package binary

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the corpus and the golden files")

// productions are small components, one for every production of Binary.md, all
// numbers in their shortest form. They are the corpus of [FuzzDecode], too.
func productions() map[string]string {
	def := func(id byte, entries ...string) string { return component(section(id, vec(entries...))) }
	ps := map[string]string{
		"component":                    component(),
		"custom":                       component(section(0, b(name("x"), "y")), section(7, vec("\x73")), section(0, name("empty"))),
		"core-module":                  component(section(1, coreModule0), section(1, coreModule0)),
		"core-instantiate":             def(2, b("\x00\x03", vec(b(name("env"), "\x12\x05"), b(name(""), "\x12\x80\x01")))),
		"core-bundle":                  def(2, b("\x01", vec(b(name("f"), "\x00\x01"), b(name("m"), "\x02\x02"), b(name("t"), "\x04\x03"), b(name("i"), "\x12\x03")))),
		"core-type-func":               def(3, "\x60\x01\x7f\x02\x7e\x63\x02", "\x60\x00\x00"),
		"core-type-rec":                def(3, "\x4e\x03\x5f\x01\x78\x00\x50\x00\x60\x00\x00\x4f\x01\x00\x5e\x7f\x01", "\x60\x00\x00"),
		"core-type-open":               def(3, "\x00\x50\x01\x00\x60\x00\x00"),
		"core-type-shared":             def(3, "\x65\x60\x01\x63\x65\x70\x00"),
		"core-type-module":             def(3, b("\x50", vec("\x01\x60\x00\x00", "\x01\x50\x00\x5f\x00", b("\x00", name("m"), name("f"), "\x00\x00"), "\x02\x10\x01\x01\x04", b("\x03", name("mem"), "\x02\x05\x01\x80\x02")))),
		"core-type-module-externs":     def(3, b("\x50", vec("\x01\x60\x00\x00", b("\x03", name("t"), "\x01\x70\x01\x02\x03"), b("\x03", name("g"), "\x03\x7f\x01"), b("\x03", name("e"), "\x04\x00\x00")))),
		"nested":                       component(section(4, component(section(7, vec("\x73")))), section(4, nestedComponents(3))),
		"instantiate":                  def(5, b("\x00\x02", vec(b(name("a:b/c"), "\x05\x01"), b(name("m"), "\x00\x11\x00"), b(name("v"), "\x02\x00")))),
		"inline-instance":              def(5, b("\x01", vec(b("\x00", name("t"), "\x03\x07"), b("\x02", name("u"), vec("\x02"+name("id")), "\x04\x07")))),
		"alias-export":                 def(6, b("\x01\x00\x02", name("run")), b("\x05\x00\x02", name("a:b/c@1.0.0")), b("\x00\x11\x00\x02", name("m"))),
		"alias-core-export":            def(6, b("\x00\x00\x01\x02", name("f")), b("\x00\x04\x01\x02", name("e"))),
		"alias-outer":                  def(6, "\x03\x02\x01\x00", "\x04\x02\x00\x80\x01", "\x00\x10\x02\x01\x00", "\x00\x11\x02\x01\x00"),
		"type-record":                  def(7, b("\x72", vec(b(name("a"), "\x79"), b(name("b"), "\xc0\x00")))),
		"type-variant":                 def(7, b("\x71", vec(b(name("none"), "\x00\x00"), b(name("some"), "\x01\x79\x00")))),
		"type-list":                    def(7, "\x70\x7d", "\x67\x7d\x80\x01"),
		"type-tuple":                   def(7, "\x6f\x02\x79\x01"),
		"type-flags":                   def(7, b("\x6e", vec(name("r"), name("w")))),
		"type-enum":                    def(7, b("\x6d", vec(name("r"), name("w")))),
		"type-option-result":           def(7, "\x6b\x79", "\x6a\x00\x00", "\x6a\x01\x79\x00", "\x6a\x00\x01\x79", "\x6a\x01\x79\x01\x73"),
		"type-handles":                 def(7, "\x3f\x7f\x00", "\x3f\x7e\x01\x09", "\x69\x00", "\x68\x80\x01"),
		"type-async":                   def(7, "\x66\x00", "\x66\x01\x7d", "\x65\x00", "\x65\x01\x00", "\x64"),
		"type-map":                     def(7, "\x63\x73\x79"),
		"type-func":                    def(7, b("\x40", vec(b(name("x"), "\x79")), "\x00\x79"), "\x40\x00\x01\x00", b("\x43", vec(b(name("x"), "\x00")), "\x01\x00")),
		"type-component":               def(7, b("\x41", vec("\x00\x4e\x02\x60\x00\x00\x5f\x00", "\x01\x79", "\x02\x03\x02\x01\x00", b("\x03\x01", name("i"), "\x05\x02"), b("\x04\x00", name("r"), "\x03\x01")))),
		"type-instance":                def(7, b("\x42", vec("\x01\x42\x00", b("\x04\x00", name("r"), "\x03\x00\x01"), b("\x04\x02", name("f"), vec("\x00"+name("a:b/c")), "\x01\x01")))),
		"canon-lift-lower":             def(8, "\x00\x00\x07\x03\x03\x01\x04\x02\x05\x03\x09", "\x01\x00\x07\x04\x00\x01\x02\x06", "\x00\x00\x07\x04\x06\x07\x04\x08\x05\x09\x80\x01"),
		"start":                        component(section(9, "\x01\x02\x03\x04\x01")),
		"import":                       def(10, b("\x00", name("m"), "\x00\x11\x00"), b("\x01", name("a:b/c"), "\x01\x00"), b("\x00", name("t"), "\x03\x00\x01"), b("\x00", name("r"), "\x03\x01"), b("\x00", name("c"), "\x04\x00"), b("\x00", name("i"), "\x05\x00")),
		"import-value":                 def(10, b("\x00", name("v"), "\x02\x01\x79"), b("\x00", name("w"), "\x02\x00\x00")),
		"attributes":                   def(10, b("\x02", name("a"), vec("\x02"+name(""), "\x00"+name("a:b/c"), "\x01"+name(".1")), "\x05\x00"), b("\x02", name("b"), vec(), "\x05\x00")),
		"export":                       def(11, b("\x00", name("f"), "\x01\x02\x00"), b("\x01", name("g"), "\x01\x02\x01\x01\x00"), b("\x00", name("m"), "\x00\x11\x00\x00")),
		"value":                        def(12, b("\x79", name("\x2a")), b("\x73", name(name("hi")))),
		"sections-of-the-same-kind":    component(section(7, vec("\x73")), section(7, vec("\x79", "\x7f")), section(0, name("x")), section(7, vec("\x73"))),
		"number-of-more-than-one-byte": def(7, "\x69\xff\xff\xff\xff\x0f", "\x70\xff\xff\xff\xff\x0f"),
	}
	for op := range canons {
		if c := CanonOp(op); c.assigned() {
			ps["canon-"+c.String()] = def(8, minimalCanon(c))
		}
	}
	return ps
}

// minimalCanon is a canonical definition whose immediates are all there and all
// different from zero, as far as they may.
func minimalCanon(op CanonOp) string {
	s := string([]byte{byte(op)})
	for bit := immSortCoreFunc; bit <= immLiftType; bit <<= 1 {
		switch canons[op].imm & bit {
		case immSortCoreFunc, immSortFunc:
			s += "\x00\x02"
		case immResult:
			s += "\x00\x79"
		case immFlag:
			s += "\x01"
		case immValType:
			s += "\x7f"
		case immOpts:
			s += "\x02\x00\x03\x01"
		case 0:
		default:
			s += "\x03"
		}
	}
	return s
}

// mistakes are near misses: each is a production with one thing wrong.
func mistakes() map[string]string {
	return map[string]string{
		"trailing-byte":     component(section(7, vec("\x73")+"\x00")),
		"section-too-long":  component("\x07\x05\x01\x73"),
		"count-too-large":   component(section(7, "\xff\xff\xff\xff\x0f\x73")),
		"number-too-long":   component(section(7, vec("\x69\x80\x80\x80\x80\x80\x00"))),
		"number-too-large":  component(section(7, vec("\x69\xff\xff\xff\xff\x1f"))),
		"index-negative":    component(section(7, vec("\x70\x40"))),
		"name-not-utf8":     component(section(7, vec(b("\x6e", vec(name("\xc3\x28")))))),
		"flag-byte":         component(section(8, vec("\x06\x02"))),
		"attribute-twice":   component(section(10, vec(b("\x02", name("a"), vec("\x02"+name(""), "\x02"+name("")), "\x05\x00")))),
		"attribute-unknown": component(section(10, vec(b("\x02", name("a"), vec("\x03"+name("")), "\x05\x00")))),
		"core-module-cut":   component(section(1, coreModule0[:7])),
		"text":              "(component)",
	}
}

func TestNoMistakeDecodes(t *testing.T) {
	for what, data := range mistakes() {
		if _, err := Decode([]byte(data)); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// corpus is where go test looks for more seeds of FuzzDecode.
const corpus = "testdata/fuzz/FuzzDecode"

func TestTheCorpusHoldsEveryProduction(t *testing.T) {
	for _, set := range []map[string]string{productions(), mistakes()} {
		for what, data := range set {
			file := filepath.Join(corpus, strings.ReplaceAll(what, ".", "-"))
			want := fmt.Sprintf("go test fuzz v1\n[]byte(%s)\n", strconv.Quote(data))
			if *update {
				if err := os.MkdirAll(corpus, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s is not the production %q (write it with -update): %v", file, what, err)
			}
		}
	}
}
