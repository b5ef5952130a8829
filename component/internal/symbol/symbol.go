// Package symbol tells which function and which line of a program a place in a core
// module belongs to. It is asked when a guest has trapped, and reads nothing before.
//
// Names come from the name section and the exports (names.go), spelled as the source has
// them (demangle.go); lines and inlined calls from DWARF, versions 2 to 5 (dwarf.go,
// unit.go, line.go). A module whose functions only hand their arguments on is told by its
// code (code.go).
//
// All of that is the guest's word, and it is hostile until proven otherwise. Whatever is
// malformed is unknown, never an error, and whatever is read is paid for from a budget:
// the standard library's debug/dwarf believes counts that it reads, and a few hundred
// bytes make it ask for more memory than there is.
package symbol

import (
	"strings"
	"sync"

	"github.com/tenon-wasm/tenon/component/internal/core"
)

// Table knows the symbols of a core module. It may be used by several goroutines.
type Table struct {
	module *core.Module

	mu     sync.Mutex
	names  []byte // of functions; nil until they are first needed
	funcs  map[uint32]Func
	places map[uint32][]Line
	dwarf  *dwarf // nil until it is first needed

	forwards func() bool
}

// New returns the symbols of a module, of which nothing is read yet.
func New(m *core.Module) *Table {
	return &Table{module: m, forwards: sync.OnceValue(func() bool { return forwardsAll(m) })}
}

// Forwards reports whether the module is a shim: no function in it does anything but call
// another one with the arguments that it got.
func (t *Table) Forwards() bool { return t.forwards() }

// maxKept bounds what a table remembers: the places where a program traps are few.
const maxKept = 4096

// Func is a function of a core module.
type Func struct {
	// Name is what the source calls it, Symbol what the module does; both are empty where
	// the module has no name for it. Export is a name under which it is exported.
	Name, Symbol, Export string
}

// Line is a place in the source. Of an inlined call, Func is what was called.
type Line struct {
	Func         string
	File         string
	Line, Column int
	Inlined      bool
}

// Func finds a function by its index, imports first.
func (t *Table) Func(index uint32) Func {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.funcs[index]
	if ok {
		return f
	}
	f.Symbol = t.symbol(index)
	f.Name = demangled(f.Symbol)
	f.Symbol = Printable(f.Symbol)
	f.Export = Printable(t.export(index))
	if t.funcs == nil {
		t.funcs = map[uint32]Func{}
	}
	if len(t.funcs) < maxKept {
		t.funcs[index] = f
	}
	return f
}

// HasLines reports whether the module says where its code comes from. A module that was
// edited after it was linked may have debugging information that leads nowhere.
func (t *Table) HasLines(budget *Budget) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.debug().describesCode(budget)
}

// debug is the debugging information; the caller holds the lock.
func (t *Table) debug() *dwarf {
	if t.dwarf == nil {
		t.dwarf = newDWARF(t.module.CustomSections())
	}
	return t.dwarf
}

// Lines finds the lines of the instruction at an offset in the code section: the line
// itself, in the innermost of the inlined calls that it is in, and then the places from
// which those were called. The last is in the function of the module. Where the budget
// does not last, the lines are not known.
func (t *Table) Lines(offset uint32, budget *Budget) []Line {
	t.mu.Lock()
	defer t.mu.Unlock()
	if lines, ok := t.places[offset]; ok {
		return lines
	}
	lines, ok := t.debug().lines(uint64(offset), budget)
	if t.places == nil {
		t.places = map[uint32][]Line{}
	}
	if ok && len(t.places) < maxKept {
		t.places[offset] = lines
	}
	return lines
}

// maxName bounds names and paths, which end up on a terminal.
const maxName = 1 << 10

// Printable makes a name of a guest fit for a terminal and a log.
func Printable(s string) string {
	if len(s) > maxName {
		s = strings.ToValidUTF8(s[:maxName], "") + "…"
	}
	clean := true
	for _, r := range s {
		clean = clean && plain(r)
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if plain(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}
