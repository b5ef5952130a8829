package core

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/internal/bounds"
	"github.com/tenon-wasm/tenon/internal/pieces"
)

// Parts of core modules, readable in a test.
var (
	b, u, name, vec = pieces.Join, pieces.Uint, pieces.Name, pieces.Vec
	section, module = pieces.Section, pieces.Module
)

// everything is a module with a section of every kind.
var everything = module(
	section(0, name("first")+"note"),
	section(1, vec("\x60\x02\x7f\x7e\x01\x7d", "\x5f\x01\x78\x01", "\x60\x00\x00", "\x4e\x02\x60\x00\x00\x60\x01\x7f\x00", "\x60\x01\x63\x70\x02\x63\x00\x64\x00")),
	section(2, vec(
		b(name(""), name("f"), "\x00\x00"),
		b(name("env"), name("t"), "\x01\x70\x01\x02\x05"),
		b(name("env"), name("m"), "\x02\x03\x01\x80\x01"),
		b(name("env"), name("g"), "\x03\x7f\x00"),
		b(name("env"), name("e"), "\x04\x00\x04"),
		b(name("env"), name("s"), "\x00\x01"),
	)),
	section(3, vec("\x02", "\x05")),
	section(4, vec("\x6f\x00\x07", "\x40\x00\x70\x00\x01\xd0\x70\x0b")),
	section(5, vec("\x00\x02", "\x05\x80\x01\x80\x02")),
	section(13, vec("\x00\x04")),
	section(6, vec("\x7e\x01\x42\x7f\x0b", "\x7b\x00\xfd\x0c"+strings.Repeat("\x0b", 16)+"\x0b")),
	section(7, vec(b(name("f"), "\x00\x00"), b(name("h"), "\x00\x03"), b(name("t"), "\x01\x02"), b(name("m"), "\x02\x01"), b(name("g"), "\x03\x01"), b(name("e"), "\x04\x01"))),
	section(8, "\x03"),
	section(9, vec(
		b("\x00", "\x41\x05\x0b", vec("\x02", "\x03")),
		b("\x01\x00", vec("\x02")),
		b("\x02", "\x01", "\x23\x00\x0b", "\x00", vec("\x02")),
		b("\x03\x00", vec("\x02")),
		b("\x04", "\x23\x00\x41\x7f\x6a\x0b", vec("\xd2\x02\x0b", "\xd0\x70\x0b", "\xd2\x03\x0b")),
		b("\x05\x70", vec("\xd2\x02\x0b")),
		b("\x06", "\x02", "\x41\x00\x0b", "\x70", vec()),
		b("\x07\x70", vec()),
	)),
	section(12, "\x02"),
	section(10, vec(name("\x00\x0b"), name("\x00\x00\x0b"))),
	section(11, vec("\x01"+name("xy"), "\x01"+name("z"))),
	section(0, name("name")+"\x00"+name(name("shop"))+"\x01\x00"),
)

