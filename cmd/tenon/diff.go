package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/wit"
)

const diffUsage = `usage: tenon diff [--world NAME] [--json] A B

Says whether B is compatible with A, and every change if it is not. A and B are

  two components         B can stand for A: it exports all that A does, and imports
                         nothing that A does not
  two WIT folders or     B is a newer state of A: what was built against A fits B. A
  files                  version that leaves its track (1, 0.2) does not fit
  a component and WIT,   the component is one of the world: it imports nothing else, and
  or the reverse         exports all of it; --world says which world, if there are many
  a component and        this host offers all that the component imports
  the word host

  --json                 print what is found as JSON

The exit code is 0 where B is the same or compatible, 1 where it is not, 2 where the
comparison could not be made.
`

// A diffSide is what one argument of diff names.
type diffSide struct {
	name     string
	host     bool
	data     []byte // a component
	world    *wit.World
	packages []*wit.Package // those that are compared, and no dependencies
}

func diffCommand(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tenon diff", flag.ContinueOnError)
	flags.SetOutput(stderr)
	world := flags.String("world", "", "")
	asJSON := flags.Bool("json", false, "")
	flags.Usage = func() { io.WriteString(stderr, diffUsage) }
	if err := flags.Parse(args); err != nil {
		return usageCode(err)
	}
	if flags.NArg() != 2 {
		flags.Usage()
		return exitUsage
	}
	found, err := diff(flags.Arg(0), flags.Arg(1), *world)
	if err != nil {
		fmt.Fprintf(stderr, "tenon diff: %v\n", err)
		return exitUsage
	}
	if *asJSON {
		return found.printJSON(stdout)
	}
	return found.print(stdout)
}

// A comparison is what a diff found.
type comparison struct {
	changes []wit.Change
	notes   []string // what to do about them
}

// diff compares what two arguments name.
func diff(a, b, world string) (found comparison, err error) {
	old, err := readSide(a)
	if err != nil {
		return found, err
	}
	new, err := readSide(b)
	if err != nil {
		return found, err
	}
	if world != "" && (old.packages == nil) == (new.packages == nil) {
		return found, errors.New("--world is for a component and WIT")
	}
	switch {
	case old.world != nil && new.world != nil:
		found.changes = wit.DiffComponents(old.world, new.world)
		return found, nil
	case old.packages != nil && new.packages != nil:
		return diffPackages(old.packages, new.packages), nil
	case old.world != nil && new.host:
		found.changes, err = diffHost(old)
		return found, err
	case old.world != nil && new.packages != nil:
		found.changes, err = diffTarget(old, new, world)
		return found, err
	case old.packages != nil && new.world != nil:
		found.changes, err = diffTarget(new, old, world)
		return found, err
	}
	return found, errors.New("the host is compared with a component, which stands before it: tenon diff app.wasm host")
}

// readSide reads a component, a folder or file of WIT, or the word host.
func readSide(name string) (diffSide, error) {
	info, err := os.Stat(name)
	if name == "host" && errors.Is(err, os.ErrNotExist) {
		return diffSide{name: name, host: true}, nil
	}
	if err != nil {
		return diffSide{}, plainPathError(name, err)
	}
	if info.IsDir() || strings.HasSuffix(name, ".wit") {
		pkgs, err := readPackages(name, info.IsDir())
		return diffSide{name: name, packages: pkgs}, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return diffSide{}, plainPathError(name, err)
	}
	if k := adapter.Identify(data); !k.Runs() {
		return diffSide{}, fmt.Errorf("%s: it is %v; %s", name, k, k.Remedy())
	}
	if data, err = adapter.Wrap(data); err != nil {
		return diffSide{}, fmt.Errorf("%s: %w", name, err)
	}
	world, err := component.World(data)
	if err != nil {
		return diffSide{}, fmt.Errorf("%s: %w", name, err)
	}
	return diffSide{name: name, data: data, world: world}, nil
}

func plainPathError(name string, err error) error {
	return fmt.Errorf("%s: %w", name, withoutPath(err))
}

// readPackages reads the packages of a folder or file. What a package depends on is no
// part of it.
func readPackages(name string, folder bool) ([]*wit.Package, error) {
	dir, base := filepath.Split(filepath.Clean(name))
	if folder {
		dir, base = name, "."
	}
	if dir == "" {
		dir = "."
	}
	pkgs, err := wit.ParseFS(os.DirFS(dir), base)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !folder {
		return pkgs, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, plainPathError(name, err)
	}
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".wit") {
			// The package of the folder comes first, those of deps behind.
			return pkgs[:1], nil
		}
	}
	return pkgs, nil
}

