package cabi

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// Bindings are generated from the types of the vectors and asked the same
// questions as the codec. The names that are exported here are for generated
// code, which a test of its own makes and links in: see generated_test.go.

// A Binding is one generated package. Its maps go by the types of a vector, as
// these are spelled there.
type Binding struct {
	// New is the host functions of a host that hands its parameters to taken and
	// lets result fill what it returns; result reports that e is the error.
	New func(taken func(params ...any), result func(e any, r ...any) (failed bool)) map[string]func(*Call, []uint64)

	Take map[string]string // the function with these parameters
	Give map[string]string // the function with this result

	// Load, Store and Lift are those of a record with one field of this type, all
	// taking or giving a pointer to the value.
	Load  map[string]func(c *Call, p uint32) any
	Store map[string]func(c *Call, p uint32, v any)
	Lift  map[string]func(c *Call, flat []uint64) any
	Value map[string]func() any // a new pointer

	// Cases are the types of a variant's cases, or the constants of an enum or of
	// flags, in the order of the WIT.
	Cases map[reflect.Type][]any
}

// Bindings are the packages that are linked into this test.
var Bindings []*Binding

// JoinTypes is the key of several types.
func JoinTypes(types []string) string {
	if len(types) == 0 {
		return "none"
	}
	return strings.Join(types, " ; ")
}

// A Use is what one vector wants of the bindings of its types.
type Use struct {
	ID, Take, Give string // types of functions
	Values         []string
}

// BindingUses reads what the vectors of files need, without those that have an
// answer in the layout alone.
func BindingUses(t *testing.T, files []string) (uses []Use) {
	for _, file := range files {
		for v := range readVectors(t, file) {
			if u, ok := v.use(); ok {
				uses = append(uses, u)
			}
		}
	}
	return uses
}

// use decides how the question is put to bindings of a host's functions: what a
// guest gives it are parameters, and what it takes are results.
func (v *vector) use() (u Use, ok bool) {
	u.ID = v.ID
	switch v.Kind + v.Dir {
	case "lift":
		if slotsOf(v.Type) > MaxFlatParams {
			u.Values = []string{v.Type}
		} else {
			u.Take = v.Type
		}
	case "load", "store":
		u.Values = []string{v.Type}
	case "lower":
		u.Give = v.Type
	case "paramslift":
		u.Take = JoinTypes(v.Types)
	case "resultslower":
		u.Give = JoinTypes(v.Types)
	case "resultslift", "paramslower":
		// The bindings of a host have no such function; their verbs do it.
		u.Values = v.Types
	default:
		return u, false
	}
	return u, !(v.lowers() && v.foreign())
}

func (v *vector) lowers() bool { return v.Kind == "lower" || v.Kind == "store" || v.Dir == "lower" }

// foreign reports whether strings come from a component, and not from the host.
func (v *vector) foreign() bool {
	return v.Src != "utf8" && slices.ContainsFunc(append(v.Types, v.Type), func(s string) bool {
		return s != "" && hasString(parseType(s))
	})
}

func slotsOf(t string) uint32 { return new(Layouts).of(parseType(t)).Slots }

// RunBindings asks the bindings and returns the counts of agree, disagree and not
// applicable by kind.
func RunBindings(t *testing.T, files []string) map[string][3]int {
	bound := newBound(Bindings)
	return tally(t, files, func(v *vector) error {
		if v.Kind == "layout" || v.Kind == "func" {
			return errElsewhere
		}
		if v.lowers() && v.foreign() {
			return errSource
		}
		return bound.check(v)
	})
}

// errElsewhere leaves a vector out of the counts.
var errElsewhere = errors.New("checked elsewhere")

// tally asks all vectors of files and counts the answers.
func tally(t *testing.T, files []string, check func(*vector) error) map[string][3]int {
	count := map[string][3]int{}
	failures := 0
	for _, file := range files {
		for v := range readVectors(t, file) {
			kind := strings.TrimSpace(v.Kind + " " + v.Dir)
			n := count[kind]
			switch err := check(v); {
			case err == nil:
				n[0]++
			case errors.Is(err, errElsewhere):
				continue
			case errors.Is(err, errSource):
				n[2]++
			default:
				n[1]++
				if failures++; failures < 20 {
					t.Errorf("%s %s %s%s: %v", v.ID, kind, v.Type, v.Types, err)
				}
			}
			count[kind] = n
		}
	}
	return count
}

// bound is all bindings together, with the one host behind them.
type bound struct {
	goValues
	take, give map[string]func(*Call, []uint64)
	load       map[string]func(c *Call, p uint32) any
	store      map[string]func(c *Call, p uint32, v any)
	lift       map[string]func(c *Call, flat []uint64) any
	value      map[string]func() any

	taken  func(params ...any)
	result func(e any, r ...any) bool
}

