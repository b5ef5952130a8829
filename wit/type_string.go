package wit

import (
	"strconv"
	"strings"
)

var primNames = [...]string{
	Bool: "bool", S8: "s8", U8: "u8", S16: "s16", U16: "u16", S32: "s32", U32: "u32",
	S64: "s64", U64: "u64", F32: "f32", F64: "f64", Char: "char", String: "string",
	ErrorContext: "error-context",
}

func (p Prim) String() string {
	if p == 0 || int(p) >= len(primNames) {
		return "prim(" + strconv.Itoa(int(p)) + ")"
	}
	return primNames[p]
}

func (t *List) String() string { return "list<" + t.Elem.String() + ">" }

func (t *FixedList) String() string {
	return "list<" + t.Elem.String() + ", " + strconv.FormatUint(uint64(t.Len), 10) + ">"
}

func (t *Option) String() string { return "option<" + t.Elem.String() + ">" }

func (t *Result) String() string {
	switch {
	case t.OK == nil && t.Err == nil:
		return "result"
	case t.Err == nil:
		return "result<" + t.OK.String() + ">"
	case t.OK == nil:
		return "result<_, " + t.Err.String() + ">"
	}
	return "result<" + t.OK.String() + ", " + t.Err.String() + ">"
}

func (t *Tuple) String() string {
	parts := make([]string, len(t.Elems))
	for i, e := range t.Elems {
		parts[i] = e.String()
	}
	return "tuple<" + strings.Join(parts, ", ") + ">"
}

func (t *Record) String() string {
	parts := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		parts[i] = f.Name + ": " + f.Type.String()
	}
	return "record{" + strings.Join(parts, ", ") + "}"
}

func (t *Variant) String() string {
	parts := make([]string, len(t.Cases))
	for i, c := range t.Cases {
		parts[i] = c.Name
		if c.Type != nil {
			parts[i] += "(" + c.Type.String() + ")"
		}
	}
	return "variant{" + strings.Join(parts, ", ") + "}"
}

func (t *Enum) String() string     { return "enum{" + strings.Join(t.Labels, ", ") + "}" }
func (t *Flags) String() string    { return "flags{" + strings.Join(t.Labels, ", ") + "}" }
func (t *Resource) String() string { return "resource" }
func (t *Own) String() string      { return "own<" + t.Resource.Name + ">" }
func (t *Borrow) String() string   { return "borrow<" + t.Resource.Name + ">" }
func (t *TypeDef) String() string  { return t.Name }

func (t *Stream) String() string {
	if t.Elem == nil {
		return "stream"
	}
	return "stream<" + t.Elem.String() + ">"
}

func (t *Future) String() string {
	if t.Elem == nil {
		return "future"
	}
	return "future<" + t.Elem.String() + ">"
}

func (t *Map) String() string { return "map<" + t.Key.String() + ", " + t.Value.String() + ">" }
