//go:build unix

package sockets

import (
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// errorTable is testdata/transitions/errors.txt, which says what its words mean.
type errorTable struct {
	errnos map[string]string // the codes
	calls  []troubledCall
	buts   []exception
}

type troubledCall struct{ table, state, call, system, next string }

type exception struct{ errnos, table, call, system, answer, next string }

func readErrors(t *testing.T) errorTable {
	e := errorTable{errnos: map[string]string{}}
	for i, line := range strings.Split(string(must(os.ReadFile("../testdata/transitions/errors.txt"))), "\n") {
		c := strings.Fields(line)
		switch {
		case len(c) == 0 || c[0] == "#":
		case c[0] == "errno" && len(c) == 3:
			for name := range strings.SplitSeq(c[1], ",") {
				e.errnos[name] = c[2]
			}
		case c[0] == "call" && len(c) == 6:
			e.calls = append(e.calls, troubledCall{c[1], c[2], c[3], c[4], c[5]})
		case c[0] == "but" && len(c) >= 6 && len(c) <= 7:
			c = append(c, "")
			e.buts = append(e.buts, exception{c[1], c[2], c[3], c[4], c[5], c[6]})
		default:
			t.Fatalf("line %d is of no kind", i+1)
		}
	}
	return e
}

// expected is the answer and the next state.
func (e errorTable) expected(c troubledCall, errno string) (answer, next string) {
	answer, next = e.errnos[errno], c.next
	for _, b := range e.buts {
		if b.fits(c, errno) {
			answer = b.answer
			if b.next != "" {
				next = b.next
			}
			break
		}
	}
	if next == "=" {
		next, _, _ = strings.Cut(c.state, "[")
	}
	return answer, next
}

func (b exception) fits(c troubledCall, errno string) bool {
	call, _, _ := strings.Cut(c.call, "(")
	return b.table == c.table && b.call == call && (b.system == "*" || b.system == c.system) &&
		(b.errnos == "*" || slices.Contains(strings.Split(b.errnos, ","), errno))
}

func TestEveryErrorOfTheSystemHasItsCode(t *testing.T) {
	table := readErrors(t)
	for _, c := range table.calls {
		t.Run(fmt.Sprintf("%s %s in %s when %s fails", c.table, c.call, c.state, c.system), func(t *testing.T) {
			bothFamilies(t, func(t *testing.T, f Family) {
				for errno := range table.errnos {
					answer, next := table.expected(c, errno)
					if answer == "-" {
						continue
					}
					t.Run(errno, func(t *testing.T) {
						s := &troubled{stage: fakeStage(t, f), system: strings.Split(c.system, "+"), err: errnos[errno]}
						s.run(c, answer, next)
					})
				}
			})
		})
	}
}

// troubled is a subject whose system fails.
type troubled struct {
	*stage
	system []string
	err    error

	tcp tcpSubject
	udp udpSubject
	on  subject // one of them
}

func (s *troubled) run(c troubledCall, answer, next string) {
	s.on = s.stage.subject(c.table)
	switch on := s.on.(type) {
	case *tcpSubject:
		s.tcp = *on
		s.on = &s.tcp
	case *udpSubject:
		s.udp = *on
		s.on = &s.udp
	}
	if c.state != "-" {
		s.on.reach(c.state)
	}
	expect(s.t, "answer", s.call(c), answer)
	if c.state != "-" {
		expect(s.t, "next state", s.on.State(), next)
	}
	if c.call == "start-bind(free)" && c.system != "local" {
		expect(s.t, "tried again", s.on.call(c.call), "ok")
	}
}

func (s *troubled) fail() {
	for _, call := range s.system {
		s.fake.fail(call, s.err)
	}
}

func (s *troubled) call(c troubledCall) string {
	switch c.table + " " + c.call {
	case "tcp create":
		s.fail()
		_, err := s.n.NewTCP(s.f)
		expect(s.t, "open", s.n.Stats().Open, 0)
		return word(err)
	case "udp create":
		s.fail()
		_, err := s.n.NewUDP(s.f)
		expect(s.t, "open", s.n.Stats().Open, 0)
		return word(err)
	case "tcp read":
		s.fail()
		return s.read()
	case "tcp pending":
		s.fail()
		return strconv.Itoa(s.tcp.in.Pending())
	case "tcp await-read":
		s.fail()
		if !s.tcp.in.Ready() {
			return "not-ready"
		}
		return s.read()
	case "tcp splice":
		must(s.tcp.out.CheckWrite())
		s.fail()
		if _, moved, err := s.tcp.out.Splice(s.tcp.in, 1); moved {
			return word(err)
		}
		return "not-moved"
	case "tcp write":
		must(s.tcp.out.CheckWrite())
		s.fail()
		return s.told(s.tcp.out.Write([]byte("x")))
	case "tcp late-write":
		must(s.tcp.out.CheckWrite())
		s.fake.fail("write", errnos["EAGAIN"])
		s.fail()
		check(s.t, s.tcp.out.Write([]byte("x")))
		wait(s.t, s.tcp.out)
		_, err := s.tcp.out.CheckWrite()
		return s.told(err)
	case "tcp await-accept":
		s.fail()
		if !s.tcp.Ready() {
			return "not-ready"
		}
		return s.accept()
	case "tcp accept":
		s.fail()
		return s.accept()
	case "tcp get":
		s.fail()
		_, err := s.tcp.KeepAliveIdleTime()
		return word(err)
	case "tcp set":
		s.fail()
		return word(s.tcp.SetKeepAliveCount(3))
	case "tcp set-size":
		s.fail()
		return word(s.tcp.SetSendBufferSize(4096))
	case "udp get":
		s.fail()
		_, err := s.udp.UnicastHopLimit()
		return word(err)
	case "udp set":
		s.fail()
		return word(s.udp.SetUnicastHopLimit(42))
	case "udp set-size":
		s.fail()
		return word(s.udp.SetReceiveBufferSize(4096))
	case "udp await-receive":
		s.fail()
		if !s.udp.in.Ready() {
			return "not-ready"
		}
		answer := s.on.call("receive")
		expect(s.t, "told again", s.on.call("receive"), "0")
		return answer
	}
	return s.callWith(c)
}

// callWith makes what the call is given before the system fails.
func (s *troubled) callWith(c troubledCall) string {
	name, given, _ := strings.Cut(strings.TrimSuffix(c.call, ")"), "(")
	switch name {
	case "start-bind", "start-connect", "stream", "send":
		at := s.on.address(given)
		s.fail()
		switch c.table + " " + name {
		case "tcp start-bind":
			return word(s.tcp.StartBind(at))
		case "udp start-bind":
			return word(s.udp.StartBind(at))
		case "tcp start-connect":
			return word(s.tcp.StartConnect(at))
		case "udp stream":
			_, _, err := s.udp.Stream(at)
			return word(err)
		}
		return s.udp.send(at)
	}
	s.fail()
	return s.on.call(c.call)
}

func (s *troubled) read() string {
	var p [8]byte
	n, err := s.tcp.in.Read(p[:])
	if err == nil {
		return fmt.Sprint(n)
	}
	_, again := s.tcp.in.Read(p[:])
	expect(s.t, "the next read", again, io.EOF)
	return word(err)
}

// told is the answer of an output, which is closed after a failure.
func (s *troubled) told(err error) string {
	if err == nil {
		return "ok"
	}
	_, again := s.tcp.out.CheckWrite()
	expect(s.t, "the next check-write", again, io.ErrClosedPipe)
	if err == io.ErrClosedPipe {
		return "closed"
	}
	return word(err)
}

func (s *troubled) accept() string {
	_, _, _, err := s.tcp.Accept()
	if err != nil {
		client := dial(s.t, s.n, must(s.tcp.LocalAddress()))
		expect(s.t, "the next peer", must(accept(s.t, s.tcp.TCP).RemoteAddress()), must(client.LocalAddress()))
	}
	return word(err)
}

// TestTheErrorTableIsWhole fails when the table lacks an error, or a call of the system that can fail.
func TestTheErrorTableIsWhole(t *testing.T) {
	table := readErrors(t)
	for name := range maps.Keys(errnos) {
		if table.errnos[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range table.errnos {
		if errnos[name] == nil {
			t.Errorf("%s is no error", name)
		}
	}
	system := reflect.TypeFor[system]()
	for i := range system.NumMethod() {
		m := system.Method(i)
		results := m.Type.NumOut()
		fallible := results > 0 && m.Type.Out(results-1) == reflect.TypeFor[error]()
		if fallible && !slices.ContainsFunc(table.calls, func(c troubledCall) bool { return strings.Contains(c.system, m.Name) }) {
			t.Errorf("no call has %s fail", m.Name)
		}
	}
	used := map[exception]bool{}
	for _, c := range table.calls {
		for errno := range table.errnos {
			if i := slices.IndexFunc(table.buts, func(b exception) bool { return b.fits(c, errno) }); i >= 0 {
				used[table.buts[i]] = true
			}
		}
	}
	for _, b := range table.buts {
		if !used[b] {
			t.Errorf("nothing fits %v", b)
		}
	}
}
