package cabi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Backtrace is a guest's stack at a trap, innermost first, across all core modules and
// components that were under way, with the calls of the host between them.
//
// The engine knows the 30 innermost functions of each stretch of guest code, and none
// where the guest's stack has overflowed.
type Backtrace []Frame

// Frame is a function of a guest's stack.
type Frame struct {
	Kind FrameKind `json:"kind"`

	// Func is the function, spelled as its source does. It is empty where nothing names
	// it; of a host frame it is the function of an interface, `wasi:io/poll@0.2.12#poll`.
	Func string `json:"func,omitempty"`

	// Symbol is the name of the function in the core module, mangled where Func is not. An
	// inlined function has none.
	Symbol string `json:"symbol,omitempty"`

	// Module is the core module by its own name, or by its number in the component.
	Module string `json:"module,omitempty"`

	// Component is the path of instances that leads to the component that the module runs
	// in, empty for the outermost one.
	Component []string `json:"component,omitempty"`

	// Index is the index of the function in the module, imports first, and Offset the
	// instruction in its code section, 0 where that is not known. Export is a name by which
	// the module exports the function, if it does.
	Index  uint32 `json:"index"`
	Offset uint32 `json:"offset,omitempty"`
	Export string `json:"export,omitempty"`

	// File, Line and Column are the place in the source; File is empty and the others are 0
	// where it is not known.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`

	// Inlined is set where the compiler has put the function into that of the next frame.
	Inlined bool `json:"inlined,omitempty"`

	// LinesDropped is set where the module says which lines it is made from, and that was
	// left out when it was compiled.
	LinesDropped bool `json:"lines_dropped,omitempty"`

	// Omitted is how many frames are missing here, of FrameOmitted; 0 means that nobody
	// knows.
	Omitted int `json:"omitted,omitempty"`
}

// FrameKind tells what a frame is.
type FrameKind uint8

const (
	FrameGuest   FrameKind = iota // a function of the program
	FrameAdapter                  // of an adapter that a component carries, from preview 1 to WASI 0.2
	FrameShim                     // of a module whose functions only hand on their arguments
	FrameGlue                     // code that the host has put between two components
	FrameHost                     // a function of the host, or a built-in of the canonical ABI
	FrameOmitted                  // what stands here was left out
)

var frameKinds = [...]string{
	FrameGuest: "guest", FrameAdapter: "adapter", FrameShim: "shim", FrameGlue: "glue", FrameHost: "host", FrameOmitted: "omitted",
}

