package cabi

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// trapOf runs f and returns the trap that it ended in, or nil.
func trapOf(f func()) (trap *Trap) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Trap:
			trap = r
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// wantTrap fails the test unless f traps with that code.
func wantTrap(t *testing.T, code Code, f func()) *Trap {
	t.Helper()
	trap := trapOf(f)
	switch {
	case trap == nil:
		t.Fatalf("no trap, want %s", code)
	case trap.Code != code:
		t.Fatalf("%v, want %s", trap, code)
	}
	return trap
}

// TestEveryCodeNamesItsRuleAndAWayOut prints what a trap of each code says.
func TestEveryCodeNamesItsRuleAndAWayOut(t *testing.T) {
	var b strings.Builder
	for c := Unreachable; int(c) < len(codeNames); c++ {
		trap := &Trap{Code: c}
		fmt.Fprintf(&b, "%v\n  rule: %s\n  help: %s\n", c, c.Rule(), trap.Help())
		if (c.Rule() == "" || trap.Help() == "") && c != Unreachable && c != GuestTrapped && c != Interrupted {
			t.Errorf("%v has no rule or no help", c)
		}
	}
	for _, e := range engineTraps {
		fmt.Fprintf(&b, "guest trapped: %s\n  help: %s\n", e.says, (&Trap{Code: GuestTrapped, Msg: e.says}).Help())
	}
	if *update {
		if err := os.WriteFile("testdata/rules.golden", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/rules.golden")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("testdata/rules.golden is not what it says now; -update writes it:\n%s", &b)
	}
}