func newBound(bindings []*Binding) *bound {
	b := &bound{
		goValues: goValues{map[reflect.Type][]any{}},
		take:     map[string]func(*Call, []uint64){},
		give:     map[string]func(*Call, []uint64){},
		load:     map[string]func(c *Call, p uint32) any{},
		store:    map[string]func(c *Call, p uint32, v any){},
		lift:     map[string]func(c *Call, flat []uint64) any{},
		value:    map[string]func() any{},
	}
	for _, x := range bindings {
		funcs := x.New(
			func(params ...any) { b.taken(params...) },
			func(e any, r ...any) bool { return b.result(e, r...) },
		)
		for key, name := range x.Take {
			b.take[key] = funcs[name]
		}
		for key, name := range x.Give {
			b.give[key] = funcs[name]
		}
		maps.Copy(b.load, x.Load)
		maps.Copy(b.store, x.Store)
		maps.Copy(b.lift, x.Lift)
		maps.Copy(b.value, x.Value)
		maps.Copy(b.cases, x.Cases)
	}
	return b
}

func (b *bound) check(v *vector) error {
	if v.lowers() {
		return b.lowered(v)
	}
	return b.lifted(v)
}

// lifted asks for a value that is in the guest.
func (b *bound) lifted(v *vector) error {
	g := newGuest(v.MemSize, 0, allocator{})
	for _, m := range v.Mem {
		raw, _ := hex.DecodeString(m[1].(string))
		copy(g.mem[number(m[0]):], raw)
	}
	c := g.call(encodingOf(v.Encoding))
	stack, _, err := v.slots()
	if err != nil {
		return err
	}
	types, want := v.Types, v.Values
	if v.Type != "" {
		types, want = []string{v.Type}, []any{v.Value}
	}
	have := []any{}
	b.taken = func(params ...any) {
		for i, p := range params {
			have = append(have, b.toJSON(parseType(types[i]), reflect.ValueOf(p).Elem()))
		}
	}
	u, _ := v.use()
	trap := trapOf(func() {
		switch {
		case u.Values == nil:
			b.take[u.Take](c, stack)
		case v.Kind == "load":
			b.taken(b.load[v.Type](c, v.Ptr))
		case v.Kind == "lift":
			b.taken(b.lift[v.Type](c, stack))
		default: // the result of an export
			for _, t := range types {
				if slotsOf(t) <= MaxFlatResults {
					b.taken(b.lift[t](c, stack))
					continue
				}
				p := uint32(stack[0])
				c.Check(p, AlignOf(parseType(t)), SizeOf(parseType(t)))
				b.taken(b.load[t](c, p))
			}
		}
	})
	if done, err := v.trapped(trap); done || err != nil {
		return err
	}
	if !reflect.DeepEqual(have, want) {
		return fmt.Errorf("have %v, want %v", have, want)
	}
	return nil
}

// lowered asks for the guest to be given a value.
func (b *bound) lowered(v *vector) error {
	types, values := v.Types, v.Values
	if v.Type != "" {
		types, values = []string{v.Type}, []any{v.Value}
	}
	want, _, err := v.slots()
	if err != nil {
		return err
	}
	lay := new(Layouts)
	block := lay.of(blockOf(types))
	g := newGuest(v.MemSize, 0xa5, v.Alloc)
	aside := v.aside(block.Size)
	c := aside.call(g, encodingOf(v.Encoding))
	b.result = func(e any, r ...any) bool { return b.fillResult(parseType(types[0]), values[0], e, r) }

	const poison = 0xdeadbeefdeadbeef
	stack := []uint64{poison, poison, poison}
	target := [2]uint64{}
	var flat []uint64
	trap := trapOf(func() {
		switch v.Kind {
		case "store":
			b.store[v.Type](c, v.Ptr, b.goValue(v.Type, v.Value))
			target = [2]uint64{uint64(v.Ptr), uint64(v.Ptr) + uint64(block.Size)}
		case "lower", "results":
			spilled := block.Slots > MaxFlatResults
			switch {
			case spilled && v.Kind == "lower":
				stack[0] = uint64(aside.at)
			case spilled:
				stack[0] = uint64(*v.OutPtr)
				target = [2]uint64{uint64(*v.OutPtr), uint64(*v.OutPtr) + uint64(block.Size)}
			}
			b.give[JoinTypes(types)](c, stack)
			if !spilled {
				flat = stack[:block.Slots]
				break
			}
			stack[0] = poison
			if v.Kind == "lower" {
				flat = flatOf(lay, parseType(types[0]), aside.mem)
			}
		case "params":
			p := aside.at
			if block.Slots > MaxFlatParams {
				p = c.Alloc(block.Align, block.Size)
				flat = []uint64{uint64(p)}
			}
			for i, t := range types {
				b.store[t](c, p+block.Offsets[i], b.goValue(t, values[i]))
			}
			if flat == nil {
				flat = flatOf(lay, blockOf(types), aside.mem)
			}
		}
	})
	if v.Realloc == nil {
		v.Realloc = [][5]uint64{}
	}
	if !slices.Equal(g.calls, v.Realloc) {
		return fmt.Errorf("realloc %v, want %v (trap %v)", g.calls, v.Realloc, trap)
	}
	if done, err := v.trapped(trap); done || err != nil {
		return err
	}
	if !slices.Equal(flat, want) {
		return fmt.Errorf("flat values %v, want %v", flat, want)
	}
	if slices.ContainsFunc(stack[1:], func(x uint64) bool { return x != poison }) {
		return fmt.Errorf("more flat values than one: %v", stack)
	}
	return v.compareMemory(g, target)
}

