package preview1

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/internal/bounds"
	"github.com/tenon-wasm/tenon/wit"
)

func TestEveryFunctionHasAShapeOfItsParameters(t *testing.T) {
	for _, f := range functions {
		shape, ok := shapes[f.name]
		if !ok {
			t.Errorf("%s has none", f.name)
			continue
		}
		params := ""
		for _, word := range strings.Fields(shape) {
			_, kind, _ := strings.Cut(word, ":")
			switch kind {
			case "l", "L":
				params += "l"
			default:
				params += strings.Repeat("i", width(kind[0]))
			}
		}
		if params != f.params {
			t.Errorf("%s has the parameters %s, its shape %s", f.name, f.params, params)
		}
		if Reading(Module, label(f.name)) == nil || Reading(Unstable, label(f.name)) == nil {
			t.Errorf("%s cannot be read", f.name)
		}
	}
	if len(shapes) != len(functions) {
		t.Errorf("there are %d shapes and %d functions", len(shapes), len(functions))
	}
	if Reading(Module, "fd_read") != nil || Reading("env", "fd-read") != nil {
		t.Error("what is not there can be read")
	}
}

func TestErrnosHaveTheirNames(t *testing.T) {
	for code, want := range map[errno]string{
		success: "success", eACCES: "acces", eBADF: "badf", eINVAL: "inval", eNOENT: "noent", eSPIPE: "spipe", eNOTCAPABLE: "notcapable",
		errno(200): "errno 200",
	} {
		if got := code.name(); got != want {
			t.Errorf("%d is %s, want %s", uint16(code), got, want)
		}
		if back, ok := errnoOf(want); ok != (code > 0 && code < 77) || ok && back != code {
			t.Errorf("%s is %d, %v", want, back, ok)
		}
	}
}

// TestStringsThatGoOnAreBounded: a guest can lay out its memory so that each empty string is
// followed by another.
func TestStringsThatGoOnAreBounded(t *testing.T) {
	const strings, pointers = 1 << 24, 4 << 20
	memory := new(cabi.Scratch)
	var c cabi.Call
	c.Begin(context.Background(), &cabi.Options{Memory: memory, Realloc: memory.Realloc}, new(cabi.Table))
	at := c.Alloc(4, 4*pointers+strings)
	b, ok := c.View(at, 4*pointers)
	if !ok {
		t.Fatal("there is no memory")
	}
	for i := range uint32(pointers) {
		binary.LittleEndian.PutUint32(b[4*i:], at+4*pointers+i)
	}
	bounds.Check(t, "args_get", func() error {
		if n := len(stringsAt(&c, at, at+4*pointers)); n != maxStrings {
			t.Errorf("%d strings are read, want %d", n, maxStrings)
		}
		return nil
	})
}

func TestAnAnswerOfAnExitIsNone(t *testing.T) {
	defer func() {
		if _, trap := recover().(*cabi.Trap); !trap {
			t.Error("it is no trap")
		}
	}()
	var c cabi.Call
	c.Begin(context.Background(), &cabi.Options{}, new(cabi.Table))
	Reading(Module, "proc-exit").Answer(&c, wit.ResultValue{}, make([]uint64, 1))
}