func read(t *testing.T, data string) *Module {
	t.Helper()
	m, err := Read([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

func TestTheOutsideOfAModuleIsRead(t *testing.T) {
	m := read(t, everything)
	mem := ExternType{Kind: Memory, Limits: Limits{Min: 1, Max: 128, HasMax: true, Shared: true, PageLog: 16}}
	table := ExternType{Kind: Table, Val: FuncRef, Limits: Limits{Min: 2, Max: 5, HasMax: true}}
	equal(t, "imports", m.Imports, []Import{
		{"", "f", ExternType{Kind: Func}},
		{"env", "t", table},
		{"env", "m", mem},
		{"env", "g", ExternType{Kind: Global, Val: I32}},
		{"env", "e", ExternType{Kind: Tag, Type: 4}},
		{"env", "s", ExternType{Kind: Func, Type: 1}},
	})
	equal(t, "exports", m.Exports, []Export{{"f", Func, 0}, {"h", Func, 3}, {"t", Table, 2}, {"m", Memory, 1}, {"g", Global, 1}, {"e", Tag, 1}})
	equal(t, "types", m.Types, []FuncType{
		{[]byte{I32, I64}, []byte{F32}}, {}, {}, {}, {Params: []byte{I32}},
		{[]byte{FuncRef}, []byte{RefNull, Ref}},
	})
	equal(t, "imported", []int{m.ImportedFuncs, m.ImportedTables, m.ImportedMemories, m.ImportedGlobals, m.ImportedTags}, []int{2, 1, 1, 1, 1})
	equal(t, "functions", m.Funcs, []uint32{0, 1, 2, 5})
	equal(t, "tables", m.Tables, []ExternType{
		table,
		{Kind: Table, Val: ExternRef, Limits: Limits{Min: 7}},
		{Kind: Table, Val: FuncRef, Limits: Limits{Min: 1}},
	})
	equal(t, "memories", m.Memories, []ExternType{
		mem,
		{Kind: Memory, Limits: Limits{Min: 2, PageLog: 16}},
		{Kind: Memory, Limits: Limits{Min: 128, Max: 256, HasMax: true, Addr64: true, PageLog: 16}},
	})
	equal(t, "globals", m.Globals, []ExternType{{Kind: Global, Val: I32}, {Kind: Global, Val: I64, Mutable: true}, {Kind: Global, Val: V128}})
	equal(t, "tags", m.Tags, []uint32{4, 4})
	equal(t, "start", []any{m.HasStart, m.Start}, []any{true, uint32(3)})
	equal(t, "segments", []int{m.DataSegments, m.ElemSegments}, []int{2, 8})
	equal(t, "name", []any{m.HasNames, m.ModuleName}, []any{true, "shop"})
	custom := m.CustomSections()
	equal(t, "custom sections", []any{len(custom), custom[0]}, []any{2, Custom{"first", []byte("note"), 16}})
}

func TestTypesAreFoundByIndex(t *testing.T) {
	m := read(t, everything)
	if got, ok := m.FuncType(0); !ok || got.String() != "(i32, i64) -> (f32)" {
		t.Error("function 0:", got, ok)
	}
	if got, ok := m.FuncType(3); !ok || got.String() != "(funcref) -> ((ref null ...), (ref ...))" {
		t.Error("function 3:", got, ok)
	}
	if _, ok := m.FuncType(4); ok {
		t.Error("function 4 does not exist and has a type")
	}
	for i, want := range []string{"func", "func", "table", "memory", "global", "tag"} {
		got, ok := m.ExternType(m.Exports[i])
		if !ok || got.Kind.String() != want {
			t.Errorf("export %d: %v, %v", i, got, ok)
		}
	}
	for kind := Func; kind <= Tag; kind++ {
		if _, ok := m.ExternType(Export{Kind: kind, Index: 1 << 31}); ok {
			t.Errorf("a %v beyond all has a type", kind)
		}
	}
	bad := read(t, module(section(3, vec("\x07"))))
	if _, ok := bad.FuncType(0); ok {
		t.Error("a function of a type that does not exist has a type")
	}
}

func TestActiveElementSegmentsCarryTheirPlace(t *testing.T) {
	m := read(t, everything)
	globals := func(index uint32) (uint64, bool) { return 10, index == 0 }
	type place struct {
		table, length uint32
		offset        uint64
	}
	var got []place
	for _, s := range m.ActiveElems() {
		offset, ok := s.Offset.Eval(globals)
		if !ok {
			t.Errorf("offset %x cannot be computed", s.Offset)
		}
		got = append(got, place{s.Table, s.Len, offset})
	}
	equal(t, "segments", got, []place{{0, 2, 5}, {1, 1, 10}, {0, 3, 9}, {2, 0, 0}})
}

func TestConstantExpressionsCompute(t *testing.T) {
	globals := func(index uint32) (uint64, bool) { return 3, index == 1 }
	for _, c := range []struct {
		expr string
		want uint64
		ok   bool
	}{
		{"\x41\x7f\x0b", 0xffffffff, true},
		{"\x42\x7f\x0b", 1<<64 - 1, true},
		{"\x23\x01\x41\x02\x6c\x41\x07\x6b\x0b", 0xffffffff, true},
		{"\x42\x05\x42\x06\x7e\x42\x01\x7d\x42\x02\x7c\x0b", 31, true},
		{"\x23\x00\x0b", 0, false},
		{"\xd0\x70\x0b", 0, false},
		{"\x6a\x0b", 0, false},
		{"\x41\x00\x41\x00\x0b", 0, false},
		{"\x0b", 0, false},
		{"\x41", 0, false},
	} {
		if got, ok := ConstExpr(c.expr).Eval(globals); got != c.want || ok != c.ok {
			t.Errorf("%x: %#x, %v", c.expr, got, ok)
		}
	}
}

func TestAMalformedModuleIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ what, bytes, want string }{
		{"nothing", "", "offset 0x0: not a core module of version 1"},
		{"a component", "\x00asm\x0d\x00\x01\x00", "offset 0x0: not a core module of version 1"},
		{"an unknown section", module(section(14, "")), "offset 0x8: 14 is not the id of a section"},
		{"two import sections", module(section(2, vec()), section(2, vec())), "offset 0xb: import section: out of order, or there twice"},
		{"types after imports", module(section(2, vec()), section(1, vec())), "offset 0xb: type section: out of order, or there twice"},
		{"a short section", module("\x01\x05\x00"), "offset 0xa: type section: unexpected end: 5 bytes announced, 1 left"},
		{"trailing bytes", module(section(3, vec("\x00")+"\x00")), "offset 0xc: function section: 1 trailing bytes: the size does not fit the content"},
		{"an unknown value type", module(section(1, vec("\x60\x01\x01\x00"))), "offset 0xd: type section, type 0, parameter 0: 0x01 is not a core value type"},
		{"an unknown heap type", module(section(1, vec("\x60\x01\x63\x7f\x00"))), "offset 0xe: type section, type 0, parameter 0: -1 is not a core heap type"},
		{"more parameters than engines have", module(section(1, vec(b("\x60", "\xe9\x07"+strings.Repeat("\x7f", 1001), "\x00")))), "offset 0xd: type section, type 0: a function type has 1001 parameters; the limit is 1000"},
		{"more results than engines have", module(section(1, vec(b("\x60", "\xe8\x07"+strings.Repeat("\x7f", 1000), "\xe9\x07"+strings.Repeat("\x7f", 1001))))), "offset 0x3f7: type section, type 0: a function type has 1001 results; the limit is 1000"},
		{"an unknown kind of import", module(section(2, vec("\x00\x00\x05"))), "offset 0xd: import section, import 0: 0x05 is not a kind of import or export"},
		{"an unknown kind of export", module(section(7, vec("\x00\x05\x00"))), "offset 0xc: export section, export 0: 0x05 is not a kind of import or export"},
		{"a table of numbers", module(section(4, vec("\x7f\x00\x00"))), "offset 0xb: table section, table 0: a table of i32: only references can be elements"},
		{"a page size for a table", module(section(4, vec("\x70\x08\x00\x00"))), "offset 0xc: table section, table 0: 0x08 are not flags of limits"},
		{"a call as the value of a global", module(section(6, vec("\x7f\x00\x10\x00\x0b"))), "offset 0xd: global section, global 0: opcode 0x10 is not constant"},
		{"unknown flags of a segment", module(section(9, vec("\x08"))), "offset 0xb: element section, segment 0: 8 are not the flags of an element segment"},
		{"a custom section without a name", module(section(0, "")), "offset 0xa: custom section: unexpected end"},
	} {
		if _, err := Read([]byte(c.bytes)); err == nil || err.Error() != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.what, err, c.want)
		}
	}
}

