package core

import (
	"bytes"
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

func importNames(m *Module) []ImportName {
	names := make([]ImportName, len(m.Imports))
	for i, imp := range m.Imports {
		names[i] = ImportName{imp.Module, imp.Name}
	}
	return names
}

func TestTheSameNamesGiveTheSameBytes(t *testing.T) {
	m := read(t, everything)
	if got := m.RewriteImports(importNames(m)).Bytes(); !bytes.Equal(got, []byte(everything)) {
		t.Errorf("got  %x\nwant %x", got, everything)
	}
	bare := read(t, module(section(1, vec("\x60\x00\x00"))))
	if got := bare.RewriteImports(nil).Bytes(); !bytes.Equal(got, bare.Bytes()) {
		t.Errorf("without imports: %x", got)
	}
}

func TestOnlyTheNamesOfImportsChange(t *testing.T) {
	m := read(t, everything)
	names := make([]ImportName, len(m.Imports))
	for i := range names {
		names[i] = ImportName{"source of some length", string(rune('a' + i))}
	}
	got := read(t, string(m.RewriteImports(names).Bytes()))
	for i, imp := range got.Imports {
		want := Import{names[i].Module, names[i].Name, m.Imports[i].ExternType}
		equal(t, "import", imp, want)
	}
	// With the old names it must be the old module again.
	if back := got.RewriteImports(importNames(m)).Bytes(); !bytes.Equal(back, []byte(everything)) {
		t.Errorf("back again: %x", back)
	}
}

func TestAnImportWithoutAModuleNameRunsOnceItIsRenamed(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)

	// It imports add from "", and exports a function that adds 1 to its parameter.
	data := []byte(module(
		section(1, vec("\x60\x02\x7f\x7f\x01\x7f", "\x60\x01\x7f\x01\x7f")),
		section(2, vec(b(name(""), name("0"), "\x00\x00"))),
		section(3, vec("\x01")),
		section(7, vec(b(name("inc"), "\x00\x01"))),
		section(10, vec(name("\x00\x20\x00\x41\x01\x10\x00\x0b"))),
	))
	if _, err := r.CompileModule(ctx, data); err == nil {
		t.Error("the engine takes an empty module name by now: the rewrite can go")
	}
	m := read(t, string(data))
	source := instantiate(t, r, ctx, module(
		section(1, vec("\x60\x02\x7f\x7f\x01\x7f")),
		section(3, vec("\x00")),
		section(7, vec(b(name("add"), "\x00\x00"))),
		section(10, vec(name("\x00\x20\x00\x20\x01\x6a\x0b"))),
	))
	linked := experimental.WithImportResolver(ctx, func(name string) api.Module {
		if name == "s1" {
			return source
		}
		return nil
	})
	inst := instantiate(t, r, linked, string(m.RewriteImports([]ImportName{{"s1", "add"}}).Bytes()))
	if got, err := inst.ExportedFunction("inc").Call(ctx, 41); err != nil || len(got) != 1 || got[0] != 42 {
		t.Errorf("inc(41) = %v, %v", got, err)
	}
}

func instantiate(t *testing.T, r wazero.Runtime, ctx context.Context, data string) api.Module {
	t.Helper()
	compiled, err := r.CompileModule(ctx, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	inst, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	return inst
}
