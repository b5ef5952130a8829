package cabi

import (
	"fmt"
	"strconv"

	"github.com/tenon-wasm/tenon/wit"
)

// Codec moves values of one type that is known only at run time. In Go they are
//
//	bool, u8 ... s64, f32, f64    bool, uint8 ... int64, float32, float64
//	char, string                  rune, string
//	list<u8>, list<T>, tuple      []byte, []any, []any
//	record                        map[string]any
//	variant                       Variant
//	enum, flags                   string, []string
//	option                        nil, or the value; Some where that is an option, too
//	result                        Result
//	own, borrow                   what the handle table gives and takes
//
// Lifted values are the host's: none is a view of the guest's memory. Lowering
// takes exactly these types and gives a *[ValueError] for any other; the guest may
// have been asked for memory by then, and goes on.
//
// A Codec does not change once it is made and may be shared.
type Codec struct {
	kind        kind
	size, align uint32
	slots       uint32 // flat values
	cost        uint64 // host bytes that a lifted value takes, what lists hold apart

	elem     *Codec            // list, option
	fields   []codecField      // record, tuple
	cases    []codecCase       // variant, enum, result; the labels of flags
	index    map[string]uint32 // of cases by name, where there are many
	disc     uint32            // size of the discriminant
	payload  uint32            // offset of the payload
	resource *wit.TypeDef      // own, borrow
}

type codecField struct {
	name   string
	codec  *Codec
	offset uint32
	slot   uint32 // the field's first flat value
}

type codecCase struct {
	name  string
	codec *Codec // nil for a case without payload
}

// kind is a type constructor; that of a primitive type is its wit.Prim.
type kind uint8

const (
	bytesKind kind = iota + 64 // list<u8>
	listKind
	recordKind
	tupleKind
	variantKind
	enumKind
	flagsKind
	optionKind
	resultKind
	ownKind
	borrowKind
	paramsKind // a tuple whose fields are the parameters of a function
)

// These values are those of package wit, which also reads and writes them as text: see
// [wit.ParseValue] and [wit.PrintValue].
type (
	// Variant is a value of a variant. Value is nil where the case carries nothing.
	Variant = wit.VariantValue

	// Result is a value of a result. Value is nil where that side carries nothing.
	Result = wit.ResultValue

	// Some is an option that is there. It is needed where the value inside is itself
	// an option, and allowed elsewhere.
	Some = wit.SomeValue
)

// Codecs makes the codecs of functions and keeps those of their types, so that
// types that share parts cost what their parts cost once. The zero value works.
type Codecs struct {
	layouts Layouts
	done    map[wit.Type]*Codec

	// The copy programs of those codecs.
	memCopies  map[*Codec]*memCopy
	flatCopies map[*Codec]*flatCopy
}

// CodecOf is the codec of t, or an error where t has no layout (see [Layouts.Of])
// or has a part of a kind that WASI 0.2 does not have (stream, future, error-context,
// a list of fixed length).
func CodecOf(t wit.Type) (*Codec, error) { return new(Codecs).checked(t) }

// checked is the codec of t, as [CodecOf] gives it.
func (s *Codecs) checked(t wit.Type) (*Codec, error) {
	if _, err := s.layouts.Of(t); err != nil {
		return nil, err
	}
	return s.of(t)
}

func (s *Codecs) of(t wit.Type) (*Codec, error) {
	t = wit.Structure(t)
	if c, ok := s.done[t]; ok {
		return c, nil
	}
	lay := s.layouts.of(t)
	c := &Codec{size: lay.Size, align: lay.Align, slots: lay.Slots, disc: lay.DiscSize, payload: lay.PayloadOffset}
	if err := s.compile(c, lay, t); err != nil {
		return nil, err
	}
	if s.done == nil {
		s.done = make(map[wit.Type]*Codec)
	}
	s.done[t] = c
	return c, nil
}

// What lifted values take in Go, about: an interface, a boxed value, a slice, the
// header of a map and its first group.
const (
	costAny   = 16
	costBox   = 16
	costSlice = costAny + 24
	costMap   = costAny + 312
	costEntry = 40
)

