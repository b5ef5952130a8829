package adapter_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/sockets"
	"github.com/tenon-wasm/tenon/wit"
)

// later are the functions that came after 0.2.0.
var later = map[string]bool{
	"exit-with-code": true, "network-error-code": true, "[method]response-outparam.send-informational": true,
}

// candidate is WASI 0.2 under the version of a release candidate, by the names of
// interfaces; edit changes the text of its WIT.
func candidate(t *testing.T, version string, edit func(string) string) map[string]*wit.Interface {
	t.Helper()
	packages, err := forward.Packages(witfiles.FS, "0.2.12", version, edit,
		"cli", "clocks", "filesystem", "http", "io", "random", "sockets")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*wit.Interface{}
	for _, p := range packages {
		for _, i := range p.Interfaces {
			if i.Name.Interface == "timezone" {
				continue // It came after 0.2.0, too.
			}
			var funcs []*wit.Func
			for _, f := range i.Funcs {
				if !later[f.Name] {
					funcs = append(funcs, f)
				}
			}
			i.Funcs = funcs
			all[i.Name.Unversioned().String()] = i
		}
	}
	return all
}

// host is a linker with all of WASI and the shims.
func host(t *testing.T, cfg hostimpl.Config) (*component.Runtime, *component.Linker) {
	t.Helper()
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	l := component.NewLinker(r)
	if err := hostimpl.Link(l, cfg); err != nil {
		t.Fatal(err)
	}
	if err := l.Shim(adapter.Shims()...); err != nil {
		t.Fatal(err)
	}
	return r, l
}

func importing(t *testing.T, r *component.Runtime, interfaces ...*wit.Interface) (*component.Component, *forward.Guest) {
	t.Helper()
	g, err := forward.Component(interfaces...)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Compile(context.Background(), g.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c, g
}

// TestCandidatesAreMetByTheRelease, interface by interface, where declarations are those of
// 0.2.0.
func TestCandidatesAreMetByTheRelease(t *testing.T) {
	r, l := host(t, hostimpl.Config{})
	for _, version := range []string{"0.2.0-rc-2023-12-05", "0.2.0-rc-2023-11-10", "0.2.0-rc-2023-10-18"} {
		met := 0
		for name, i := range candidate(t, version, nil) {
			if len(i.Funcs) == 0 || strings.HasSuffix(name, "/run") || strings.HasSuffix(name, "incoming-handler") {
				continue // for exports
			}
			c, _ := importing(t, r, i)
			for _, m := range l.Match(c) {
				if m.Quality != component.Shimmed && m.Quality != component.Exact {
					t.Errorf("%s: %v", name, m)
				}
				if m.Import == i.Name.String() {
					if m.Quality != component.Shimmed || m.Shim.Why == "" || !strings.HasSuffix(m.Offer, "@0.2.12") {
						t.Errorf("%s: %v by %q", name, m.Quality, m.Offer)
					}
					met++
				}
			}
		}
		if met < 25 {
			t.Errorf("%s: %d interfaces met", version, met)
		}
	}
}

// TestWithoutTheTableACandidateIsNotMet, and the message says what can be done.
func TestWithoutTheTableACandidateIsNotMet(t *testing.T) {
	r, _ := host(t, hostimpl.Config{})
	plain := component.NewLinker(r)
	if err := hostimpl.Link(plain, hostimpl.Config{}); err != nil {
		t.Fatal(err)
	}
	c, _ := importing(t, r, candidate(t, "0.2.0-rc-2023-11-10", nil)["wasi:random/random"])
	_, err := plain.Instantiate(context.Background(), c)
	want := "cannot link: wasi:random/random@0.2.0-rc-2023-11-10: the host offers wasi:random/random@0.2.12; " +
		"a prerelease is met by its exact name alone, unless an alias says that two names mean the same"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// TestACandidateThatDrifted: the message names the shim and what does not fit.
func TestACandidateThatDrifted(t *testing.T) {
	r, l := host(t, hostimpl.Config{})
	i := candidate(t, "0.2.0-rc-2023-11-10", func(text string) string {
		return strings.Replace(text, "get-random-u64: func() -> u64;", "get-random-u64: func() -> u32; get-dice: func() -> u8;", 1)
	})["wasi:random/random"]
	c, _ := importing(t, r, i)
	_, err := l.Instantiate(context.Background(), c)
	for _, want := range []string{
		"through the shim wasi:random@0.2.0-rc-2023-11-10 by wasi:random@0.2: ",
		"function get-random-u64 of wasi:random/random@0.2.12 has another type: result: u32, host has u64",
		"wasi:random/random@0.2.12 has no function get-dice",
		"0.2.0-rc-2023-11-10 was free to differ: build the component again with the WIT of 0.2.12",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q", err, want)
		}
	}
}

// TestWhatCandidatesHadAndTheReleaseHasNot is called through the shims that have it.
func TestWhatCandidatesHadAndTheReleaseHasNot(t *testing.T) {
	policy, err := sockets.ParsePolicy("all")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	r, l := host(t, hostimpl.Config{Network: policy})
	const only = "ipv6-only: func() -> result<bool, error-code>; set-ipv6-only: func(value: bool) -> result<_, error-code>;"
	edit := func(text string) string {
		for _, c := range [][2]string{
			{"resource tcp-socket {", "resource tcp-socket {" + only},
			{"resource udp-socket {", "resource udp-socket {" + only},
			{"resource request-options {", `resource request-options {
				connect-timeout-ms: func() -> option<duration>; set-connect-timeout-ms: func(ms: option<duration>) -> result;
				first-byte-timeout-ms: func() -> option<duration>; set-first-byte-timeout-ms: func(ms: option<duration>) -> result;
				between-bytes-timeout-ms: func() -> option<duration>; set-between-bytes-timeout-ms: func(ms: option<duration>) -> result;`},
			{"interface poll {", "interface poll { poll-list: func(in: list<borrow<pollable>>) -> list<u32>; poll-one: func(in: borrow<pollable>);"},
			{"interface monotonic-clock {", "interface monotonic-clock { subscribe: func(when: instant, absolute: bool) -> pollable;"},
		} {
			text = strings.Replace(text, c[0], c[1], 1)
		}
		return text
	}
	start := func(version string, names ...string) func(name string, args ...any) any {
		t.Helper()
		all := candidate(t, version, edit)
		var imports []*wit.Interface
		for _, n := range names {
			imports = append(imports, all["wasi:"+n])
		}
		c, g := importing(t, r, imports...)
		in, err := l.Instantiate(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(ctx) })
		return func(name string, args ...any) any {
			t.Helper()
			iface, f, _ := strings.Cut(name, "#")
			export := g.Exports[fmt.Sprintf("wasi:%s@%s#%s", iface, version, f)]
			v, err := in.Call(ctx, "", export, args...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return v
		}
	}
	equal := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", what, got, want)
		}
	}

	net := start("0.2.0-rc-2023-11-10", "sockets/tcp", "sockets/tcp-create-socket", "sockets/udp", "sockets/udp-create-socket")
	refused := cabi.Result{IsErr: true, Value: "not-supported"}
	for _, kind := range []string{"tcp", "udp"} {
		method := "sockets/" + kind + "#[method]" + kind + "-socket."
		for family, six := range map[string]bool{"ipv4": false, "ipv6": true} {
			made := net("sockets/"+kind+"-create-socket#create-"+kind+"-socket", family).(cabi.Result)
			if made.IsErr {
				t.Fatalf("%s socket for %s: %v", kind, family, made.Value)
			}
			is, yes := refused, refused
			if six {
				is, yes = cabi.Result{Value: true}, cabi.Result{}
			}
			equal(kind+" "+family+" ipv6-only", net(method+"ipv6-only", made.Value), is)
			equal(kind+" "+family+" set-ipv6-only(true)", net(method+"set-ipv6-only", made.Value, true), yes)
			equal(kind+" "+family+" set-ipv6-only(false)", net(method+"set-ipv6-only", made.Value, false), refused)
		}
	}

	http := start("0.2.0-rc-2023-11-10", "http/types")
	options := http("http/types#[constructor]request-options")
	for _, name := range []string{"connect-timeout", "first-byte-timeout", "between-bytes-timeout"} {
		method := "http/types#[method]request-options."
		equal(name, http(method+name+"-ms", options), nil)
		equal("set "+name, http(method+"set-"+name+"-ms", options, uint64(1500)), cabi.Result{})
		equal(name, http(method+name+"-ms", options), uint64(1500))
		equal(name+" of the release", http(method+name, options), uint64(1_500_000_000))
		http(method+"set-"+name+"-ms", options, uint64(math.MaxUint64))
		equal(name+" without end", http(method+name, options), uint64(math.MaxUint64))
		http(method+"set-"+name+"-ms", options, nil)
		equal(name, http(method+name, options), nil)
	}

	clock := start("0.2.0-rc-2023-10-18", "clocks/monotonic-clock", "io/poll")
	past := clock("clocks/monotonic-clock#subscribe", uint64(0), true)
	soon := clock("clocks/monotonic-clock#subscribe", uint64(1), false)
	hour := clock("clocks/monotonic-clock#subscribe", uint64(3600e9), false)
	clock("io/poll#poll-one", past)
	clock("io/poll#poll-one", soon)
	equal("poll-list", clock("io/poll#poll-list", []any{hour, past}), []any{uint32(1)})
	never := clock("clocks/monotonic-clock#subscribe", uint64(math.MaxInt64), true)
	equal("poll-list", clock("io/poll#poll-list", []any{never, soon}), []any{uint32(1)})
}

