package component_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component"
)

// A large program starts faster without its debugging information; a trap then names
// functions, and no lines.
func ExampleRuntime_CompileModule() {
	ctx := context.Background()
	for _, how := range []component.DebugInfo{component.DebugInfoKeep, component.DebugInfoDrop} {
		r, err := component.NewRuntime(ctx, component.Config{DebugInfo: how})
		if err != nil {
			panic(err)
		}
		defer r.Close(ctx)
		c, err := r.CompileModule(ctx, component.ModuleWorld{}, crashing(0))
		if err != nil {
			panic(err)
		}
		in, err := component.NewLinker(r).Instantiate(ctx, c)
		if err != nil {
			panic(err)
		}
		_, err = in.Call(ctx, "", "crash")
		var trap *component.Trap
		if !errors.As(err, &trap) {
			panic(err)
		}
		fmt.Println(c.DroppedDebugInfo(), "bytes dropped; line 7:", strings.Contains(trap.Backtrace.String(), "crash.c:7"))
	}
	// Output:
	// 0 bytes dropped; line 7: true
	// 146 bytes dropped; line 7: false
}

// withLength is bytes behind their number.
func withLength(b []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(b))), b...)
}

// dwarfUnit is the contents of a section whose length comes first, in four bytes.
func dwarfUnit(b []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// crashing is a module whose function crash traps at line 7 of crash.c, followed by padding
// of code that nothing calls. Its DWARF is the least that names the line.
func crashing(padding int) []byte {
	files := slices.Concat([]byte{0}, []byte("crash.c\x00"), []byte{0, 0, 0, 0}) // no directories, one file
	// One instruction is one byte; lines -5 to 8 from opcode 13 on; how many operands the 12 opcodes have.
	header := slices.Concat([]byte{1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}, files)
	program := []byte{
		0, 5, 2, 1, 0, 0, 0, // set the address to 1: 0 is taken for code that was left out
		3, 6, 1, // advance the line by 6, copy
		2, 16, 0, 1, 1, // advance the address by 16, end the sequence
	}
	return crashingWith(padding, slices.Concat([]byte{4, 0}, dwarfUnit(header), program))
}

// crashingWith is crashing with another line table.
func crashingWith(padding int, line []byte) []byte {
	crash := []byte{0, 0x00, 0x0b} // no locals, unreachable, end
	pad := append(append([]byte{0}, bytes.Repeat([]byte{0x01}, padding)...), 0x0b)
	code := slices.Concat([]byte{2}, withLength(crash), withLength(pad))

	const compileUnit, name, stmtList, lowPC, highPC = 0x11, 0x03, 0x10, 0x11, 0x12
	const addr, data4, str, secOffset = 0x01, 0x06, 0x08, 0x17
	abbrev := []byte{1, compileUnit, 0, name, str, stmtList, secOffset, lowPC, addr, highPC, data4, 0, 0, 0}
	info := slices.Concat([]byte{4, 0}, make([]byte, 4), []byte{4, 1}, []byte("crash.c\x00"), make([]byte, 4), []byte{1, 0, 0, 0}, []byte{16, 0, 0, 0})

	section := func(id byte, body []byte) []byte { return append([]byte{id}, withLength(body)...) }
	custom := func(name string, body []byte) []byte { return section(0, append(withLength([]byte(name)), body...)) }
	return slices.Concat([]byte("\x00asm\x01\x00\x00\x00"),
		section(1, []byte{1, 0x60, 0, 0}),
		section(3, []byte{2, 0, 0}),
		section(7, append(append([]byte{1}, withLength([]byte("crash"))...), 0, 0)),
		section(10, code),
		custom(".debug_abbrev", abbrev),
		custom(".debug_info", dwarfUnit(info)),
		custom(".debug_line", dwarfUnit(line)))
}
