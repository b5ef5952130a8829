package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// The first byte of a value. Integers are uvarints, signed ones in zigzag; floats are
// their bits, the lowest byte first, with one NaN for all; lists and records have their
// length before them, and records their fields by name.
const (
	tagNil = iota
	tagFalse
	tagTrue
	tagU8
	tagU16
	tagU32
	tagU64
	tagS8
	tagS16
	tagS32 // and char
	tagS64
	tagF32
	tagF64
	tagString // and enum
	tagBytes
	tagList // and tuple
	tagRecord
	tagVariant // a string and a value
	tagOK
	tagErr
	tagSome
	tagFlags
	tagOwn    // a handle that goes with the value
	tagBorrow // one that is lent
	tagRep    // the rep of a resource of the guest
)

// appendValue appends a value as tracers see it.
func appendValue(b []byte, v any) []byte {
	number := func(tag byte, n uint64) []byte { return binary.AppendUvarint(append(b, tag), n) }
	signed := func(tag byte, n int64) []byte { return binary.AppendVarint(append(b, tag), n) }
	switch v := v.(type) {
	case nil:
		return append(b, tagNil)
	case bool:
		if v {
			return append(b, tagTrue)
		}
		return append(b, tagFalse)
	case uint8:
		return append(b, tagU8, v)
	case uint16:
		return number(tagU16, uint64(v))
	case uint32:
		return number(tagU32, uint64(v))
	case uint64:
		return number(tagU64, v)
	case int8:
		return append(b, tagS8, byte(v))
	case int16:
		return signed(tagS16, int64(v))
	case int32:
		return signed(tagS32, int64(v))
	case int64:
		return signed(tagS64, v)
	case float32:
		bits := math.Float32bits(v)
		if v != v {
			bits = 0x7fc00000
		}
		return binary.LittleEndian.AppendUint32(append(b, tagF32), bits)
	case float64:
		bits := math.Float64bits(v)
		if v != v {
			bits = 0x7ff8000000000000
		}
		return binary.LittleEndian.AppendUint64(append(b, tagF64), bits)
	case string:
		return appendString(append(b, tagString), v)
	case []byte:
		return append(number(tagBytes, uint64(len(v))), v...)
	case []any:
		b = number(tagList, uint64(len(v)))
		for _, e := range v {
			b = appendValue(b, e)
		}
		return b
	case map[string]any:
		b = number(tagRecord, uint64(len(v)))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = appendValue(appendString(b, k), v[k])
		}
		return b
	case wit.VariantValue:
		return appendValue(appendString(append(b, tagVariant), v.Case), v.Value)
	case wit.ResultValue:
		if v.IsErr {
			return appendValue(append(b, tagErr), v.Value)
		}
		return appendValue(append(b, tagOK), v.Value)
	case wit.SomeValue:
		return appendValue(append(b, tagSome), v.Value)
	case []string:
		b = number(tagFlags, uint64(len(v)))
		for _, s := range v {
			b = appendString(b, s)
		}
		return b
	case component.Handle:
		if !v.Foreign {
			return number(tagRep, uint64(v.Rep))
		}
		if v.Owned {
			return number(tagOwn, uint64(v.Number))
		}
		return number(tagBorrow, uint64(v.Number))
	}
	panic(fmt.Sprintf("replay: a value of type %T", v)) // Tracers see no others.
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errMalformed = errors.New("malformed")

// A decoder reads what is in a frame. After an error everything it gives is zero.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errMalformed, fmt.Sprintf(format, args...))
		d.b = nil
	}
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail("%d bytes where %d are left", n, len(d.b))
		return nil
	}
	head := d.b[:n]
	d.b = d.b[n:]
	return head
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > most {
		d.fail("a number that is none, or too large")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint(least, most int64) int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 || v < least || v > most {
		d.fail("a number that is none, or too large")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// length is that of a list whose elements take a byte at least.
func (d *decoder) length() int {
	n := d.uvarint(math.MaxUint64)
	if n > uint64(len(d.b)) {
		d.fail("a length of %d where %d bytes are left", n, len(d.b))
		return 0
	}
	return int(n)
}

func (d *decoder) string() string { return string(d.take(uint64(d.length()))) }

// maxDepth is how deep values nest; types do not nest deeper.
const maxDepth = 200

func (d *decoder) value(depth int) any {
	if depth > maxDepth {
		d.fail("values nest too deep")
		return nil
	}
	switch tag := d.byte(); tag {
	case tagNil:
		return nil
	case tagFalse, tagTrue:
		return tag == tagTrue
	case tagU8:
		return d.byte()
	case tagU16:
		return uint16(d.uvarint(math.MaxUint16))
	case tagU32:
		return uint32(d.uvarint(math.MaxUint32))
	case tagU64:
		return d.uvarint(math.MaxUint64)
	case tagS8:
		return int8(d.byte())
	case tagS16:
		return int16(d.varint(math.MinInt16, math.MaxInt16))
	case tagS32:
		return int32(d.varint(math.MinInt32, math.MaxInt32))
	case tagS64:
		return d.varint(math.MinInt64, math.MaxInt64)
	case tagF32:
		if b := d.take(4); b != nil {
			return math.Float32frombits(binary.LittleEndian.Uint32(b))
		}
	case tagF64:
		if b := d.take(8); b != nil {
			return math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	case tagString:
		return d.string()
	case tagBytes:
		return slices.Clone(d.take(uint64(d.length())))
	case tagList:
		return d.values(depth)
	case tagRecord:
		return d.record(depth)
	case tagVariant:
		return wit.VariantValue{Case: d.string(), Value: d.value(depth + 1)}
	case tagOK, tagErr:
		return wit.ResultValue{IsErr: tag == tagErr, Value: d.value(depth + 1)}
	case tagSome:
		return wit.SomeValue{Value: d.value(depth + 1)}
	case tagFlags:
		list := []string{}
		for n := d.length(); n > 0 && d.err == nil; n-- {
			list = append(list, d.string())
		}
		return list
	case tagOwn, tagBorrow:
		return component.Handle{Number: uint32(d.uvarint(math.MaxUint32)), Owned: tag == tagOwn, Foreign: true}
	case tagRep:
		return component.Handle{Rep: uint32(d.uvarint(math.MaxUint32))}
	default:
		d.fail("a value of an unknown kind %d", tag)
	}
	return nil
}

// values grows the list as it goes: its length alone takes no memory.
func (d *decoder) values(depth int) []any {
	list := []any{}
	for n := d.length(); n > 0 && d.err == nil; n-- {
		list = append(list, d.value(depth+1))
	}
	return list
}

func (d *decoder) record(depth int) map[string]any {
	n := d.length()
	m := make(map[string]any)
	for ; n > 0 && d.err == nil; n-- {
		k := d.string()
		m[k] = d.value(depth + 1)
	}
	return m
}