func (k FrameKind) String() string {
	if int(k) < len(frameKinds) {
		return frameKinds[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// MarshalText gives the kind its name.
func (k FrameKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// maxFrames is how many frames are kept. Where components call each other over and over,
// the stretches of the engine add up.
const maxFrames = 300

// Join is the backtrace of a trap that outer has called: outer's frames come after.
// What is too long loses its middle.
func (b Backtrace) Join(outer Backtrace) Backtrace {
	all := append(slices.Clip(b), outer...)
	if len(all) <= maxFrames {
		return all
	}
	return cutMiddle(all, maxFrames*2/3, maxFrames/3)
}

// cutMiddle keeps the innermost and the outermost frames.
func cutMiddle(b Backtrace, inner, outer int) Backtrace {
	cut, unknown := 0, false
	for _, f := range b[inner : len(b)-outer] {
		if f.Kind != FrameOmitted {
			cut++
			continue
		}
		cut += f.Omitted
		unknown = unknown || f.Omitted == 0
	}
	if unknown {
		cut = 0
	}
	short := append(slices.Clone(b[:inner]), Frame{Kind: FrameOmitted, Omitted: cut})
	return append(short, b[len(b)-outer:]...)
}

// Program is the backtrace without what is nobody's program: shims and glue are left out,
// and of an adapter's functions those stay that the program has called.
func (b Backtrace) Program() Backtrace {
	var kept Backtrace
	for i, f := range b {
		switch f.Kind {
		case FrameShim, FrameGlue:
			continue
		case FrameAdapter:
			if b[i+1:].first().Kind == FrameAdapter {
				continue
			}
		}
		kept = append(kept, f)
	}
	return kept
}

// first is the first frame that is no shim or glue.
func (b Backtrace) first() Frame {
	for _, f := range b {
		if f.Kind != FrameShim && f.Kind != FrameGlue {
			return f
		}
	}
	return Frame{}
}

// LinesDropped reports whether a frame has no line because [Frame.LinesDropped].
func (b Backtrace) LinesDropped() bool {
	return slices.ContainsFunc(b, func(f Frame) bool { return f.LinesDropped })
}

// What a backtrace shows of a long stack.
const (
	shownInner = 24
	shownOuter = 12
)

// String is the program's backtrace, a line for each frame: see [Backtrace.Program]. Calls
// of a function by itself are counted, and the middle of a long backtrace is cut.
func (b Backtrace) String() string { return b.Program().text(true) }

// Format writes with %+v the frames of all kinds, and cuts nothing; with %v and %s it
// writes String.
func (b Backtrace) Format(s fmt.State, verb rune) {
	text := ""
	switch {
	case verb == 'v' && s.Flag('+'):
		text = b.text(false)
	case verb == 'v', verb == 's':
		text = b.String()
	default:
		text = fmt.Sprintf("%%!%c(cabi.Backtrace)", verb)
	}
	_, _ = s.Write([]byte(text))
}

func (b Backtrace) text(short bool) string {
	type line struct {
		text  string
		times int
		frame Frame
	}
	var lines []line
	for _, f := range b {
		text := f.String()
		if n := len(lines); n > 0 && lines[n-1].text == text && f.Kind != FrameOmitted {
			lines[n-1].times++
			continue
		}
		lines = append(lines, line{text, 1, f})
	}
	var out strings.Builder
	for i := 0; i < len(lines); i++ {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		if short && i == shownInner && len(lines) > shownInner+shownOuter+1 {
			var cut Backtrace
			for ; i < len(lines)-shownOuter; i++ {
				for range lines[i].times {
					cut = append(cut, lines[i].frame)
				}
			}
			out.WriteString(cutMiddle(cut, 0, 0)[0].String())
			i--
			continue
		}
		out.WriteString(lines[i].text)
		if n := lines[i].times; n > 1 {
			fmt.Fprintf(&out, " (%d times)", n)
		}
	}
	return out.String()
}

// String is the frame in one line, `app.wasm!parse (src/parse.c:12:5)`.
func (f Frame) String() string {
	switch f.Kind {
	case FrameOmitted:
		if f.Omitted == 0 {
			return "... (the engine keeps no more of the stack here)"
		}
		if f.Omitted == 1 {
			return "... 1 frame ..."
		}
		return "... " + strconv.Itoa(f.Omitted) + " frames ..."
	case FrameHost:
		return f.Func + " (host)"
	case FrameGlue:
		if f.Module == "" {
			return f.Func + " (glue)"
		}
	}
	var b strings.Builder
	for _, c := range f.Component {
		b.WriteString(c + "/")
	}
	b.WriteString(f.Module)
	switch {
	case f.Func != "":
		b.WriteString("!" + f.Func)
	case f.Export != "":
		fmt.Fprintf(&b, "[wasm-function %d, exported as %q]", f.Index, f.Export)
	default:
		fmt.Fprintf(&b, "[wasm-function %d]", f.Index)
	}
	var notes []string
	if at := f.place(); at != "" {
		notes = append(notes, at)
	}
	if f.Inlined {
		notes = append(notes, "inlined")
	}
	if f.Kind != FrameGuest {
		notes = append(notes, f.Kind.String())
	}
	if notes != nil {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// place is the place in the source, `src/parse.c:12:5`.
func (f Frame) place() string {
	switch {
	case f.File == "":
		return ""
	case f.Line == 0:
		return f.File
	case f.Column == 0:
		return f.File + ":" + strconv.Itoa(f.Line)
	}
	return f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
}
