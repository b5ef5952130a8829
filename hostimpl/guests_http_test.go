package hostimpl_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

func TestAGuestMayCountOnHTTPMessages(t *testing.T) {
	p := compile(t, "http-asserts")
	for _, program := range []string{"fields", "limits", "requests", "responses", "options", "bodies", "denied"} {
		t.Run(program, func(t *testing.T) {
			leaks.By(t, func() {
				var out, errs bytes.Buffer
				err := p.run(t, hostimpl.Config{Args: []string{"http-asserts", program}, Stdout: &out, Stderr: &errs})
				if want := "ok " + program + ", "; err != nil || !strings.HasPrefix(out.String(), want) {
					t.Errorf("%v\n%s%s", err, &out, &errs)
				}
			})
		})
	}
}

func TestAGuestThatMisusesHTTPMessagesTraps(t *testing.T) {
	p := compile(t, "http-asserts")
	for mistake, code := range map[string]cabi.Code{
		"drop-request-with-headers":       cabi.HasChildren,
		"drop-response-with-headers":      cabi.HasChildren,
		"drop-body-with-stream":           cabi.HasChildren,
		"drop-stream-with-pollable":       cabi.HasChildren,
		"finish-body-with-stream":         cabi.ContractBroken,
		"write-without-permit":            cabi.ContractBroken,
		"use-request-that-was-handled":    cabi.BadHandle,
		"use-fields-that-were-given-away": cabi.BadHandle,
		"clone-without-end":               cabi.HostFailed,
	} {
		t.Run(mistake, func(t *testing.T) {
			leaks.By(t, func() {
				var errs bytes.Buffer
				err := p.run(t, hostimpl.Config{Args: []string{"http-asserts", "mistake", mistake}, Stderr: &errs})
				var trap *component.Trap
				if !errors.As(err, &trap) || trap.Code != code {
					t.Errorf("got %v, want a trap: %v\n%s", err, code, &errs)
				}
				if code == cabi.HostFailed && !strings.Contains(err.Error(), "Limits.HTTPBytes") {
					t.Errorf("%v does not name the limit", err)
				}
			})
		})
	}
}
