package bindgen

import (
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// decide fills p once every package has declared its names.
func (p *Package) decide(m *model) {
	b := &builder{model: m, p: p}
	for _, d := range p.Decls {
		if d.Use {
			// The type information refers to it.
			p.qualifier(m.byUnit[home(d.Def.Type.(*wit.TypeDef))])
			continue
		}
		b.item = d.Def.Name
		switch {
		case d.Kind != 0 && d.Kind != Resource:
			d.Type = b.named(d.Def)
		case d.Kind == 0 && d.Def.IsResource():
			target := m.spelled(d.Def.Type.(*wit.TypeDef))
			d.Target = p.qualifier(target.pkg) + target.Go
		case d.Kind == 0:
			d.Type = b.shape(d.Def.Type)
			d.Target = d.Type.Go
		}
	}
	b.funcs()
	p.findNeeds()
}

// funcs decides the names and calls of functions. Constructors and statics are
// functions of Host, since there is no value yet that could have them.
func (b *builder) funcs() {
	p := b.p
	host := scope{}
	methods := map[*Decl]scope{}
	for _, f := range p.source.funcs() {
		b.item = f.Name
		if f.Async {
			b.fail("not supported yet: async functions")
		}
		fn := &Func{WIT: f, Docs: f.Docs}
		name := exported(f.BaseName())
		var d *Decl
		if f.Kind != wit.Freestanding {
			d = b.spelled(f.Resource)
		}
		switch f.Kind {
		case wit.Freestanding:
			fn.Go = host.pick(name)
		case wit.Constructor:
			fn.Go = host.pick("New" + d.Go)
		case wit.Static:
			fn.Go = host.pick(d.Go + name)
		case wit.Method:
			if methods[d] == nil {
				methods[d] = newScope("Close")
			}
			fn.Go = methods[d].pick(name)
			fn.Call = d.Go
			d.Methods = append(d.Methods, fn)
		}
		if f.Kind != wit.Method {
			p.Host = append(p.Host, fn)
		}
		fn.Call = p.names.pick("call" + fn.Call + fn.Go)
		p.Funcs = append(p.Funcs, fn)
		b.params(fn)
		b.returns(fn)
	}
}

func (b *builder) params(fn *Func) {
	names := newScope("ctx")
	layout := &cabi.Layout{}
	if len(fn.WIT.Params) > 0 {
		block := &wit.Tuple{}
		for _, param := range fn.WIT.Params {
			block.Elems = append(block.Elems, param.Type)
		}
		layout = b.layout(block)
	}
	fn.ParamSize, fn.ParamAlign = layout.Size, layout.Align
	at := 0
	for i, param := range fn.WIT.Params {
		t := b.shape(param.Type)
		if i == 0 && fn.WIT.Kind == wit.Method {
			fn.Self = t
		} else {
			fn.Params = append(fn.Params, Param{Go: names.pick(unexported(param.Name)), Type: t, At: at, Offset: layout.Offsets[i]})
		}
		at += t.Flat
	}
	fn.Spilled = at > cabi.MaxFlatParams
	if fn.Spilled {
		at = 1
	}
	fn.Return = at
}

// returns decides what a function returns. A result makes its E the error, and a
// tuple becomes several values.
func (b *builder) returns(fn *Func) {
	if fn.WIT.Result == nil {
		fn.Return = -1
		return
	}
	fn.Result = b.shape(fn.WIT.Result)
	if fn.Result.Flat <= cabi.MaxFlatResults {
		fn.Return = -1
	}
	value, offset := fn.WIT.Result, uint32(0)
	if r, ok := value.(*wit.Result); ok {
		fn.Fallible = true
		value, offset = r.OK, fn.Result.Payload
		if r.Err != nil {
			fn.Err = b.shape(r.Err)
		}
	}
	if value == nil {
		return
	}
	t := b.shape(value)
	if _, direct := value.(*wit.Tuple); direct && len(t.Parts) > 1 && len(t.Parts) <= 4 {
		for _, part := range t.Parts {
			fn.Returns = append(fn.Returns, Return{Type: part.Type, Offset: offset + part.Offset})
		}
		return
	}
	fn.Returns = []Return{{Type: t, Offset: offset}}
}
