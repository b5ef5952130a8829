package preview1

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

// A structure is a struct of numbers in the guest's memory.
type structure struct {
	size   uint32
	fields []field
	typ    *wit.Record
}

type field struct {
	name     string
	width    int
	offset   int
	unsigned wit.Prim
}

// newStruct reads fields as name:bytes:offset.
func newStruct(size uint32, spec string) *structure {
	s := &structure{size: size, typ: &wit.Record{}}
	for _, word := range strings.Fields(spec) {
		f := field{}
		name, numbers, _ := strings.Cut(word, ":")
		if _, err := fmt.Sscanf(numbers, "%d:%d", &f.width, &f.offset); err != nil {
			panic(err) // It is written in this package.
		}
		f.name = name
		f.unsigned = map[int]wit.Prim{1: wit.U8, 2: wit.U16, 4: wit.U32, 8: wit.U64}[f.width]
		s.fields = append(s.fields, f)
		s.typ.Fields = append(s.typ.Fields, wit.Field{Name: name, Type: f.unsigned})
	}
	return s
}

func (s *structure) read(b []byte) map[string]any {
	m := make(map[string]any, len(s.fields))
	for _, f := range s.fields {
		at := b[f.offset:]
		switch f.width {
		case 1:
			m[f.name] = at[0]
		case 2:
			m[f.name] = le.Uint16(at)
		case 4:
			m[f.name] = le.Uint32(at)
		default:
			m[f.name] = le.Uint64(at)
		}
	}
	return m
}

// write writes what read has read; what is between the fields is zero, as the host leaves
// it.
func (s *structure) write(w *answer, b []byte, m map[string]any) {
	clear(b)
	for _, f := range s.fields {
		at := b[f.offset:]
		ok := true
		switch v := m[f.name].(type) {
		case uint8:
			ok = f.width == 1
			at[0] = v
		case uint16:
			if ok = f.width == 2; ok {
				le.PutUint16(at, v)
			}
		case uint32:
			if ok = f.width == 4; ok {
				le.PutUint32(at, v)
			}
		case uint64:
			if ok = f.width == 8; ok {
				le.PutUint64(at, v)
			}
		default:
			ok = false
		}
		if !ok {
			w.c.Fail(fmt.Errorf("%s: the field %s of its answer is a %T", w.r.typ.Name, f.name, m[f.name]))
		}
	}
}
