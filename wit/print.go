package wit

import (
	"fmt"
	"strings"
)

// Printer turns packages and their parts into WIT text. The zero Printer prints
// everything.
type Printer struct {
	NoDocs  bool // leave out doc comments
	NoGates bool // leave out @since, @unstable and @deprecated
}

// Print returns packages as one WIT text: root as the package of the file, the
// others nested in blocks. [Parse] reads it back to equal values, in which
// worlds list what their includes brought.
func Print(root *Package, nested ...*Package) string {
	return Printer{}.Packages(root, nested...)
}

// Packages is [Print] with the options of p.
func (p Printer) Packages(root *Package, nested ...*Package) string {
	w := &writer{Printer: p}
	w.note(root.Docs, Gate{})
	w.line("package %s;", pkgName(root.Name))
	w.pkg = root.Name
	for _, i := range root.Interfaces {
		w.blank()
		w.namedInterface(i)
	}
	for _, world := range root.Worlds {
		w.blank()
		w.world(world)
	}
	for _, n := range nested {
		w.nested(n)
	}
	return w.String()
}

// Interface returns the text of one interface, without its package.
func (p Printer) Interface(i *Interface) string {
	w := &writer{Printer: p, pkg: i.Name.Pkg()}
	w.namedInterface(i)
	return w.String()
}

// TypeDef returns the declaration of a type; for a resource, without functions.
func (p Printer) TypeDef(t *TypeDef) string {
	w := &writer{Printer: p}
	if t.Interface != nil {
		w.pkg = t.Interface.Name.Pkg()
	}
	w.scope = newPrintScope(w, t.Interface, t.World, []*TypeDef{t}, nil)
	w.typeDef(t, nil)
	return w.String()
}

// Func returns the declaration of a function as it stands in its interface or
// resource.
func (p Printer) Func(f *Func) string {
	w := &writer{Printer: p}
	w.function(f)
	return w.String()
}

// writer collects indented lines.
type writer struct {
	Printer
	strings.Builder
	depth int
	pkg   Name // the package whose names stand alone
	scope *printScope
}

func (w *writer) line(format string, args ...any) {
	w.WriteString(strings.Repeat("  ", w.depth))
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

func (w *writer) blank() { w.WriteByte('\n') }

// open begins a block, which the function that it returns ends.
func (w *writer) open(format string, args ...any) (end func()) {
	w.line(format+" {", args...)
	w.depth++
	return func() {
		w.depth--
		w.line("}")
	}
}

func (w *writer) note(docs string, g Gate) {
	w.docs(docs)
	if w.NoGates {
		return
	}
	if !g.Since.IsZero() {
		w.line("@since(version = %s)", g.Since)
	}
	if g.Unstable != "" {
		w.line("@unstable(feature = %s)", escape(g.Unstable))
	}
	if !g.Deprecated.IsZero() {
		w.line("@deprecated(version = %s)", g.Deprecated)
	}
}

func (w *writer) docs(docs string) {
	if w.NoDocs || docs == "" {
		return
	}
	for _, l := range strings.Split(docs, "\n") {
		if l != "" {
			l = " " + l
		}
		w.line("///%s", l)
	}
}

// escape writes a name so that it is not taken for a keyword.
func escape(name string) string {
	if keywords[name] {
		return "%" + name
	}
	return name
}

// pkgName is the name of a package, each part escaped.
func pkgName(n Name) string {
	var b strings.Builder
	start := 0
	path := n.Namespace + ":" + n.Package
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != ':' && path[i] != '/' {
			continue
		}
		b.WriteString(escape(path[start:i]))
		if i < len(path) {
			b.WriteByte(path[i])
		}
		start = i + 1
	}
	if !n.Version.IsZero() {
		b.WriteString("@" + n.Version.String())
	}
	return b.String()
}

// path names an interface as seen from the package that is being printed.
func (w *writer) path(n Name) string {
	if n.Pkg() == w.pkg {
		return escape(n.Interface)
	}
	v := n.Version
	n.Version = Version{}
	s := pkgName(n.Pkg()) + "/" + escape(n.Interface)
	if !v.IsZero() {
		s += "@" + v.String()
	}
	return s
}

func (w *writer) namedInterface(i *Interface) {
	w.note(i.Docs, i.Gate)
	end := w.open("interface %s", escape(i.Name.Interface))
	w.interfaceBody(i)
	end()
}

// interfaceBody prints items so that types and functions each keep their order:
// what stands before the first method of a resource comes before the resource.
func (w *writer) interfaceBody(i *Interface) {
	outer := w.scope
	w.scope = newPrintScope(w, i, nil, i.Types, i.Funcs)
	defer func() { w.scope = outer }()
	w.scope.printExtra(w)

	declared := map[string]bool{}
	for _, t := range i.Types {
		declared[t.Name] = true
	}
	methods := map[string][]*Func{}
	var order []*Func // freestanding functions, and the first of each resource
	for _, f := range i.Funcs {
		r := resourceName(f)
		if r == "" {
			order = append(order, f)
			continue
		}
		if !declared[r] {
			w.line("// %s", strings.Map(printable, f.Name))
			continue
		}
		if methods[r] == nil {
			order = append(order, f)
		}
		methods[r] = append(methods[r], f)
	}
	fresh := len(w.scope.extra) == 0
	next := func(spaced bool) {
		if !fresh && spaced {
			w.blank()
		}
		fresh = false
	}
	free := func() bool { return len(order) > 0 && order[0].Kind == Freestanding }
	emit := func() {
		next(order[0].Docs != "" || !order[0].Gate.IsZero())
		w.function(order[0])
		order = order[1:]
	}
	for n := 0; n < len(i.Types); {
		t := i.Types[n]
		if ms := methods[t.Name]; ms != nil {
			for free() {
				emit()
			}
			if len(order) > 0 && order[0] == ms[0] {
				order = order[1:]
			}
		}
		if uses := w.useRun(i.Types[n:]); uses > 0 {
			next(false)
			w.use(i.Types[n : n+uses])
			n += uses
			continue
		}
		next(true)
		w.typeDef(t, methods[t.Name])
		n++
	}
	for k, f := range order {
		if f.Kind != Freestanding {
			continue
		}
		next(k == 0 || f.Docs != "" || !f.Gate.IsZero())
		w.function(f)
	}
}

// resourceName is the resource in the name of a function, or empty.
func resourceName(f *Func) string {
	if f.Kind == Freestanding {
		return ""
	}
	_, name, _ := strings.Cut(f.Name, "]")
	name, _, _ = strings.Cut(name, ".")
	return name
}

// useRun counts how many types at the beginning of list one `use` brings in.
func (w *writer) useRun(list []*TypeDef) int {
	n := 0
	for n < len(list) {
		from := w.scope.usedFrom(list[n])
		if from == nil || n > 0 && (from != w.scope.usedFrom(list[0]) || list[n].Gate != list[0].Gate) {
			break
		}
		n++
	}
	return n
}

func (w *writer) use(list []*TypeDef) {
	w.note("", list[0].Gate)
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = useName(t.Type.(*TypeDef).Name, t.Name)
	}
	w.line("use %s.{%s};", w.path(w.scope.usedFrom(list[0]).Name), strings.Join(names, ", "))
}

func useName(name, as string) string {
	if name == as {
		return escape(name)
	}
	return escape(name) + " as " + escape(as)
}
