package plan

import (
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/core"
)

// TestScalarCallsNeedNoTrampoline unless they could come back to where they are.
func TestScalarCallsNeedNoTrampoline(t *testing.T) {
	for file, want := range map[string]bool{
		"testdata/adapters.wasm":  false,
		"testdata/link/open.wasm": false,
		"testdata/donut.wasm":     true, // A child calls its parent.
		"testdata/link/user.wasm": false,
	} {
		p, err := Build(decoded(t, file), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := callsByHost(p); got != want {
			t.Errorf("%s: calls by the host: %v, want %v", file, got, want)
		}
	}
}

// TestCallsStayWithTheHostWhereACoreModuleThrows: also one that is given.
func TestCallsStayWithTheHostWhereACoreModuleThrows(t *testing.T) {
	for _, throws := range []bool{false, true} {
		tags := ""
		if throws {
			tags = section(13, vec("\x00\x01"))
		}
		doubler, err := core.Read([]byte(module(section(1, vec("\x60\x01\x7f\x01\x7f", "\x60\x00\x00")), section(3, vec("\x00")), tags,
			section(7, vec(name("double")+"\x00\x00")), section(10, vec(name("\x00\x20\x00\x0b"))))))
		if err != nil {
			t.Fatal(err)
		}
		given := []*Extern{GivenModule(doubler), GivenComponent(decoded(t, "testdata/link/triple.wasm"))}
		p, err := Build(decoded(t, "testdata/link/open.wasm"), func(from ImportPath) *Extern { return given[from.Import] })
		if err != nil || p.Open {
			t.Fatal(err, p.Open)
		}
		if got := callsByHost(p); got != throws {
			t.Errorf("a module that throws: %v, calls by the host: %v", throws, got)
		}
	}
}

// callsByHost reports whether the host is in between when components call each other.
func callsByHost(p *Plan) bool {
	return slices.ContainsFunc(p.Trampolines, func(tr Trampoline) bool { return tr.Kind == LowerLift })
}

// TestCallsThatComeBack: in each case instance 0 contains all others but where it
// says otherwise.
func TestCallsThatComeBack(t *testing.T) {
	type edge struct{ from, to int }
	tests := []struct {
		what   string
		parent []int
		calls  []edge
		back   []edge
	}{
		{"a chain", []int{-1, 0, 0, 0}, []edge{{3, 2}, {2, 1}}, nil},
		{"a diamond", []int{-1, 0, 0, 0, 0}, []edge{{4, 3}, {4, 2}, {3, 1}, {2, 1}}, nil},
		{"the same from two", []int{-1, 0, 0, 0}, []edge{{3, 1}, {2, 1}, {3, 2}}, nil},
		{"a parent calls its child", []int{-1, 0}, []edge{{0, 1}}, nil},
		{"a child calls its parent", []int{-1, 0}, []edge{{1, 0}}, nil},
		{"a child and its parent call each other", []int{-1, 0}, []edge{{0, 1}, {1, 0}}, []edge{{0, 1}}},
		{"a circle by way of the parent", []int{-1, 0, 0}, []edge{{1, 0}, {0, 2}, {2, 1}}, []edge{{0, 2}, {2, 1}}},
		{"one that calls itself", []int{-1}, []edge{{0, 0}}, []edge{{0, 0}}},
		{"a child that calls out of its parent, and back into it", []int{-1, 0, 1, 0}, []edge{{2, 3}, {3, 1}}, []edge{{3, 1}}},
	}
	for _, tt := range tests {
		p := &planner{plan: &Plan{Components: tt.parent}}
		for i, e := range tt.calls {
			p.plan.Lifts = append(p.plan.Lifts, Lift{Component: e.to})
			p.plan.Trampolines = append(p.plan.Trampolines, Trampoline{Kind: LowerLift, Component: e.from, Lift: i})
		}
		g := p.callGraph()
		for _, e := range tt.calls {
			want := false
			for _, b := range tt.back {
				want = want || b == e
			}
			if got := g.comesBack(e.from, e.to); got != want {
				t.Errorf("%s: the call from %d to %d comes back: %v, want %v", tt.what, e.from, e.to, got, want)
			}
		}
	}
}
