package adapter

import (
	"context"
	"net/netip"

	"github.com/tenon-wasm/tenon/adapter/preview1"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/wit"
)

// Command is the interface that a command exports, with a function run.
const Command = "wasi:cli/run@0.2.12"

// world is what core modules may count on.
var world = component.ModuleWorld{Serves: preview1.Types(), Command: Command}

// Compile compiles a component, or the one that a core module stands for: a module on
// preview 1 or preview 0. It is then instantiated and called like any other. A command
// exports [Command]; of a module without `_start`, a reactor, those functions can be called
// that take and give numbers. Link offers what such components import.
//
// Errors are those of [component.Runtime.Compile], or a *[component.ModuleError].
func Compile(ctx context.Context, r *component.Runtime, data []byte) (*component.Component, error) {
	if component.KindOf(data) == component.KindModule {
		return r.CompileModule(ctx, world, data)
	}
	return r.Compile(ctx, data)
}

// World is [component.World] for a component, or for the one that a core module stands for.
func World(data []byte) (*wit.World, error) {
	data, err := Wrap(data)
	if err != nil {
		return nil, err
	}
	return component.World(data)
}

// Wrap is the bytes of the component that a core module stands for. What is no core
// module comes back as it is.
func Wrap(data []byte) ([]byte, error) {
	if component.KindOf(data) != component.KindModule {
		return data, nil
	}
	return world.Component(data)
}

// Config is what modules can be granted and components cannot.
type Config struct {
	// Listen are addresses where the guest finds listeners open, by the numbers after
	// those of its directories. The host's policy decides: what it denies traps, at the
	// guest's first call.
	Listen []netip.AddrPort
}

// Link offers all that h offers, see [hostimpl.Host.Link], and preview 1 and preview 0 over
// the same values.
func Link(l *component.Linker, h *hostimpl.Host, c Config) error {
	if err := h.Link(l); err != nil {
		return err
	}
	for module, i := range preview1.New(h.Faces(), preview1.Config{Listen: c.Listen}).Interfaces() {
		if err := l.DefineAs(world.ImportName(module), i); err != nil {
			return err
		}
	}
	return nil
}
