package bindgen

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

// wit writes the type information: the interface as package wit has it, without
// the comments.
func (pr *printer) wit() {
	p := pr.pkg
	pr.f("// Def is the type of the interface.\nvar Def = &wit.Interface{")
	if !p.WITName.IsZero() {
		pr.f("\tName: %s,", witName(p.WITName))
	}
	if !p.Gate.IsZero() {
		pr.f("\tGate: %s,", gate(p.Gate))
	}
	if len(p.Decls) > 0 {
		pr.f("\tTypes: []*wit.TypeDef{")
		for _, d := range p.Decls {
			pr.f("\t\t%s,", d.Var)
		}
		pr.f("\t},")
	}
	if len(p.Funcs) > 0 {
		pr.f("\tFuncs: []*wit.Func{")
		for _, fn := range p.Funcs {
			pr.fn(fn)
		}
		pr.f("\t},")
	}
	pr.f("}\n")
	if len(p.Decls) == 0 {
		return
	}
	pr.f("// The types that the interface declares or uses.\nvar (")
	for _, d := range p.Decls {
		fields := []string{fmt.Sprintf("Name: %q", d.Def.Name), "Type: " + pr.expr(d.Def.Type)}
		if !d.Def.Gate.IsZero() {
			fields = append(fields, "Gate: "+gate(d.Def.Gate))
		}
		pr.f("\t%s = &wit.TypeDef{%s}", d.Var, strings.Join(fields, ", "))
	}
	pr.f(")\n")
	pr.f("func init() {\n\tfor _, t := range Def.Types {\n\t\tt.Interface = Def\n\t}\n}")
}

func (pr *printer) fn(fn *Func) {
	f := fn.WIT
	pr.f("\t\t{\n\t\t\tName: %q,", f.Name)
	if f.Kind != wit.Freestanding {
		kind := [...]string{wit.Constructor: "Constructor", wit.Method: "Method", wit.Static: "Static"}[f.Kind]
		pr.f("\t\t\tKind: wit.%s,\n\t\t\tResource: %s,", kind, pr.expr(f.Resource))
	}
	if len(f.Params) > 0 {
		pr.f("\t\t\tParams: []wit.Param{")
		for _, p := range f.Params {
			pr.f("\t\t\t\t{Name: %q, Type: %s},", p.Name, pr.expr(p.Type))
		}
		pr.f("\t\t\t},")
	}
	if f.Result != nil {
		pr.f("\t\t\tResult: %s,", pr.expr(f.Result))
	}
	if !f.Gate.IsZero() {
		pr.f("\t\t\tGate: %s,", gate(f.Gate))
	}
	pr.f("\t\t},")
}

var primConsts = map[wit.Prim]string{
	wit.Bool: "Bool", wit.S8: "S8", wit.U8: "U8", wit.S16: "S16", wit.U16: "U16", wit.S32: "S32", wit.U32: "U32",
	wit.S64: "S64", wit.U64: "U64", wit.F32: "F32", wit.F64: "F64", wit.Char: "Char", wit.String: "String",
}

// expr is the Go expression for a type.
func (pr *printer) expr(t wit.Type) string {
	switch t := t.(type) {
	case wit.Prim:
		return "wit." + primConsts[t]
	case *wit.TypeDef:
		if d, ok := pr.pkg.decls[t]; ok {
			return d.Var
		}
		for _, i := range pr.pkg.Imports {
			if d, ok := i.Package.decls[t]; ok {
				return i.Name + "." + d.Var
			}
		}
	case *wit.List:
		return "&wit.List{Elem: " + pr.expr(t.Elem) + "}"
	case *wit.Option:
		return "&wit.Option{Elem: " + pr.expr(t.Elem) + "}"
	case *wit.Result:
		var sides []string
		if t.OK != nil {
			sides = append(sides, "OK: "+pr.expr(t.OK))
		}
		if t.Err != nil {
			sides = append(sides, "Err: "+pr.expr(t.Err))
		}
		return "&wit.Result{" + strings.Join(sides, ", ") + "}"
	case *wit.Tuple:
		var elems []string
		for _, e := range t.Elems {
			elems = append(elems, pr.expr(e))
		}
		return "&wit.Tuple{Elems: []wit.Type{" + strings.Join(elems, ", ") + "}}"
	case *wit.Own:
		return "&wit.Own{Resource: " + pr.expr(t.Resource) + "}"
	case *wit.Borrow:
		return "&wit.Borrow{Resource: " + pr.expr(t.Resource) + "}"
	case *wit.Resource:
		return "&wit.Resource{}"
	case *wit.Record:
		s := "&wit.Record{Fields: []wit.Field{\n"
		for _, f := range t.Fields {
			s += fmt.Sprintf("{Name: %q, Type: %s},\n", f.Name, pr.expr(f.Type))
		}
		return s + "}}"
	case *wit.Variant:
		s := "&wit.Variant{Cases: []wit.Case{\n"
		for _, c := range t.Cases {
			s += fmt.Sprintf("{Name: %q", c.Name)
			if c.Type != nil {
				s += ", Type: " + pr.expr(c.Type)
			}
			s += "},\n"
		}
		return s + "}}"
	case *wit.Enum:
		for _, d := range pr.pkg.Decls {
			if d.Def.Type == t {
				return "&wit.Enum{Labels: " + d.Labels + "[:]}"
			}
		}
	case *wit.Flags:
		return "&wit.Flags{Labels: []string{" + quoted(t.Labels) + "}}"
	}
	panic(unsupported{pr.pkg.WIT, "no expression for " + t.String()})
}

func quoted(labels []string) string {
	var b strings.Builder
	n := 0
	for i, l := range labels {
		if i > 0 {
			b.WriteString(", ")
		}
		if n > 80 {
			b.WriteByte('\n')
			n = 0
		}
		m, _ := fmt.Fprintf(&b, "%q", l)
		n += m + 2
	}
	return b.String()
}

func witName(n wit.Name) string {
	var fields []string
	for _, f := range [][2]string{{"Namespace", n.Namespace}, {"Package", n.Package}, {"Interface", n.Interface}} {
		if f[1] != "" {
			fields = append(fields, fmt.Sprintf("%s: %q", f[0], f[1]))
		}
	}
	if !n.Version.IsZero() {
		fields = append(fields, "Version: "+version(n.Version))
	}
	return "wit.Name{" + strings.Join(fields, ", ") + "}"
}

func version(v wit.Version) string {
	s := fmt.Sprintf("wit.V(%d, %d, %d)", v.Major, v.Minor, v.Patch)
	if v.Pre == "" && v.Build == "" {
		return s
	}
	return fmt.Sprintf("func() wit.Version {\nv := %s\nv.Pre, v.Build = %q, %q\nreturn v\n}()", s, v.Pre, v.Build)
}

func gate(g wit.Gate) string {
	var fields []string
	if !g.Since.IsZero() {
		fields = append(fields, "Since: "+version(g.Since))
	}
	if g.Unstable != "" {
		fields = append(fields, fmt.Sprintf("Unstable: %q", g.Unstable))
	}
	if !g.Deprecated.IsZero() {
		fields = append(fields, "Deprecated: "+version(g.Deprecated))
	}
	return "wit.Gate{" + strings.Join(fields, ", ") + "}"
}