// TestTheTableIsInOrder: what stands after a shim for the same name would never be used.
func TestTheTableIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range adapter.Shims() {
		pkg, _, _ := strings.Cut(s.From, "/")
		if _, version, ok := strings.Cut(s.From, "@"); ok {
			pkg, _, _ = strings.Cut(pkg, "@")
			pkg += "@" + version
		}
		if seen[s.From] || seen[pkg] {
			t.Errorf("%s comes too late", s.From)
		}
		if s.Why == "" || strings.Contains(s.Why, "\n") {
			t.Errorf("%s: %q is no reason in one line", s.From, s.Why)
		}
		seen[s.From] = true
	}
}

// TestExportsOfCandidatesAreFound by the name of the release.
func TestExportsOfCandidatesAreFound(t *testing.T) {
	r, _ := host(t, hostimpl.Config{})
	const want = "wasi:cli/run@0.2.12"
	for exported, found := range map[string]string{
		"wasi:cli/run@0.2.0":               want, // by its track
		"wasi:cli/run@0.2.0-rc-2023-11-10": "wasi:cli/run@0.2.0-rc-2023-11-10",
		"wasi:cli/run@0.2.0-rc-2023-10-18": "wasi:cli/run@0.2.0-rc-2023-10-18",
		"wasi:cli/run@0.2.0-rc-2021-01-01": want,
		"wasi:cli/run@0.3.0":               want,
	} {
		c, err := r.Compile(context.Background(), forward.Exporting(exported, "run"))
		if err != nil {
			t.Fatal(err)
		}
		if got := adapter.ExportName(c, want); got != found {
			t.Errorf("%s: found %s", exported, got)
		}
		if got := adapter.ExportName(c, "run"); got != "run" {
			t.Errorf("a plain name became %s", got)
		}
	}
}
