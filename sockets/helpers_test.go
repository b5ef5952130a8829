package sockets

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/internal/leaks"
)

// patience bounds every wait of these tests.
const patience = 10 * time.Second

func TestMain(m *testing.M) { leaks.Main(m) }

// eventually waits, without a goroutine, until done.
func eventually(t testing.TB, done func() bool) {
	t.Helper()
	for start := time.Now(); !done(); time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatal("not in time")
		}
	}
}

// network is a Network that may do everything, unless rules are given; it ends with the test, which must leave
// nothing behind.
func network(t testing.TB, rules ...string) *Network {
	t.Helper()
	if len(rules) == 0 {
		rules = []string{"all"}
	}
	return networkOf(t, Config{Policy: must(ParsePolicy(rules...))})
}

func networkOf(t testing.TB, c Config) *Network {
	t.Helper()
	leaks.None(t)
	n := NewNetwork(c)
	t.Cleanup(n.Close)
	return n
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func addr(s string) Address { return AddressFrom(netip.MustParseAddrPort(s)) }

// loopbackOf is the loopback address of a family with an ephemeral port.
func loopbackOf(f Family) Address {
	if f == IPv6 {
		return addr("[::1]:0")
	}
	return addr("127.0.0.1:0")
}

// eachFamily runs the test for IPv4 and, where the machine has it, IPv6.
func eachFamily(t *testing.T, test func(t *testing.T, f Family)) {
	for _, f := range []Family{IPv4, IPv6} {
		t.Run(f.String(), func(t *testing.T) {
			l, err := net.Listen("tcp", loopbackOf(f).String())
			if err != nil {
				t.Skipf("this machine has no %s loopback: %v", f, err)
			}
			l.Close()
			test(t, f)
		})
	}
}

// wait waits as a host does.
func wait(t testing.TB, w waitable) {
	t.Helper()
	if err := await(w, patience); err != nil {
		t.Fatal(err)
	}
}

// ctx is for waits that nothing cancels.
var ctx = context.Background()

// blocker is what can also be waited for alone.
type blocker interface {
	waitable
	Wait(ctx context.Context, deadline time.Time) bool
}

func await(w waitable, limit time.Duration) error {
	if w.Ready() {
		return nil
	}
	woken := make(chan struct{}, 1)
	stop := w.Notify(woken)
	defer stop()
	timeout := time.After(limit)
	for !w.Ready() {
		select {
		case <-woken:
		case <-timeout:
			return os.ErrDeadlineExceeded
		}
	}
	return nil
}

// peer is one end of a connection.
type peer struct {
	*TCP
	in  *Input
	out *Output
}

func (p peer) closeAll() {
	p.in.Close()
	p.out.Close()
	p.TCP.Close()
}

func bind(t testing.TB, n *Network, local Address) *TCP {
	t.Helper()
	s, err := n.NewTCP(local.Family())
	check(t, err)
	check(t, s.StartBind(local))
	wait(t, s)
	check(t, s.FinishBind())
	return s
}

func listen(t testing.TB, n *Network, f Family) *TCP {
	t.Helper()
	s := bind(t, n, loopbackOf(f))
	check(t, s.StartListen())
	wait(t, s)
	check(t, s.FinishListen())
	return s
}

func dial(t testing.TB, n *Network, to Address) peer {
	t.Helper()
	s, err := n.NewTCP(to.Family())
	check(t, err)
	check(t, s.StartConnect(to))
	wait(t, s)
	in, out, err := s.FinishConnect()
	check(t, err)
	return peer{s, in, out}
}

func accept(t testing.TB, l *TCP) peer {
	t.Helper()
	wait(t, l)
	s, in, out, err := l.Accept()
	check(t, err)
	return peer{s, in, out}
}

// pair is both ends of a connection over loopback.
func pair(t testing.TB, n *Network, f Family) (client, server peer) {
	t.Helper()
	l := listen(t, n, f)
	defer l.Close()
	client = dial(t, n, must(l.LocalAddress()))
	return client, accept(t, l)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// writeAll and readFull are the blocking calls that a host builds of the others.
func writeAll(o *Output, p []byte) error {
	for len(p) > 0 {
		permit, err := o.CheckWrite()
		if err != nil {
			return err
		}
		if permit == 0 {
			if err := await(o, patience); err != nil {
				return err
			}
			continue
		}
		n := min(len(p), int(permit))
		if err := o.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

func readSome(in *Input, p []byte) (int, error) {
	for {
		n, err := in.Read(p)
		if n > 0 || err != nil {
			return n, err
		}
		if err := await(in, patience); err != nil {
			return 0, err
		}
	}
}

func readFull(in *Input, p []byte) error {
	for done := 0; done < len(p); {
		n, err := readSome(in, p[done:])
		if err != nil {
			return err
		}
		done += n
	}
	return nil
}

func readAll(in *Input) ([]byte, error) {
	var all []byte
	p := make([]byte, 32<<10)
	for {
		n, err := readSome(in, p)
		all = append(all, p[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func bindUDP(t testing.TB, n *Network, local Address) *UDP {
	t.Helper()
	s, err := n.NewUDP(local.Family())
	check(t, err)
	check(t, s.StartBind(local))
	check(t, s.FinishBind())
	return s
}

// datagrams is a bound socket with its streams.
type datagrams struct {
	*UDP
	in  *Incoming
	out *Outgoing
}

// openUDP is a socket on loopback, with a peer if remote is not the zero address.
func openUDP(t testing.TB, n *Network, f Family, remote Address) datagrams {
	t.Helper()
	return streamUDP(t, bindUDP(t, n, loopbackOf(f)), remote)
}

func streamUDP(t testing.TB, u *UDP, remote Address) datagrams {
	t.Helper()
	in, out, err := u.Stream(remote)
	check(t, err)
	return datagrams{u, in, out}
}

func (d datagrams) here() Address { return must(d.LocalAddress()) }

// sendOne sends one datagram, waiting as a host does.
func sendOne(t testing.TB, o *Outgoing, data string, to Address) {
	t.Helper()
	for must(o.CheckSend()) == 0 {
		wait(t, o)
	}
	n, err := o.Send([]Datagram{{[]byte(data), to}})
	check(t, err)
	expect(t, "sent", n, uint64(1))
}

// receiveOne waits for one datagram, and answers a copy.
func receiveOne(t testing.TB, in *Incoming) (data string, from Address) {
	t.Helper()
	for {
		got, err := in.Receive(1)
		check(t, err)
		if len(got) == 1 {
			return string(got[0].Data), got[0].Remote
		}
		wait(t, in)
	}
}
