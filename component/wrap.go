package component

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/wrap"
	"github.com/tenon-wasm/tenon/wit"
)

// ModuleWorld is what core modules may count on that are run as the components that they
// stand for, see [ModuleWorld.Component].
type ModuleWorld struct {
	// Serves has, by the module names that core modules import from, what the host offers
	// for them: an interface of functions whose parameters and results are numbers of 32
	// and 64 bits, and whose flat form is thus the core function; a pointer is a u32. Their
	// names are the imported ones with '-' for '_'. Code of such a function reads the
	// guest's memory by [cabi.Call.View].
	Serves map[string]*wit.Interface

	// Command is the interface, with its version, that a module exports which has a
	// function `_start`: an instance with a function `run: func() -> result`.
	Command string
}

// A ModuleError tells why a core module cannot be made a component.
type ModuleError struct{ Msg string }

func (e *ModuleError) Error() string { return "the core module cannot be run: " + e.Msg }

// Component writes the component that a core module stands for: what other tools make of
// it with an adapter inside, here with imports that the host meets. They have the names of
// [ModuleWorld.ImportName]. What the module calls `_initialize` runs at instantiation. A
// module without `_start` exports its functions of numbers, with '-' for '_' in their names;
// numbers are signed.
//
// A module that carries its world, in sections whose names begin with `component-type`, as
// bindings leave it and [EmbedWorld] does, has the imports and exports of that world: those
// functions that it imports, and all exports. Several sections are joined: what two of them
// have must be the same, and imports on one track of versions are one, in the highest of
// them. Such a module may also import what is served.
//
// The error is a *[DecodeError] or a *[ModuleError], which lists all imports that nothing
// serves.
func (w ModuleWorld) Component(module []byte) ([]byte, error) {
	m, _, _, err := distinctModule(module)
	if err != nil {
		return nil, publicError(err)
	}
	data, err := wrap.Component(m, w.world())
	return data, moduleError(err)
}

func (w ModuleWorld) world() wrap.World {
	return wrap.World{Serves: maps.Clone(w.Serves), Command: w.Command}
}

// moduleError is an error of package wrap as users see it.
func moduleError(err error) error {
	var we *wrap.Error
	if errors.As(err, &we) {
		return &ModuleError{we.Msg}
	}
	return err
}

// CompileModule compiles the component that a core module stands for, see
// [ModuleWorld.Component]. Errors are those of it and of [Runtime.Compile].
func (r *Runtime) CompileModule(ctx context.Context, w ModuleWorld, module []byte) (*Component, error) {
	m, _, _, err := distinctModule(module)
	if err != nil {
		return nil, publicError(err)
	}
	syntax, err := wrap.Syntax(m, w.world())
	if err != nil {
		return nil, moduleError(err)
	}
	return r.compile(ctx, syntax)
}

// ImportName is the name under which the component of a core module imports what is served
// under a module name: offer it by [Linker.DefineAs].
func (w ModuleWorld) ImportName(module string) string { return wrap.ImportName(module) }

// EmbedWorld adds the world that a core module is made for to it, in a custom section as
// bindings generators leave it, with the encoding of its strings: for modules of toolchains
// that have no such generator. The world is of a package. What the module is then, see
// [ModuleWorld.Component].
func EmbedWorld(module []byte, w *wit.World, encoding cabi.Encoding) ([]byte, error) {
	if KindOf(module) != KindModule {
		return nil, errors.New("component: a world is embedded in a core module")
	}
	data, err := wrap.Section(w, encoding)
	if err != nil {
		return nil, fmt.Errorf("component: %w", err)
	}
	content := append(binary.AppendUvarint(nil, uint64(len(worldSection))), worldSection...)
	content = append(content, data...)
	out := append(slices.Clip(module), 0x00)
	return append(binary.AppendUvarint(out, uint64(len(content))), content...), nil
}

// worldSection is the custom section that EmbedWorld writes.
const worldSection = "component-type"
