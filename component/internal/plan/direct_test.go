package plan

import (
	"os"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
)

// TestScalarCallsNeedNoTrampoline unless they could come back to where they are.
func TestScalarCallsNeedNoTrampoline(t *testing.T) {
	for file, want := range map[string]bool{
		"testdata/adapters.wasm":  false,
		"testdata/link/open.wasm": false,
		"testdata/donut.wasm":     true, // A child calls its parent.
		"testdata/link/user.wasm": false,
	} {
		data, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := binary.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Build(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, tr := range p.Trampolines {
			got = got || tr.Kind == LowerLift
		}
		if got != want {
			t.Errorf("%s: calls by the host: %v, want %v", file, got, want)
		}
	}
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
