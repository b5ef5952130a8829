package wit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	oracle "go.bytecodealliance.org/wit"
)

// The oracle is wasm-tools, which go.bytecodealliance.org/wit carries along. It
// drops fixed-length lists without a word and does not know constructors that can
// fail; these are left out of the comparison.

func TestUpstreamMeansWhatWasmToolsSays(t *testing.T) {
	if testing.Short() {
		t.Skip("wasm-tools takes seconds to start")
	}
	dir := upstream(t)
	for _, track := range []string{"0.2", "0.3"} {
		t.Run(track, func(t *testing.T) {
			tree := t.TempDir()
			if err := os.CopyFS(filepath.Join(tree, "deps"), os.DirFS(filepath.Join(dir, track))); err != nil {
				t.Fatal(err)
			}
			prepare(t, filepath.Join(tree, "deps", "*", "*.wit"))
			os.Remove(filepath.Join(tree, "deps", "CHANGES.md"))
			root := "package test:root;\n"
			if err := os.WriteFile(filepath.Join(tree, "root.wit"), []byte(root), 0o644); err != nil {
				t.Fatal(err)
			}
			pkgs, err := ParseFS(os.DirFS(tree), ".")
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := oracle.LoadWIT(tree)
			if err != nil {
				t.Fatal(err)
			}
			compareFacts(t, pkgs, theirs)
		})
	}
}

// prepare takes from files what the oracle reads otherwise: references across a
// version track, of which it knows none, and plain comments, which it takes for
// docs.
func prepare(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("@0.2.6"), []byte("@0.2.12"))
		text = plainComment.ReplaceAll(text, nil)
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var plainComment = regexp.MustCompile(`(?m)^\s*//($|[^/].*$)`)

