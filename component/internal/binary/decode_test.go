package binary

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/internal/bounds"
	"github.com/tenon-wasm/tenon/wit"
)

func decode(t *testing.T, data string) *Component {
	t.Helper()
	c, err := Decode([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ptr[T any](v T) *T { return &v }

func TestEveryDefinitionDecodesToItsNode(t *testing.T) {
	// All definitions begin after the preamble, the section's id and size, and the
	// count of the vector.
	const at = Pos(8 + 2 + 1)
	u32 := ValType{Prim: wit.U32}
	for _, c := range []struct {
		what    string
		section byte
		bytes   string
		want    Def
	}{
		{"a core instantiation", 2, b("\x00\x03", vec(b(name("env"), "\x12\x05"))),
			&CoreInstance{Pos: at, Module: 3, Args: []CoreArg{{"env", 5}}}},
		{"a bundle of core exports", 2, b("\x01", vec(b(name("f"), "\x00\x01"), b(name("m"), "\x02\x02"), b(name("t"), "\x04\x03"))),
			&CoreInstance{Pos: at, Inline: true, Exports: []CoreExport{{"f", SortCoreFunc, 1}, {"m", SortCoreMemory, 2}, {"t", SortCoreTag, 3}}}},

		{"a core function type", 3, "\x60\x01\x7f\x02\x7e\x7d",
			&CoreType{Pos: at, Func: &CoreFuncType{Params: []byte{0x7f}, Results: []byte{0x7e, 0x7d}, Raw: []byte("\x60\x01\x7f\x02\x7e\x7d")}, Raw: []byte("\x60\x01\x7f\x02\x7e\x7d")}},
		{"a core struct type", 3, "\x5f\x02\x78\x00\x7f\x01", &CoreType{Pos: at, Raw: []byte("\x5f\x02\x78\x00\x7f\x01")}},
		{"an open core sub type", 3, "\x00\x50\x00\x60\x00\x00", &CoreType{Pos: at, Raw: []byte("\x00\x50\x00\x60\x00\x00")}},
		{"a shared core function type", 3, "\x65\x60\x01\x63\x65\x70\x00", &CoreType{Pos: at, Raw: []byte("\x65\x60\x01\x63\x65\x70\x00")}},
		{"an open core sub type in a module type", 3, b("\x50", vec("\x01\x50\x00\x60\x00\x00")),
			&CoreType{Pos: at, Module: &CoreModuleType{[]CoreModuleDecl{{Pos: at + 2, Kind: CoreDeclType, Raw: []byte("\x50\x00\x60\x00\x00")}}}}},
		{"a core module type", 3, b("\x50", vec(
			"\x01\x60\x00\x00",
			b("\x00", name("m"), name("f"), "\x00\x00"),
			"\x02\x10\x01\x01\x04",
			b("\x03", name("mem"), "\x02\x01\x01\x02"),
		)), &CoreType{Pos: at, Module: &CoreModuleType{Decls: []CoreModuleDecl{
			{Pos: at + 2, Kind: CoreDeclType, Def: &CoreFuncType{Raw: []byte("\x60\x00\x00")}, Raw: []byte("\x60\x00\x00")},
			{Pos: at + 6, Kind: CoreDeclImport, Module: "m", Name: "f", Type: CoreExternType{}},
			{Pos: at + 13, Kind: CoreDeclAlias, Outer: 1, Index: 4},
			{Pos: at + 18, Kind: CoreDeclExport, Name: "mem", Type: CoreExternType{
				Kind: 2, Type: []byte{1, 1, 2},
				Extern: core.ExternType{Kind: core.Memory, Limits: core.Limits{Min: 1, Max: 2, HasMax: true, PageLog: 16}},
			}},
		}}}},

		{"an instantiation", 5, b("\x00\x02", vec(b(name("a:b/c"), "\x05\x01"), b(name("m"), "\x00\x11\x00"))),
			&Instance{Pos: at, Component: 2, Args: []Arg{{"a:b/c", SortInstance, 1}, {"m", SortCoreModule, 0}}}},
		{"an inline instance", 5, b("\x01", vec(b("\x00", name("t"), "\x03\x07"))),
			&Instance{Pos: at, Inline: true, Exports: []InlineExport{{ExternName{Name: "t"}, SortType, 7}}}},

		{"an alias of an export", 6, b("\x01\x00\x02", name("run")), &Alias{Pos: at, Sort: SortFunc, Target: AliasExport, Instance: 2, Name: "run"}},
		{"an alias of a core export", 6, b("\x00\x01\x01\x02", name("t")), &Alias{Pos: at, Sort: SortCoreTable, Target: AliasCoreExport, Instance: 2, Name: "t"}},
		{"an outer alias", 6, "\x03\x02\x01\x80\x01", &Alias{Pos: at, Sort: SortType, Target: AliasOuter, Outer: 1, Index: 128}},

		{"a primitive", 7, "\x73", &TypeDef{at, &Prim{wit.String}}},
		{"an error context", 7, "\x64", &TypeDef{at, &Prim{wit.ErrorContext}}},
		{"a record", 7, b("\x72", vec(b(name("a"), "\x79"), b(name("b"), "\x05"))),
			&TypeDef{at, &Record{[]LabelType{{"a", &u32}, {"b", &ValType{Index: 5}}}}}},
		{"a variant", 7, b("\x71", vec(b(name("none"), "\x00\x00"), b(name("some"), "\x01\x79\x00"))),
			&TypeDef{at, &Variant{[]LabelType{{"none", nil}, {"some", &u32}}}}},
		{"a list", 7, "\x70\x79", &TypeDef{at, &List{Elem: u32}}},
		{"a list of fixed length", 7, "\x67\x79\x80\x01", &TypeDef{at, &List{Elem: u32, Len: ptr(uint32(128))}}},
		{"a tuple", 7, "\x6f\x02\x79\x01", &TypeDef{at, &Tuple{[]ValType{u32, {Index: 1}}}}},
		{"flags", 7, b("\x6e", vec(name("r"), name("w"))), &TypeDef{at, &Flags{[]string{"r", "w"}}}},
		{"an enum", 7, b("\x6d", vec(name("r"), name("w"))), &TypeDef{at, &Enum{[]string{"r", "w"}}}},
		{"an option", 7, "\x6b\x79", &TypeDef{at, &Option{u32}}},
		{"a result with neither side", 7, "\x6a\x00\x00", &TypeDef{at, &Result{}}},
		{"a result with both sides", 7, "\x6a\x01\x79\x01\x79", &TypeDef{at, &Result{&u32, &u32}}},
		{"own", 7, "\x69\x04", &TypeDef{at, &Own{4}}},
		{"borrow", 7, "\x68\x04", &TypeDef{at, &Borrow{4}}},
		{"a stream", 7, "\x66\x01\x79", &TypeDef{at, &Stream{&u32}}},
		{"a bare future", 7, "\x65\x00", &TypeDef{at, &Future{}}},
		{"a map", 7, "\x63\x79\x79", &TypeDef{at, &Map{u32, u32}}},
		{"a resource", 7, "\x3f\x7f\x01\x09", &TypeDef{at, &Resource{Rep: 0x7f, Dtor: ptr(uint32(9))}}},
		{"a resource without a destructor", 7, "\x3f\x7f\x00", &TypeDef{at, &Resource{Rep: 0x7f}}},
		{"a function type", 7, b("\x40", vec(b(name("x"), "\x79")), "\x00\x79"),
			&TypeDef{at, &Func{Params: []LabelType{{"x", &u32}}, Result: &u32}}},
		{"an async function type without a result", 7, "\x43\x00\x01\x00", &TypeDef{at, &Func{Async: true}}},
		{"an instance type", 7, b("\x42", vec("\x00\x60\x00\x00", "\x01\x79", "\x02\x03\x02\x01\x00", b("\x04\x00", name("r"), "\x03\x01"))),
			&TypeDef{at, &InstanceType{[]Decl{
				&CoreType{Pos: at + 3, Func: &CoreFuncType{Raw: []byte("\x60\x00\x00")}, Raw: []byte("\x60\x00\x00")},
				&TypeDef{at + 7, &Prim{wit.U32}},
				&Alias{Pos: at + 9, Sort: SortType, Target: AliasOuter, Outer: 1},
				&ExportDecl{at + 13, ExternName{Name: "r"}, ExternType{Sort: SortType, SubResource: true}},
			}}}},
		{"a component type", 7, b("\x41", vec(b("\x03\x01", name("i"), "\x05\x02"))),
			&TypeDef{at, &ComponentType{[]Decl{&ImportDecl{at + 2, ExternName{Name: "i", Code: 1}, ExternType{Sort: SortInstance, Index: 2}}}}}},

		{"a lift", 8, "\x00\x00\x07\x03\x03\x01\x04\x02\x05\x03\x09",
			&Canon{Pos: at, Op: CanonLift, Func: 7, Type: 9, Opts: []CanonOpt{{OptMemory, 1}, {OptRealloc, 2}, {OptPostReturn, 3}}}},
		{"a lower", 8, "\x01\x00\x07\x03\x00\x01\x02",
			&Canon{Pos: at, Op: CanonLower, Func: 7, Opts: []CanonOpt{{OptUTF8, 0}, {OptUTF16, 0}, {OptLatin1UTF16, 0}}}},
		{"an async lift with a callback", 8, "\x00\x00\x07\x02\x06\x07\x04\x01",
			&Canon{Pos: at, Op: CanonLift, Func: 7, Type: 1, Opts: []CanonOpt{{OptAsync, 0}, {OptCallback, 4}}}},
		{"resource.drop", 8, "\x03\x02", &Canon{Pos: at, Op: CanonResourceDrop, Type: 2}},
		{"task.return", 8, "\x09\x00\x79\x01\x03\x01", &Canon{Pos: at, Op: CanonTaskReturn, Result: &ResultList{&u32}, Opts: []CanonOpt{{OptMemory, 1}}}},
		{"task.return of nothing", 8, "\x09\x01\x00\x00", &Canon{Pos: at, Op: CanonTaskReturn, Result: &ResultList{}}},
		{"context.get", 8, "\x0a\x7f\x01", &Canon{Pos: at, Op: CanonContextGet, Imm: []uint32{0x7f, 1}}},
		{"subtask.cancel", 8, "\x06\x01", &Canon{Pos: at, Op: CanonSubtaskCancel, Flag: true}},
		{"stream.read", 8, "\x0f\x03\x01\x03\x01", &Canon{Pos: at, Op: CanonStreamRead, Type: 3, Opts: []CanonOpt{{OptMemory, 1}}}},
		{"future.cancel-write", 8, "\x19\x03\x01", &Canon{Pos: at, Op: CanonFutureCancelWrite, Type: 3, Flag: true}},
		{"waitable-set.wait", 8, "\x20\x00\x02", &Canon{Pos: at, Op: CanonWaitableSetWait, Imm: []uint32{2}}},
		{"thread.spawn-indirect", 8, "\x41\x01\x02\x03", &Canon{Pos: at, Op: CanonThreadSpawnIndirect, Flag: true, Imm: []uint32{2, 3}}},

		{"an import", 10, b("\x00", name("f"), "\x01\x02"), &Import{at, ExternName{Name: "f"}, ExternType{Sort: SortFunc, Index: 2}}},
		{"an import of a core module", 10, b("\x00", name("m"), "\x00\x11\x02"), &Import{at, ExternName{Name: "m"}, ExternType{Sort: SortCoreModule, Index: 2}}},
		{"an import of a type that is another", 10, b("\x00", name("t"), "\x03\x00\x02"), &Import{at, ExternName{Name: "t"}, ExternType{Sort: SortType, Index: 2}}},
		{"an import of a component", 10, b("\x00", name("c"), "\x04\x02"), &Import{at, ExternName{Name: "c"}, ExternType{Sort: SortComponent, Index: 2}}},
		{"an import of a value", 10, b("\x00", name("v"), "\x02\x01\x79"), &Import{at, ExternName{Name: "v"}, ExternType{Sort: SortValue, Value: &u32}}},
		{"an import with attributes", 10, b("\x02", name("db"), vec("\x02"+name(""), "\x00"+name("a:b/c"), "\x01"+name(".1")), "\x05\x02"),
			&Import{at, ExternName{
				Name: "db", Implements: "a:b/c", VersionSuffix: ".1",
				Code: 2, Attributes: []AttributeKind{AttributeExternalID, AttributeImplements, AttributeVersionSuffix},
			}, ExternType{Sort: SortInstance, Index: 2}}},
		{"an export", 11, b("\x00", name("f"), "\x01\x02\x00"), &Export{Pos: at, Name: ExternName{Name: "f"}, Sort: SortFunc, Index: 2}},
		{"an export with an ascribed type", 11, b("\x00", name("t"), "\x03\x02\x01\x03\x01"),
			&Export{at, ExternName{Name: "t"}, SortType, 2, &ExternType{Sort: SortType, SubResource: true}}},
		{"a value", 12, b("\x79", name("\x2a")), &Value{at, u32, []byte{0x2a}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			comp := decode(t, component(section(c.section, vec(c.bytes))))
			if len(comp.Defs) != 1 || !reflect.DeepEqual(comp.Defs[0], c.want) {
				t.Errorf("got  %s\nwant %s", show(comp.Defs[0]), show(c.want))
			}
		})
	}
}

// show prints a definition with what its pointers lead to.
func show(v any) string {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Interface:
		if r.IsNil() {
			return "nil"
		}
		return "&" + show(r.Elem().Interface())
	case reflect.Struct:
		s := fmt.Sprintf("%T{", v)
		for i := range r.NumField() {
			s += " " + r.Type().Field(i).Name + ":" + show(r.Field(i).Interface())
		}
		return s + " }"
	case reflect.Slice:
		s := fmt.Sprintf("%T{", v)
		for i := range r.Len() {
			s += " " + show(r.Index(i).Interface())
		}
		return s + " }"
	default:
		return fmt.Sprintf("%#v", v)
	}
}

func TestWhatComesBeforeAMistakeIsThere(t *testing.T) {
	root, err := Decode([]byte(component(
		section(7, vec("\x73", "\x79")),
		section(4, component(section(7, vec("\x7f", "\x00")))),
	)))
	want := &Component{Size: 28, Defs: []Def{
		&TypeDef{11, &Prim{wit.String}}, &TypeDef{12, &Prim{wit.U32}},
		&Nested{15, &Component{Offset: 15, Size: 13, Defs: []Def{&TypeDef{26, &Prim{wit.Bool}}}}},
	}}
	if err == nil || !reflect.DeepEqual(root, want) {
		t.Errorf("%v\ngot  %s\nwant %s", err, show(root), show(want))
	}
	if root, err := Decode([]byte("\x00asm")); root != nil || err == nil {
		t.Errorf("without a preamble: %s, %v", show(root), err)
	}
}

func TestSectionsKeepTheirOrder(t *testing.T) {
	inner := component(section(7, vec("\x73")))
	comp := decode(t, component(
		section(7, vec("\x73", "\x79")),
		section(0, b(name("note"), "hello")),
		section(1, coreModule0),
		section(4, inner),
		section(9, "\x01\x02\x03\x04\x05"),
		section(7, vec("\x7f")),
	))
	want := []Def{
		&TypeDef{11, &Prim{wit.String}}, &TypeDef{12, &Prim{wit.U32}},
		&CoreModule{27, []byte(coreModule0)},
		&Nested{37, &Component{Offset: 37, Size: len(inner), Defs: []Def{&TypeDef{48, &Prim{wit.String}}}}},
		&Start{51, 1, []uint32{3, 4}, 5},
		&TypeDef{59, &Prim{wit.Bool}},
	}
	if !reflect.DeepEqual(comp.Defs, want) {
		t.Errorf("got  %s\nwant %s", show(comp.Defs), show(want))
	}
	if custom := []Custom{{"note", []byte("hello"), 20}}; !reflect.DeepEqual(comp.Custom, custom) {
		t.Errorf("custom sections %v, want %v", comp.Custom, custom)
	}
}

func TestARecGroupYieldsATypeForEachMember(t *testing.T) {
	comp := decode(t, component(section(3, vec("\x4e\x02\x60\x00\x00\x5e\x7f\x00", "\x60\x00\x00"))))
	var funcs []bool
	for _, d := range comp.Defs {
		funcs = append(funcs, d.(*CoreType).Func != nil)
	}
	if want := []bool{true, false, true}; !reflect.DeepEqual(funcs, want) {
		t.Errorf("functions among the types: %v, want %v", funcs, want)
	}
}

func TestAMalformedComponentIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ what, bytes, want string }{
		{"an empty file", "", "offset 0x0: the file is empty"},
		{"a WAT file", " (module)", "offset 0x0: this is WebAssembly text, not a component: assemble it first, as with wasm-tools parse"},
		{"another text file", "#!/bin/sh\necho é\n", "offset 0x0: this is a text file, not a component"},
		{"another binary", "\x7fELF\x02\x01\x01\x00\x00", `offset 0x0: this is not a WebAssembly file: it does not begin with \0asm`},
		{"a core module", coreModule0, "offset 0x0: this is a core module (layer 0), not a component"},
		{"half a preamble", preamble0[:6], "offset 0x6: unexpected end: 6 bytes are too few for the preamble of a component"},
		{"another version", "\x00asm\x0e\x00\x01\x00", "offset 0x4: version 0xe of the component format is not supported, only 0xd"},
		{"another layer", "\x00asm\x0d\x00\x02\x00", "offset 0x6: layer 0x2 is unknown: neither a core module nor a component"},
		{"an unknown section", component(section(13, "")), "offset 0x8: 13 is not the id of a section"},
		{"a section beyond the end", component("\x07\x05\x01"), "offset 0xa: type section: unexpected end: 5 bytes announced, 1 left"},
		{"bytes after a vector", component(section(7, vec("\x73")+"\x73")), "offset 0xc: type section: 1 trailing bytes: the size does not fit the content"},
		{"a vector that is too short", component(section(7, "\x03\x73\x73")), "offset 0xa: type section: unexpected end: 3 elements announced, 2 bytes left"},
		{"an unknown type", component(section(7, vec("\x73", "\x62"))), "offset 0xc: type section, definition 1: 0x62 is not a type"},
		{"a type as a value type", component(section(7, vec(b("\x72", vec(b(name("a"), "\x72")))))), "offset 0xf: type section, definition 0, field 0: 0x72 is not a value type"},
		{"a name that is not UTF-8", component(section(7, vec(b("\x6e", vec(name("\xff")))))), "offset 0xd: type section, definition 0, label 0: a name is not valid UTF-8"},
		{"an overlong number", component(section(7, vec("\x69\x80\x80\x80\x80\x80\x00"))), "offset 0xc: type section, definition 0: integer representation too long for 32 bits"},
		{"an unknown sort", component(section(6, vec("\x06\x02\x00\x00"))), "offset 0xb: alias section, definition 0: 0x06 is not a sort"},
		{"an outer alias of a function", component(section(6, vec("\x01\x02\x00\x00"))), "offset 0xb: alias section, definition 0: an outer alias of a func: only types, modules and components can be aliased so"},
		{"an outer alias of an instance", component(section(6, vec("\x05\x02\x00\x00"))), "offset 0xb: alias section, definition 0: an outer alias of an instance: only types, modules and components can be aliased so"},
		{"an unknown canonical definition", component(section(8, vec("\x08"))), "offset 0xb: canon section, definition 0: canonical definition 0x08 is not known"},
		{"an unknown canonical option", component(section(8, vec("\x01\x00\x00\x01\x0a"))), "offset 0xf: canon section, definition 0, option 0: canonical option 0x0a is not known"},
		{"a start function with very many results", component(section(9, "\x00\x00\xe9\x07")), "offset 0xc: start section: 1001 results of a start function: more than 1000"},
		{"a function type after the zero of an open sub type", component(section(3, vec("\x00\x60\x00\x00"))), "offset 0xc: core type section, definition 0: a sub type must follow 0x00, not 0x60"},
		{"a number type that is shared", component(section(3, vec("\x60\x01\x63\x65\x7f\x00"))), "offset 0xf: core type section, definition 0, parameter 0: 0x7f is not a core heap type that can be shared"},
		{"an attribute twice", component(section(10, vec(b("\x02", name("a"), vec("\x02"+name("x"), "\x02"+name("x")), "\x01\x00")))), "offset 0x12: import section, definition 0, attribute 1: the attribute is there twice"},
		{"an import in an instance type", component(section(7, vec(b("\x42", vec("\x03"))))), "offset 0xd: type section, definition 0, declaration 0: 0x03 is not a declaration of this type"},
		{"a component as a core module", component(section(1, preamble0)), "offset 0xa: core module section: not a core module of version 1"},
		{"a core module as a component", component(section(4, coreModule0)), "offset 0xa: component section, component 0: this is a core module (layer 0), not a component"},
		{"an error in a nested component", component(section(4, component()), section(4, component(section(7, vec("\x00"))))), "offset 0x1f: component section, component 1, type section, definition 0: 0x00 is not a type"},
		{"an unknown kind of core type", component(section(3, vec("\x5c"))), "offset 0xb: core type section, definition 0: 0x5c is not a core type that is supported"},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := Decode([]byte(c.bytes))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			var de *DecodeError
			if !errors.As(err, &de) {
				t.Errorf("%T is not a *DecodeError", err)
			}
		})
	}
}

