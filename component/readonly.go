package component

import (
	"errors"
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/binary"
)

// Read decodes, validates and plans a component that is to be looked at: its [World], what
// it exports, and what a [Linker] has for it, see [Linker.Match]. It needs no engine, and
// takes a small part of the time of [Runtime.Compile]; a component that needs what this host
// does not have yet is read all the same, see [Needs]. It cannot be instantiated, and need not
// be closed. The error is a *[DecodeError] or *[UnsupportedError].
func Read(data []byte) (*Component, error) {
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	return planned(syntax)
}

// IdleModules are the offsets in the file of core modules that nothing instantiates, and that
// may use what the engine does not have: nobody compiles them.
func (c *Component) IdleModules() []int { return slices.Clone(c.plan.Idle) }

// errOnlyRead is the answer to who would run what Read has read.
var errOnlyRead = errors.New("component: the component was read and not compiled")
