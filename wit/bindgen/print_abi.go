package bindgen

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

// abi writes the trampolines, and the functions that load, store and lift. All
// offsets and slots stand in the text.
func (pr *printer) abi() {
	p := pr.pkg
	for _, fn := range p.Funcs {
		pr.trampoline(fn)
	}
	for _, d := range p.Decls {
		switch d.Kind {
		case Record, Variant:
			pr.loadFunc("Load", d.Type)
			pr.storeFunc("Store", d.Type)
			pr.liftFunc("Lift", d.Type)
			if d.Type.Flat == 1 {
				pr.lowerFunc("Lower", d.Type)
			}
		case Enum:
			pr.f("var %s = [...]string{%s}\n", d.Labels, quoted(d.Def.Type.(*wit.Enum).Labels))
		}
	}
	for _, t := range p.Helpers {
		if t.Needs.Load {
			pr.loadFunc("load", t)
		}
		if t.Needs.Store {
			pr.storeFunc("store", t)
		}
		if t.Needs.Lift {
			pr.liftFunc("lift", t)
		}
		if t.Needs.Lower {
			pr.lowerFunc("lower", t)
		}
	}
}

// trampoline writes the function between the guest's flat call and the Go
// method.
func (pr *printer) trampoline(fn *Func) {
	host := "h Host, "
	recv := "h"
	if fn.Self != nil {
		host, recv = "", "self"
	}
	pr.f("func %s(%sc *cabi.Call, stack []uint64) {", fn.Call, host)
	if fn.Return >= 0 {
		// Before the host is called: what it opens for a guest that cannot take
		// the answer would be nobody's.
		pr.f("\tret := uint32(stack[%d])\n\tc.Check(ret, %d, %d)", fn.Return, fn.Result.Align, fn.Result.Size)
	}
	if fn.Spilled {
		pr.f("\tp := uint32(stack[0])\n\tc.Check(p, %d, %d)", fn.ParamAlign, fn.ParamSize)
	}
	if fn.Self != nil {
		self := lift(fn.Self, "stack", 0)
		if fn.Spilled {
			self = load(fn.Self, "p")
		}
		pr.f("\tself := %s", self)
	}
	args := []string{"c.Context()"}
	for _, param := range fn.Params {
		if fn.Spilled {
			args = append(args, load(param.Type, plus("p", param.Offset)))
		} else {
			args = append(args, lift(param.Type, "stack", param.At))
		}
	}
	call := recv + "." + fn.Go + "(" + strings.Join(args, ", ") + ")"
	if len(args) > 2 {
		call = recv + "." + fn.Go + "(\n" + strings.Join(args, ",\n") + ",\n)"
	}
	values := make([]string, len(fn.Returns))
	for i := range values {
		values[i] = "v"
		if len(values) > 1 {
			values[i] = fmt.Sprintf("v%d", i)
		}
	}
	if len(values) == 0 && !fn.Fallible && len(args) <= 2 {
		pr.f("\tif err := %s; err != nil {\n\t\tc.Fail(err)\n\t}\n}\n", call)
		return
	}
	pr.f("\t%s := %s", strings.Join(append(values, "err"), ", "), call)
	if !fn.Fallible {
		pr.f("\tif err != nil {\n\t\tc.Fail(err)\n\t}")
	}
	switch {
	case fn.Return >= 0:
		if fn.Fallible {
			pr.fallible(fn, "c.SetU8(ret, 1)")
			pr.f("\tc.SetU8(ret, 0)")
		}
		for i, r := range fn.Returns {
			pr.f("\t%s", store(r.Type, plus("ret", r.Offset), values[i]))
		}
	case fn.Fallible:
		pr.fallible(fn, "stack[0] = 1")
		pr.f("\tstack[0] = 0")
	default:
		for i, r := range fn.Returns {
			pr.f("\tstack[0] = %s", lower(r.Type, values[i]))
		}
	}
	pr.f("}\n")
}

