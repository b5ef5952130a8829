package tenon_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// public are the packages whose readers are strangers: all that they export says what
// it means, and is shown by an example that runs.
var public = []string{"component", "component/cabi", "wit", "hostimpl/files"}

// unshown are exported things that need no example, with the reason. A name ends with
// * where it stands for all that begin so.
var unshown = map[string]string{
	"cabi.Tuple*":                "like Tuple2",
	"cabi.Backtrace.Format":      "what fmt calls; ExampleBacktrace shows it",
	"cabi.FrameKind.MarshalText": "what encoding/json calls; ExampleFrameKind shows it",
}

// conventional reports whether a method is one that fmt or errors call: its meaning is
// told there, and they show it.
func conventional(f *doc.Func) bool {
	sig := f.Decl.Type
	return f.Recv != "" && slices.Contains([]string{"Error", "String", "Unwrap"}, f.Name) &&
		sig.Params.NumFields() == 0 && sig.Results.NumFields() == 1
}

// TestEveryPublicEntryIsDocumented: types, functions, methods, variables and
// constants. Of a group of constants, one comment speaks for all.
func TestEveryPublicEntryIsDocumented(t *testing.T) {
	for _, dir := range public {
		pkg := documented(t, dir)
		check := func(name, text string) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s.%s has no doc comment", pkg.Name, name)
			}
		}
		funcs := func(funcs []*doc.Func, of string) {
			for _, f := range funcs {
				if !conventional(f) {
					check(of+f.Name, f.Doc)
				}
			}
		}
		values := func(values []*doc.Value, grouped bool) {
			for _, v := range values {
				for _, spec := range v.Decl.Specs {
					spec := spec.(*ast.ValueSpec)
					if spec.Names[0].IsExported() && v.Doc == "" && !grouped {
						check(spec.Names[0].Name, spec.Doc.Text()+spec.Comment.Text())
					}
				}
			}
		}
		check("package", pkg.Doc)
		funcs(pkg.Funcs, "")
		values(pkg.Consts, false)
		values(pkg.Vars, false)
		for _, typ := range pkg.Types {
			check(typ.Name, typ.Doc)
			funcs(typ.Funcs, "")
			funcs(typ.Methods, typ.Name+".")
			values(typ.Consts, true)
			values(typ.Vars, false)
		}
	}
}

// TestEveryPublicEntryIsShown: a function or method is shown by an example that
// mentions it, a type by one in which a value has it. The example has an output, so
// that it runs.
func TestEveryPublicEntryIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, dir := range public {
		for name := range mentioned(t, dir) {
			shown[name] = true
		}
	}
	used := map[string]bool{}
	check := func(name string) {
		if !shown[name] && !exempt(name, used) {
			t.Errorf("no example shows %s", name)
		}
	}
	for _, dir := range public {
		pkg := documented(t, dir)
		for _, f := range pkg.Funcs {
			check(pkg.Name + "." + f.Name)
		}
		for _, typ := range pkg.Types {
			check(pkg.Name + "." + typ.Name)
			for _, f := range typ.Funcs {
				check(pkg.Name + "." + f.Name)
			}
			for _, m := range typ.Methods {
				if !conventional(m) {
					check(pkg.Name + "." + typ.Name + "." + m.Name)
				}
			}
		}
	}
	for pattern := range unshown {
		if !used[pattern] {
			t.Errorf("%s needs no exemption", pattern)
		}
	}
}

// exempt reports whether a name needs no example, and notes by which patterns.
func exempt(name string, used map[string]bool) (ok bool) {
	for pattern := range unshown {
		head, family := strings.CutSuffix(pattern, "*")
		if name == pattern || family && strings.HasPrefix(name, head) {
			used[pattern], ok = true, true
		}
	}
	return ok
}

// documented is a package as its readers see it.
func documented(t *testing.T, dir string) *doc.Package {
	t.Helper()
	fset := token.NewFileSet()
	pkg, err := doc.NewFromFiles(fset, parsed(t, fset, dir, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }), module+"/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

func parsed(t *testing.T, fset *token.FileSet, dir string, want func(string) bool) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if !want(name) {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// mentioned are the public things that the examples of a package use, as in
// "cabi.Table.Drop".
func mentioned(t *testing.T, dir string) map[string]bool {
	t.Helper()
	fset := token.NewFileSet()
	files := parsed(t, fset, dir, func(name string) bool {
		base := filepath.Base(name)
		return strings.HasPrefix(base, "example") && strings.HasSuffix(base, "_test.go")
	})
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: exported(t, fset, files)}
	if _, err := conf.Check(dir+"_test", fset, files, info); err != nil {
		t.Fatal(err)
	}
	running := map[[2]token.Pos]bool{}
	for _, e := range doc.Examples(files...) {
		if e.Output != "" || e.EmptyOutput {
			running[[2]token.Pos{e.Code.Pos(), e.Code.End()}] = true
		}
	}
	within := func(n ast.Node) bool {
		for span := range running {
			if span[0] <= n.Pos() && n.End() <= span[1] {
				return true
			}
		}
		return false
	}
	names := map[string]bool{}
	for id, obj := range info.Uses {
		if f, ok := obj.(*types.Func); ok && within(id) {
			names[nameOf(f)] = true
		}
		if within(id) {
			addType(names, obj.Type())
		}
	}
	for e, tv := range info.Types {
		if within(e) {
			addType(names, tv.Type)
		}
	}
	return names
}

// nameOf is a function as "wit.Parse" or "wit.Name.String".
func nameOf(f *types.Func) string {
	if f.Pkg() == nil {
		return f.Name()
	}
	name := f.Pkg().Name() + "."
	if recv := f.Signature().Recv(); recv != nil {
		if named := namedOf(recv.Type()); named != nil {
			name += named.Obj().Name() + "."
		}
	}
	return name + f.Name()
}

func addType(names map[string]bool, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Tuple:
		for v := range t.Variables() {
			addType(names, v.Type())
		}
	case *types.Signature:
		addType(names, t.Results())
	case *types.Slice:
		addType(names, t.Elem())
	case *types.Map:
		addType(names, t.Elem())
	}
	if named := namedOf(t); named != nil && named.Obj().Pkg() != nil {
		names[named.Obj().Pkg().Name()+"."+named.Obj().Name()] = true
	}
	// An alias is another name that readers find.
	if a, ok := t.(*types.Alias); ok && a.Obj().Pkg() != nil {
		names[a.Obj().Pkg().Name()+"."+a.Obj().Name()] = true
	}
	if p, ok := t.(*types.Pointer); ok {
		if a, ok := p.Elem().(*types.Alias); ok && a.Obj().Pkg() != nil {
			names[a.Obj().Pkg().Name()+"."+a.Obj().Name()] = true
		}
	}
}

func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// exported reads what files import from the compiler's export data.
func exported(t *testing.T, fset *token.FileSet, files []*ast.File) types.Importer {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, f := range files {
		for _, im := range f.Imports {
			args = append(args, strings.Trim(im.Path.Value, `"`))
		}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	data := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		data[path] = file
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(data[path]) })
}
