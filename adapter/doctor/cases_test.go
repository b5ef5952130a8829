package doctor_test

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/internal/pieces"
	"github.com/tenon-wasm/tenon/sockets"
	"github.com/tenon-wasm/tenon/wit"
)

var update = flag.Bool("update", false, "write the reports of the cases")

// A patient is what a case describes. Each line of the comment of its file is a directive;
// one that begins with # is none.
type patient struct {
	archive *txtar.Archive
	data    []byte
	options doctor.Options
}

// TestCases examines what testdata/cases describes: the report is the one that stands there,
// and its first line has the cause and the cure.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			p := readPatient(t, file)
			r := doctor.Examine(p.data, p.options)
			got := r.String()
			p.golden(t, file, got)
			first, _, _ := strings.Cut(got, "\n")
			errs := r.Errors()
			if r.Runs != (len(errs) == 0) || strings.Contains(first, "would run") != r.Runs {
				t.Errorf("it runs: %v, with %d errors: %s", r.Runs, len(errs), first)
			}
			for _, f := range r.Findings {
				if f.Code == "" || f.Cause == "" || f.Cure == "" {
					t.Errorf("%+v is not whole", f)
				}
			}
			if len(errs) == 0 {
				return
			}
			for what, part := range map[string]string{"code": string(errs[0].Code), "cause": errs[0].Cause, "cure": errs[0].Cure} {
				if !strings.Contains(first, part) {
					t.Errorf("the first line lacks the %s %q: %s", what, part, first)
				}
			}
		})
	}
}

// golden compares a report with that of the file.
func (p *patient) golden(t *testing.T, file, got string) {
	t.Helper()
	i := slices.IndexFunc(p.archive.Files, func(f txtar.File) bool { return f.Name == "report" })
	if i < 0 {
		i = len(p.archive.Files)
		p.archive.Files = append(p.archive.Files, txtar.File{Name: "report"})
	}
	if *update {
		p.archive.Files[i].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(p.archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(p.archive.Files[i].Data); got != want {
		t.Errorf("got (-update writes it)\n%s\nwant\n%s", got, want)
	}
}

func readPatient(t *testing.T, file string) *patient {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := &patient{archive: archive, options: doctor.Options{Name: "app.wasm"}}
	for _, line := range strings.Split(string(archive.Comment), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if err := p.follow(t, words[0], words[1:]); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return p
}

// follow follows one directive.
func (p *patient) follow(t *testing.T, word string, args []string) (err error) {
	o := &p.options
	switch word {
	case "import": // a component that imports the interfaces of guest.wit
		g, err := forward.Component(p.interfaces(t, "guest.wit")...)
		if err == nil {
			p.data = g.Bytes
		}
		return err
	case "command": // one that calls a function of guest.wit, and exports an instance
		all := p.interfaces(t, "guest.wit")
		export := "wasi:cli/run@0.2.0"
		if len(args) > 1 {
			export = args[1]
		}
		p.data, err = forward.Command(export, "run", all[len(all)-1], args[0])
	case "export": // one that exports an instance with a function
		p.data = forward.Exporting(args[0], args[1])
	case "wat": // one of testdata/wat, which is built from text
		p.data, err = os.ReadFile("testdata/wat/" + args[0] + ".wasm")
	case "guest": // one of testdata/guests
		p.data, err = os.ReadFile("../../testdata/guests/" + args[0] + ".wasm")
	case "text":
		p.data = p.file(t, args[0])
	case "bytes": // in Go's notation, without spaces
		_, err = fmt.Sscanf(args[0], "%q", &p.data)
	case "begin": // the first bytes of what there is
		n := 0
		_, err = fmt.Sscan(args[0], &n)
		p.data = p.data[:n]
	case "instances": // a component that imports a core module and makes so many instances of it
		n := 0
		_, err = fmt.Sscan(args[0], &n)
		p.data = []byte(pieces.Component(
			pieces.Section(3, pieces.Vec("\x50\x00")), // the type of a module
			pieces.Section(10, pieces.Vec("\x00"+pieces.Name("plugin")+"\x00\x11\x00")),
			pieces.Section(2, pieces.Times(n, "\x00\x00\x00")),
		))
	case "section": // a custom section at the end, with a byte in it
		p.data = append(slices.Clone(p.data), pieces.Section(0, pieces.Name(args[0])+"\x00")...)
	case "world": // the world of world.wit is embedded, as by bindings
		packages, err := wit.Parse(wit.File{Name: "world.wit", Text: string(p.file(t, "world.wit"))})
		if err == nil {
			p.data, err = component.EmbedWorld(p.data, packages[0].Worlds[0], cabi.UTF8)
		}
		return err
	case "library":
		o.Library = true
	case "alias":
		from, to, _ := strings.Cut(args[0], "=")
		o.Aliases = append(o.Aliases, doctor.Alias{From: from, To: to})
	case "stub":
		o.Stubs = map[string]component.StubMode{"missing": component.StubTraps, "error": component.StubErrors}[args[0]]
	case "link":
		name, path, _ := strings.Cut(args[0], "=")
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		o.Links = append(o.Links, doctor.Link{Name: name, Path: filepath.Base(path), Data: data})
	case "net":
		rule, err := sockets.ParseRule(args[0])
		if err != nil {
			return err
		}
		o.Grants.Network = o.Grants.Network.With(rule)
	case "env":
		o.Grants.Env = args
	case "dir":
		o.Grants.Dirs = []hostimpl.Dir{{Host: args[0], Guest: "/"}}
	case "log":
		o.Grants.Log = slog.Default()
	case "host": // what is offered, in place of WASI
		p.host(t, args)
	default:
		return errors.New("there is no such directive")
	}
	return err
}

// host makes the host of a case: nothing, all but a package, or the interfaces of host.wit;
// with "shims" those, too.
func (p *patient) host(t *testing.T, args []string) {
	p.options.Offer = func(l *component.Linker) error {
		for _, arg := range args {
			switch arg {
			case "nothing":
			case "wit":
				for _, i := range p.interfaces(t, "host.wit") {
					if err := l.DefineAs(i.Name.String(), offered(i)); err != nil {
						return err
					}
				}
			case "shims":
				if err := l.Shim(adapter.Shims()...); err != nil {
					return err
				}
			default: // a package that is left out
				h, err := hostimpl.New(hostimpl.Config{})
				if err != nil {
					return err
				}
				defer h.Close()
				for _, i := range h.Interfaces() {
					if i.Type.Name.Package == arg {
						continue
					}
					if err := l.Define(i); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
}

// offered is an interface that is never called.
func offered(i *wit.Interface) *component.Interface {
	all := &component.Interface{Type: i, Funcs: map[string]component.HostFunc{}, Resources: map[string]*cabi.ResourceType{}}
	for _, f := range i.Funcs {
		all.Funcs[f.Name] = func(*cabi.Call, []uint64) { panic("called") }
	}
	for _, def := range i.Types {
		if _, declared := def.Type.(*wit.Resource); declared {
			all.Resources[def.Name] = &cabi.ResourceType{Name: def.Name}
		}
	}
	return all
}

func (p *patient) file(t *testing.T, name string) []byte {
	t.Helper()
	for _, f := range p.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	t.Fatalf("there is no file %s", name)
	return nil
}

// interfaces are those of the packages in a file of the case.
func (p *patient) interfaces(t *testing.T, name string) []*wit.Interface {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: name, Text: string(p.file(t, name))})
	if err != nil {
		t.Fatal(err)
	}
	var all []*wit.Interface
	for _, pkg := range packages {
		all = append(all, pkg.Interfaces...)
	}
	return all
}