// fallible writes what happens to an error of a function that returns a result.
func (pr *printer) fallible(fn *Func, mark string) {
	pr.f("\tif err != nil {")
	value := "e"
	switch {
	case fn.Err == nil:
		pr.f("\t\tif !errors.Is(err, cabi.ErrUnit) {\n\t\t\tc.Fail(err)\n\t\t}")
	default:
		e := fn.Err.Go
		if fn.Err.Kind != Enum && fn.Err.Kind != Variant {
			e, value = "cabi.ErrorOf["+e+"]", "e.Value"
		}
		pr.f("\t\te, ok := cabi.AsError[%s](err)\n\t\tif !ok {\n\t\t\tc.Fail(err)\n\t\t}", e)
	}
	pr.f("\t\t%s", mark)
	if fn.Err != nil {
		pr.f("\t\t%s", store(fn.Err, plus("ret", fn.Result.Payload), value))
	}
	pr.f("\t\treturn\n\t}")
}

func (pr *printer) loadFunc(prefix string, t *Type) {
	pr.f("func %s%s(c *cabi.Call, p uint32) %s {", prefix, t.Name, t.Go)
	pr.compose(t, func(part Part) string { return load(part.Type, plus("p", part.Offset)) },
		fmt.Sprintf("uint64(c.U%d(p))", 8*t.Disc))
	pr.f("}\n")
}

func (pr *printer) liftFunc(prefix string, t *Type) {
	if t.Kind == List {
		pr.f("func %s%s(c *cabi.Call, ptr, n uint32) %s {", prefix, t.Name, t.Go)
		pr.f("\tbase, n := c.LiftList(ptr, n, %d, %d)", t.Elem.Size, t.Elem.Align)
		pr.f("\tv := make(%s, n)", t.Go)
		pr.f("\tfor i := range v {\n\t\tv[i] = %s\n\t}\n\treturn v\n}\n", load(t.Elem, element("base", "i", t.Elem.Size)))
		return
	}
	pr.f("func %s%s(c *cabi.Call, f []uint64) %s {", prefix, t.Name, t.Go)
	pr.compose(t, func(part Part) string { return lift(part.Type, "f", part.At) }, "f[0]")
	pr.f("}\n")
}

// compose writes the body of a load or lift function: part reads a part, disc
// is the discriminant.
func (pr *printer) compose(t *Type, part func(Part) string, disc string) {
	switch t.Kind {
	case List:
		pr.f("\treturn lift%s(c, c.U32(p), c.U32(p + 4))", t.Name)
	case Record, Tuple:
		pr.f("\treturn %s{", t.Go)
		for _, x := range t.Parts {
			pr.f("\t\t%s: %s,", x.Go, part(x))
		}
		pr.f("\t}")
	case Array:
		elems := make([]string, len(t.Parts))
		for i, x := range t.Parts {
			elems[i] = part(x)
		}
		pr.f("\treturn %s{%s}", t.Go, strings.Join(elems, ", "))
	case Pointer, Nilable:
		pr.f("\tif cabi.Discriminant(%s, 2) == 0 {\n\t\treturn nil\n\t}", disc)
		value := part(Part{Type: t.Elem, Offset: t.Payload, At: 1})
		if t.Kind == Nilable {
			pr.f("\treturn %s", value)
		} else {
			pr.f("\tv := %s\n\treturn &v", value)
		}
	case Result:
		pr.f("\tif cabi.Discriminant(%s, 2) == 0 {", disc)
		pr.f("\t\treturn %s{%s}\n\t}", t.Go, side(t.Parts[0], part, ""))
		pr.f("\treturn %s{%s}", t.Go, side(t.Parts[1], part, "IsErr: true"))
	case Variant:
		pr.f("\tswitch cabi.Discriminant(%s, %d) {", disc, len(t.Parts))
		for i, x := range t.Parts {
			if i == len(t.Parts)-1 {
				pr.f("\tdefault:")
			} else {
				pr.f("\tcase %d:", i)
			}
			value := ""
			if x.Type != nil {
				value = "Value: " + part(x)
			}
			pr.f("\t\treturn %s{%s}", x.Go, value)
		}
		pr.f("\t}")
	}
}

