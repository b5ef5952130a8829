package cabi_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// item is a record, and lookUp what a program does with a list of them.
type item struct {
	name  string
	count uint16
}

func lookUp(_ context.Context, items []item) ([]uint32, error) {
	prices := map[string]uint32{"peg": 3, "board": 250}
	var sums []uint32
	for _, it := range items {
		price, ok := prices[it.name]
		if !ok {
			return nil, cabi.ErrorOf[string]{Value: "no " + it.name}
		}
		sums = append(sums, price*uint32(it.count))
	}
	return sums, nil
}

// What a generated binding does: every offset, size and alignment is known when the
// code is written, and the verbs of Call do the rest.
func ExampleCall() {
	quote := parse(`package acme:shop; interface shop {
		record item { name: string, count: u16 }
		quote: func(items: list<item>) -> result<list<u32>, string>;
	}`).Funcs[0]
	code := func(c *cabi.Call, stack []uint64) {
		ret := uint32(stack[2])
		c.Check(ret, 4, 12) // before anything is done for the guest
		base, count := c.LiftList(uint32(stack[0]), uint32(stack[1]), 12, 4)
		items := make([]item, count)
		for i := range items {
			p := base + uint32(i)*12
			items[i] = item{name: c.String(p), count: c.U16(p + 8)}
		}
		sums, err := lookUp(c.Context(), items)
		if err != nil {
			e, ok := cabi.AsError[cabi.ErrorOf[string]](err)
			if !ok {
				c.Fail(err)
			}
			c.SetU8(ret, 1)
			c.SetString(ret+4, e.Value)
			return
		}
		c.SetU8(ret, 0)
		list := c.LowerList(len(sums), 4, 4)
		for i, sum := range sums {
			c.SetU32(list+uint32(i)*4, sum)
		}
		c.SetPair(ret+4, list, uint32(len(sums)))
	}

	// A guest calls it.
	codec := must(cabi.FuncCodecOf(quote))
	for _, name := range []string{"peg", "dowel"} {
		items := []any{
			map[string]any{"name": "board", "count": uint16(1)},
			map[string]any{"name": name, "count": uint16(12)},
		}
		fmt.Println(codec.CallHost(begin(cabi.UTF16), []any{items}, code))
	}
	// A pointer of the guest that leads nowhere.
	fmt.Println(trapped(func() { code(begin(cabi.UTF8), []uint64{0, 0, 4096}) }))
	// Output:
	// {false [250 36]} <nil>
	// {true no dowel} <nil>
	// trap: out of bounds: 12 bytes at 0x1000, memory has 0x0
}

// Each primitive type has a verb that loads and one that stores.
func ExampleCall_primitives() {
	c := begin(cabi.UTF8)
	p := c.Alloc(8, 64)
	c.SetBool(p, true)
	c.SetU8(p+1, 0xff)
	c.SetS8(p+2, -1)
	c.SetU16(p+4, 0xffff)
	c.SetS16(p+6, -2)
	c.SetU32(p+8, 0xffff_ffff)
	c.SetS32(p+12, -3)
	c.SetU64(p+16, 1<<63)
	c.SetS64(p+24, -4)
	c.SetF32(p+32, 0.5)
	c.SetF64(p+40, 0.25)
	c.SetChar(p+48, '木')
	fmt.Println(c.Bool(p), c.U8(p+1), c.S8(p+2), c.U16(p+4), c.S16(p+6), c.U32(p+8), c.S32(p+12))
	fmt.Println(c.U64(p+16), c.S64(p+24), c.F32(p+32), c.F64(p+40), string(c.Char(p+48)))
	fmt.Println(c.U8(p+16), c.U8(p+23)) // the lowest byte comes first

	c.SetU32(p+48, 0xd800)
	fmt.Println(trapped(func() { c.Char(p + 48) }))
	// Output:
	// true 255 -1 65535 -2 4294967295 -3
	// 9223372036854775808 -4 0.5 0.25 木
	// 0 128
	// trap: bad char: 0xd800 is not a Unicode scalar value
}

// Flat values are slots of 64 bits, of which the narrower types take the lower part.
func Example_slots() {
	fmt.Println(cabi.LiftBool(cabi.LowerBool(true)), cabi.LiftBool(2), cabi.LiftBool(1<<32))
	fmt.Printf("%#x %q\n", cabi.LowerChar('木'), cabi.LiftChar(0x6728))
	fmt.Printf("%#x %v\n", cabi.LowerF32(1.5), cabi.LiftF32(0x3fc00000))
	fmt.Printf("%#x %v\n", cabi.LowerF64(1.5), cabi.LiftF64(0x7ff0000000000001))
	fmt.Println(cabi.Discriminant(2, 3))
	fmt.Println(trapped(func() { cabi.Discriminant(3, 3) }))
	// Output:
	// true true false
	// 0x6728 '木'
	// 0x3fc00000 1.5
	// 0x3ff8000000000000 NaN
	// 2
	// trap: bad discriminant: 3 of 3 cases
}

// A string has as many code units as its guest's encoding gives it.
func ExampleCall_LowerString() {
	for _, encoding := range []cabi.Encoding{cabi.UTF8, cabi.UTF16, cabi.Latin1UTF16} {
		c := begin(encoding)
		for _, s := range []string{"né", "木"} {
			ptr, n := c.LowerString(s)
			fmt.Printf("%q has length %#x\n", c.LiftString(ptr, n), n)
		}
	}
	// Output:
	// "né" has length 0x3
	// "木" has length 0x3
	// "né" has length 0x2
	// "木" has length 0x1
	// "né" has length 0x2
	// "木" has length 0x80000001
}

// The bytes of a list<u8> are a view of the guest's memory.
func ExampleCall_LiftBytes() {
	c := begin(cabi.UTF8)
	ptr, n := c.LowerBytes([]byte("oak"))
	view := c.LiftBytes(ptr, n)
	c.SetU8(ptr, 'a')
	fmt.Printf("%s\n", view)

	p := c.Alloc(4, 8)
	c.SetBytes(p, []byte("elm"))
	fmt.Printf("%s\n", c.Bytes(p))
	// Output:
	// aak
	// elm
}

// A host function that reads has the bytes go where the guest will find them.
func ExampleCall_Room() {
	c := begin(cabi.UTF8)
	source := strings.NewReader("as much as there is")
	room := c.Room(64)
	n, _ := source.Read(room)
	fmt.Printf("%s\n", c.LiftBytes(c.LowerBytes(room[:n])))
	// Output: as much as there is
}
