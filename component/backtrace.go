package component

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/symbol"
	"github.com/tenon-wasm/tenon/component/internal/wrap"
)

// Backtrace is a guest's stack at a trap; Frame is one function of it.
type (
	Backtrace = cabi.Backtrace
	Frame     = cabi.Frame
	FrameKind = cabi.FrameKind
)

// The kinds of frames.
const (
	FrameGuest   = cabi.FrameGuest
	FrameAdapter = cabi.FrameAdapter
	FrameShim    = cabi.FrameShim
	FrameGlue    = cabi.FrameGlue
	FrameHost    = cabi.FrameHost
	FrameOmitted = cabi.FrameOmitted
)

// symbols is what a backtrace needs to know of a core module.
type symbols struct {
	table *symbol.Table // nil for adapters of the planner
	name  string
	kind  FrameKind
	lines bool // the engine knows offsets
}

func newSymbols(m *plan.Module, offsets bool) *symbols {
	s := &symbols{name: m.Name, lines: offsets}
	if m.Source == nil {
		s.kind = FrameGlue
		return s
	}
	if name, ok := strings.CutPrefix(m.Name, "wit-component:adapter:"); ok {
		s.name, s.kind = name, FrameAdapter
	} else if strings.HasPrefix(m.Name, wrap.Prefix) {
		s.kind = FrameGlue
	}
	s.table = symbol.New(m.Source)
	return s
}

// The engine calls a function of core module 3 `m3.$47` in a stack, since its name section
// says no more (see core.Label), and trampoline 5 `tenon.t5`. So the engine's text can be
// read without doubt, whatever names a guest has given to its functions.
const (
	hostLabel   = "tenon"
	stackBegins = "\nwasm stack trace:\n\t"
	stackEnds   = "\n\nGo runtime stack trace:"
	stackCut    = "... maybe followed by omitted frames"
)

func moduleLabel(n int) string { return "m" + strconv.Itoa(n) }

// cutStack parts an error of the engine into its text and its stack. The stack is the
// last: what comes before may be the text of a trap within, which may hold anything.
func cutStack(s string) (text, stack string) {
	i := strings.LastIndex(s, stackBegins)
	if i < 0 {
		return s, ""
	}
	stack, _, _ = strings.Cut(s[i+len(stackBegins):], stackEnds)
	return s[:i], stack
}

// frames reads the stack in an error of the engine.
func (c *Component) frames(stack string) Backtrace {
	if stack == "" {
		return nil
	}
	var b Backtrace
	budget := symbol.MaxSteps
	lines := strings.Split(stack, "\n\t")
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "\t"):
			continue // the offset of the one before
		case line == stackCut:
			b = append(b, Frame{Kind: FrameOmitted})
			continue
		}
		var offset uint64
		if i+1 < len(lines) {
			at, _, _ := strings.Cut(strings.TrimPrefix(lines[i+1], "\t"), ": "+core.OffsetFile)
			offset, _ = strconv.ParseUint(at, 0, 32)
		}
		b = append(b, c.frame(line, uint32(offset), &budget)...)
	}
	return b
}

// frame is what stands for a function of the engine's stack: its own frame, after those of
// the functions that were inlined where it was.
func (c *Component) frame(line string, offset uint32, budget *symbol.Budget) Backtrace {
	label, _, _ := strings.Cut(line, "(")
	module, function, _ := strings.Cut(label, ".")
	if module == hostLabel {
		n, ok := plan.TrampolineNumber(function)
		if !ok || n >= len(c.plan.Trampolines) {
			return nil
		}
		t := &c.plan.Trampolines[n]
		f := Frame{Kind: FrameHost, Func: t.Name, Index: uint32(n)}
		switch t.Kind {
		case plan.LowerLift, plan.RaiseHeld, plan.RaiseChar, plan.RaiseCase:
			f.Kind = FrameGlue // What it calls, or what its caller calls, is another guest's.
		}
		return Backtrace{f}
	}
	m, err := strconv.Atoi(strings.TrimPrefix(module, "m"))
	index, ierr := strconv.ParseUint(strings.TrimPrefix(function, "$"), 10, 32)
	if err != nil || ierr != nil || m < 0 || m >= len(c.symbols) {
		return nil
	}
	return c.symbols[m].frames(Frame{
		Module: c.moduleName(m), Component: c.instancePath(m), Index: uint32(index), Offset: offset,
	}, budget)
}

func (s *symbols) frames(f Frame, budget *symbol.Budget) Backtrace {
	f.Kind = s.kind
	if s.table == nil {
		return Backtrace{f}
	}
	fn := s.table.Func(f.Index)
	if f.Kind == FrameGuest && s.table.Forwards() {
		f.Kind = FrameShim
	}
	f.LinesDropped = !s.lines && s.table.HasLines(budget)
	var b Backtrace
	if s.lines && f.Offset != 0 {
		for _, l := range s.table.Lines(f.Offset, budget) {
			f.Func, f.Inlined = l.Func, l.Inlined
			f.File, f.Line, f.Column = l.File, l.Line, l.Column
			b = append(b, f)
		}
	}
	if len(b) == 0 {
		b = append(b, f)
	}
	outer := &b[len(b)-1]
	outer.Func, outer.Symbol, outer.Export = fn.Name, fn.Symbol, fn.Export
	return b
}

// moduleName is a core module's name, for messages.
func (c *Component) moduleName(m int) string {
	if name := c.symbols[m].name; name != "" {
		return symbol.Printable(name)
	}
	return fmt.Sprintf("core module %d", m)
}

// instancePath is the path to the component instance that a core module belongs to; nil
// where several instantiate it, for the engine's stack does not tell them apart.
func (c *Component) instancePath(module int) []string {
	in := -1
	for _, step := range c.plan.Steps {
		if i, ok := step.(*plan.Instantiate); ok && i.Module == module {
			if in >= 0 && in != i.Component {
				return nil
			}
			in = i.Component
		}
	}
	var path []string
	for ; in > 0; in = c.plan.Components[in] {
		path = append(path, symbol.Printable(c.plan.Names[in]))
	}
	slices.Reverse(path)
	return path
}

// startName says where instantiation of a core module trapped.
func (c *Component) startName(step *plan.Instantiate) string {
	return "the instantiation of " + c.moduleName(step.Module)
}
