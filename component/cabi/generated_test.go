package cabi_test

import (
	"encoding/json"
	"fmt"
	"go/format"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
	"github.com/tenon-wasm/tenon/wit/bindgen"
)

// The bindings of the vectors' types are generated, as a program's are, and
// compiled into a second run of this test: the files of an overlay stand beside
// those of the repository, and none is written there. The second run has
// Bindings, the first has not.

const (
	module = "github.com/tenon-wasm/tenon"
	below  = "component/cabi/internal/generated" // where the overlay has the bindings
)

// TestGeneratedCorpus asks bindings the questions that the repository keeps.
func TestGeneratedCorpus(t *testing.T) { testGenerated(t, cabi.Corpus(t)) }

// TestGeneratedVectors asks bindings the questions of the shared conformance
// folder.
func TestGeneratedVectors(t *testing.T) { testGenerated(t, cabi.SharedVectors(t)) }

// TestGeneratedMoreVectors asks bindings the questions of TENON_ABI_VECTORS.
func TestGeneratedMoreVectors(t *testing.T) { testGenerated(t, cabi.MoreVectors(t)) }

const countsFile = "TENON_ABI_COUNTS" // where the second run leaves its counts

func testGenerated(t *testing.T, files []string) {
	if cabi.Bindings != nil {
		counts, err := json.Marshal(cabi.RunBindings(t, files))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(os.Getenv(countsFile), counts, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if testing.Short() {
		t.Skip("compiling the bindings takes a while")
	}
	o := newOverlay(t)
	o.generate(collect(cabi.BindingUses(t, files)))
	count := o.run()
	for kind, n := range checkModels(t, files) {
		count[kind] = n
	}
	cabi.LogCounts(t, count)
}

// wants says which functions and types one interface has.
type wants struct {
	take, give, values []string // types as in [cabi.Use]
}

// perInterface is how many vectors share a generated package: many make it slow
// to compile, few make many packages.
const perInterface = 150

// collect divides the uses among interfaces, without repeating one.
func collect(uses []cabi.Use) (all []*wants) {
	seen := map[string]bool{}
	add := func(list *[]string, kind, key string) {
		if key != "" && !seen[kind+key] {
			seen[kind+key] = true
			*list = append(*list, key)
		}
	}
	var w *wants
	for i, u := range uses {
		if i%perInterface == 0 {
			w = &wants{}
			all = append(all, w)
		}
		add(&w.take, "take ", u.Take)
		add(&w.give, "give ", u.Give)
		for _, v := range u.Values {
			add(&w.values, "value ", v)
		}
	}
	return all
}

// overlay is the second run in the making.
type overlay struct {
	*testing.T
	dir, root string
	files     map[string]string
}

func newOverlay(t *testing.T) *overlay {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return &overlay{T: t, dir: t.TempDir(), root: root, files: map[string]string{}}
}

// add puts a file at a path of the repository.
func (o *overlay) add(path string, text []byte) {
	at := filepath.Join(o.dir, strconv.Itoa(len(o.files))+filepath.Ext(path))
	if err := os.WriteFile(at, text, 0o644); err != nil {
		o.Fatal(err)
	}
	o.files[filepath.Join(o.root, filepath.FromSlash(path))] = at
}

func (o *overlay) generate(all []*wants) {
	var register strings.Builder
	register.WriteString("package cabi_test\n\nimport (\n\t\"github.com/tenon-wasm/tenon/component/cabi\"\n")
	var names []string
	for i, w := range all {
		path, name := o.bind(i, w)
		fmt.Fprintf(&register, "\t%q\n", path)
		names = append(names, name)
	}
	register.WriteString(")\n\nfunc init() {\n\tcabi.Bindings = []*cabi.Binding{\n")
	for _, name := range names {
		fmt.Fprintf(&register, "\t\t{%[1]s.New_, %[1]s.Take_, %[1]s.Give_, %[1]s.Load_, %[1]s.Store_, %[1]s.Lift_, %[1]s.Value_, %[1]s.Cases_},\n", name)
	}
	register.WriteString("\t}\n}\n")
	o.add("component/cabi/register_test.go", []byte(register.String()))
}

// bind generates the package of one interface, and beside it a file with a host
// and a way in. Names with an underscore are no names of WIT.
func (o *overlay) bind(i int, w *wants) (path, name string) {
	f := &witText{}
	take, give, values := map[string]string{}, map[string]string{}, map[string]string{}
	var body strings.Builder
	for k, key := range w.take {
		take[key] = fmt.Sprintf("take%d", k)
		fmt.Fprintf(&body, "\t%s: func(%s);\n", take[key], f.params(key))
	}
	for k, key := range w.give {
		give[key] = fmt.Sprintf("give%d", k)
		fmt.Fprintf(&body, "\t%s: func()%s;\n", give[key], f.result(key))
	}
	for k, key := range w.values {
		values[key] = fmt.Sprintf("value%d", k)
		fmt.Fprintf(&body, "\trecord %s { v: %s }\n", values[key], f.typ(cabi.ParseType(key)))
	}
	cfg := f.config(o.T, fmt.Sprintf("bound%d", i), body.String())
	packages, err := bindgen.Model(cfg)
	if err != nil {
		o.Fatal(err)
	}
	written, err := bindgen.Generate(cfg)
	if err != nil {
		o.Fatal(err)
	}
	for _, file := range written {
		o.add(below+"/"+file.Path, file.Data)
	}
	p := packages[0]
	text, err := format.Source([]byte(wayIn(p, take, give, values)))
	if err != nil {
		o.Fatal(err)
	}
	o.add(below+"/"+p.Dir+"/way_in.go", text)
	return p.Path, p.Name
}

// wayIn is a host for the functions of p, and what a [cabi.Binding] holds.
func wayIn(p *bindgen.Package, take, give, values map[string]string) string {
	var b strings.Builder
	pf := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	pf("package %s\n\nimport (\n\"context\"\n\"reflect\"\n\n\"%s/component/cabi\"\n)\n\n", p.Name, module)
	pf("var _ context.Context // where no function of the host needs it\n\n")
	pf("type host_ struct {\ntaken func(...any)\nresult func(any, ...any) bool\n}\n\n")
	for _, fn := range p.Host {
		var params, args, results, out []string
		for i, param := range fn.Params {
			params = append(params, fmt.Sprintf("p%d_ %s", i, param.Type.Go))
			args = append(args, fmt.Sprintf("&p%d_", i))
		}
		for i, r := range fn.Returns {
			results = append(results, fmt.Sprintf("r%d_ %s", i, r.Type.Go))
			out = append(out, fmt.Sprintf(", &r%d_", i))
		}
		pf("func (h host_) %s(%s) (%s) {\n", fn.Go,
			strings.Join(append([]string{"_ context.Context"}, params...), ", "), strings.Join(append(results, "err error"), ", "))
		e, failure := "nil", "cabi.ErrUnit"
		if fn.Err != nil {
			pf("var e %s\n", fn.Err.Go)
			e, failure = "&e", "e"
			if fn.Err.Kind != bindgen.Enum && fn.Err.Kind != bindgen.Variant {
				failure = fmt.Sprintf("cabi.ErrorOf[%s]{Value: e}", fn.Err.Go)
			}
		}
		switch {
		case fn.WIT.Result == nil:
			pf("h.taken(%s)\n", strings.Join(args, ", "))
		case fn.Fallible:
			pf("if h.result(%s%s) {\nerr = %s\n}\n", e, strings.Join(out, ""), failure)
		default:
			pf("h.result(nil%s)\n", strings.Join(out, ""))
		}
		pf("return\n}\n\n")
	}
	pf("func New_(taken func(...any), result func(any, ...any) bool) map[string]func(*cabi.Call, []uint64) {\n")
	pf("funcs := map[string]func(*cabi.Call, []uint64){}\n")
	if len(p.Host) > 0 {
		pf("for name, f := range Interface(host_{taken, result}).Funcs {\nfuncs[name] = f\n}\n")
	}
	pf("return funcs\n}\n\n")
	for _, m := range []struct {
		name  string
		funcs map[string]string
	}{{"Take_", take}, {"Give_", give}} {
		pf("var %s = map[string]string{\n", m.name)
		for _, key := range slices.Sorted(maps.Keys(m.funcs)) {
			pf("%q: %q,\n", key, m.funcs[key])
		}
		pf("}\n\n")
	}
	var load, store, lift, value, cases strings.Builder
	byName := map[string]*bindgen.Decl{}
	for _, d := range p.Decls {
		byName[d.Def.Name] = d
		suffix := ""
		switch d.Kind {
		case bindgen.Variant:
			suffix = "{}"
		case bindgen.Enum, bindgen.Flags:
		default:
			continue
		}
		fmt.Fprintf(&cases, "reflect.TypeFor[%s](): {", d.Go)
		for _, name := range d.Names {
			fmt.Fprintf(&cases, "%s%s, ", name, suffix)
		}
		cases.WriteString("},\n")
	}
	// In one order, so that a second run finds what it compiled before.
	for _, key := range slices.Sorted(maps.Keys(values)) {
		d := byName[values[key]]
		v := d.Names[0]
		fmt.Fprintf(&load, "%q: func(c *cabi.Call, p uint32) any { v := Load%s(c, p); return &v.%s },\n", key, d.ABI, v)
		fmt.Fprintf(&lift, "%q: func(c *cabi.Call, f []uint64) any { v := Lift%s(c, f); return &v.%s },\n", key, d.ABI, v)
		fmt.Fprintf(&store, "%q: func(c *cabi.Call, p uint32, v any) { Store%s(c, p, %s{*v.(*%s)}) },\n", key, d.ABI, d.Go, d.Type.Parts[0].Type.Go)
		fmt.Fprintf(&value, "%q: func() any { return new(%s) },\n", key, d.Type.Parts[0].Type.Go)
	}
	pf("var Load_ = map[string]func(*cabi.Call, uint32) any{\n%s}\n\n", &load)
	pf("var Store_ = map[string]func(*cabi.Call, uint32, any){\n%s}\n\n", &store)
	pf("var Lift_ = map[string]func(*cabi.Call, []uint64) any{\n%s}\n\n", &lift)
	pf("var Value_ = map[string]func() any{\n%s}\n\n", &value)
	pf("var Cases_ = map[reflect.Type][]any{\n%s}\n", &cases)
	return b.String()
}

// run runs this test again with the overlay and returns the counts.
func (o *overlay) run() map[string][3]int {
	text, err := json.Marshal(map[string]any{"Replace": o.files})
	if err != nil {
		o.Fatal(err)
	}
	replace := filepath.Join(o.dir, "overlay.json")
	if err := os.WriteFile(replace, text, 0o644); err != nil {
		o.Fatal(err)
	}
	counts := filepath.Join(o.dir, "counts.json")
	cmd := exec.CommandContext(o.Context(), "go", "test",
		"-overlay", replace, "-vet", "off", "-count", "1", "-run", "^"+o.Name()+"$", ".")
	cmd.Env = append(os.Environ(), countsFile+"="+counts)
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.Errorf("%v: %v\n%s", cmd, err, out)
	}
	count := map[string][3]int{}
	if text, err = os.ReadFile(counts); err == nil {
		err = json.Unmarshal(text, &count)
	}
	if err != nil {
		o.Fatal(err)
	}
	return count
}

// witText writes types as WIT, which wants names for some.
type witText struct {
	names map[string]string
	decls strings.Builder
}

func (f *witText) params(key string) string {
	var params []string
	for i, t := range cabi.SplitTypes(key) {
		params = append(params, fmt.Sprintf("p%d: %s", i, f.typ(t)))
	}
	return strings.Join(params, ", ")
}

func (f *witText) result(key string) string {
	for _, t := range cabi.SplitTypes(key) {
		return " -> " + f.typ(t)
	}
	return ""
}

func (f *witText) typ(t wit.Type) string {
	var parts []string
	var form string
	switch t := t.(type) {
	case nil:
		return "_"
	case wit.Prim:
		return t.String()
	case *wit.List:
		return "list<" + f.typ(t.Elem) + ">"
	case *wit.Option:
		return "option<" + f.typ(t.Elem) + ">"
	case *wit.Result:
		switch {
		case t.Err != nil:
			return "result<" + f.typ(t.OK) + ", " + f.typ(t.Err) + ">"
		case t.OK != nil:
			return "result<" + f.typ(t.OK) + ">"
		}
		return "result"
	case *wit.Tuple:
		for _, e := range t.Elems {
			parts = append(parts, f.typ(e))
		}
		return "tuple<" + strings.Join(parts, ", ") + ">"
	case *wit.Record:
		form = "record"
		for _, x := range t.Fields {
			parts = append(parts, "%"+x.Name+": "+f.typ(x.Type))
		}
	case *wit.Variant:
		form = "variant"
		for _, c := range t.Cases {
			part := "%" + c.Name
			if c.Type != nil {
				part += "(" + f.typ(c.Type) + ")"
			}
			parts = append(parts, part)
		}
	case *wit.Enum:
		form = "enum"
		for _, l := range t.Labels {
			parts = append(parts, "%"+l)
		}
	case *wit.Flags:
		form = "flags"
		for _, l := range t.Labels {
			parts = append(parts, "%"+l)
		}
	default:
		panic(fmt.Sprintf("no text for %v", t))
	}
	return f.declare(form, "{ "+strings.Join(parts, ", ")+" }")
}

// declare names a type, the same one once.
func (f *witText) declare(form, body string) string {
	key := form + body
	name, ok := f.names[key]
	if !ok {
		if f.names == nil {
			f.names = map[string]string{}
		}
		name = fmt.Sprintf("n%d", len(f.names))
		f.names[key] = name
		fmt.Fprintf(&f.decls, "\t%s %s %s\n", form, name, body)
	}
	return name
}

// config is that of an interface with the body and what was declared for it.
func (f *witText) config(t *testing.T, name, body string) bindgen.Config {
	text := "package vectors:types;\ninterface " + name + " {\n" + f.decls.String() + body + "}\n"
	packages, err := wit.Parse(wit.File{Name: name + ".wit", Text: text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return bindgen.Config{Interfaces: packages[0].Interfaces, Base: module + "/" + below, Source: "the vectors of " + t.Name()}
}

// checkModels compares the layouts and signatures that the generator decides on,
// which then stand in the text as numbers.
func checkModels(t *testing.T, files []string) map[string][3]int {
	return cabi.TallyLayouts(t, files, func(v *cabi.LayoutVector) error {
		f := &witText{}
		if v.Kind == "func" {
			body := "\tf: func(" + f.params(cabi.JoinTypes(v.Params)) + ")" + f.result(cabi.JoinTypes(v.Results)) + ";\n"
			p, err := bindgen.Model(f.config(t, "one", body))
			if err != nil {
				return err
			}
			return compareFunc(v, p[0].Funcs[0])
		}
		p, err := bindgen.Model(f.config(t, "one", "\tf: func(v: "+f.typ(cabi.ParseType(v.Type))+");\n"))
		if err != nil {
			return err
		}
		return compareLayout(v, p[0].Funcs[0].Params[0].Type)
	})
}

func compareLayout(v *cabi.LayoutVector, have *bindgen.Type) error {
	if have.Size != v.Size || have.Align != v.Align || have.Flat != len(v.FlatTypes) {
		return fmt.Errorf("size %d, align %d, %d slots; want %d, %d, %d",
			have.Size, have.Align, have.Flat, v.Size, v.Align, len(v.FlatTypes))
	}
	if v.Offsets != nil {
		var offsets []uint32
		at := 0
		for _, part := range have.Parts {
			offsets = append(offsets, part.Offset)
			if part.At != at {
				return fmt.Errorf("%s is at slot %d, want %d", part.WIT, part.At, at)
			}
			at += part.Type.Flat
		}
		if !slices.Equal(offsets, v.Offsets) {
			return fmt.Errorf("offsets %v, want %v", offsets, v.Offsets)
		}
	}
	if v.DiscSize == 0 {
		return nil
	}
	if have.Disc != v.DiscSize || have.Payload != v.PayloadOffset {
		return fmt.Errorf("discriminant of %d, payload at %d; want %d, %d", have.Disc, have.Payload, v.DiscSize, v.PayloadOffset)
	}
	for _, part := range have.Parts {
		if part.Type != nil && (part.Offset != v.PayloadOffset || part.At != 1) {
			return fmt.Errorf("the payload of %s is at %d, slot %d; want %d, slot 1", part.WIT, part.Offset, part.At, v.PayloadOffset)
		}
	}
	return nil
}

// compareFunc compares what a guest's import is: a lowered function.
func compareFunc(v *cabi.LayoutVector, fn *bindgen.Func) error {
	slots := 0
	for _, p := range fn.Params {
		if p.At != slots {
			return fmt.Errorf("%s is at slot %d, want %d", p.Go, p.At, slots)
		}
		slots += p.Type.Flat
	}
	if fn.Spilled {
		slots = 1
	}
	results := 0
	switch {
	case fn.Return >= 0 && fn.Return != slots:
		return fmt.Errorf("the return pointer is in slot %d, want %d", fn.Return, slots)
	case fn.Return >= 0:
		slots++
	case fn.Result != nil:
		results = fn.Result.Flat
	}
	if slots != len(v.Lower.Params) || results != len(v.Lower.Results) {
		return fmt.Errorf("%d flat parameters and %d results, want %v and %v", slots, results, v.Lower.Params, v.Lower.Results)
	}
	return nil
}
