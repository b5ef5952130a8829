package sockets

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTransitions runs testdata/transitions/{tcp,udp}.txt, which say what their words mean, on this machine.
func TestTransitions(t *testing.T) {
	runTables(t, eachFamily, func(t *testing.T, f Family) *stage {
		return &stage{t: t, f: f, n: network(t, stageRules...)}
	})
}

// TestTransitionsOnAFakeNetwork runs the same on a system in memory, which has all that any row needs.
func TestTransitionsOnAFakeNetwork(t *testing.T) {
	runTables(t, bothFamilies, func(t *testing.T, f Family) *stage { return fakeStage(t, f) })
}

func runTables(t *testing.T, families func(*testing.T, func(*testing.T, Family)), stage func(*testing.T, Family) *stage) {
	for _, table := range []string{"tcp", "udp"} {
		t.Run(table, func(t *testing.T) {
			rows := readTable(t, table)
			families(t, func(t *testing.T, f Family) {
				for _, r := range rows {
					t.Run(fmt.Sprintf("%s in %s is %s", r.call, r.state, r.answer), func(t *testing.T) {
						r.run(t, stage(t, f).subject(table))
					})
				}
			})
		})
	}
}

// bothFamilies runs the test for both, which a fake network always has.
func bothFamilies(t *testing.T, test func(t *testing.T, f Family)) {
	for _, f := range []Family{IPv4, IPv6} {
		t.Run(f.String(), func(t *testing.T) { test(t, f) })
	}
}

// row is one transition.
type row struct{ state, call, answer, next string }

func readTable(t *testing.T, name string) (rows []row) {
	table := must(os.ReadFile("../testdata/transitions/" + name + ".txt"))
	for i, line := range strings.Split(string(table), "\n") {
		cells := strings.Fields(line)
		if len(cells) == 0 || cells[0] == "#" {
			continue
		}
		if len(cells) != 4 {
			t.Fatalf("line %d has %d cells", i+1, len(cells))
		}
		rows = append(rows, row{cells[0], cells[1], cells[2], cells[3]})
	}
	return rows
}

// subject is the socket under test.
type subject interface {
	reach(state string)      // brings a new socket into the state
	call(call string) string // makes the call and puts its answer in a word
	address(word string) Address
	State() string
}

func (r row) run(t *testing.T, s subject) {
	s.reach(r.state)
	name, _, _ := strings.Cut(r.state, "[")
	expect(t, "state before", s.State(), name)
	expect(t, "answer", s.call(r.call), r.answer)
	next := r.next
	if next == "=" {
		next = name
	}
	expect(t, "next state", s.State(), next)
}

type tcpSubject struct {
	*stage
	*TCP
	in  *Input // where it is connected
	out *Output
}

func (s *tcpSubject) reach(state string) {
	if state == "connected" {
		p := dial(s.t, s.n, s.address("server"))
		s.TCP, s.in, s.out = p.TCP, p.in, p.out
		return
	}
	s.TCP = s.stage.reach(state)
}

func (s *tcpSubject) call(call string) string { return s.stage.call(s.TCP, call) }

// stageRules allow loopback but for port 9, and the other addresses of the table only to be bound.
var stageRules = []string{
	"tcp:connect=loopback:10-65535", "tcp:listen=loopback:10-65535", "tcp:listen=loopback:0",
	"tcp:bind=0.0.0.0:0", "tcp:bind=[::]:0", "tcp:bind=192.0.2.0/24:*", "tcp:bind=[2001:db8::/32]:*",
	"udp=loopback:10-65535", "udp:bind=loopback:0",
	"udp:bind=192.0.2.0/24:*", "udp:bind=[2001:db8::/32]:*", "udp:bind=224.0.0.0/4:*", "udp:bind=[ff00::/8]:*",
}

// stage is the network around the socket under test.
type stage struct {
	t    *testing.T
	f    Family
	n    *Network
	fake *fake // nil on this machine's own network
}

func fakeStage(t *testing.T, f Family) *stage {
	n, sys := fakeNetwork(t, stageRules...)
	return &stage{t: t, f: f, n: n, fake: sys}
}

