package wrap

import (
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// sameSyntax checks that Syntax gives what a written component decodes to, but for places.
func sameSyntax(t *testing.T, m *core.Module, written []byte) {
	t.Helper()
	want, err := binary.Decode(written)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Syntax(m, world)
	if err != nil {
		t.Fatalf("what is written: %v", err)
	}
	if got.Size > want.Size || got.Size < want.Size-5 { // The size of a section takes 1 to 5 bytes.
		t.Errorf("%d bytes, want %d", got.Size, want.Size)
	}
	unplaced(reflect.ValueOf(got))
	unplaced(reflect.ValueOf(want))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the syntax is\n%+v\nwant\n%+v", got, want)
	}
}

// unplaced forgets where things stand.
func unplaced(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			unplaced(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			unplaced(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Name == "Pos" || f.Name == "Offset" || f.Name == "Size":
				v.Field(i).SetZero()
			default:
				unplaced(v.Field(i))
			}
		}
	}
}