// blockOf is the tuple of several types; of none it is what takes no room.
func blockOf(types []string) wit.Type {
	block := &wit.Tuple{}
	for _, t := range types {
		block.Elems = append(block.Elems, parseType(t))
	}
	return block
}

// aside is memory beyond the guest's own, where the result of a function stands
// whose vector has no place for it.
type aside struct {
	*guest
	at  uint32
	mem []byte
}

// aside finds addresses that no realloc of the vector gives.
func (v *vector) aside(size uint32) *aside {
	a := &aside{at: 0xf0000000, mem: bytes.Repeat([]byte{0x5a}, int(size))}
	for slices.ContainsFunc(v.Realloc, func(call [5]uint64) bool {
		return call[4] < uint64(a.at)+uint64(size) && uint64(a.at) < call[4]+call[3]+1
	}) {
		a.at -= 1 << 24
	}
	return a
}

func (a *aside) call(g *guest, enc Encoding) *Call {
	a.guest = g
	c := g.call(enc)
	c.opts.Memory = a
	return c
}

func (a *aside) Read(p, n uint32) ([]byte, bool) {
	if p >= a.at && uint64(p)+uint64(n) <= uint64(a.at)+uint64(len(a.mem)) {
		return a.mem[p-a.at:][:n:n], true
	}
	return a.guest.Read(p, n)
}

// flatOf is the flat values of what is stored in b: as the host's result goes
// through memory, this is what they would have been.
func flatOf(lay *Layouts, t wit.Type, b []byte) []uint64 {
	l := lay.of(t)
	u32 := func(p int) uint64 { return uint64(binary.LittleEndian.Uint32(b[p:])) }
	uint := func(size uint32) (n uint64) {
		for i := range size {
			n |= uint64(b[i]) << (8 * i)
		}
		return n
	}
	fields := func(types []wit.Type) (flat []uint64) {
		for i, f := range types {
			flat = append(flat, flatOf(lay, f, b[l.Offsets[i]:])...)
		}
		return flat
	}
	cases := func(types []wit.Type) []uint64 {
		i := uint(l.DiscSize)
		flat := []uint64{i}
		if c := types[i]; c != nil {
			flat = append(flat, flatOf(lay, c, b[l.PayloadOffset:])...)
		}
		return append(flat, make([]uint64, int(l.Slots)-len(flat))...)
	}
	switch t := t.(type) {
	case wit.Prim:
		switch t {
		case wit.String:
			return []uint64{u32(0), u32(4)}
		case wit.S8:
			return []uint64{uint64(uint32(int8(b[0])))}
		case wit.S16:
			return []uint64{uint64(uint32(int16(uint(2))))}
		}
		return []uint64{uint(l.Size)}
	case *wit.List:
		return []uint64{u32(0), u32(4)}
	case *wit.Flags:
		return []uint64{uint(l.Size)}
	case *wit.Tuple:
		return fields(t.Elems)
	case *wit.Record:
		types := []wit.Type{}
		for _, f := range t.Fields {
			types = append(types, f.Type)
		}
		return fields(types)
	case *wit.Variant:
		types := []wit.Type{}
		for _, c := range t.Cases {
			types = append(types, c.Type)
		}
		return cases(types)
	case *wit.Enum:
		return []uint64{uint(l.DiscSize)}
	case *wit.Option:
		return cases([]wit.Type{nil, t.Elem})
	case *wit.Result:
		return cases([]wit.Type{t.OK, t.Err})
	}
	panic(fmt.Sprintf("no flat values of %v", t))
}

// SharedVectors, Corpus and MoreVectors are the files with the questions.
func SharedVectors(t *testing.T) []string { return sharedVectors(t) }
func Corpus(t *testing.T) []string        { return corpus(t) }
func MoreVectors(t *testing.T) []string   { return moreVectors(t) }

// ParseType reads a type as the vectors spell it.
func ParseType(s string) wit.Type { return parseType(s) }

// SplitTypes reads what JoinTypes made.
func SplitTypes(key string) (types []wit.Type) {
	if key == JoinTypes(nil) {
		return nil
	}
	for _, s := range strings.Split(key, " ; ") {
		types = append(types, parseType(s))
	}
	return types
}

// A LayoutVector is a question about layouts, which code is not needed for.
type LayoutVector struct {
	*vector
	FlatTypes []string
}

// TallyLayouts asks the vectors that RunBindings leaves out.
func TallyLayouts(t *testing.T, files []string, check func(*LayoutVector) error) map[string][3]int {
	return tally(t, files, func(v *vector) error {
		if v.Kind != "layout" && v.Kind != "func" {
			return errElsewhere
		}
		l := &LayoutVector{vector: v}
		if v.Kind == "layout" {
			if err := json.Unmarshal(v.Flat, &l.FlatTypes); err != nil {
				return err
			}
		}
		return check(l)
	})
}
