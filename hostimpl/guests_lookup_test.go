package hostimpl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

// lookup is a sockets.Resolver.
type lookup func(ctx context.Context, name string) ([]netip.Addr, error)

func (f lookup) LookupNetIP(ctx context.Context, _, name string) ([]netip.Addr, error) {
	return f(ctx, name)
}

func policyOf(t testing.TB, rules ...string) sockets.Policy {
	t.Helper()
	p, err := sockets.ParsePolicy(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheLookupGuestAgreesOnWhatIsAHost(t *testing.T) {
	p := compile(t, "lookup-selftest")
	// It looks nothing up, so it needs no rule.
	for _, rules := range [][]string{nil, {"all"}} {
		leaks.By(t, func() {
			var out, errs bytes.Buffer
			err := p.run(t, hostimpl.Config{
				Args: []string{"lookup-selftest"}, Stdout: &out, Stderr: &errs, Network: policyOf(t, rules...),
			})
			if err != nil || out.String() != "ok\n" {
				t.Errorf("rules %q: %v, %q %s", rules, err, &out, &errs)
			}
		})
	}
}

func TestTheLookupGuestIsToldTheAddressesOrWhyThereAreNone(t *testing.T) {
	p := compile(t, "lookup-selftest")
	r := lookup(func(_ context.Context, name string) ([]netip.Addr, error) {
		switch name {
		case "example.com":
			return []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1")}, nil
		case "busy.example":
			return nil, &net.DNSError{Err: "server misbehaving", IsTemporary: true}
		case "broken.example":
			return nil, errors.New("broken")
		}
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	})
	for name, want := range map[string]string{
		"example.com":    "address [2001:db8::1]:0\naddress 192.0.2.1:0\n",
		"EXAMPLE.com":    "address [2001:db8::1]:0\naddress 192.0.2.1:0\n",
		"nosuch.example": "resolve: name-unresolvable\n",
		"busy.example":   "resolve: temporary-resolver-failure\n",
		"broken.example": "resolve: permanent-resolver-failure\n",
		"denied.test":    "resolve: permanent-resolver-failure\n",
		"not a host":     "resolve: invalid-argument\n",
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			p.run(t, hostimpl.Config{
				Args: []string{"lookup-selftest", name}, Stdout: &out, Stderr: &out,
				Network: policyOf(t, "name=example.com", "name=*.example"), Resolver: r,
			})
			if out.String() != want {
				t.Errorf("got %q, want %q", &out, want)
			}
		})
	}
}

// TestAGuestThatConnectsByNameReachesWhatTheRuleNames has a server on loopback, to
// which a name leads.
func TestAGuestThatConnectsByNameReachesWhatTheRuleNames(t *testing.T) {
	p := compile(t, "lookup-selftest")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	r := lookup(func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	})
	for _, c := range []struct {
		name, rule string
		connects   bool
	}{
		{"localhost", "tcp:connect=localhost:%d", true},
		{"app.localhost", "tcp:connect=*.localhost:%d", true},
		{"app.localhost", "tcp:connect=localhost:%d", false},
		{"evil.example", "tcp:connect=evil.example:%d", false},
		{"evil.example", "tcp:connect=*.example:*", false},
		{"127.0.0.1", "tcp:connect=localhost:%d", false},
		{"0x7f.1", "tcp:connect=127.0.0.1:%d", true},
		{"0x7f.2", "tcp:connect=127.0.0.1:%d", false},
	} {
		if strings.Contains(c.rule, "%d") {
			c.rule = fmt.Sprintf(c.rule, port)
		}
		t.Run(c.name+" with "+c.rule[:strings.LastIndex(c.rule, ":")], func(t *testing.T) {
			leaks.By(t, func() {
				var out bytes.Buffer
				p.run(t, hostimpl.Config{
					Args: []string{"lookup-selftest", c.name, fmt.Sprint(port)}, Stdout: &out, Stderr: &out,
					Network: policyOf(t, c.rule), Resolver: r,
				})
				if got := strings.Contains(out.String(), "connected to 127.0.0.1:"); got != c.connects {
					t.Errorf("connected: %v\n%s", got, &out)
				}
			})
		})
	}
}

// TestAGuestThatWaitsForALookupIsReleasedAtOnce ends the wait from outside, in all
// three ways.
func TestAGuestThatWaitsForALookupIsReleasedAtOnce(t *testing.T) {
	p := compile(t, "lookup-selftest")
	for _, way := range []string{"cancel", "close", "close the host"} {
		t.Run(way, func(t *testing.T) {
			leaks.By(t, func() {
				asked, ended := make(chan struct{}), make(chan struct{})
				host, err := hostimpl.New(hostimpl.Config{
					Args: []string{"lookup-selftest", "silent.example"}, Network: policyOf(t, "name=*"),
					Resolver: lookup(func(ctx context.Context, _ string) ([]netip.Addr, error) {
						close(asked)
						<-ctx.Done()
						close(ended)
						return nil, ctx.Err()
					}),
				})
				if err != nil {
					t.Fatal(err)
				}
				defer host.Close()
				l := component.NewLinker(p.runtime)
				if err := host.Link(l); err != nil {
					t.Fatal(err)
				}
				in, err := l.Instantiate(context.Background(), p.component)
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close(context.Background())
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				called := make(chan error, 1)
				go func() { called <- command(ctx, in) }()
				<-asked
				time.Sleep(10 * time.Millisecond)
				begin := time.Now()
				switch way {
				case "cancel":
					cancel()
				case "close":
					in.Close(context.Background())
				default:
					host.Close()
				}
				err = <-called
				if d := time.Since(begin); d > time.Second {
					t.Errorf("released after %v", d)
				}
				var trap *component.Trap
				interrupted := errors.As(err, &trap) && trap.Code == cabi.Interrupted
				if interrupted == (way == "close the host") {
					t.Errorf("the call ended with %v", err)
				}
				in.Close(context.Background())
				<-ended
			})
		})
	}
}
