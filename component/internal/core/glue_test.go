package core

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

func TestAGlueModuleStandsBetweenOthers(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	_, err := r.NewHostModuleBuilder("host").
		NewFunctionBuilder().WithFunc(func(a uint32, b uint64) uint64 { return uint64(a) + b }).Export("sum").
		Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sum := FuncType{Params: []byte{I32, I64}, Results: []byte{I64}}
	g := Glue{Imports: []GlueImport{{ImportName{"host", "sum"}, sum}}, Flags: []string{"held", "other"}}
	var body Code
	body.GlobalGet(0)
	body.If()
	body.Op(OpUnreachable, OpEnd)
	body.LocalGet(0)
	body.Const(0xffff_fff0)
	body.Op(OpI32And)
	body.LocalGet(1)
	body.Call(0)
	body.LocalSet(2)
	body.LocalGet(2)
	g.Funcs = append(g.Funcs, GlueFunc{"sum", sum, body})
	data := g.Encode()
	m := read(t, string(data))
	if got, ok := m.FuncType(m.Exports[0].Index); !ok || !got.Equal(sum) {
		t.Errorf("the export has the type %v", got)
	}
	inst := instantiate(t, r, ctx, string(data))
	if got, err := inst.ExportedFunction("sum").Call(ctx, 0x1f, 300); err != nil || got[0] != 0x10+300 {
		t.Errorf("sum: %v, %v", got, err)
	}
	inst.ExportedGlobal("held").(api.MutableGlobal).Set(1)
	if _, err := inst.ExportedFunction("sum").Call(ctx, 1, 2); err == nil {
		t.Error("the flag was not seen")
	}
	instantiate(t, r, ctx, string((&Glue{}).Encode()))
}

func TestConstantsOfEverySize(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	for _, v := range []uint32{0, 1, 63, 64, 127, 128, 8191, 8192, 1 << 31, 0xffff_ffff, 0xffff_ffc0, 0xffff_ffbf} {
		var body Code
		body.Const(v)
		g := Glue{Funcs: []GlueFunc{{"v", FuncType{Results: []byte{I32}}, body}}}
		got, err := instantiate(t, r, ctx, string(g.Encode())).ExportedFunction("v").Call(ctx)
		if err != nil || uint32(got[0]) != v {
			t.Errorf("%#x is %#x, %v", v, got, err)
		}
	}
	for _, typ := range []byte{I32, I64, F32, F64} {
		var body Code
		body.Zero(typ)
		g := Glue{Funcs: []GlueFunc{{"v", FuncType{Results: []byte{typ}}, body}}}
		if got, err := instantiate(t, r, ctx, string(g.Encode())).ExportedFunction("v").Call(ctx); err != nil || got[0] != 0 {
			t.Errorf("zero of %#x: %v, %v", typ, got, err)
		}
	}
}
