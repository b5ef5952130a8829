package cabi

import "testing"

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
