package cabi

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// vector is one question to the canonical ABI and its answer.
type vector struct {
	ID, Kind string

	Type     string
	Types    []string
	Params   []string
	Results  []string
	Dir      string
	Encoding string
	Src      string
	MemSize  int `json:"mem_size"`
	Alloc    allocator
	Value    any
	Values   []any
	Ptr      uint32
	OutPtr   *uint32 `json:"out_ptr"`

	Size, Align   uint32
	Flat          json.RawMessage
	Offsets       []uint32
	DiscSize      uint32 `json:"disc_size"`
	PayloadOffset uint32 `json:"payload_offset"`
	Lift, Lower   struct{ Params, Results []string }
	Mem           [][2]any
	Realloc       [][5]uint64
	MemSizeAfter  int `json:"mem_size_after"`
	Trap          bool
	Reason        string
}

// TestVectors asks the questions of the shared conformance folder.
func TestVectors(t *testing.T) { runVectors(t, sharedVectors(t), (*vector).check) }

// TestCorpus asks the questions that the repository keeps.
func TestCorpus(t *testing.T) { runVectors(t, corpus(t), (*vector).check) }

// TestMoreVectors asks the questions of a folder or file of one's own, fresh ones
// from testdata/abi/fresh.py.
func TestMoreVectors(t *testing.T) { runVectors(t, moreVectors(t), (*vector).check) }

// sharedVectors are the files of the shared conformance folder.
func sharedVectors(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("TENON_CONFORMANCE")
	if dir == "" {
		t.Skip("TENON_CONFORMANCE names no folder with the canonical ABI vectors (abi/vectors-*.jsonl.gz)")
	}
	return vectorFiles(t, filepath.Join(dir, "abi"))
}

// corpus are the files that the repository keeps.
func corpus(t testing.TB) []string {
	t.Helper()
	return vectorFiles(t, "../../testdata/abi")
}

// moreVectors are the files that TENON_ABI_VECTORS names.
func moreVectors(t testing.TB) []string {
	t.Helper()
	path := os.Getenv("TENON_ABI_VECTORS")
	if path == "" {
		t.Skip("TENON_ABI_VECTORS names no file or folder with more vectors (*.jsonl.gz)")
	}
	if strings.HasSuffix(path, ".gz") {
		return []string{path}
	}
	return vectorFiles(t, path)
}

func vectorFiles(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no *.jsonl.gz (%v)", dir, err)
	}
	return files
}

// runVectors asks check about each vector.
func runVectors(t *testing.T, files []string, check func(*vector) error) {
	LogCounts(t, tally(t, files, check))
}