func side(x Part, part func(Part) string, mark string) string {
	if x.Type == nil {
		return mark
	}
	s := x.Go + ": " + part(x)
	if mark != "" {
		s += ", " + mark
	}
	return s
}

func (pr *printer) storeFunc(prefix string, t *Type) {
	pr.f("func %s%s(c *cabi.Call, p uint32, v %s) {", prefix, t.Name, t.Go)
	switch t.Kind {
	case List:
		pr.f("\tbase := c.LowerList(len(v), %d, %d)", t.Elem.Size, t.Elem.Align)
		pr.f("\tfor i, e := range v {\n\t\t%s\n\t}", store(t.Elem, element("base", "i", t.Elem.Size), "e"))
		pr.f("\tc.SetPair(p, base, uint32(len(v)))")
	case Record, Tuple:
		for _, x := range t.Parts {
			pr.f("\t%s", store(x.Type, plus("p", x.Offset), "v."+x.Go))
		}
	case Array:
		for i, x := range t.Parts {
			pr.f("\t%s", store(x.Type, plus("p", x.Offset), fmt.Sprintf("v[%d]", i)))
		}
	case Pointer, Nilable:
		value := "v"
		if t.Kind == Pointer {
			value = "*v"
		}
		pr.f("\tif v == nil {\n\t\tc.SetU8(p, 0)\n\t\treturn\n\t}\n\tc.SetU8(p, 1)")
		pr.f("\t%s", store(t.Elem, plus("p", t.Payload), value))
	case Result:
		pr.f("\tif v.IsErr {\n\t\tc.SetU8(p, 1)")
		if x := t.Parts[1]; x.Type != nil {
			pr.f("\t\t%s", store(x.Type, plus("p", x.Offset), "v.Err"))
		}
		pr.f("\t\treturn\n\t}\n\tc.SetU8(p, 0)")
		if x := t.Parts[0]; x.Type != nil {
			pr.f("\t%s", store(x.Type, plus("p", x.Offset), "v.OK"))
		}
	case Variant:
		pr.cases(t, func(i int, x Part) {
			pr.f("\t\tc.SetU%d(p, %d)", 8*t.Disc, i)
			if x.Type != nil {
				pr.f("\t\t%s", store(x.Type, plus("p", x.Offset), "v.Value"))
			}
		})
	}
	pr.f("}\n")
}

// cases writes the type switch over the cases of the variant v.
func (pr *printer) cases(t *Type, body func(i int, x Part)) {
	bind := ""
	for _, x := range t.Parts {
		if x.Type != nil {
			bind = "v := "
		}
	}
	pr.f("\tswitch %sv.(type) {", bind)
	for i, x := range t.Parts {
		pr.f("\tcase %s:", x.Go)
		body(i, x)
	}
	pr.f("\tdefault:\n\t\tcabi.Throw(cabi.HostFailed, \"%%T is no case of %s\", v)\n\t}", t.Display)
}

// lowerFunc is for what takes one slot, which is how far results are flat: an
// aggregate of one part, or cases that carry nothing.
func (pr *printer) lowerFunc(prefix string, t *Type) {
	pr.f("func %s%s(c *cabi.Call, v %s) uint64 {", prefix, t.Name, t.Go)
	switch t.Kind {
	case Record, Tuple:
		pr.f("\treturn %s", lower(t.Parts[0].Type, "v."+t.Parts[0].Go))
	case Array:
		pr.f("\treturn %s", lower(t.Elem, "v[0]"))
	case Result:
		pr.f("\treturn cabi.LowerBool(v.IsErr)")
	case Variant:
		pr.cases(t, func(i int, _ Part) { pr.f("\t\treturn %d", i) })
		pr.f("\treturn 0")
	}
	pr.f("}\n")
}
