// Package embed reads the world that a core module carries: bindings leave it in custom
// sections whose names begin with `component-type`, for whoever makes a component of the
// module.
//
// A section holds a component whose export is the world, as a type (read.go). Every
// library that was linked with the module brings a section of its own, and the module is
// made for all of these worlds together (merge.go).
package embed

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// A World is what a module was made for. A type belongs to the interface that declares
// it, and what is exported has types of its own, also where the same interface is
// imported.
type World struct {
	wit.World

	// Encodings are the encodings of strings, of imported and of exported functions.
	Encodings map[*wit.Func]cabi.Encoding

	imports, exports items
}

// An Error tells what is wrong with a section.
type Error struct {
	Section string
	Offset  int // of its content, in the module
	Msg     string
}

func (e *Error) Error() string {
	return fmt.Sprintf("its section %q, at offset %#x, %s", e.Section, e.Offset, e.Msg)
}

const (
	// maxSections is how many sections a module may have, and maxWork what it may cost
	// to read all of them, beside minWork for each: see package validate. All of WASI,
	// imported and exported, is 38 KB and costs 17,000.
	maxSections = 64
	maxWork     = 200_000
	minWork     = 5000
)

// IsSection reports whether a custom section of that name holds a world.
func IsSection(name string) bool { return strings.HasPrefix(name, "component-type") }

// Read answers the world of a module, or nil where it carries none. The error is an
// *[Error].
func Read(m *core.Module) (*World, error) {
	var sections []core.Custom
	size := 1
	for _, c := range m.CustomSections() {
		if IsSection(c.Name) {
			sections = append(sections, c)
			size += len(c.Data)
		}
	}
	if len(sections) == 0 {
		return nil, nil
	}
	g := newMerger()
	for i, c := range sections {
		if i == maxSections {
			return nil, &Error{c.Name, c.Offset, fmt.Sprintf("is one of more than %d", maxSections)}
		}
		work := minWork + min(2*len(c.Data), int(maxWork*int64(len(c.Data))/int64(size)))
		w, encoding, err := readSection(c.Data, work)
		if err == nil {
			err = g.add(w, encoding)
		}
		if err != nil {
			return nil, &Error{c.Name, c.Offset, err.Error()}
		}
	}
	return g.world, nil
}

// Import is what the world imports under the name: as it is, or, for an interface, on the
// track of its version, which the name may have instead. It is nil where there is none.
func (w *World) Import(name string) *wit.WorldItem { return w.imports.find(name) }

// Export is what the world exports under the name, likewise.
func (w *World) Export(name string) *wit.WorldItem { return w.exports.find(name) }

func (s *items) find(name string) *wit.WorldItem {
	i, ok := s.byName[name]
	if !ok {
		i, ok = s.byTrack[Canonical(name)]
	}
	if !ok {
		return nil
	}
	return &(*s.list)[i]
}

// Canonical is the name of an interface with the track for a version, where it is on one.
func Canonical(name string) string {
	if t := trackOf(name); t != "" {
		return t
	}
	return name
}

// Func is a function of an interface of the world, or nil.
func (w *World) Func(i *wit.Interface, name string) *wit.Func { return w.membersOf(i).funcs[name] }

// Type is a type of an interface of the world, or nil.
func (w *World) Type(i *wit.Interface, name string) *wit.TypeDef { return w.membersOf(i).types[name] }

func (w *World) membersOf(i *wit.Interface) members {
	if m, ok := w.imports.members[i]; ok {
		return m
	}
	return w.exports.members[i]
}
