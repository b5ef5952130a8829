package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

const inspectUsage = `usage: tenon inspect [--tree | --json | --sections] FILE

Prints what a component imports and exports, as WIT, and what it needs that is not
supported yet, as comments. FILE is a component, or a core module on preview 1 or
preview 0, which is shown as the component that it stands for; a file or folder of WIT is
resolved, and printed again.

  --tree       print what it is made of: nested components and core modules with their
               sizes, imports and exports, canonical options, and what made them
  --json       print all of that, and the world, as JSON
  --sections   print its structure instead: a line for every definition, with its
               offset and its place in its index space; as far as it is well formed
`

func inspectCommand(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tenon inspect", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sections := flags.Bool("sections", false, "")
	tree := flags.Bool("tree", false, "")
	asJSON := flags.Bool("json", false, "")
	flags.Usage = func() { io.WriteString(stderr, inspectUsage) }
	if err := flags.Parse(args); err != nil {
		return usageCode(err)
	}
	forms := 0
	for _, f := range []bool{*sections, *tree, *asJSON} {
		if f {
			forms++
		}
	}
	if flags.NArg() != 1 || forms > 1 {
		flags.Usage()
		return exitUsage
	}
	path := flags.Arg(0)
	var err error
	switch {
	case *asJSON:
		err = inspectJSON(stdout, path)
	case isWIT(path) && (*tree || *sections):
		err = errors.New("WIT is no binary: it has no sections and no parts")
	case isWIT(path):
		err = inspectText(stdout, path)
	case *tree:
		err = inspectTree(stdout, path)
	case *sections:
		err = withComponent(path, func(data []byte) error { return component.Dump(stdout, data) })
	default:
		err = withComponent(path, func(data []byte) error { return inspectWorld(stdout, data) })
	}
	if err != nil {
		fmt.Fprintf(stderr, "tenon: cannot inspect %s: %v\n", path, err)
		return exitCannot
	}
	return 0
}

func withComponent(path string, do func([]byte) error) error {
	data, err := readComponent(path)
	if err != nil {
		return err
	}
	return do(data)
}

// isWIT tells a folder or file of WIT from a binary, as diff does.
func isWIT(path string) bool {
	info, err := os.Stat(path)
	return err == nil && (info.IsDir() || strings.HasSuffix(path, ".wit"))
}

// inspectText prints WIT as it was understood.
func inspectText(w io.Writer, path string) error {
	pkgs, err := textPackages(path)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, wit.Print(pkgs[0], pkgs[1:]...))
	return err
}

func textPackages(path string) ([]*wit.Package, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	pkgs, err := readPackages(path, info.IsDir())
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), path+": "))
	}
	if len(pkgs) == 0 {
		return nil, errors.New("there is no WIT in it")
	}
	return pkgs, nil
}

// inspectWorld prints the world, then what the host does not have yet. There is
// no world to print if that is a part of it; then what is needed is printed alone.
func inspectWorld(w io.Writer, data []byte) error {
	world, err := component.World(data)
	var unsupported *component.UnsupportedError
	if err != nil && !errors.As(err, &unsupported) {
		return err
	}
	needs, needsErr := component.Needs(data)
	if needsErr != nil {
		return needsErr
	}
	if world != nil {
		io.WriteString(w, wit.PrintWorld(world))
	}
	if world != nil && len(needs) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range needs {
		fmt.Fprintln(w, needLine(n))
	}
	return err
}

// needLine says what is needed and where, and not more than a few times where.
func needLine(n component.Need) string {
	const few = 8
	var b strings.Builder
	b.WriteString("// needs: " + n.Feature)
	if n.Gate != "" {
		b.WriteString(" (" + n.Gate + ")")
	}
	b.WriteString(" at offset ")
	for i, at := range n.Offsets[:min(few, len(n.Offsets))] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%#x", at)
	}
	if more := len(n.Offsets) - few; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// An inspected is all that inspect knows, as JSON.
type inspected struct {
	File      string           `json:"file"`
	Kind      string           `json:"kind"`
	Imports   []inspectedItem  `json:"imports,omitempty"`
	Exports   []inspectedItem  `json:"exports,omitempty"`
	Packages  []string         `json:"packages,omitempty"` // of WIT
	WIT       string           `json:"wit,omitempty"`
	NoWorld   string           `json:"no-world,omitempty"` // why it has none
	Needs     []component.Need `json:"needs,omitempty"`
	Structure *component.Part  `json:"structure,omitempty"`
}

// An inspectedItem is an import or export of a world.
type inspectedItem struct {
	Name  string   `json:"name"`
	Sort  string   `json:"sort"` // interface, func or type
	Funcs []string `json:"funcs,omitempty"`
	Types []string `json:"types,omitempty"`
}

func inspectJSON(w io.Writer, path string) error {
	all := inspected{File: path, Kind: "WIT"}
	if isWIT(path) {
		pkgs, err := textPackages(path)
		if err != nil {
			return err
		}
		for _, p := range pkgs {
			all.Packages = append(all.Packages, p.Name.String())
		}
		all.WIT = wit.Print(pkgs[0], pkgs[1:]...)
	} else if err := all.read(path); err != nil {
		return err
	}
	return printJSON(w, all)
}

// read reads a binary. A component that is not valid has no world, nor has a core module that
// no component can be made of; both can be looked at all the same.
func (all *inspected) read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return withoutPath(err)
	}
	k := adapter.Identify(data)
	all.Kind = strings.TrimPrefix(k.String(), "a ")
	if kind := component.KindOf(data); kind != component.KindComponent && kind != component.KindModule {
		return fmt.Errorf("it is %v; %s", k, k.Remedy())
	}
	if all.Structure, err = component.Structure(data); err != nil {
		return err
	}
	whole, err := adapter.Wrap(data)
	var world *wit.World
	if err == nil {
		world, err = component.World(whole)
	}
	var unsupported *component.UnsupportedError
	var module *component.ModuleError
	var invalid *component.DecodeError
	switch {
	case errors.As(err, &module):
		all.NoWorld = module.Msg
		return nil
	case errors.As(err, &invalid):
		all.NoWorld = err.Error()
		return nil
	case err != nil && !errors.As(err, &unsupported):
		return err
	case err != nil:
		all.NoWorld = err.Error()
	}
	if world != nil {
		all.Imports, all.Exports = inspectedItems(world.Imports), inspectedItems(world.Exports)
		all.WIT = wit.PrintWorld(world)
	}
	all.Needs, err = component.Needs(whole)
	return err
}

func inspectedItems(list []wit.WorldItem) []inspectedItem {
	var all []inspectedItem
	for _, it := range list {
		item := inspectedItem{Name: it.Name}
		switch {
		case it.Interface != nil:
			item.Sort = "interface"
			for _, t := range it.Interface.Types {
				item.Types = append(item.Types, t.Name)
			}
			for _, f := range it.Interface.Funcs {
				item.Funcs = append(item.Funcs, exportedFunc{Func: f}.signature())
			}
		case it.Func != nil:
			item.Sort = "func"
			item.Funcs = []string{exportedFunc{Func: it.Func}.signature()}
		case it.Type != nil:
			item.Sort = "type"
		}
		all = append(all, item)
	}
	return all
}