func (s *stage) subject(table string) subject {
	if table == "udp" {
		return &udpSubject{stage: s}
	}
	return &tcpSubject{stage: s}
}

// unless skips what a system lacks, if this is its network.
func (s *stage) unless(lacks bool, reason string) {
	if lacks && s.fake == nil {
		s.t.Skip(reason)
	}
}

// reach brings a new socket into the state.
func (s *stage) reach(state string) *TCP {
	t := s.t
	switch state {
	case "unbound":
		tcp, err := s.n.NewTCP(s.f)
		check(t, err)
		return tcp
	case "bind-in-progress":
		tcp := s.reach("unbound")
		check(t, tcp.StartBind(loopbackOf(s.f)))
		return tcp
	case "bound":
		return bind(t, s.n, loopbackOf(s.f))
	case "bound[denied]":
		everywhere := map[Family]string{IPv4: "0.0.0.0:0", IPv6: "[::]:0"}
		return bind(t, s.n, addr(everywhere[s.f]))
	case "listen-in-progress":
		tcp := s.reach("bound")
		check(t, tcp.StartListen())
		return tcp
	case "listen-in-progress[shared]":
		s.unless(runtime.GOOS != "linux", "only Linux binds two sockets to one address before either listens")
		tcp := s.reach("bound")
		other := bind(t, s.n, must(tcp.LocalAddress()))
		check(t, other.StartListen())
		check(t, other.FinishListen())
		check(t, tcp.StartListen())
		return tcp
	case "listening":
		return listen(t, s.n, s.f)
	case "listening[arrival]":
		tcp := listen(t, s.n, s.f)
		dial(t, s.n, must(tcp.LocalAddress()))
		wait(t, tcp)
		return tcp
	case "connect-in-progress":
		return s.connecting(s.reach("unbound"))
	case "connect-in-progress[bound]":
		return s.connecting(s.reach("bound"))
	case "connect-in-progress[pending]":
		return s.pending()
	case "connect-in-progress[refused]":
		l := listen(t, s.n, s.f)
		at := must(l.LocalAddress())
		l.Close()
		tcp := s.reach("unbound")
		check(t, tcp.StartConnect(at))
		wait(t, tcp)
		return tcp
	case "closed":
		tcp := s.reach("unbound")
		tcp.Close()
		return tcp
	}
	t.Fatalf("no such state: %s", state)
	return nil
}

func (s *stage) connecting(tcp *TCP) *TCP {
	check(s.t, tcp.StartConnect(must(listen(s.t, s.n, s.f).LocalAddress())))
	wait(s.t, tcp)
	return tcp
}

// pending connects to a listener whose queue is full, so that nothing answers.
func (s *stage) pending() *TCP {
	s.unless(runtime.GOOS != "linux", "only Linux ignores a connect to a full queue")
	l := bind(s.t, s.n, loopbackOf(s.f))
	check(s.t, l.SetListenBacklogSize(1))
	check(s.t, l.StartListen())
	check(s.t, l.FinishListen())
	for range 10 {
		tcp := s.reach("unbound")
		check(s.t, tcp.StartConnect(must(l.LocalAddress())))
		if await(tcp, 5*time.Millisecond) != nil {
			return tcp
		}
	}
	s.t.Fatal("the queue never filled")
	return nil
}

