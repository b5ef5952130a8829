package hostimpl_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/wit"
)

var updateSkew = flag.Bool("update-skew", false, "write testdata/skew/matrix.golden")

// last is the newest patch of 0.2.
const last = 12

// arrived tells in which patch of 0.2 what was not in 0.2.0 came, an interface, a function
// or a type: a fact about what WASI published, which the gates in its WIT tell in part.
var arrived = map[string]int{
	"wasi:clocks/timezone":                                         1,
	"wasi:cli/exit#exit-with-code":                                 1,
	"wasi:http/types#field-name":                                   2,
	"wasi:sockets/network#network-error-code":                      2,
	"wasi:sockets/network#error":                                   2, // for network-error-code
	"wasi:http/types#[method]response-outparam.send-informational": 4,
	"wasi:clocks/timezone#display":                                 1,
	"wasi:clocks/timezone#utc-offset":                              1,
	"wasi:clocks/timezone#timezone-display":                        1,
	"wasi:clocks/timezone#datetime":                                1,
}

var released = []string{"cli", "clocks", "filesystem", "http", "io", "random", "sockets"}

// TestWhatArrivedIsWhatTheGatesSay: nothing that is marked as newer is forgotten above.
func TestWhatArrivedIsWhatTheGatesSay(t *testing.T) {
	packages, err := wit.ParseFS(witfiles.FS, released...)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, g wit.Gate) {
		newer := g.Unstable != "" || !g.Since.IsZero() && g.Since.Compare(wit.V(0, 2, 0)) > 0
		if _, listed := arrived[name]; listed != newer {
			t.Errorf("%s: listed as newer than 0.2.0: %v; its gate is %+v", name, listed, g)
		}
	}
	for _, p := range packages {
		for _, i := range p.Interfaces {
			name := i.Name.Unversioned().String()
			check(name, i.Gate)
			for _, f := range i.Funcs {
				check(name+"#"+f.Name, f.Gate)
			}
			for _, def := range i.Types {
				check(name+"#"+def.Name, def.Gate)
			}
		}
	}
}

// published is WASI as of 0.2.patch: the interfaces that components import.
func published(t testing.TB, patch int, edit func(string) string) []*wit.Interface {
	t.Helper()
	packages, err := forward.Packages(witfiles.FS, "0.2.12", fmt.Sprintf("0.2.%d", patch), func(text string) string {
		if patch < arrived["wasi:http/types#field-name"] {
			text = strings.NewReplacer(": field-name", ": field-key", "<field-name,", "<field-key,").Replace(text)
		}
		if edit != nil {
			text = edit(text)
		}
		return text
	}, released...)
	if err != nil {
		t.Fatal(err)
	}
	var all []*wit.Interface
	for _, p := range packages {
		for _, i := range p.Interfaces {
			name := i.Name.Unversioned().String()
			there := func(item string) bool { return arrived[name+item] <= patch }
			if !there("") || name == "wasi:cli/run" || name == "wasi:http/incoming-handler" {
				continue // Those two are exported.
			}
			i.Funcs = slices.DeleteFunc(i.Funcs, func(f *wit.Func) bool { return !there("#" + f.Name) })
			i.Types = slices.DeleteFunc(i.Types, func(def *wit.TypeDef) bool { return !there("#" + def.Name) })
			all = append(all, i)
		}
	}
	return all
}

