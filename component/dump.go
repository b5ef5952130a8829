package component

import (
	"errors"
	"io"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/dump"
)

// Dump writes the structure of a component to w: a line for every definition, in
// binary order, with its offset in the file, its sort and index, and what it is.
// What is inside of a nested component, or of a component, instance or module
// type, follows it, indented, and has index spaces of its own. The text is for
// people; its form may change.
//
// Dump needs no engine and looks at syntax alone: a component that is not valid,
// or that needs what this host does not have yet, is written like any other. For
// bytes that are malformed it writes what comes before the mistake and returns a
// *[DecodeError] with the mistake's offset. Any other error is one of w.
func Dump(w io.Writer, data []byte) error {
	c, err := binary.Decode(data)
	if c != nil {
		if earlier := dump.Write(w, c); earlier != nil {
			err = earlier // of w, or a mistake in a core module before the one of err
		}
	}
	return publicError(err)
}

// A Need is something that a component needs and this host does not have yet.
type Need struct {
	// Feature says what, as in "the built-in stream.new".
	Feature string `json:"feature"`

	// Gate is the gated feature of the specification that this is part of, as in
	// "async, WASI 0.3". It is empty for what is behind no gate.
	Gate string `json:"gate,omitempty"`

	// Offsets tell where in the file: the definitions that use it, in order.
	Offsets []int `json:"offsets"`
}

// supportedGates are those whose features make no component unfit to run here.
var supportedGates = map[binary.Gate]bool{
	binary.GateAttributes: true,
	binary.GateVersions:   true,
}

// Needs lists everything that a component needs and this host does not have yet, in
// the order in which it comes first. The list is empty if the host lacks nothing
// to run it but, maybe, the imports that a [Linker] has to offer. Needs is no
// engine's work: nothing is compiled. The error is a *[DecodeError] if the
// component is not valid.
func Needs(data []byte) ([]Need, error) {
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	first, err := unsupported(syntax)
	if first == nil || err != nil {
		return nil, err
	}
	return needsOf(first, binary.Gated(syntax)), nil
}

// Needs is [Needs] for a component that was read.
func (c *Component) Needs() []Need {
	var first *UnsupportedError
	if !errors.As(publicError(c.plan.Unsupported), &first) {
		return nil
	}
	return needsOf(first, binary.Gated(c.syntax))
}

// needsOf gathers what is told by name. The planner tells only the first thing that
// it misses, but knows of things that are behind no gate, and where a type is used
// and not only where it is defined.
func needsOf(first *UnsupportedError, features []binary.Feature) []Need {
	var needs []Need
	index := map[binary.Feature]int{} // without the offset
	told := false
	for _, f := range features {
		if supportedGates[f.Gate] {
			continue
		}
		told = told || f.Offset == first.Offset
		key := binary.Feature{Gate: f.Gate, Name: f.Name}
		i, ok := index[key]
		if !ok {
			i = len(needs)
			index[key] = i
			needs = append(needs, Need{Feature: f.Name, Gate: string(f.Gate)})
		}
		needs[i].Offsets = append(needs[i].Offsets, f.Offset)
	}
	if !told {
		needs = append(needs, Need{Feature: first.Feature, Offsets: []int{first.Offset}})
	}
	return needs
}

// unsupported answers the first thing that validation or the planner misses, or nil.
func unsupported(syntax *binary.Component) (*UnsupportedError, error) {
	c, err := planned(syntax)
	if err == nil {
		err = publicError(c.plan.Unsupported)
	}
	var ue *UnsupportedError
	if err == nil || errors.As(err, &ue) {
		return ue, nil
	}
	return nil, err
}
