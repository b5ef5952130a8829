package bindgen

import (
	"fmt"
	"strings"
)

// face writes what a user of the package sees: Host, resources, types, and
// Interface, which offers them to a linker.
func (pr *printer) face() {
	p := pr.pkg
	if len(p.Host) > 0 {
		pr.f("// Host is implemented by the program that provides %s.", p.Label)
		pr.f("type Host interface {")
		pr.methods(p.Host)
		pr.f("}\n")
	}
	for _, d := range p.Decls {
		if !d.Use {
			pr.decl(d)
		}
	}
	pr.offer()
}

func (pr *printer) methods(funcs []*Func) {
	for i, fn := range funcs {
		if i > 0 && (fn.Docs != "" || funcs[i-1].Docs != "") {
			pr.f("")
		}
		pr.doc("\t", "", fn.Docs)
		pr.f("\t%s%s", fn.Go, signature(fn))
	}
}

// signature is the parameters and results of the Go method. An error that the
// WIT does not know traps.
func signature(fn *Func) string {
	params := []string{"ctx context.Context"}
	for _, p := range fn.Params {
		params = append(params, p.Go+" "+p.Type.Go)
	}
	s := "(" + strings.Join(params, ", ") + ") "
	if len(fn.Returns) == 0 {
		return s + "error"
	}
	for i, r := range fn.Returns {
		if i == 0 {
			s += "("
		}
		s += r.Type.Go + ", "
	}
	return s + "error)"
}

func (pr *printer) decl(d *Decl) {
	name := d.Def.Name
	switch d.Kind {
	case 0:
		pr.doc("", d.Go+" is the type "+name+".", d.Docs)
		pr.f("type %s = %s\n", d.Go, d.Target)
	case Record:
		pr.doc("", d.Go+" is the record "+name+".", d.Docs)
		pr.f("type %s struct {", d.Go)
		for _, part := range d.Type.Parts {
			pr.doc("\t", "", part.Docs)
			pr.f("\t%s %s", part.Go, part.Type.Go)
		}
		pr.f("}\n")
	case Variant:
		pr.variant(d)
	case Enum:
		pr.enum(d)
	case Flags:
		pr.doc("", d.Go+" is the flags "+name+".", d.Docs)
		pr.f("type %s uint%d\n\nconst (", d.Go, 8*d.Type.Disc)
		pr.constants(d, "1 << iota")
		pr.f(")\n")
		pr.f("// Has reports whether all flags of g are set in f.")
		pr.f("func (f %s) Has(g %s) bool { return f&g == g }\n", d.Go, d.Go)
	case Resource:
		pr.doc("", d.Go+" is the resource "+name+". Close runs when the guest drops it.", d.Docs)
		pr.f("type %s interface {", d.Go)
		pr.methods(d.Methods)
		if len(d.Methods) > 0 {
			pr.f("")
		}
		pr.f("\tClose(ctx context.Context) error\n}\n")
		pr.f("// %s is the identity of the resource %s.", d.Runtime, name)
		pr.f("var %s = &cabi.ResourceType{", d.Runtime)
		pr.f("\tName: %q,", pr.pkg.Label+"#"+name)
		pr.f("\tDrop: func(ctx context.Context, rep any) error { return rep.(%s).Close(ctx) },\n}\n", d.Go)
		pr.lifts(d)
	}
}

// lifts prints how handles of a resource are read. A function that is not generic has
// the compiler remember how a value is made the interface.
func (pr *printer) lifts(d *Decl) {
	for _, lift := range []struct{ name, word, verb string }{{d.Lend, "borrow", "Lend"}, {d.Take, "own", "TakeOwn"}} {
		pr.f("// %s lifts %s<%s>, as [cabi.%s] does.", lift.name, lift.word, d.Def.Name, lift.verb)
		pr.f("func %s(c *cabi.Call, h uint32) %s {", lift.name, d.Go)
		pr.f("\trep := c.%s(h, %s)", lift.verb, d.Runtime)
		pr.f("\tv, ok := rep.(%s)", d.Go)
		pr.f("\tif !ok {\n\t\tcabi.Misfit(%s, rep)\n\t}\n\treturn v\n}\n", d.Runtime)
	}
}

func (pr *printer) constants(d *Decl, first string) {
	for i, name := range d.Names {
		if i == 0 {
			name += " " + d.Go + " = " + first
		}
		pr.f("\t%s", name)
	}
}

