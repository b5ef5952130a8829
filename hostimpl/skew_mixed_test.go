package hostimpl_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/wit"
)

func named(t testing.TB, all []*wit.Interface, name string) *wit.Interface {
	t.Helper()
	for _, i := range all {
		if i.Name.Unversioned().String() == name {
			return i
		}
	}
	t.Fatalf("no %s", name)
	return nil
}

// TestATrackHasOneResourceType: a guest gives a handle that one version of an interface
// gave it to another version, and drops it as one of that. Guests of JavaScript import
// 0.2.12 and 0.2.3 at once, and the core code of any guest may do so.
func TestATrackHasOneResourceType(t *testing.T) {
	ctx := context.Background()
	r := newRuntime(t)
	l := component.NewLinker(r)
	if err := hostimpl.Link(l, hostimpl.Config{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		first  int
		give   string
		second int
		take   string
	}{
		{0, "wasi:clocks/monotonic-clock#subscribe-duration", 12, "wasi:io/poll#[method]pollable.block"},
		{12, "wasi:clocks/monotonic-clock#subscribe-duration", 3, "wasi:io/poll#[method]pollable.ready"},
		{3, "wasi:clocks/monotonic-clock#subscribe-instant", 6, "wasi:io/poll#[method]pollable.ready"},
		{99, "wasi:clocks/monotonic-clock#subscribe-instant", 0, "wasi:io/poll#[method]pollable.ready"},
		{12, "wasi:cli/stdout#get-stdout", 3, "wasi:io/streams#[method]output-stream.flush"},
		{3, "wasi:cli/stdin#get-stdin", 12, "wasi:io/streams#[method]input-stream.read"},
		{1, "wasi:http/types#[constructor]fields", 12, "wasi:http/types#[method]fields.entries"},
		{2, "wasi:http/types#[constructor]request-options", 0, "wasi:http/types#[method]request-options.connect-timeout"},
	} {
		name := fmt.Sprintf("%s of 0.2.%d to %s of 0.2.%d", c.give, c.first, c.take, c.second)
		from, give, _ := strings.Cut(c.give, "#")
		to, take, _ := strings.Cut(c.take, "#")
		data, err := forward.Passing(named(t, published(t, c.first, nil), from), give, named(t, published(t, c.second, nil), to), take)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		guest, err := r.Compile(ctx, data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		in, err := l.Instantiate(ctx, guest)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := in.Call(ctx, "", "pass"); err != nil || got != uint32(1) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if err := in.Close(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEverythingInTwoVersionsAtOnce: one guest imports all of WASI twice.
func TestEverythingInTwoVersionsAtOnce(t *testing.T) {
	r := newRuntime(t)
	l := hostOf(t, r, last, hostimpl.Config{Network: loopback(t)})
	c, g := importer(t, r, slices.Concat(published(t, 12, nil), published(t, 3, nil))...)
	for _, m := range l.Match(c) {
		if m.Quality == component.Missing {
			t.Errorf("%v", m)
		}
	}
	in, err := l.Instantiate(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	call := func(name string, args ...any) any {
		t.Helper()
		v, err := in.Call(context.Background(), "", g.Exports[name], args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	soon := call("wasi:clocks/monotonic-clock@0.2.3#subscribe-duration", uint64(1))
	late := call("wasi:clocks/monotonic-clock@0.2.12#subscribe-duration", uint64(3600e9))
	for _, v := range []string{"0.2.3", "0.2.12"} {
		got := call("wasi:io/poll@"+v+"#poll", []any{late, soon})
		if fmt.Sprint(got) != "[1]" {
			t.Errorf("poll of %s: %v", v, got)
		}
	}
}

// changes are what a vendor might do to an interface. Each answers false where there is
// nothing of the kind to change.
var changes = []struct {
	name  string
	links bool // the guest has less than the host
	apply func(*wit.Interface) bool
}{
	{"a function added", false, func(i *wit.Interface) bool {
		i.Funcs = append(i.Funcs, &wit.Func{Name: "tenon-added", Result: wit.U32})
		return true
	}},
	{"a function removed", true, func(i *wit.Interface) bool {
		i.Funcs = i.Funcs[min(1, len(i.Funcs)):]
		return len(i.Funcs) > 0
	}},
	{"a parameter added", false, func(i *wit.Interface) bool {
		if len(i.Funcs) == 0 {
			return false
		}
		f := i.Funcs[0]
		f.Params = append(f.Params, wit.Param{Name: "tenon-added", Type: wit.Bool})
		return true
	}},
	{"a parameter changed", false, func(i *wit.Interface) bool {
		for _, f := range i.Funcs {
			for n, p := range f.Params {
				if _, borrow := p.Type.(*wit.Borrow); !borrow {
					f.Params[n].Type = &wit.List{Elem: wit.Char}
					return true
				}
			}
		}
		return false
	}},
	{"a result changed", false, func(i *wit.Interface) bool {
		if len(i.Funcs) == 0 {
			return false
		}
		f := i.Funcs[len(i.Funcs)-1]
		if f.Kind == wit.Constructor {
			return false
		}
		f.Result = &wit.Tuple{Elems: []wit.Type{wit.Char}}
		return true
	}},
	{"a field renamed", false, func(i *wit.Interface) bool {
		for _, def := range i.Types {
			if r, ok := def.Type.(*wit.Record); ok {
				r.Fields[len(r.Fields)-1].Name = "tenon-renamed"
				return true
			}
		}
		return false
	}},
	{"a case removed", false, func(i *wit.Interface) bool {
		for _, def := range i.Types {
			switch typ := def.Type.(type) {
			case *wit.Enum:
				typ.Labels = typ.Labels[:len(typ.Labels)-1]
				return true
			case *wit.Variant:
				typ.Cases = typ.Cases[:len(typ.Cases)-1]
				return true
			}
		}
		return false
	}},
	{"a resource added", false, func(i *wit.Interface) bool {
		i.Types = append(i.Types, &wit.TypeDef{Name: "tenon-added", Type: &wit.Resource{}, Interface: i})
		return true
	}},
	{"a type added", true, func(i *wit.Interface) bool {
		i.Types = append(i.Types, &wit.TypeDef{Name: "tenon-added", Type: wit.U8, Interface: i})
		return true
	}},
}

// TestGuestsWhoseInterfacesChanged: for each interface and each change, of an older and of a
// newer guest, the verdict, and what is said.
func TestGuestsWhoseInterfacesChanged(t *testing.T) {
	r := newRuntime(t)
	l := component.NewLinker(r)
	if err := hostimpl.Link(l, hostimpl.Config{}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, patch := range []int{3, 99} {
		for _, change := range changes {
			fmt.Fprintf(&b, "# 0.2.%d, %s\n", patch, change.name)
			for n := range published(t, patch, nil) {
				i := published(t, patch, nil)[n]
				if !change.apply(i) {
					continue
				}
				guest, _ := importer(t, r, i)
				for _, m := range l.Match(guest) {
					if m.Import != i.Name.String() {
						continue
					}
					fmt.Fprintf(&b, "%v: %v\n", m.Quality, m)
					if (m.Quality != component.Missing) != change.links {
						t.Errorf("%s: %v", change.name, m)
					}
				}
				if _, err := l.Instantiate(context.Background(), guest); (err == nil) != change.links {
					t.Errorf("%s with %s: %v", i.Name, change.name, err)
				}
			}
			b.WriteString("\n")
		}
	}
	goldenSkew(t, "testdata/skew/changed.golden", b.String())
}