func TestEveryPrefixIsAnErrorUnlessItEndsWithASection(t *testing.T) {
	sections := []string{
		section(0, b(name("n"), "xyz")),
		section(1, coreModule0),
		section(3, vec(b("\x50", vec("\x01\x60\x00\x00", b("\x00", name("m"), name("f"), "\x00\x00"))))),
		section(4, component(section(7, vec("\x73")))),
		section(7, vec(b("\x72", vec(b(name("a"), "\x79"))), b("\x42", vec(b("\x04\x00", name("r"), "\x03\x01"))))),
		section(8, vec("\x00\x00\x07\x02\x03\x01\x04\x02\x09")),
		section(10, vec(b("\x02", name("a"), vec("\x00"+name("a:b/c")), "\x05\x00"))),
	}
	whole := component(sections...)
	ends := map[int]bool{}
	for i := range len(sections) + 1 {
		ends[len(component(sections[:i]...))] = true
	}
	for n := range len(whole) + 1 {
		_, err := Decode([]byte(whole[:n]))
		if ends[n] != (err == nil) {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
	}
}

func TestKindTellsFilesApart(t *testing.T) {
	for _, c := range []struct {
		what, bytes string
		want        FileKind
	}{
		{"a component", preamble0, KindComponent},
		{"a component of another version", "\x00asm\x01\x00\x01\x00", KindComponent},
		{"a core module", coreModule0 + "\x00", KindModule},
		{"WAT", "(component)", KindText},
		{"long text cut in a rune", strings.Repeat("a", 511) + "ö", KindText},
		{"text that ends in the middle of a rune", "ab\xc3", KindUnknown},
		{"nothing", "", KindUnknown},
		{"a short preamble", "\x00asm", KindUnknown},
		{"an unknown layer", "\x00asm\x01\x00\x02\x00", KindUnknown},
		{"another binary", "\x7fELF", KindUnknown},
	} {
		if got := Kind([]byte(c.bytes)); got != c.want {
			t.Errorf("%s: kind %d, want %d", c.what, got, c.want)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for what, nested := range map[string]func(int) string{"components": nestedComponents, "types": nestedTypes} {
		depth := maxNesting - 1 // the file itself is a level
		if _, err := Decode([]byte(nested(depth))); err != nil {
			t.Errorf("%d %s: %v", depth, what, err)
		}
		_, err := Decode([]byte(nested(depth + 1)))
		if err == nil || !strings.Contains(err.Error(), "nest more than 100 deep") {
			t.Errorf("%d %s: %v", depth+1, what, err)
		}
	}
	// A hundred thousand levels; each is cheap to write down from the outside in.
	deep := component("\x07\xff\xff\x3f\x01" + strings.Repeat("\x42\x01\x01", 1<<20/3))
	if _, err := Decode([]byte(deep[:11+1<<20])); err == nil {
		t.Error("very deep types: no error")
	}
}

func TestAMebibyteOfHostileInputIsCheap(t *testing.T) {
	const size = 1 << 20
	fill := func(id byte, element string) string {
		n := size / len(element)
		return component(section(id, u(n)+strings.Repeat(element, n)))
	}
	inType := func(open, element string) string {
		n := size / len(element)
		return component(section(7, vec(open+u(n)+strings.Repeat(element, n))))
	}
	greedy := strings.Repeat("\x42\xff\xff\x0f\x01", maxNesting-2) // each level announces 262,143 declarations
	for what, data := range map[string]string{
		"primitives":                   fill(7, "\x73"),
		"records without fields":       fill(7, "\x72\x00"),
		"results":                      fill(7, "\x6a\x01\x79\x01\x79"),
		"core function types":          fill(3, "\x60\x00\x00"),
		"core types in one rec group":  component(section(3, vec("\x4e"+u(size/3)+strings.Repeat("\x60\x00\x00", size/3)))),
		"declarations of module types": component(section(3, vec("\x50"+u(size/4)+strings.Repeat("\x03\x00\x00\x00", size/4)))),
		"core instances":               fill(2, "\x01\x00"),
		"bundles":                      component(section(2, vec("\x01"+u(size/3)+strings.Repeat("\x00\x00\x00", size/3)))),
		"inline exports":               component(section(5, vec("\x01"+u(size/4)+strings.Repeat("\x00\x00\x01\x00", size/4)))),
		"aliases":                      fill(6, "\x03\x00\x00\x00"),
		"canonical definitions":        fill(8, "\x05"),
		"canonical options":            component(section(8, vec("\x01\x00\x00"+u(size)+strings.Repeat("\x00", size)))),
		"imports":                      fill(10, "\x00\x00\x01\x00"),
		"record fields":                inType("\x72", "\x00\x79"),
		"labels":                       inType("\x6e", "\x02ab"),
		"declared types":               inType("\x42", "\x01\x73"),
		"empty custom sections":        component(strings.Repeat("\x00\x01\x00", size/3)),
		"empty components":             component(strings.Repeat(section(4, component()), size/10)),
		"greedy nested types":          component(section(7, vec(greedy+strings.Repeat("\x01\x73", size/2)))),
		"a deep trail":                 component(section(7, vec(strings.Repeat("\x42\x01\x01", 98)+"\x42"+u(size/2)+strings.Repeat("\x01\x73", size/2-1)+"\x01\x00"))),
	} {
		bounds.Check(t, what, func() error {
			_, err := Decode([]byte(data))
			return err
		})
	}
}

func TestEveryOpcodeHasAName(t *testing.T) {
	if s := CanonStreamCancelRead.String(); s != "stream.cancel-read" {
		t.Error(s)
	}
	if s := CanonOp(0x3f).String(); s != "canonical definition 0x3f" {
		t.Error(s)
	}
	if s := SortCoreInstance.String() + ", " + SortInstance.String(); s != "core instance, instance" {
		t.Error(s)
	}
	if s := OptPostReturn.String(); s != "post-return" {
		t.Error(s)
	}
}
