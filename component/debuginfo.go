package component

import "github.com/tenon-wasm/tenon/component/internal/core"

// DebugInfo says what becomes of the debugging information that core modules carry, DWARF
// in custom sections `.debug_*`. With it, traps name files and lines, and compiled code
// that comes out of the cache takes longer to load: 0.25 s for each MiB of code.
type DebugInfo uint8

const (
	// DebugInfoAuto keeps it in modules of up to DebugInfoCode bytes of code, and drops it
	// in others.
	DebugInfoAuto DebugInfo = iota
	DebugInfoKeep
	DebugInfoDrop
)

// DebugInfoCode is how much code a core module may have, in bytes, for DebugInfoAuto to keep
// what describes it. Loading that much with its debugging information takes an eighth of a
// second.
const DebugInfoCode = 512 << 10

// labelled is a core module as the engine gets it, without names and debugging information,
// which are read in the original where a trap needs them. With offsets, the engine keeps the
// place of every instruction, which is what takes time to load. Dropped is how many bytes of
// debugging information are of no use without.
func labelled(d DebugInfo, module core.Pieces, name string) (_ core.Pieces, dropped int) {
	size, code := core.DebugInfo(module)
	keep := d == DebugInfoKeep || d == DebugInfoAuto && code <= DebugInfoCode
	if !keep {
		dropped = size
	}
	return core.Label(module, name, size != 0 && keep), dropped
}

// DroppedDebugInfo tells how many bytes of debugging information were left out of the code,
// see [Config.DebugInfo]: where it is not 0, traps name functions without their lines. Of a
// component that imports core modules or components, those that it was instantiated with
// count as well.
func (c *Component) DroppedDebugInfo() int {
	c.runtime.mu.Lock()
	defer c.runtime.mu.Unlock()
	dropped := c.droppedDebugInfo
	for _, v := range c.variants {
		dropped += v.droppedDebugInfo
	}
	return dropped
}