func TestAMalformedNameSectionDoesNoHarm(t *testing.T) {
	m := read(t, module(section(0, name("name")+"\x00\x09\x03ab")))
	if !m.HasNames || m.ModuleName != "" {
		t.Errorf("names %v, module name %q", m.HasNames, m.ModuleName)
	}
}

func TestNoPrefixOfAModulePanics(t *testing.T) {
	for n := range len(everything) {
		if m, err := Read([]byte(everything[:n])); err == nil {
			m.RewriteImports(make([]ImportName, len(m.Imports)))
		}
	}
}

func TestAMebibyteOfHostileInputIsCheap(t *testing.T) {
	const size = 1 << 20
	fill := func(id byte, element string) []byte {
		n := size / len(element)
		return []byte(module(section(id, u(n)+strings.Repeat(element, n))))
	}
	for what, data := range map[string][]byte{
		"function types":       fill(1, "\x60\x00\x00"),
		"empty rec groups":     fill(1, "\x4e\x00"),
		"imports":              fill(2, "\x00\x00\x00\x00"),
		"functions":            fill(3, "\x00"),
		"tables":               fill(4, "\x70\x00\x00"),
		"memories":             fill(5, "\x00\x00"),
		"globals":              fill(6, "\x7f\x00\x41\x00\x0b"),
		"exports":              fill(7, "\x00\x00\x00"),
		"element segments":     fill(9, "\x00\x41\x00\x0b\x00"),
		"elements":             []byte(module(section(9, vec("\x00\x41\x00\x0b"+u(size)+strings.Repeat("\x00", size))))),
		"a constant of a mile": []byte(module(section(6, vec("\x7f\x00"+strings.Repeat("\x41\x00", size/2)+"\x0b")))),
		"custom sections":      []byte(module(strings.Repeat("\x00\x01\x00", size/3))),
	} {
		bounds.Check(t, what, func() error {
			_, err := Read(data)
			return err
		})
	}
}
