package hostimpl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

func policy(t testing.TB, rules ...string) sockets.Policy {
	t.Helper()
	p, err := sockets.ParsePolicy(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheDatagramSelfTestGuestFindsEverythingAsItMayExpect(t *testing.T) {
	p := compile(t, "udp-selftest")
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(addr, func(t *testing.T) {
			leaks.By(t, func() {
				var out, errs bytes.Buffer
				err := p.run(t, hostimpl.Config{
					Args: []string{"udp-selftest", addr}, Stdout: &out, Stderr: &errs, Network: policy(t, "all"),
				})
				if err != nil || !strings.HasSuffix(out.String(), "ok\n") {
					t.Errorf("%v\n%s%s", err, &out, &errs)
				}
			})
		})
	}
}

func TestAGuestThatMisusesDatagramsTraps(t *testing.T) {
	p := compile(t, "udp-selftest")
	for mistake, code := range map[string]cabi.Code{
		"too-much":     cabi.ContractBroken,
		"stream-alive": cabi.HasChildren,
		"drop-parent":  cabi.HasChildren,
	} {
		t.Run(mistake, func(t *testing.T) {
			leaks.By(t, func() {
				err := p.run(t, hostimpl.Config{
					Args: []string{"udp-selftest", "127.0.0.1:0", mistake}, Stderr: os.Stderr, Network: loopback(t),
				})
				var trap *component.Trap
				if !errors.As(err, &trap) || trap.Code != code {
					t.Errorf("got %v, want a trap: %v", err, code)
				}
			})
		})
	}
}

// Symptom: "Permission denied" with no hint that the network is off.
func TestAGuestWithoutDatagramsIsDeniedThemAndTheHostIsTold(t *testing.T) {
	p := compile(t, "udp-echo")
	for rule, want := range map[string][2]string{
		"tcp=loopback:*":       {"create-udp-socket: access-denied", "udp create: udp:create"},
		"udp:send=127.0.0.1:9": {"bind: access-denied", "udp bind 127.0.0.1:9: udp:bind=127.0.0.1:9"},
	} {
		leaks.By(t, func() {
			var errs bytes.Buffer
			var denied []string
			err := p.run(t, hostimpl.Config{
				Args: []string{"udp-echo", "127.0.0.1:9"}, Stderr: &errs, Network: policy(t, rule),
				OnDenied: func(d sockets.Denial) { denied = append(denied, fmt.Sprint(d, ": ", d.Rule())) },
			})
			if got := strings.Join(denied, ", "); err == nil || strings.TrimSpace(errs.String()) != want[0] || got != want[1] {
				t.Errorf("%s: %v, it said %q, denied %q", rule, err, &errs, got)
			}
		})
	}
}

// startDatagramEcho serves until stop, which reports how the guest ended.
func startDatagramEcho(t testing.TB, addr string, way string) (at string, stop func() error) {
	p := compile(t, "udp-echo")
	out := newLineWriter()
	in, closeAll := p.start(t, hostimpl.Config{
		Args: []string{"udp-echo", addr}, Stdout: out, Stderr: os.Stderr, Network: loopback(t),
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- command(ctx, in) }()
	return out.next(t, "listening on "), func() error {
		defer closeAll()
		if way == "close" {
			in.Close(ctx)
		}
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(5 * time.Second):
			return errors.New("the guest is still blocked after 5 s")
		}
	}
}

func TestADatagramEchoGuestServesAndIsReleasedAtOnce(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		for _, way := range []string{"cancel", "close"} {
			t.Run(addr+", "+way, func(t *testing.T) {
				leaks.By(t, func() {
					at, stop := startDatagramEcho(t, addr, way)
					var clients []net.Conn
					for range 3 {
						c, err := net.Dial("udp", at)
						if err != nil {
							t.Fatal(err)
						}
						defer c.Close()
						c.SetDeadline(time.Now().Add(10 * time.Second))
						clients = append(clients, c)
					}
					back := make([]byte, 1<<16)
					for _, size := range []int{0, 1, 64, 1400, 9000, 65507} {
						for i, c := range clients {
							chunk := bytes.Repeat([]byte{byte(i)}, size)
							if _, err := c.Write(chunk); err != nil {
								t.Fatal(err)
							}
							n, err := c.Read(back)
							if err != nil || !bytes.Equal(back[:n], chunk) {
								t.Fatalf("client %d, %d bytes: %d came back, %v", i, size, n, err)
							}
						}
					}
					// Let it block again; being early must be right as well, only less of a test.
					time.Sleep(10 * time.Millisecond)
					err := stop()
					var trap *component.Trap
					if !errors.As(err, &trap) || trap.Code != cabi.Interrupted {
						t.Errorf("the call ended with %v, want a trap with code Interrupted", err)
					}
				})
			})
		}
	}
}

