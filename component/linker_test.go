package component_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// interfacesOf parses WIT text and makes offers whose functions do nothing.
func interfacesOf(t testing.TB, text string) map[string]*component.Interface {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: "test.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*component.Interface{}
	for _, p := range packages {
		for _, i := range p.Interfaces {
			offer := &component.Interface{Type: i, Funcs: map[string]component.HostFunc{}, Resources: map[string]*cabi.ResourceType{}}
			for _, f := range i.Funcs {
				offer.Funcs[f.Name] = func(*cabi.Call, []uint64) {}
			}
			for _, def := range i.Types {
				if _, declared := def.Type.(*wit.Resource); declared {
					offer.Resources[def.Name] = &cabi.ResourceType{Name: def.Name}
				}
			}
			all[i.Name.String()] = offer
		}
	}
	return all
}

// matchOf tells how an import would be met by offers.
func matchOf(t testing.TB, l *component.Linker, c *component.Component, name string) component.Match {
	t.Helper()
	for _, m := range l.Match(c) {
		if m.Import == name {
			return m
		}
	}
	t.Fatalf("no import %s", name)
	return component.Match{}
}

func thing(version, body string) string {
	return "package acme:missing@" + version + ";\ninterface thing {" + body + "}\n"
}

const ask = "ask: func(question: string) -> string;"

// TestVersionsMatchAlongTheirTrack: the guest imports acme:missing/thing@1.2.3.
func TestVersionsMatchAlongTheirTrack(t *testing.T) {
	r, c := guest(t, "missing-import.wasm")
	im := importOf(t, c, "acme:missing/thing@1.2.3")
	body := strings.TrimSpace(wit.Printer{}.Interface(im))
	body = body[strings.Index(body, "{")+1 : strings.LastIndex(body, "}")]
	for _, try := range []struct {
		offered []string
		quality component.Quality
		by      string
	}{
		{[]string{"1.2.3"}, component.Exact, "1.2.3"},
		{[]string{"1.9.0", "1.2.3", "1.2.4"}, component.Exact, "1.2.3"},
		{[]string{"1.9.0", "1.10.0", "1.2.4"}, component.Compatible, "1.10.0"},
		{[]string{"1.0.0"}, component.Compatible, "1.0.0"},
		{[]string{"2.0.0"}, component.Missing, ""},
		{[]string{"0.2.3"}, component.Missing, ""},
		{[]string{"1.2.3-rc.1"}, component.Missing, ""},
		{[]string{"1.2.3-rc.1", "1.1.0"}, component.Compatible, "1.1.0"},
		{nil, component.Missing, ""},
	} {
		l := component.NewLinker(r)
		for _, v := range try.offered {
			for _, i := range interfacesOf(t, thing(v, body)) {
				if err := l.Define(i); err != nil {
					t.Fatal(err)
				}
			}
		}
		by := ""
		if try.by != "" {
			by = "acme:missing/thing@" + try.by
		}
		if m := matchOf(t, l, c, "acme:missing/thing@1.2.3"); m.Quality != try.quality || m.Offer != by {
			t.Errorf("with %v: %v by %q (%s), want %v by %q", try.offered, m.Quality, m.Offer, m.Reason, try.quality, by)
		}
	}
}

// TestALinkErrorListsEverything, and says what stands in the way of each import.
func TestALinkErrorListsEverything(t *testing.T) {
	r, c := guest(t, "hello.wasm")
	l := component.NewLinker(r)
	for _, i := range interfacesOf(t, `package wasi:cli@0.2.4;
interface environment { get-arguments: func() -> list<u8>; }
interface exit { exit: func(status: result); }
`) {
		if err := l.Define(i); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range interfacesOf(t, `package wasi:random@0.3.0;
interface random { get-random-bytes: func(len: u64) -> list<u8>; }`) {
		if err := l.Define(i); err != nil {
			t.Fatal(err)
		}
	}
	_, err := l.Instantiate(context.Background(), c)
	var le *component.LinkError
	if !errors.As(err, &le) {
		t.Fatal(err)
	}
	t.Log(err)
	if len(le.Missing) < 5 {
		t.Errorf("%d imports missing, want all", len(le.Missing))
	}
	for _, want := range []string{
		"function get-arguments of wasi:cli/environment@0.2.4 has another type: result[]: string, host has u8",
		"has no function exit-with-code",
		"the host offers wasi:random/random@0.3.0, which is on another track",
		"no interface of that name is offered, in any version",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q", want)
		}
	}
	// What is defined later counts.
	for _, i := range interfacesOf(t, `package wasi:random@0.2.0;
interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }`) {
		if err := l.Define(i); err != nil {
			t.Fatal(err)
		}
	}
	if m := matchOf(t, l, c, "wasi:random/random@0.2.12"); m.Quality != component.Compatible {
		t.Errorf("after Define: %v", m)
	}
}