func TestEveryConstructMeansWhatWasmToolsSays(t *testing.T) {
	if testing.Short() {
		t.Skip("wasm-tools takes seconds to start")
	}
	text, err := os.ReadFile("../testdata/wit/everything.wit")
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := Parse(File{Name: "everything.wit", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := oracle.DecodeWIT(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compareFacts(t, pkgs, theirs)
	theirs, err = oracle.DecodeWIT(strings.NewReader(Print(pkgs[0], pkgs[1:]...)))
	if err != nil {
		t.Fatalf("what Print wrote: %v", err)
	}
	compareFacts(t, pkgs, theirs)
}

func compareFacts(t *testing.T, pkgs []*Package, theirs *oracle.Resolve) {
	t.Helper()
	ours, want := factsOf(pkgs), oracleFacts(theirs)
	slices.Sort(ours)
	slices.Sort(want)
	t.Logf("%d facts of %d packages", len(want), len(theirs.Packages))
	missing := 0
	for _, f := range want {
		if !slices.Contains(ours, f) {
			missing++
			t.Errorf("wasm-tools also says: %s", f)
		}
	}
	for _, f := range ours {
		if !slices.Contains(want, f) {
			missing++
			t.Errorf("wasm-tools does not say: %s", f)
		}
		if missing > 40 {
			t.FailNow()
		}
	}
}

// factsOf tells what packages hold as lines without order: each is an item with
// its place, gate, docs and meaning.
func factsOf(pkgs []*Package) []string {
	var out []string
	say := func(g Gate, docs, format string, args ...any) {
		out = append(out, fmt.Sprintf(format, args...)+gateFact(g)+docFact(docs))
	}
	function := func(at string, f *Func) {
		s := at + " " + f.Name + ":"
		if f.Async {
			s += " async"
		}
		for _, p := range f.Params {
			s += " " + p.Name + " " + fact(p.Type)
		}
		if f.Result != nil {
			s += " -> " + fact(f.Result)
		}
		say(f.Gate, f.Docs, "%s", s)
	}
	iface := func(at string, i *Interface) {
		for _, t := range i.Types {
			say(t.Gate, t.Docs, "%s type %s = %s", at, t.Name, fact(t.Type))
		}
		for _, f := range i.Funcs {
			function(at, f)
		}
	}
	for _, p := range pkgs {
		say(Gate{}, p.Docs, "package %s", p.Name)
		for _, i := range p.Interfaces {
			say(i.Gate, i.Docs, "%s", i.Name)
			iface(i.Name.String(), i)
		}
		for _, w := range p.Worlds {
			say(w.Gate, w.Docs, "%s", w.Name)
			for n, list := range [][]WorldItem{w.Imports, w.Exports} {
				at := w.Name.String() + []string{" import", " export"}[n]
				for _, it := range list {
					switch {
					case it.Func != nil:
						function(at, it.Func)
					case it.Type != nil:
						say(Gate{}, it.Type.Docs, "%s type %s = %s", at, it.Name, fact(it.Type.Type))
					case it.Interface.Name.IsZero():
						iface(at+" "+it.Name, it.Interface)
					default:
						say(Gate{}, "", "%s interface %s", at, it.Interface.Name)
					}
				}
			}
		}
	}
	return out
}

func gateFact(g Gate) string {
	if g.IsZero() {
		return ""
	}
	return fmt.Sprintf(" [%s %s %s]", g.Since, g.Unstable, g.Deprecated)
}

func docFact(docs string) string {
	return fmt.Sprintf(" %.40q", strings.Join(strings.Fields(docs), " "))
}

// fact spells a type down to names.
func fact(t Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case *TypeDef:
		if t.Interface != nil {
			return t.Interface.Name.Interface + "." + t.Name
		}
		return "world." + t.Name
	case *Own:
		return "own " + fact(t.Resource)
	case *Borrow:
		return "borrow " + fact(t.Resource)
	case *List:
		return "list<" + fact(t.Elem) + ">"
	case *Option:
		return "option<" + fact(t.Elem) + ">"
	case *Result:
		return "result<" + fact(t.OK) + " " + fact(t.Err) + ">"
	case *Stream:
		return "stream<" + fact(t.Elem) + ">"
	case *Future:
		return "future<" + fact(t.Elem) + ">"
	case *Tuple:
		s := "tuple"
		for _, e := range t.Elems {
			s += " " + fact(e)
		}
		return s
	case *Record:
		s := "record"
		for _, f := range t.Fields {
			s += " " + f.Name + docFact(f.Docs) + " " + fact(f.Type)
		}
		return s
	case *Variant:
		s := "variant"
		for _, c := range t.Cases {
			s += " " + c.Name + docFact(c.Docs) + " " + fact(c.Type)
		}
		return s
	case *Enum:
		return "enum" + labelFacts(t.Labels, t.LabelDocs)
	case *Flags:
		return "flags" + labelFacts(t.Labels, t.LabelDocs)
	}
	return t.String()
}

func labelFacts(labels, docs []string) (s string) {
	for i, l := range labels {
		s += " " + l
		if docs == nil {
			s += docFact("")
		} else {
			s += docFact(docs[i])
		}
	}
	return s
}

// oracleFacts is factsOf for what the oracle returns.
func oracleFacts(r *oracle.Resolve) []string {
	var out []string
	say := func(s oracle.Stability, docs oracle.Docs, format string, args ...any) {
		out = append(out, fmt.Sprintf(format, args...)+gateFact(oracleGate(s))+docFact(docs.Contents))
	}
	function := func(at, name string, f *oracle.Function) {
		// It writes `async func` as a part of the name.
		sync := strings.Replace(strings.TrimPrefix(name, "[async]"), "[async ", "[", 1)
		s := at + " " + sync + ":"
		if sync != name {
			s += " async"
		}
		for _, p := range f.Params {
			s += " " + p.Name + " " + oracleFact(p.Type)
		}
		for _, p := range f.Results {
			s += " -> " + oracleFact(p.Type)
		}
		say(f.Stability, f.Docs, "%s", s)
	}
	iface := func(at string, i *oracle.Interface) {
		for name, t := range i.TypeDefs.All() {
			say(t.Stability, t.Docs, "%s type %s = %s", at, name, oracleKind(t.Kind))
		}
		for name, f := range i.Functions.All() {
			function(at, name, f)
		}
	}
	fullName := func(p *oracle.Package, item string) string {
		id := p.Name
		id.Extension = item
		return id.String()
	}
	for _, p := range r.Packages {
		say(nil, p.Docs, "package %s", p.Name.String())
		for name, i := range p.Interfaces.All() {
			at := fullName(p, name)
			say(i.Stability, i.Docs, "%s", at)
			iface(at, i)
		}
		for name, w := range p.Worlds.All() {
			at := fullName(p, name)
			say(w.Stability, w.Docs, "%s", at)
			item := func(at, name string, it oracle.WorldItem) {
				switch it := it.(type) {
				case *oracle.Function:
					function(at, name, it)
				case *oracle.TypeDef:
					say(nil, it.Docs, "%s type %s = %s", at, name, oracleKind(it.Kind))
				case *oracle.InterfaceRef:
					if it.Interface.Name == nil {
						iface(at+" "+name, it.Interface)
						return
					}
					say(nil, oracle.Docs{}, "%s interface %s", at, fullName(it.Interface.Package, *it.Interface.Name))
				}
			}
			for name, it := range w.Imports.All() {
				item(at+" import", name, it)
			}
			for name, it := range w.Exports.All() {
				item(at+" export", name, it)
			}
		}
	}
	return out
}

func oracleGate(s oracle.Stability) (g Gate) {
	switch s := s.(type) {
	case *oracle.Stable:
		g.Since, _ = ParseVersion(s.Since.String())
		if s.Deprecated != nil {
			g.Deprecated, _ = ParseVersion(s.Deprecated.String())
		}
	case *oracle.Unstable:
		g.Unstable = s.Feature
	}
	return g
}

func oracleFact(t oracle.Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case *oracle.TypeDef:
		if t.Name == nil {
			return oracleKind(t.Kind)
		}
		switch o := t.Owner.(type) {
		case *oracle.Interface:
			if o.Name == nil {
				return "." + *t.Name
			}
			return *o.Name + "." + *t.Name
		}
		return "world." + *t.Name
	}
	return t.WIT(nil, "")
}

func oracleKind(k oracle.TypeDefKind) string {
	switch k := k.(type) {
	case oracle.Type:
		return oracleFact(k)
	case *oracle.Resource:
		return "resource"
	case *oracle.Own:
		return "own " + oracleFact(k.Type)
	case *oracle.Borrow:
		return "borrow " + oracleFact(k.Type)
	case *oracle.List:
		return "list<" + oracleFact(k.Type) + ">"
	case *oracle.Option:
		return "option<" + oracleFact(k.Type) + ">"
	case *oracle.Result:
		return "result<" + oracleFact(k.OK) + " " + oracleFact(k.Err) + ">"
	case *oracle.Stream:
		return "stream<" + oracleFact(k.Type) + ">"
	case *oracle.Future:
		return "future<" + oracleFact(k.Type) + ">"
	case *oracle.Tuple:
		s := "tuple"
		for _, e := range k.Types {
			s += " " + oracleFact(e)
		}
		return s
	case *oracle.Record:
		s := "record"
		for _, f := range k.Fields {
			s += " " + f.Name + docFact(f.Docs.Contents) + " " + oracleFact(f.Type)
		}
		return s
	case *oracle.Variant:
		s := "variant"
		for _, c := range k.Cases {
			s += " " + c.Name + docFact(c.Docs.Contents) + " " + oracleFact(c.Type)
		}
		return s
	case *oracle.Enum:
		s := "enum"
		for _, c := range k.Cases {
			s += " " + c.Name + docFact(c.Docs.Contents)
		}
		return s
	case *oracle.Flags:
		s := "flags"
		for _, c := range k.Flags {
			s += " " + c.Name + docFact(c.Docs.Contents)
		}
		return s
	}
	return fmt.Sprintf("%T", k)
}

func TestWasmToolsReadsTheTextOfAWorld(t *testing.T) {
	if testing.Short() {
		t.Skip("wasm-tools takes seconds to start")
	}
	pkgs, err := ParseFS(witfiles.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		for _, name := range []string{"command", "proxy"} {
			w := p.World(name)
			if w == nil {
				continue
			}
			theirs, err := oracle.DecodeWIT(strings.NewReader(PrintWorld(w)))
			if err != nil {
				t.Fatalf("%s: %v", w.Name, err)
			}
			ours, err := Parse(File{Name: "world.wit", Text: PrintWorld(w)})
			if err != nil {
				t.Fatal(err)
			}
			compareFacts(t, ours, theirs)
		}
	}
}
