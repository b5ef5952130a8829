package component_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// guestTable tells how the guests of several toolchains fare, by interface. The test of
// package conform has run them; see testdata/conform.
func guestTable(t *testing.T) string {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "conform", "matrix.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Toolchains map[string]map[string]string
		Expected   []string
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("Each cell is how many of the runs of `tenon conform testdata/conform` have passed, by what they are about\n" +
		"and what made the guest. `go test ./adapter/conform -run TestTheGuestMatrix -update` runs them and counts.\n\n" +
		"`basics`, which asks for the same of each toolchain:\n\n")
	b.WriteString(guestCells(m.Toolchains, "C", "Rust", "Zig", "Go", "JavaScript", "Python"))
	b.WriteString("\n`asserts`, the guests of this repository:\n\n")
	b.WriteString(guestCells(m.Toolchains, "C, asserts"))
	b.WriteString("\nC, Rust, Zig and Go come on preview 1 with `basics`, and C and Rust as components with TCP, UDP and look-ups;\n" +
		"JavaScript and Python are components of 16 to 18 MB, with both in one. No guest means that the toolchain's\n" +
		"libraries offer nothing of the kind.\n")
	if len(m.Expected) > 0 {
		b.WriteString("\nExpected to fail:\n\n")
		for _, e := range m.Expected {
			fmt.Fprintf(&b, "- %s\n", e)
		}
	}
	return b.String()
}

func guestCells(toolchains map[string]map[string]string, names ...string) string {
	rows := map[string]bool{}
	for _, name := range names {
		for row := range toolchains[name] {
			rows[row] = true
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| | %s |\n|---|%s\n", strings.Join(names, " | "), strings.Repeat("---:|", len(names)))
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&b, "| %s |", row)
		for _, name := range names {
			cell := toolchains[name][row]
			if cell == "" {
				cell = "not run"
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	return b.String()
}
