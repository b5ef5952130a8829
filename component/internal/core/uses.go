package core

import (
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// A Feature is something that core WebAssembly got after its second release, or with it and
// not every engine has, or may get.
type Feature uint8

const (
	SIMD Feature = iota
	Threads
	TailCalls
	Exceptions
	FunctionReferences
	LegacyExceptions
	GC
	MultiMemory
	Memory64
	RelaxedSIMD
	StackSwitching
	CustomPageSizes
	WideArithmetic
	SharedEverything
	UnknownOpcode
	numFeatures
)

var featureNames = [numFeatures]string{
	SIMD:               "SIMD",
	Threads:            "threads",
	TailCalls:          "tail calls",
	Exceptions:         "exceptions",
	FunctionReferences: "typed function references",
	LegacyExceptions:   "legacy exceptions",
	GC:                 "garbage collection",
	MultiMemory:        "multiple memories",
	Memory64:           "64-bit memories",
	RelaxedSIMD:        "relaxed SIMD",
	StackSwitching:     "stack switching",
	CustomPageSizes:    "custom page sizes",
	WideArithmetic:     "wide arithmetic",
	SharedEverything:   "shared-everything threads",
	UnknownOpcode:      "an unknown instruction",
}

// String is the name of the proposal in plain words.
func (f Feature) String() string { return featureNames[f] }

// A Use tells that a module uses a feature.
type Use struct {
	Feature Feature

	// Offset is the first place in the module, 0 where it is not one place. Func is the
	// index of the first function, or -1 where what declares it is outside of functions.
	Offset, Func int

	// Functions is how many functions have it in their code.
	Functions int
}

// Uses finds the features that a module uses. It reads every instruction and judges none:
// after one that it cannot read it goes on with the next function, for the engine says what
// is wrong there.
func (m *Module) Uses() []Use {
	u := users{fn: -1}
	u.outside(m)
	u.sections(m)
	var found []Use
	for _, use := range u.found {
		if use != nil {
			found = append(found, use.Use)
		}
	}
	return found
}

// users collects what is used.
type users struct {
	found [numFeatures]*user
	fn    int // index of the function that is read, or -1
	base  int // offset of its body
}

type user struct {
	Use
	last int // function
}

// note notes a use, at an offset in the body that is read.
func (u *users) note(f Feature, at int) {
	use := u.found[f]
	if use == nil {
		use = &user{Use{Feature: f, Offset: u.base + at, Func: u.fn}, -1}
		u.found[f] = use
	}
	if u.fn != use.last {
		use.Functions++
		use.last = u.fn
	}
}

// outside looks at what is outside of functions.
func (u *users) outside(m *Module) {
	for _, list := range [][]ExternType{m.Memories, m.Tables, m.Globals} {
		for _, t := range list {
			u.extern(t)
		}
	}
	if len(m.Memories) > 1 {
		u.note(MultiMemory, 0)
	}
	if len(m.Tags) > 0 {
		u.note(Exceptions, 0)
	}
	for _, t := range m.Types {
		for _, v := range t.Params {
			u.value(v, 0)
		}
		for _, v := range t.Results {
			u.value(v, 0)
		}
	}
}

func (u *users) extern(t ExternType) {
	switch {
	case t.Limits.Shared && t.Kind == Memory:
		u.note(Threads, 0)
	case t.Limits.Shared:
		u.note(SharedEverything, 0)
	}
	if t.Limits.Addr64 {
		u.note(Memory64, 0)
	}
	switch t.Kind {
	case Memory:
		if t.Limits.PageLog != 16 {
			u.note(CustomPageSizes, 0)
		}
	case Table, Global:
		u.value(t.Val, 0)
	}
}

// value looks at a value type.
func (u *users) value(code byte, at int) {
	switch code {
	case V128:
		u.note(SIMD, at)
	case RefNull, Ref:
		u.note(FunctionReferences, at)
	case 0x69, 0x74: // exnref, (ref null noexn)
		u.note(Exceptions, at)
	case 0x68, 0x75: // (ref null cont), (ref null nocont)
		u.note(StackSwitching, at)
	case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73: // array, struct, i31, eq, any, none, noextern, nofunc
		u.note(GC, at)
	}
}

// sections looks into the sections for types and code. The module was read before, so its
// sections are whole.
func (u *users) sections(m *Module) {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(m.bytes)
	c.Bytes(uint32(len(magic)))
	for c.Len() > 0 {
		id := c.Byte()
		body := c.Sub()
		switch id {
		case 1:
			u.types(body)
		case 10:
			u.code(body, m.ImportedFuncs)
		}
	}
}

// types looks for types that are no plain functions.
func (u *users) types(c *cursor.Cursor) {
	for range c.Count() {
		if c.Peek() == 0x4e { // a rec group, which types of functions can be in
			u.note(FunctionReferences, 0)
		}
		ReadDefTypes(c, func(t DefType) {
			raw := t.Raw
			if raw[0] == 0x50 || raw[0] == 0x4f {
				u.note(GC, 0)
				return
			}
			if raw[0] == shared {
				u.note(SharedEverything, 0)
				raw = raw[1:]
			}
			switch raw[0] {
			case 0x5e, 0x5f:
				u.note(GC, 0)
			case 0x5d:
				u.note(StackSwitching, 0)
			}
		})
	}
}

func (u *users) code(c *cursor.Cursor, imported int) {
	for i := range c.Count() {
		u.fn = imported + i
		body := c.Sub()
		u.base = body.Offset()
		u.body(body)
	}
	u.fn, u.base = -1, 0
}

// body reads the locals and the instructions of a function.
func (u *users) body(c *cursor.Cursor) {
	var err error
	defer cursor.Catch(&err)
	for range c.Count() {
		c.U32()
		u.value(ReadValType(c), c.Offset()-u.base-1)
	}
	i := instructions{users: u, code: c.Rest(), at: c.Offset() - u.base}
	i.read()
}
