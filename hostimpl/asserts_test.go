package hostimpl_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

// TestAGuestMayCountOnTCP runs tcp-asserts.wasm, whose programs have the subjects of
// those that test TCP in wasmtime: p2_tcp_bind and so on.
func TestAGuestMayCountOnTCP(t *testing.T) {
	p := compile(t, "tcp-asserts")
	for _, program := range []string{
		"bind", "busy-poll", "connect", "listen", "sample-application", "sockopts", "states", "streams",
	} {
		for _, family := range []string{"4", "6"} {
			t.Run(program+", IPv"+family, func(t *testing.T) {
				leaks.By(t, func() {
					var out, errs bytes.Buffer
					err := p.run(t, hostimpl.Config{
						Args: []string{"tcp-asserts", program, family}, Stdout: &out, Stderr: &errs, Network: policy(t, "all"),
					})
					if want := "ok " + program + " " + family + ", "; err != nil || !strings.HasPrefix(out.String(), want) {
						t.Errorf("%v\n%s%s", err, &out, &errs)
					}
				})
			})
		}
	}
}

func TestAGuestThatMisusesTCPTraps(t *testing.T) {
	p := compile(t, "tcp-asserts")
	for mistake, code := range map[string]cabi.Code{
		"drop-socket-with-streams":      cabi.HasChildren,
		"drop-socket-with-one-stream":   cabi.HasChildren,
		"drop-socket-with-pollable":     cabi.HasChildren,
		"drop-input-with-pollable":      cabi.HasChildren,
		"drop-output-with-pollable":     cabi.HasChildren,
		"write-without-permit":          cabi.ContractBroken,
		"write-beyond-permit":           cabi.ContractBroken,
		"write-again-beyond-permit":     cabi.ContractBroken,
		"write-too-much-at-once":        cabi.ContractBroken,
		"write-too-many-zeroes-at-once": cabi.ContractBroken,
		"poll-nothing":                  cabi.ContractBroken,
		"use-dropped-socket":            cabi.BadHandle,
		"use-dropped-network":           cabi.BadHandle,
	} {
		t.Run(mistake, func(t *testing.T) {
			leaks.By(t, func() {
				err := p.run(t, hostimpl.Config{
					Args: []string{"tcp-asserts", "mistake", mistake}, Stderr: os.Stderr, Network: loopback(t),
				})
				var trap *component.Trap
				if !errors.As(err, &trap) || trap.Code != code {
					t.Errorf("got %v, want a trap: %v", err, code)
				}
			})
		})
	}
}

func TestAGuestWithoutANetworkIsDeniedSockets(t *testing.T) {
	for _, c := range []struct {
		guest string
		args  []string
		says  string // on stdout or stderr
		hears string // the host
	}{
		{"tcp-asserts", []string{"no-tcp", "4"}, "ok no-tcp 4, ", "tcp create: tcp:create"},
		{"tcp-asserts", []string{"no-tcp", "6"}, "ok no-tcp 6, ", "tcp create: tcp:create"},
		{"udp-selftest", []string{"127.0.0.1:0"}, "create: access-denied, wanted", "udp create: udp:create"},
		{"udp-selftest", []string{"[::1]:0"}, "create: access-denied, wanted", "udp create: udp:create"},
	} {
		t.Run(c.guest+" "+strings.Join(c.args, " "), func(t *testing.T) {
			p := compile(t, c.guest)
			leaks.By(t, func() {
				var said bytes.Buffer
				var denied []string
				// The zero Policy, as in a Config that says nothing of a network.
				err := p.run(t, hostimpl.Config{
					Args: append([]string{c.guest}, c.args...), Stdout: &said, Stderr: &said,
					OnDenied: func(d sockets.Denial) { denied = append(denied, fmt.Sprint(d, ": ", d.Rule())) },
				})
				if !strings.HasPrefix(said.String(), c.says) || strings.Join(denied, ", ") != c.hears {
					t.Errorf("%v, it said %q, the host heard %q", err, &said, denied)
				}
			})
		})
	}
}
