package hostimpl_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// A transition is a line of testdata/transitions: what a call answers in a state, and
// what the next state is.
type transition struct{ state, call, answer, next string }

func (r transition) row() string { return r.state + " " + r.call }

func readTransitions(t *testing.T, table string) (rows []transition) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "transitions", table+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		cells := strings.Fields(line)
		if len(cells) == 0 || cells[0] == "#" {
			continue
		}
		if len(cells) != 4 {
			t.Fatalf("line %d has %d cells", i+1, len(cells))
		}
		r := transition{cells[0], cells[1], cells[2], cells[3]}
		if r.next == "=" {
			r.next, _, _ = strings.Cut(r.state, "[")
		}
		rows = append(rows, r)
	}
	return rows
}

// unstaged says why a guest cannot have a row, or is empty.
func unstaged(table string, r transition) string {
	switch {
	case table == "udp" && r.state == "closed":
		return "only drop closes a udp-socket, and takes its handle"
	case runtime.GOOS != "linux" && r.state == "listen-in-progress[shared]":
		return "only Linux binds two sockets to one address before either listens"
	case runtime.GOOS != "linux" && r.state == "connect-in-progress[pending]":
		return "only Linux ignores a connect to a full queue"
	case runtime.GOOS == "windows" && r.state == "connected[silent]":
		return "Winsock says connection-reset"
	}
	return ""
}

// unseen is whether nobody can tell that a socket which was dropped in this state is
// closed: it had no address of which that would show, and no peer.
func unseen(table string, r transition) bool {
	if r.call != "drop" {
		return false
	}
	switch r.state {
	case "unbound", "bind-in-progress", "connect-in-progress[pending]", "closed":
		return true
	case "bound", "listen-in-progress": // other TCP sockets may be bound there, too
		return table == "tcp"
	}
	return false
}

// tableRules are those of TestTransitions in package sockets: loopback but for port 9,
// and the other addresses of the tables only to be bound.
var tableRules = []string{
	"tcp:connect=loopback:10-65535", "tcp:listen=loopback:10-65535", "tcp:listen=loopback:0",
	"tcp:bind=0.0.0.0:0", "tcp:bind=[::]:0", "tcp:bind=192.0.2.0/24:*", "tcp:bind=[2001:db8::/32]:*",
	"udp=loopback:10-65535", "udp:bind=loopback:0",
	"udp:bind=192.0.2.0/24:*", "udp:bind=[2001:db8::/32]:*", "udp:bind=224.0.0.0/4:*", "udp:bind=[ff00::/8]:*",
}

// TestAGuestSeesTheTransitions runs testdata/transitions from inside: table.wasm is told
// the states and calls, and says what the answers and the next states are.
func TestAGuestSeesTheTransitions(t *testing.T) {
	p := compile(t, "table")
	for _, table := range []string{"tcp", "udp"} {
		var rows []transition
		left := map[string]int{}
		for _, r := range readTransitions(t, table) {
			if why := unstaged(table, r); why == "" {
				rows = append(rows, r)
			} else {
				left[why]++
			}
		}
		t.Logf("%s: %d rows, without %v", table, len(rows), left)
		for _, family := range []string{"4", "6"} {
			t.Run(table+", IPv"+family, func(t *testing.T) {
				var lines []string
				leaks.By(t, func() { lines = askTable(t, p, table, family, rows) })
				if len(lines) != len(rows) {
					t.Errorf("the guest said %d lines of %d", len(lines), len(rows))
				}
				for i, r := range rows {
					t.Run(fmt.Sprintf("%s in %s is %s", r.call, r.state, r.answer), func(t *testing.T) {
						if unseen(table, r) {
							r.next = "unseen"
						}
						if i >= len(lines) {
							t.Fatal("the guest did not come to this")
						}
						if want := r.row() + " " + r.answer + " " + r.next; lines[i] != want {
							t.Errorf("got %q, want %q", lines[i], want)
						}
					})
				}
			})
		}
	}
}

// askTable runs all rows in one guest.
func askTable(t *testing.T, p *program, table, family string, rows []transition) []string {
	t.Helper()
	args := []string{"table", table, family}
	for _, r := range rows {
		args = append(args, r.row())
	}
	var out, errs bytes.Buffer
	err := p.run(t, hostimpl.Config{Args: args, Stdout: &out, Stderr: &errs, Network: policy(t, tableRules...)})
	if err != nil {
		t.Errorf("%v\n%s", err, &errs)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}
