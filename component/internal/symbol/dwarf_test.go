package symbol

import (
	std "debug/dwarf"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// programs are core modules with DWARF: a component's first, with versions 4 and 5, and a
// preview 1 module.
func programs(t testing.TB) map[string]*core.Module {
	t.Helper()
	all := map[string]*core.Module{}
	for _, name := range []string{"traps.wasm", "modules/p1-traps.wasm"} {
		data, err := os.ReadFile("../../../testdata/guests/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := binary.Decode(data); err == nil {
			for _, d := range c.Defs {
				if m, ok := d.(*binary.CoreModule); ok {
					data = m.Bytes
					break
				}
			}
		}
		m, err := core.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	return all
}

// oracle is what the standard library makes of the same sections.
func oracle(t *testing.T, m *core.Module) *std.Data {
	t.Helper()
	s := map[string][]byte{}
	for _, c := range m.CustomSections() {
		s[c.Name] = c.Data
	}
	d, err := std.New(s[".debug_abbrev"], nil, nil, s[".debug_info"], s[".debug_line"], nil, s[".debug_ranges"], s[".debug_str"])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".debug_addr", ".debug_line_str", ".debug_rnglists", ".debug_str_offsets"} {
		if err := d.AddSection(name, s[name]); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// TestLinesAreThoseOfTheStandardLibrary asks for the beginning and the middle of every row
// of every line table.
func TestLinesAreThoseOfTheStandardLibrary(t *testing.T) {
	for name, m := range programs(t) {
		d, table, asked := oracle(t, m), New(m), 0
		for r := d.Reader(); ; r.SkipChildren() {
			cu, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if cu == nil {
				break
			}
			asked += compareRows(t, d, cu, table)
		}
		if asked < 20 {
			t.Errorf("%s: %d rows were asked for", name, asked)
		}
	}
}

func compareRows(t *testing.T, d *std.Data, cu *std.Entry, table *Table) (asked int) {
	lr, err := d.LineReader(cu)
	if err != nil || lr == nil {
		t.Fatalf("no line table: %v", err)
	}
	var row std.LineEntry
	var rows []std.LineEntry
	for {
		if err := lr.Next(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	for i, row := range rows {
		if row.EndSequence || rows[i+1].Address == row.Address || row.Address == 0 || row.Address >= 0xfffffffe {
			continue
		}
		for _, at := range []uint64{row.Address, (row.Address + rows[i+1].Address) / 2} {
			budget := MaxSteps
			got := table.Lines(uint32(at), &budget)
			want := Line{File: path.Clean(row.File.Name), Line: row.Line, Column: row.Column}
			if len(got) == 0 {
				t.Fatalf("%#x: nothing, want %v", at, want)
			}
			first := got[0]
			if first.Func, first.Inlined = "", false; first != want {
				t.Errorf("%#x: %v, want %v", at, got[0], want)
			}
			compareInlined(t, d, cu, at, got)
			asked++
		}
	}
	return asked
}

// compareInlined walks the entries of a unit for the inlined calls at an address.
func compareInlined(t *testing.T, d *std.Data, cu *std.Entry, at uint64, got []Line) {
	var want []string
	r := d.Reader()
	r.Seek(cu.Offset)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	for depth := 1; depth > 0; {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Tag == 0 {
			depth--
			continue
		}
		if e.Children {
			depth++
		}
		if e.Tag != std.TagInlinedSubroutine {
			continue
		}
		ranges, err := d.Ranges(e)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(ranges, func(r [2]uint64) bool { return r[0] != 0 && r[0] <= at && at < r[1] }) {
			line, _ := e.Val(std.AttrCallLine).(int64)
			want = append([]string{fmt.Sprint(line)}, want...)
		}
	}
	var calls []string
	for _, l := range got[1:] {
		calls = append(calls, fmt.Sprint(l.Line))
	}
	if !slices.Equal(calls, want) {
		t.Errorf("%#x: inlined from lines %v, want %v", at, calls, want)
	}
}
