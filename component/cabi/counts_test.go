package cabi

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write the counts of the vectors to testdata/abi/counts.json")

// countsPath is the file of what each test of vectors has counted. CONFORMANCE.md
// shows it.
const countsPath = "../../testdata/abi/counts.json"

// LogCounts writes the counts of a test, agreed, disagreed and not applicable by kind,
// to its log, and compares them with the file of counts.
func LogCounts(t *testing.T, count map[string][3]int) {
	t.Helper()
	var total [3]int
	for _, kind := range slices.Sorted(maps.Keys(count)) {
		n := count[kind]
		t.Logf("%-14s %5d agree %5d disagree %5d not applicable", kind, n[0], n[1], n[2])
		for i := range total {
			total[i] += n[i]
		}
	}
	t.Logf("all            %5d agree %5d disagree %5d not applicable", total[0], total[1], total[2])
	data, err := os.ReadFile(countsPath)
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string][3]int
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatalf("%s: %v", countsPath, err)
	}
	switch {
	case kept[t.Name()] == total:
	case *update:
		kept[t.Name()] = total
		data, err := json.MarshalIndent(kept, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(countsPath, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	case os.Getenv("TENON_ABI_VECTORS") == "":
		t.Errorf("%s has %v for %s: run with -update", countsPath, kept[t.Name()], t.Name())
	}
}
