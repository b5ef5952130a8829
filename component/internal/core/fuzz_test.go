package core

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// FuzzRead: Read answers a module or a *cursor.Error inside the file, and what it
// answers can be asked anything.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		bare := Label(Pieces{data}, "m1", false).Bytes()
		m, err := Read(data)
		if _, without := Read(bare); (err == nil) != (without == nil) {
			t.Fatalf("read: %v; with a label: %v", err, without)
		}
		if _, hollow := Read(Hollow(Pieces{data}, []byte("mark")).Bytes()); err == nil && hollow != nil {
			t.Fatalf("a hollow module does not read: %v", hollow)
		}
		if err != nil {
			var ce *cursor.Error
			if !errors.As(err, &ce) || ce.Offset < 0 || ce.Offset > len(data) || ce.Msg == "" {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for i := range m.Funcs {
			if ft, ok := m.FuncType(uint32(i)); ok {
				_ = ft.String()
			}
		}
		for _, e := range m.Exports {
			m.ExternType(e)
		}
		for _, s := range m.ActiveElems() {
			s.Offset.Eval(func(uint32) (uint64, bool) { return 1, true })
		}
		for _, c := range m.CustomSections() {
			if !bytes.Equal(c.Data, data[c.Offset:c.Offset+len(c.Data)]) {
				t.Fatalf("custom section %q is not at its offset", c.Name)
			}
		}
		if size, _ := DebugInfo(Pieces{bare}); size != 0 {
			t.Fatalf("%d bytes of DWARF are left", size)
		}
		if m, err := Read(bare); err != nil || m.ModuleName != "m1" {
			t.Fatalf("a module with its label does not read: %v", err)
		}
	})
}

// FuzzRewriteImports: after a rewrite the module reads back with the new names and
// is otherwise the same; with the old names again it is stable.
func FuzzRewriteImports(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data)
		if err != nil {
			return
		}
		old := importNames(m)
		names := make([]ImportName, len(old))
		for i := range names {
			names[i] = ImportName{"s", "é" + old[i].Module}
		}
		samePieces(t, m.RewriteImports(names))
		renamed, err := Read(m.RewriteImports(names).Bytes())
		if err != nil {
			t.Fatalf("a renamed module does not read: %v", err)
		}
		if got := importNames(renamed); !reflect.DeepEqual(got, names) {
			t.Fatalf("names %q, want %q", got, names)
		}
		if renamed.importSection.from != m.importSection.from {
			t.Fatal("the import section moved")
		}
		before := m.bytes[m.importSection.to:]
		after := renamed.bytes[renamed.importSection.to:]
		if len(names) > 0 && !bytes.Equal(before, after) {
			t.Fatal("bytes behind the import section changed")
		}
		back := renamed.RewriteImports(old).Bytes()
		again, err := Read(back)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Imports, m.Imports) {
			t.Fatalf("imports %v, want %v", again.Imports, m.Imports)
		}
		if once := m.RewriteImports(old).Bytes(); !bytes.Equal(back, once) {
			t.Fatal("two rewrites differ from one")
		}
	})
}

func seeds(f *testing.F) {
	for _, seed := range []string{
		"", module(), everything,
		module(section(2, vec(b(name(""), name(""), "\x01\x70\x00\x00")))),
		module("\x02\x86\x80\x80\x80\x00"+"\x81\x00"+"\x00\x00\x00\x00", section(0, name("x"))),
		string((&Glue{Imports: []GlueImport{{ImportName{"m", "n"}, FuncType{[]byte{I32}, nil}}}, Flags: []string{"f"}}).Encode()),
	} {
		f.Add([]byte(seed))
	}
}