func (s *Codecs) compile(c *Codec, lay *Layout, t wit.Type) (err error) {
	switch t := t.(type) {
	case wit.Prim:
		if t == wit.ErrorContext {
			return fmt.Errorf("%s is not part of WASI 0.2", t)
		}
		c.kind, c.cost = kind(t), costAny+costBox
	case *wit.List:
		c.kind, c.cost = listKind, costSlice
		if wit.Structure(t.Elem) == wit.U8 {
			c.kind = bytesKind
		}
		c.elem, err = s.of(t.Elem)
	case *wit.Option:
		c.kind = optionKind
		c.cases = []codecCase{{name: "none"}, {name: "some"}}
		if c.cases[1].codec, err = s.of(t.Elem); err != nil {
			return err
		}
		c.elem = c.cases[1].codec
		c.cost = costAny + c.elem.cost
	case *wit.Record:
		c.kind, c.cost = recordKind, costMap
		for i, f := range t.Fields {
			if err = s.field(c, f.Name, f.Type, lay.Offsets[i]); err != nil {
				return err
			}
		}
	case *wit.Tuple:
		c.kind, c.cost = tupleKind, costSlice
		for i, e := range t.Elems {
			if err = s.field(c, strconv.Itoa(i), e, lay.Offsets[i]); err != nil {
				return err
			}
		}
	case *wit.Variant:
		c.kind = variantKind
		for _, k := range t.Cases {
			if err = s.addCase(c, k.Name, k.Type); err != nil {
				return err
			}
		}
		c.cost += costAny + 2*costBox
	case *wit.Result:
		c.kind = resultKind
		if err = s.addCase(c, "ok", t.OK); err == nil {
			err = s.addCase(c, "err", t.Err)
		}
		c.cost += costAny + 2*costBox
	case *wit.Enum:
		c.kind, c.cost = enumKind, costAny+costBox
		c.label(t.Labels)
	case *wit.Flags:
		c.kind, c.cost = flagsKind, costSlice+costBox*uint64(len(t.Labels))
		c.label(t.Labels)
	case *wit.Own:
		c.kind, c.cost, c.resource = ownKind, costAny, t.Resource.Root()
	case *wit.Borrow:
		c.kind, c.cost, c.resource = borrowKind, costAny, t.Resource.Root()
	case *wit.Stream:
		return fmt.Errorf("a stream is not part of WASI 0.2")
	case *wit.Future:
		return fmt.Errorf("a future is not part of WASI 0.2")
	case *wit.FixedList:
		return fmt.Errorf("a list of fixed length is not part of WASI 0.2")
	default:
		return fmt.Errorf("%v is no type of a value", t)
	}
	c.indexCases()
	return err
}

func (s *Codecs) field(c *Codec, name string, t wit.Type, offset uint32) error {
	f, err := s.of(t)
	if err != nil {
		return err
	}
	slot := uint32(0)
	if n := len(c.fields); n > 0 {
		slot = c.fields[n-1].slot + c.fields[n-1].codec.slots
	}
	c.fields = append(c.fields, codecField{name, f, offset, slot})
	c.cost += costEntry + f.cost
	return nil
}

// addCase adds a case; the cost of c becomes that of the largest payload.
func (s *Codecs) addCase(c *Codec, name string, t wit.Type) (err error) {
	k := codecCase{name: name}
	if t != nil {
		if k.codec, err = s.of(t); err != nil {
			return err
		}
		c.cost = max(c.cost, k.codec.cost)
	}
	c.cases = append(c.cases, k)
	return nil
}

func (c *Codec) label(labels []string) {
	c.cases = make([]codecCase, len(labels))
	for i, l := range labels {
		c.cases[i].name = l
	}
}

// indexCases makes the index where a search along the cases would be slower.
func (c *Codec) indexCases() {
	if len(c.cases) <= 8 {
		return
	}
	c.index = make(map[string]uint32, len(c.cases))
	for i, k := range c.cases {
		c.index[k.name] = uint32(i)
	}
}

// caseOf finds a case or label by its name.
func (c *Codec) caseOf(name string) (uint32, bool) {
	if c.index != nil {
		i, ok := c.index[name]
		return i, ok
	}
	for i := range c.cases {
		if c.cases[i].name == name {
			return uint32(i), true
		}
	}
	return 0, false
}