// TestTheLastInterfaceOfANameCounts, its resources included.
func TestTheLastInterfaceOfANameCounts(t *testing.T) {
	r, c := guest(t, "resources.wasm")
	im := importOf(t, c, "tenon:test/tokens")
	first, second := newShop(), newShop()
	in := instantiate(t, r, c, first.offer(t, im), second.offer(t, im))
	call(t, in, walks, "swallow", &token{"x"})
	if len(first.ended) != 0 || len(second.ended) != 1 {
		t.Errorf("dropped with %v and %v, want the second", first.ended, second.ended)
	}
}

// TestVersionsOfOneTrackAndTheirResources: a guest of hello-adapter-0.2.0 imports
// everything at 0.2.0, and its get-stdout gives a stream of wasi:io/streams. The
// host may serve that from two versions of one track only if they have one
// ResourceType.
func TestVersionsOfOneTrackAndTheirResources(t *testing.T) {
	r, hello := guest(t, "hello-adapter-0.2.0.wasm")
	stdout, streams := "wasi:cli/stdout", "wasi:io/streams"
	text := func(version string) string {
		return `package wasi:cli@` + version + `;
interface stdout { use wasi:io/streams@` + version + `.{output-stream}; get-stdout: func() -> output-stream; }
package wasi:io@` + version + ` { interface streams { resource output-stream; } }
`
	}
	old, young := interfacesOf(t, text("0.2.0")), interfacesOf(t, text("0.2.6"))
	quality := func(what string, want component.Quality, offers ...*component.Interface) {
		t.Helper()
		l := component.NewLinker(r)
		for _, o := range offers {
			if err := l.Define(o); err != nil {
				t.Fatal(err)
			}
		}
		if m := matchOf(t, l, hello, stdout+"@0.2.0"); m.Quality != want {
			t.Errorf("%s: %v, want %v", what, m, want)
		}
	}
	quality("both from 0.2.6", component.Compatible, young[stdout+"@0.2.6"], young[streams+"@0.2.6"])
	quality("two versions with a resource each", component.Missing, young[stdout+"@0.2.6"], young[streams+"@0.2.6"], old[streams+"@0.2.0"])
	old[streams+"@0.2.0"].Resources = young[streams+"@0.2.6"].Resources
	quality("two versions with one resource", component.Compatible, young[stdout+"@0.2.6"], young[streams+"@0.2.6"], old[streams+"@0.2.0"])
}

func TestDefineRefusesHalfAnInterface(t *testing.T) {
	r, _ := guest(t, "missing-import.wasm")
	l := component.NewLinker(r)
	for _, i := range interfacesOf(t, thing("1.0.0", ask+" resource r;")) {
		i.Funcs = nil
		if err := l.Define(i); err == nil || !strings.Contains(err.Error(), "no code for its function ask") {
			t.Errorf("without code: %v", err)
		}
	}
	for _, i := range interfacesOf(t, thing("1.0.0", ask)) {
		i.Resources["ghost"] = &cabi.ResourceType{}
		if err := l.Define(i); err == nil || !strings.Contains(err.Error(), "declares no resource ghost") {
			t.Errorf("with a resource of nothing: %v", err)
		}
	}
	for _, i := range interfacesOf(t, thing("1.0.0", "resource r;")) {
		i.Resources = nil
		if err := l.Define(i); err == nil || !strings.Contains(err.Error(), "no run-time type for its resource r") {
			t.Errorf("without its resource: %v", err)
		}
	}
}