func readVectors(t testing.TB, file string) func(func(*vector) bool) {
	return func(yield func(*vector) bool) {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReaderSize(z, 1<<20)
		for {
			line, err := r.ReadBytes('\n')
			if len(line) > 0 {
				d := json.NewDecoder(bytes.NewReader(line))
				d.UseNumber()
				v := new(vector)
				if err := d.Decode(v); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				if !yield(v) {
					return
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// errSource is the answer where strings come from a component: that is another
// path than the host's.
var errSource = errors.New("strings of a component")

func (v *vector) check() error {
	switch v.Kind {
	case "layout":
		return v.layout()
	case "func":
		return v.function()
	case "lift", "load":
		return v.lift()
	case "lower", "store":
		return v.lower()
	case "params", "results":
		if v.Dir == "lift" {
			return v.lift()
		}
		return v.lower()
	}
	return fmt.Errorf("no kind %q", v.Kind)
}

func coreTypes(ts []CoreType) []string {
	out := []string{}
	for _, t := range ts {
		out = append(out, t.String())
	}
	return out
}

func (v *vector) layout() error {
	t := parseType(v.Type)
	lay, err := LayoutOf(t)
	if err != nil {
		return err
	}
	var flat []string
	if err := json.Unmarshal(v.Flat, &flat); err != nil {
		return err
	}
	have := fmt.Sprint(lay.Size, lay.Align, lay.Offsets, lay.DiscSize, lay.PayloadOffset, lay.Slots, coreTypes(flattenUpTo(t, 1<<16)))
	want := fmt.Sprint(v.Size, v.Align, v.Offsets, v.DiscSize, v.PayloadOffset, len(flat), flat)
	if have != want {
		return fmt.Errorf("have %s, want %s", have, want)
	}
	if cut := flat[:min(len(flat), MaxFlatParams+1)]; !slices.Equal(coreTypes(lay.Flat), cut) {
		return fmt.Errorf("cut off: have %s, want %s", coreTypes(lay.Flat), cut)
	}
	return nil
}

func funcOf(params, results []string) *wit.Func {
	f := &wit.Func{Name: "f"}
	for i, p := range params {
		f.Params = append(f.Params, wit.Param{Name: fmt.Sprintf("p%d", i), Type: parseType(p)})
	}
	if len(results) > 0 {
		f.Result = parseType(results[0])
	}
	return f
}

func (v *vector) function() error {
	f := funcOf(v.Params, v.Results)
	lift, lower := FlattenFunc(f, Lift), FlattenFunc(f, Lower)
	have := fmt.Sprint(coreTypes(lift.Params), coreTypes(lift.Results), coreTypes(lower.Params), coreTypes(lower.Results))
	want := fmt.Sprint(v.Lift.Params, v.Lift.Results, v.Lower.Params, v.Lower.Results)
	if have != want {
		return fmt.Errorf("have %s, want %s", have, want)
	}
	return nil
}

// slots reads flat values, which are checked against the core types ts.
func (v *vector) slots() ([]uint64, []string, error) {
	var flat []struct{ T, V string }
	if v.Flat != nil {
		if err := json.Unmarshal(v.Flat, &flat); err != nil {
			return nil, nil, err
		}
	}
	var slots []uint64
	var types []string
	for _, f := range flat {
		n, err := strconv.ParseUint(f.V, 10, 64)
		if err != nil {
			return nil, nil, err
		}
		slots, types = append(slots, n), append(types, f.T)
	}
	return slots, types, nil
}

var codes = map[string]Code{
	"unaligned": Unaligned, "out-of-bounds": OutOfBounds, "too-long": TooLong,
	"bad-char": BadChar, "bad-discriminant": BadDiscriminant, "bad-encoding": BadEncoding,
}

// trapped compares how the question ended, and reports whether that is all.
func (v *vector) trapped(trap *Trap) (bool, error) {
	switch {
	case trap == nil && v.Trap:
		return true, fmt.Errorf("no trap, want %s", v.Reason)
	case trap != nil && !v.Trap:
		return true, trap
	case trap != nil && v.Reason != "" && trap.Code != codes[v.Reason]:
		return true, fmt.Errorf("%v, want %s", trap, v.Reason)
	}
	return v.Trap, nil
}

// source is the guest whose values are lifted.
func (v *vector) source() *guest {
	g := newGuest(v.MemSize, 0, allocator{})
	for _, m := range v.Mem {
		b, _ := hex.DecodeString(m[1].(string))
		copy(g.mem[number(m[0]):], b)
	}
	return g
}

func (v *vector) lift() error {
	g := v.source()
	c := g.call(encodingOf(v.Encoding))
	slots, _, err := v.slots()
	if err != nil {
		return err
	}
	var have, want any
	var trap *Trap
	switch v.Kind {
	case "lift", "load":
		t := parseType(v.Type)
		codec, err := CodecOf(t)
		if err != nil {
			return err
		}
		trap = trapOf(func() {
			if v.Kind == "lift" {
				have = toJSON(t, codec.LiftFlat(c, slots))
			} else {
				have = toJSON(t, codec.Load(c, v.Ptr))
			}
		})
		want = v.Value
	case "params":
		f := funcOf(v.Types, nil)
		codec, err := FuncCodecOf(f)
		if err != nil {
			return err
		}
		list := []any{}
		trap = trapOf(func() {
			for i, x := range codec.LiftParams(c, slots, nil) {
				list = append(list, toJSON(f.Params[i].Type, x))
			}
		})
		have, want = list, v.Values
	case "results":
		f := funcOf(nil, v.Types)
		codec, err := FuncCodecOf(f)
		if err != nil {
			return err
		}
		list := []any{}
		trap = trapOf(func() {
			if x := codec.LiftResult(c, slots); f.Result != nil {
				list = append(list, toJSON(f.Result, x))
			}
		})
		have, want = list, v.Values
	}
	if done, err := v.trapped(trap); done || err != nil {
		return err
	}
	if !reflect.DeepEqual(have, want) {
		return fmt.Errorf("have %v, want %v", have, want)
	}
	return nil
}

func (v *vector) lower() error {
	types := v.Types
	if v.Type != "" {
		types = []string{v.Type}
	}
	for _, t := range types {
		if v.Src != "utf8" && hasString(parseType(t)) {
			return errSource
		}
	}
	g := newGuest(v.MemSize, 0xa5, v.Alloc)
	c := g.call(encodingOf(v.Encoding))
	want, _, err := v.slots()
	if err != nil {
		return err
	}
	stack := poisoned()
	var trap *Trap
	target := [2]uint64{} // where a value is stored that realloc did not place
	slots := 0
	switch v.Kind {
	case "lower", "store":
		t := parseType(v.Type)
		codec, cerr := CodecOf(t)
		if cerr != nil {
			return cerr
		}
		value := fromJSON(t, v.Value)
		trap = trapOf(func() {
			if v.Kind == "lower" {
				err, slots = codec.LowerFlat(c, value, stack), int(codec.slots)
			} else {
				err = codec.Store(c, value, v.Ptr)
				target = [2]uint64{uint64(v.Ptr), uint64(v.Ptr) + uint64(codec.size)}
			}
		})
	case "params":
		f := funcOf(v.Types, nil)
		codec, cerr := FuncCodecOf(f)
		if cerr != nil {
			return cerr
		}
		values := []any{}
		for i, x := range v.Values {
			values = append(values, fromJSON(f.Params[i].Type, x))
		}
		slots = len(FlattenFunc(f, Lift).Params)
		trap = trapOf(func() { err = codec.LowerParams(c, values, stack) })
	case "results":
		f := funcOf(nil, v.Types)
		codec, cerr := FuncCodecOf(f)
		if cerr != nil {
			return cerr
		}
		var value any
		if f.Result != nil {
			value = fromJSON(f.Result, v.Values[0])
		}
		if slots = len(FlattenFunc(f, Lower).Results); codec.resultSpilled {
			stack[0] = uint64(*v.OutPtr)
			target = [2]uint64{uint64(*v.OutPtr), uint64(*v.OutPtr) + uint64(codec.result.size)}
		}
		trap = trapOf(func() { err = codec.LowerResult(c, value, stack) })
		if codec.resultSpilled {
			stack[0] = poison
		}
	}
	if err != nil {
		return err
	}
	return v.lowered(g, trap, stack, slots, want, target)
}

const poison = 0xdeadbeefdeadbeef

// poisoned is a stack in which every slot that is written shows.
func poisoned() []uint64 {
	stack := make([]uint64, 1<<14)
	for i := range stack {
		stack[i] = poison
	}
	return stack
}

// lowered compares what a lowering did with the answer.
func (v *vector) lowered(g *guest, trap *Trap, stack []uint64, slots int, want []uint64, target [2]uint64) error {
	if v.Realloc == nil {
		v.Realloc = [][5]uint64{}
	}
	if !slices.Equal(g.calls, v.Realloc) {
		return fmt.Errorf("realloc %v, want %v", g.calls, v.Realloc)
	}
	if done, err := v.trapped(trap); done || err != nil {
		return err
	}
	if !slices.Equal(stack[:slots], want) || slices.ContainsFunc(stack[slots:], func(x uint64) bool { return x != poison }) {
		return fmt.Errorf("flat values %v, want %v and no more", stack[:slots], want)
	}
	return v.compareMemory(g, target)
}

// compareMemory wants the bytes of the answer, and all others left alone.
func (v *vector) compareMemory(g *guest, target [2]uint64) error {
	size := v.MemSize
	if v.MemSizeAfter != 0 {
		size = v.MemSizeAfter
	}
	if len(g.mem) != size {
		return fmt.Errorf("memory of %d bytes, want %d", len(g.mem), size)
	}
	for _, m := range v.Mem {
		want, _ := hex.DecodeString(m[1].(string))
		p := int(number(m[0]))
		if have := g.mem[p : p+len(want)]; !bytes.Equal(have, want) {
			return fmt.Errorf("memory at %#x is %x, want %x", p, have, want)
		}
	}
	blocks := [][2]uint64{target}
	for _, call := range g.calls {
		blocks = append(blocks, [2]uint64{call[4], call[4] + call[3]})
	}
	for i, b := range g.mem {
		untouched := byte(0xa5)
		if i >= v.MemSize {
			untouched = 0
		}
		p := uint64(i)
		if b != untouched && !slices.ContainsFunc(blocks, func(r [2]uint64) bool { return r[0] <= p && p < r[1] }) {
			return fmt.Errorf("memory at %#x, in no block, is %#x", i, b)
		}
	}
	return nil
}
