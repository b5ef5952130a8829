package component

import (
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
)

func TestNeedsAreGatheredByName(t *testing.T) {
	stream := func(at int) binary.Feature {
		return binary.Feature{Offset: at, Gate: binary.GateAsync, Name: "the type stream"}
	}
	features := []binary.Feature{
		{Offset: 1, Gate: binary.GateAttributes, Name: "the attribute implements"},
		stream(2),
		{Offset: 3, Gate: binary.GateMap, Name: "the type map"},
		stream(4),
	}
	gated := []Need{
		{"the type stream", string(binary.GateAsync), []int{2, 4}},
		{"the type map", string(binary.GateMap), []int{3}},
	}
	for _, c := range []struct {
		what  string
		first UnsupportedError
		want  []Need
	}{
		{"the planner misses a gated feature", UnsupportedError{Offset: 2, Feature: "a stream"}, gated},
		{"the planner misses something that is behind no gate", UnsupportedError{Offset: 9, Feature: "a portal"}, append(gated, Need{"a portal", "", []int{9}})},
		{"the planner stops at a definition whose gate is supported", UnsupportedError{Offset: 1, Feature: "a portal"}, append(gated, Need{"a portal", "", []int{1}})},
	} {
		if got := needsOf(&c.first, features); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