// hostOf is a host as it would have been at 0.2.patch.
func hostOf(t testing.TB, r *component.Runtime, patch int, cfg hostimpl.Config) *component.Linker {
	t.Helper()
	host, err := hostimpl.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	l := component.NewLinker(r)
	for _, i := range host.Interfaces() {
		if i.Type.Name.Version == wit.V(0, 2, last) {
			name := i.Type.Name.Unversioned().String()
			if arrived[name] > patch {
				continue
			}
			typ := *i.Type
			typ.Name.Version = wit.V(0, 2, uint64(patch))
			typ.Funcs = slices.DeleteFunc(slices.Clone(typ.Funcs), func(f *wit.Func) bool { return arrived[name+"#"+f.Name] > patch })
			i = &component.Interface{Type: &typ, Funcs: i.Funcs, Resources: i.Resources}
		}
		if err := l.Define(i); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// A row is what became of one interface.
type row struct {
	name    string
	lines   []string // by patch
	reasons []string
}

func newRuntime(t testing.TB) *component.Runtime {
	t.Helper()
	r, err := component.NewRuntime(context.Background(), component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func importer(t testing.TB, r *component.Runtime, interfaces ...*wit.Interface) (*component.Component, *forward.Guest) {
	t.Helper()
	g, err := forward.Component(interfaces...)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Compile(context.Background(), g.Bytes)
	if err != nil {
		t.Fatalf("%s: %v", interfaces[0].Name, err)
	}
	return c, g
}

// TestGuestsOfEveryVersion: for each patch of 0.2 and each interface that it has, a guest
// that imports that alone is linked with this host and with the host of every other patch,
// and all its functions that can be called are called here.
func TestGuestsOfEveryVersion(t *testing.T) {
	ctx := context.Background()
	r := newRuntime(t)
	cfg := hostimpl.Config{
		Network: loopback(t), Args: []string{"guest"}, Dirs: []hostimpl.Dir{{Host: t.TempDir(), Guest: "/"}},
	}
	var hosts []*component.Linker
	for patch := range last + 1 {
		hosts = append(hosts, hostOf(t, r, patch, cfg))
	}
	rows := map[string]*row{}
	for patch := range last + 1 {
		// Resources come from a guest of another version, in which everything is.
		source := newSource(t, r, hosts[last], published(t, (patch+6)%(last+1), nil))
		for _, i := range published(t, patch, nil) {
			name := i.Name.Unversioned().String()
			if rows[name] == nil {
				rows[name] = &row{name: name, lines: make([]string, last+1)}
			}
			c, g := importer(t, r, i)
			for h, l := range hosts {
				rows[name].judge(t, l, c, i, h)
			}
			rows[name].lines[patch] = callAll(ctx, t, hosts[last], c, g, i, source)
			if err := c.Close(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	goldenSkew(t, "testdata/skew/matrix.golden", printRows(rows))
}

// judge holds the linker to what the versions of guest and host let expect.
func (row *row) judge(t *testing.T, l *component.Linker, c *component.Component, i *wit.Interface, host int) {
	t.Helper()
	guest := int(i.Name.Version.Patch)
	want := component.Compatible
	switch {
	case len(i.Funcs) == 0 && !slices.ContainsFunc(i.Types, (*wit.TypeDef).IsResource):
		t.Fatalf("%s has nothing", i.Name)
	case arrived[row.name] > host, slices.ContainsFunc(i.Funcs, func(f *wit.Func) bool { return arrived[row.name+"#"+f.Name] > host }):
		want = component.Missing
	case guest == host:
		want = component.Exact
	}
	for _, m := range l.Match(c) {
		if m.Import != i.Name.String() {
			if m.Quality == component.Missing {
				t.Errorf("%s on a host of 0.2.%d: %v", i.Name, host, m)
			}
			continue
		}
		if m.Quality != want {
			t.Errorf("%s on a host of 0.2.%d: %v: %v, want %v", i.Name, host, m.Quality, m, want)
		}
		if m.Quality == component.Missing && guest == last {
			row.reasons = append(row.reasons, fmt.Sprintf("  (%v) %v\n", m.Cause, m))
		}
	}
}

// callAll calls every function of an interface with values that can be made, each in an
// instance of its own, and sums up.
func callAll(ctx context.Context, t *testing.T, l *component.Linker, c *component.Component, g *forward.Guest, i *wit.Interface, source *source) string {
	t.Helper()
	called := 0
	var notes []string
	for _, f := range i.Funcs {
		args, ok := source.args(f)
		if !ok {
			notes = append(notes, "\n    no values for "+f.Name)
			continue
		}
		called++
		err := callOne(ctx, l, c, g.Exports[i.Name.String()+"#"+f.Name], args)
		var exit *component.ExitError
		if errors.As(err, &exit) {
			notes = append(notes, fmt.Sprintf("\n    %s: %v", f.Name, exit))
		} else if err != nil {
			t.Errorf("%s#%s: %v", i.Name, f.Name, err)
		}
	}
	return fmt.Sprintf("%d functions, %d called%s", len(i.Funcs), called, strings.Join(notes, ""))
}

func callOne(ctx context.Context, l *component.Linker, c *component.Component, export string, args []any) error {
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_, err = in.Call(ctx, "", export, args...)
	return errors.Join(err, in.Close(context.WithoutCancel(ctx)))
}

// printRows joins patches with the same line.
func printRows(rows map[string]*row) string {
	var b strings.Builder
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range rows {
			if !yield(name) {
				return
			}
		}
	}) {
		row := rows[name]
		fmt.Fprintf(&b, "%s\n", name)
		for from := 0; from <= last; {
			to := from
			for to < last && row.lines[to+1] == row.lines[from] {
				to++
			}
			if row.lines[from] != "" {
				fmt.Fprintf(&b, "  0.2.%d to 0.2.%d: %s\n", from, to, row.lines[from])
			}
			from = to + 1
		}
		b.WriteString(strings.Join(row.reasons, ""))
	}
	return b.String()
}

func goldenSkew(t *testing.T, file, got string) {
	t.Helper()
	if *updateSkew {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what it says now; -update-skew writes it:\n%s", file, got)
	}
}

// A source gives values of any type, resources among them, which it has a guest ask for.
type source struct {
	testing.TB
	in    *component.Instance
	guest *forward.Guest
	gives map[string][]giver // by resource
	made  map[string]any     // what takes more than one call to make
}

// A giver is a function that gives a resource.
type giver struct {
	export string
	f      *wit.Func
}

func newSource(t testing.TB, r *component.Runtime, l *component.Linker, all []*wit.Interface) *source {
	t.Helper()
	c, g := importer(t, r, all...)
	in, err := l.Instantiate(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s := &source{TB: t, in: in, guest: g, gives: map[string][]giver{}}
	for _, i := range all {
		for _, f := range i.Funcs {
			owned(f.Result, func(def *wit.TypeDef) {
				give := giver{g.Exports[i.Name.String()+"#"+f.Name], f}
				if f.Name == "subscribe-duration" { // the one that gets ready
					s.gives[key(def)] = append([]giver{give}, s.gives[key(def)]...)
					return
				}
				s.gives[key(def)] = append(s.gives[key(def)], give)
			})
		}
	}
	s.datagrams(all[0].Name.Version)
	return s
}

// datagrams makes the streams of a UDP socket, which has to be bound first.
func (s *source) datagrams(v wit.Version) {
	call := func(name string, args ...any) any {
		iface, f, _ := strings.Cut(name, "#")
		result, err := s.in.Call(context.Background(), "", s.guest.Exports["wasi:sockets/"+iface+"@"+v.String()+"#"+f], args...)
		if res, ok := result.(cabi.Result); err != nil || ok && res.IsErr {
			s.Fatalf("%s: %v, %v", name, result, err)
		}
		if res, ok := result.(cabi.Result); ok {
			return res.Value
		}
		return result
	}
	socket := call("udp-create-socket#create-udp-socket", "ipv4")
	network := call("instance-network#instance-network")
	local := cabi.Variant{Case: "ipv4", Value: map[string]any{"port": uint16(0), "address": []any{uint8(127), uint8(0), uint8(0), uint8(1)}}}
	call("udp#[method]udp-socket.start-bind", socket, network, local)
	call("udp#[method]udp-socket.finish-bind", socket)
	streams := call("udp#[method]udp-socket.stream", socket, nil).([]any)
	s.made = map[string]any{
		"wasi:sockets/udp.incoming-datagram-stream": streams[0],
		"wasi:sockets/udp.outgoing-datagram-stream": streams[1],
	}
}

// key names a resource, whatever its version.
func key(def *wit.TypeDef) string {
	root := def.Root()
	return root.Interface.Name.Unversioned().String() + "." + root.Name
}

// owned finds the resources that a result gives.
func owned(t wit.Type, found func(*wit.TypeDef)) {
	if def, ok := t.(*wit.TypeDef); ok && def.IsResource() {
		found(def)
		return
	}
	switch t := wit.Structure(t).(type) {
	case *wit.Own:
		found(t.Resource)
	case *wit.List:
		owned(t.Elem, found)
	case *wit.Option:
		owned(t.Elem, found)
	case *wit.Result:
		owned(t.OK, found)
	case *wit.Tuple:
		for _, e := range t.Elems {
			owned(e, found)
		}
	}
}

// taken finds a resource in a value as owned does in its type.
func taken(t wit.Type, v any, want string) any {
	if def, ok := t.(*wit.TypeDef); ok && def.IsResource() && key(def) == want {
		return v
	}
	switch t := wit.Structure(t).(type) {
	case *wit.Own:
		if key(t.Resource) == want {
			return v
		}
	case *wit.List:
		list, _ := v.([]any)
		for _, e := range list {
			if got := taken(t.Elem, e, want); got != nil {
				return got
			}
		}
	case *wit.Option:
		if v != nil {
			return taken(t.Elem, v, want)
		}
	case *wit.Result:
		if res := v.(cabi.Result); !res.IsErr {
			return taken(t.OK, res.Value, want)
		}
	case *wit.Tuple:
		for i, e := range t.Elems {
			if got := taken(e, v.([]any)[i], want); got != nil {
				return got
			}
		}
	}
	return nil
}

// args are arguments for a function.
func (s *source) args(f *wit.Func) ([]any, bool) { return s.argsAt(f, 0) }

func (s *source) argsAt(f *wit.Func, depth int) ([]any, bool) {
	args := []any{}
	for _, p := range f.Params {
		v, ok := s.value(p.Type, depth)
		if !ok {
			return nil, false
		}
		args = append(args, v)
	}
	return args, true
}

// resource has the guest ask for a resource.
func (s *source) resource(def *wit.TypeDef, depth int) (any, bool) {
	if depth > 3 {
		return nil, false
	}
	if v := s.made[key(def)]; v != nil {
		return v, true
	}
	for _, g := range s.gives[key(def)] {
		args, ok := s.argsAt(g.f, depth+1)
		if !ok {
			continue
		}
		result, err := s.in.Call(context.Background(), "", g.export, args...)
		if err != nil {
			s.Fatalf("%s: %v", g.f.Name, err)
		}
		if v := taken(g.f.Result, result, key(def)); v != nil {
			return v, true
		}
	}
	return nil, false
}

// value is a value of a type, as plain as can be.
func (s *source) value(t wit.Type, depth int) (any, bool) {
	if def, ok := t.(*wit.TypeDef); ok && def.IsResource() {
		return s.resource(def, depth)
	}
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return map[wit.Prim]any{
			wit.Bool: false, wit.Char: 'x', wit.String: "127.0.0.1", wit.F32: float32(0), wit.F64: float64(0),
			wit.U8: uint8(0), wit.U16: uint16(0), wit.U32: uint32(0), wit.U64: uint64(0),
			wit.S8: int8(0), wit.S16: int16(0), wit.S32: int32(0), wit.S64: int64(0),
		}[t], true
	case *wit.Own:
		return s.resource(t.Resource, depth)
	case *wit.Borrow:
		return s.resource(t.Resource, depth)
	case *wit.List:
		if wit.Structure(t.Elem) == wit.U8 {
			return []byte{}, true
		}
		v, ok := s.value(t.Elem, depth) // A list of pollables must not be empty.
		return []any{v}, ok
	case *wit.Option:
		return nil, true
	case *wit.Result:
		if t.OK == nil {
			return cabi.Result{}, true
		}
		v, ok := s.value(t.OK, depth)
		return cabi.Result{Value: v}, ok
	case *wit.Tuple:
		all := []any{}
		for _, e := range t.Elems {
			v, ok := s.value(e, depth)
			if !ok {
				return nil, false
			}
			all = append(all, v)
		}
		return all, true
	case *wit.Record:
		all := map[string]any{}
		for _, f := range t.Fields {
			v, ok := s.value(f.Type, depth)
			if !ok {
				return nil, false
			}
			all[f.Name] = v
		}
		return all, true
	case *wit.Enum:
		return t.Labels[0], true
	case *wit.Flags:
		return []string{}, true
	case *wit.Variant:
		for _, c := range t.Cases {
			if c.Type == nil {
				return cabi.Variant{Case: c.Name}, true
			}
			if v, ok := s.value(c.Type, depth); ok {
				return cabi.Variant{Case: c.Name, Value: v}, true
			}
		}
	}
	return nil, false
}