// BenchmarkDatagramRatio takes turns between an echo server of 64 bytes written in
// Go and udp-echo.wasm, as BenchmarkEchoRatio does. It reports how much longer a
// round trip takes with the guest.
func BenchmarkDatagramRatio(b *testing.B) {
	native, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer native.Close()
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, from, err := native.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			native.WriteToUDPAddrPort(buf[:n], from)
		}
	}()
	at, stop := startDatagramEcho(b, "127.0.0.1:0", "cancel")
	defer stop()
	toNative, toGuest := dialEchoOver(b, "udp", native.LocalAddr().String(), 64), dialEchoOver(b, "udp", at, 64)
	defer toNative.Close()
	defer toGuest.Close()
	reportQuartiles(b, takeTurns(b, func() { toGuest.roundTrip(b) }, func() { toNative.roundTrip(b) }), "-x-native")
}

// TestAGuestAsksANameServer grants the right to send to the server and nothing else.
// The server does not answer the first question; before it answers the second, it
// tells nonsense, and somebody else forges an answer.
func TestAGuestAsksANameServer(t *testing.T) {
	p := compile(t, "udp-dns")
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(addr, func(t *testing.T) {
			server, err := net.ListenPacket("udp", addr)
			if err != nil {
				t.Fatal(err)
			}
			forger, err := net.ListenPacket("udp", addr)
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- answerTheSecond(server, forger) }()
			leaks.By(t, func() {
				var out, errs bytes.Buffer
				err := p.run(t, hostimpl.Config{
					Args: []string{"udp-dns", server.LocalAddr().String(), "www.example.com"}, Stdout: &out, Stderr: &errs,
					Network: policy(t, "udp:send="+server.LocalAddr().String()),
				})
				if want := "address 192.0.2.1\naddress 192.0.2.2\nrcode 0\n"; err != nil || out.String() != want {
					t.Errorf("%v, it said %q %s", err, &out, &errs)
				}
			})
			server.Close()
			forger.Close()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}

func answerTheSecond(server, forger net.PacketConn) error {
	buf := make([]byte, 512)
	if _, _, err := server.ReadFrom(buf); err != nil {
		return err
	}
	n, from, err := server.ReadFrom(buf)
	if err != nil {
		return err
	}
	question := buf[:n:n]
	if !bytes.Contains(question, []byte("\x03www\x07example\x03com\x00\x00\x01\x00\x01")) {
		return fmt.Errorf("the question is %q", question)
	}
	answer := func(last ...byte) []byte {
		a := bytes.Clone(question)
		a[2], a[3], a[7] = 0x81, 0x80, byte(1+len(last))
		a = append(a, "\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x10"...) // an alias comes first
		for _, b := range last {
			a = append(a, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02"...)
			a = append(a, b)
		}
		return a
	}
	right, wrong := answer(1, 2), answer(3)
	wrong[0]++
	if _, err := forger.WriteTo(answer(66), from); err != nil {
		return err
	}
	for _, p := range [][]byte{{}, []byte("nonsense"), question, wrong, right} {
		if _, err := server.WriteTo(p, from); err != nil {
			return err
		}
	}
	return nil
}