func (pr *printer) variant(d *Decl) {
	lead := fmt.Sprintf("%s is the variant %s: %s.", d.Go, d.Def.Name, listing(d.Names))
	if d.Error {
		lead += " It is an error."
	}
	pr.doc("", wrap(lead), d.Docs)
	pr.f("type %s interface {", d.Go)
	if d.Error {
		pr.f("\terror")
	}
	pr.f("\t%s()\n}\n", d.Marker)
	pr.doc("", "The cases of "+d.Go+".", "")
	pr.f("type (")
	for _, part := range d.Type.Parts {
		pr.doc("\t", "", part.Docs)
		if part.Type == nil {
			pr.f("\t%s struct{}", part.Go)
		} else {
			pr.f("\t%s struct{ Value %s }", part.Go, part.Type.Go)
		}
	}
	pr.f(")\n")
	for _, part := range d.Type.Parts {
		pr.f("func (%s) %s() {}", part.Go, d.Marker)
	}
	pr.f("")
	if !d.Error {
		return
	}
	for _, part := range d.Type.Parts {
		switch t := part.Type; {
		case t != nil && printable(t):
			pr.f("func (e %s) Error() string { return fmt.Sprintf(\"%s: %%v\", e.Value) }", part.Go, part.WIT)
		case t != nil && t.Kind == Pointer && printable(t.Elem):
			pr.f("func (e %s) Error() string {", part.Go)
			pr.f("\tif e.Value == nil {\n\t\treturn %q\n\t}", part.WIT)
			pr.f("\treturn fmt.Sprintf(\"%s: %%v\", *e.Value)\n}", part.WIT)
		default:
			pr.f("func (%s) Error() string { return %q }", part.Go, part.WIT)
		}
	}
	pr.f("")
}

// printable says whether a value is worth showing in the text of an error.
func printable(t *Type) bool { return t.Kind == Prim || t.Kind == Str || t.Kind == Enum }

func (pr *printer) enum(d *Decl) {
	lead, method := d.Go+" is the enum "+d.Def.Name+".", "String"
	if d.Error {
		lead, method = lead+" It is an error, with the label as its text.", "Error"
	}
	pr.doc("", wrap(lead), d.Docs)
	pr.f("type %s uint%d\n\nconst (", d.Go, 8*d.Type.Disc)
	pr.constants(d, "iota")
	pr.f(")\n")
	pr.f("func (e %s) %s() string {", d.Go, method)
	pr.f("\tif int(e) < len(%s) {\n\t\treturn %s[e]\n\t}", d.Labels, d.Labels)
	pr.f("\treturn fmt.Sprintf(\"%s(%%d)\", uint%d(e))\n}\n", d.Def.Name, 8*d.Type.Disc)
}

func (pr *printer) offer() {
	p := pr.pkg
	if len(p.Host) > 0 {
		pr.f("// Interface offers h to a linker.\nfunc Interface(h Host) *component.Interface {")
	} else {
		pr.f("// Interface offers the interface to a linker. It needs no Host: what it has,")
		pr.f("// its types say.\nfunc Interface() *component.Interface {")
	}
	pr.f("\treturn &component.Interface{\n\t\tType: Def,")
	if len(p.Funcs) > 0 {
		pr.f("\t\tFuncs: map[string]component.HostFunc{")
		for _, fn := range p.Funcs {
			if fn.Self != nil {
				pr.f("\t\t\t%q: %s,", fn.WIT.Name, fn.Call)
			} else {
				pr.f("\t\t\t%q: func(c *cabi.Call, stack []uint64) { %s(h, c, stack) },", fn.WIT.Name, fn.Call)
			}
		}
		pr.f("\t\t},")
	}
	var resources []string
	for _, d := range p.Decls {
		if d.Kind == Resource {
			resources = append(resources, fmt.Sprintf("%q: %s", d.Def.Name, d.Runtime))
		}
	}
	if len(resources) > 0 {
		pr.f("\t\tResources: map[string]*cabi.ResourceType{")
		for _, r := range resources {
			pr.f("\t\t\t%s,", r)
		}
		pr.f("\t\t},")
	}
	pr.f("\t}\n}")
}

func listing(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// wrap breaks a line of text for a comment.
func wrap(s string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(s) {
		switch {
		case i == 0:
		case n+1+len(word) > 77:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	return b.String()
}