// diffPackages compares packages of the same name, and says what version the changes
// ask for.
func diffPackages(old, new []*wit.Package) (found comparison) {
	taken := map[*wit.Package]bool{}
	for _, o := range old {
		n := samePackage(o, new)
		if n == nil {
			found.changes = append(found.changes, wit.Change{Where: "package " + o.Name.String(), What: "removed", Breaks: true})
			continue
		}
		taken[n] = true
		changes := wit.DiffPackages(o, n)
		found.changes = append(found.changes, changes...)
		if next := wit.NextVersion(o.Name.Version, changes); !next.IsZero() && n.Name.Version.Compare(next) < 0 {
			found.notes = append(found.notes, fmt.Sprintf("by semantic versioning, %s has to become %s or higher", n.Name, next))
		}
	}
	for _, n := range new {
		if !taken[n] {
			found.changes = append(found.changes, wit.Change{Where: "package " + n.Name.String(), What: "added"})
		}
	}
	return found
}

// samePackage is the package of that name, of the same version or else of the nearest
// thing to it.
func samePackage(p *wit.Package, all []*wit.Package) *wit.Package {
	var found *wit.Package
	var names []wit.Name
	byName := map[wit.Name]*wit.Package{}
	for _, q := range all {
		if q.Name.Unversioned() == p.Name.Unversioned() {
			names, byName[q.Name] = append(names, q.Name), q
			found = q
		}
	}
	if picked, ok := wit.Pick(p.Name, names); ok {
		return byName[picked]
	}
	return found
}

// diffTarget says whether a component is one of a world of packages.
func diffTarget(c, w diffSide, name string) ([]wit.Change, error) {
	var worlds []*wit.World
	var names []string
	for _, p := range w.packages {
		for _, world := range p.Worlds {
			names = append(names, world.Name.Interface)
			if name == "" || name == world.Name.Interface {
				worlds = append(worlds, world)
			}
		}
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s: it has no world", w.name)
	case len(worlds) == 0:
		return nil, fmt.Errorf("%s: it has no world `%s`%s", w.name, name, wit.Instead(name, names))
	case len(worlds) > 1:
		return nil, fmt.Errorf("%s: it has many worlds, and --world says which: %s", w.name, strings.Join(names, ", "))
	}
	return wit.DiffTarget(c.world, worlds[0]), nil
}

// diffHost says what a component imports that this host does not offer.
func diffHost(c diffSide) (changes []wit.Change, err error) {
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{Cache: cacheDir("")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	compiled, err := r.Compile(ctx, c.data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	host, err := hostimpl.New(hostimpl.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	l := component.NewLinker(r)
	if err := adapter.Link(l, host, adapter.Config{}); err != nil {
		return nil, err
	}
	for _, m := range l.Match(compiled) {
		if m.Quality == component.Missing {
			changes = append(changes, wit.Change{Where: "import " + m.Import, What: m.Reason, Breaks: true})
		}
	}
	return changes, nil
}

// print prints what is found, what breaks first, and gives the exit code.
func (found comparison) print(stdout io.Writer) int {
	var breaking, others []wit.Change
	for _, c := range found.changes {
		if c.Breaks {
			breaking = append(breaking, c)
		} else {
			others = append(others, c)
		}
	}
	switch {
	case len(found.changes) == 0:
		fmt.Fprintln(stdout, "compatible: no difference")
	case len(breaking) == 0:
		fmt.Fprintf(stdout, "compatible: %s\n", counted(len(others), "change"))
	default:
		fmt.Fprintf(stdout, "incompatible: %d of %s\n", len(breaking), counted(len(found.changes), "change"))
	}
	for _, c := range breaking {
		fmt.Fprintf(stdout, "  breaks  %s\n", c)
	}
	for _, c := range others {
		fmt.Fprintf(stdout, "  fits    %s\n", c)
	}
	if len(found.changes) >= wit.MaxChanges {
		fmt.Fprintln(stdout, "  ... there may be more")
	}
	for _, n := range found.notes {
		fmt.Fprintln(stdout, n)
	}
	if len(breaking) > 0 {
		return 1
	}
	return 0
}

// printJSON prints what is found for programs, in the order in which it was found, and gives
// the exit code.
func (found comparison) printJSON(stdout io.Writer) int {
	type change struct {
		Where    string `json:"where"`
		What     string `json:"what"`
		Breaks   bool   `json:"breaks"`
		Unstable bool   `json:"unstable,omitempty"`
	}
	out := struct {
		Compatible bool     `json:"compatible"`
		Changes    []change `json:"changes"`
		More       bool     `json:"more,omitempty"` // there may be more changes
		Notes      []string `json:"notes,omitempty"`
	}{true, []change{}, len(found.changes) >= wit.MaxChanges, found.notes}
	for _, c := range found.changes {
		out.Compatible = out.Compatible && !c.Breaks
		out.Changes = append(out.Changes, change(c))
	}
	if err := printJSON(stdout, out); err != nil {
		return exitHost
	}
	if !out.Compatible {
		return 1
	}
	return 0
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