// call makes the call and puts its answer in a word.
func (s *stage) call(tcp *TCP, call string) string {
	name, given, _ := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	switch name {
	case "start-bind":
		return word(tcp.StartBind(s.address(given)))
	case "finish-bind":
		return word(tcp.FinishBind())
	case "start-connect":
		return word(tcp.StartConnect(s.address(given)))
	case "finish-connect":
		_, _, err := tcp.FinishConnect()
		return word(err)
	case "start-listen":
		return word(tcp.StartListen())
	case "finish-listen":
		return word(tcp.FinishListen())
	case "accept":
		_, _, _, err := tcp.Accept()
		return word(err)
	case "local-address":
		_, err := tcp.LocalAddress()
		return word(err)
	case "remote-address":
		_, err := tcp.RemoteAddress()
		return word(err)
	case "is-listening":
		return strconv.FormatBool(tcp.IsListening())
	case "ready":
		return strconv.FormatBool(tcp.Ready())
	case "shutdown":
		return word(tcp.Shutdown(ShutdownBoth))
	case "set-listen-backlog-size":
		return word(tcp.SetListenBacklogSize(must(strconv.ParseUint(given, 10, 64))))
	case "options":
		if given == "0" {
			return words(zeroOptions(tcp))
		}
		return words(everyOption(tcp))
	case "set-hop-limit":
		return word(tcp.SetHopLimit(0))
	case "drop":
		tcp.Close()
		return "ok"
	}
	s.t.Fatalf("no such call: %s", call)
	return ""
}

// address is what the word in parentheses stands for.
func (s *stage) address(word string) Address {
	v4 := s.f == IPv4
	pick := func(four, six string) Address {
		if v4 {
			return addr(four)
		}
		return addr(six)
	}
	switch word {
	case "free", "port0":
		return loopbackOf(s.f)
	case "taken", "server":
		return must(listen(s.t, s.n, s.f).LocalAddress())
	case "foreign":
		return pick("[::1]:80", "127.0.0.1:80")
	case "mapped":
		return addr("[::ffff:127.0.0.1]:80")
	case "multicast":
		return pick("224.0.0.1:80", "[ff02::1]:80")
	case "any":
		return pick("0.0.0.0:0", "[::]:0")
	case "elsewhere":
		return pick("192.0.2.1:0", "[2001:db8::1]:0")
	case "denied":
		if v4 {
			return addr("127.0.0.1:9")
		}
		return addr("[::1]:9")
	}
	s.t.Fatalf("no such address: %s", word)
	return Address{}
}

func word(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

// words is the answer that all errors agree on.
func words(errs []error) string {
	for _, err := range errs {
		if word(err) != word(errs[0]) {
			return fmt.Sprint(errs)
		}
	}
	return word(errs[0])
}

func everyOption(s *TCP) []error {
	_, e1 := s.KeepAliveEnabled()
	_, e2 := s.KeepAliveIdleTime()
	_, e3 := s.KeepAliveInterval()
	_, e4 := s.KeepAliveCount()
	_, e5 := s.HopLimit()
	_, e6 := s.ReceiveBufferSize()
	_, e7 := s.SendBufferSize()
	return []error{e1, e2, e3, e4, e5, e6, e7,
		s.SetKeepAliveEnabled(true), s.SetKeepAliveIdleTime(1), s.SetKeepAliveInterval(1), s.SetKeepAliveCount(1),
		s.SetHopLimit(1), s.SetReceiveBufferSize(1), s.SetSendBufferSize(1)}
}

// zeroOptions leaves out the hop limit, which has its own order.
func zeroOptions(s *TCP) []error {
	return []error{s.SetKeepAliveIdleTime(0), s.SetKeepAliveInterval(0), s.SetKeepAliveCount(0),
		s.SetReceiveBufferSize(0), s.SetSendBufferSize(0)}
}

// TestTheTablesAreWhole fails when a call is missing in a state.
func TestTheTablesAreWhole(t *testing.T) {
	for name, count := range map[string]int{"tcp": 8, "udp": 5} {
		states := map[string]bool{}
		calls := map[string]bool{}
		seen := map[string]bool{}
		for _, r := range readTable(t, name) {
			state, _, _ := strings.Cut(r.state, "[")
			call, _, _ := strings.Cut(r.call, "(")
			states[state], calls[call], seen[state+" "+call] = true, true, true
		}
		delete(calls, "set-hop-limit") // one of the options, but for its order
		for state := range states {
			for call := range calls {
				if !seen[state+" "+call] {
					t.Errorf("%s: %s in %s is missing", name, call, state)
				}
			}
		}
		expect(t, "states of "+name, len(states), count)
	}
}
