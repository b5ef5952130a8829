package sockets

import (
	"runtime"
	"strconv"
	"strings"
)

// udpSubject is a UDP socket under test.
type udpSubject struct {
	*stage
	*UDP
	in   *Incoming
	out  *Outgoing
	peer Address // what "self" stands for
}

func (s *udpSubject) reach(state string) {
	t := s.t
	bound := func(local Address) {
		s.UDP = bindUDP(t, s.n, local)
	}
	switch state {
	case "unbound":
		s.UDP = must(s.n.NewUDP(s.f))
	case "bind-in-progress":
		s.reach("unbound")
		check(t, s.StartBind(loopbackOf(s.f)))
	case "bound":
		bound(loopbackOf(s.f))
		s.stream(Address{})
	case "bound[any]":
		bound(s.address("any"))
	case "bound[port]":
		other := bindUDP(t, s.n, loopbackOf(s.f))
		at := must(other.LocalAddress())
		other.Close()
		bound(at)
	case "connected":
		bound(loopbackOf(s.f))
		s.stream(s.address("server"))
	case "connected[any]":
		bound(s.address("any"))
		s.stream(s.address("server"))
	case "connected[silent]":
		s.unless(runtime.GOOS == "windows", "Winsock says connection-reset")
		gone := bindUDP(t, s.n, loopbackOf(s.f))
		bound(loopbackOf(s.f))
		s.stream(must(gone.LocalAddress()))
		gone.Close()
		sendOne(t, s.out, "anybody?", Address{})
		wait(t, s.in)
	case "closed":
		s.reach("bound")
		s.Close()
	default:
		t.Fatalf("no such state: %s", state)
	}
}

func (s *udpSubject) stream(remote Address) {
	in, out, err := s.Stream(remote)
	check(s.t, err)
	s.in, s.out, s.peer = in, out, remote
}

func (s *udpSubject) call(call string) string {
	name, given, _ := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	switch name {
	case "start-bind":
		return word(s.StartBind(s.address(given)))
	case "finish-bind":
		return word(s.FinishBind())
	case "stream":
		_, _, err := s.Stream(s.address(given))
		return word(err)
	case "send":
		return s.send(s.address(given))
	case "receive":
		return s.receive()
	case "local-address":
		_, err := s.LocalAddress()
		return word(err)
	case "remote-address":
		_, err := s.RemoteAddress()
		return word(err)
	case "ready":
		return strconv.FormatBool(s.Ready())
	case "options":
		if given == "0" {
			return words([]error{s.SetReceiveBufferSize(0), s.SetSendBufferSize(0)})
		}
		_, e1 := s.UnicastHopLimit()
		_, e2 := s.ReceiveBufferSize()
		_, e3 := s.SendBufferSize()
		return words([]error{e1, e2, e3, s.SetUnicastHopLimit(1), s.SetReceiveBufferSize(1), s.SetSendBufferSize(1)})
	case "set-hop-limit":
		return word(s.SetUnicastHopLimit(0))
	case "drop":
		s.Close()
		return "ok"
	}
	s.t.Fatalf("no such call: %s", call)
	return ""
}

// streams asks for streams where the state has none, for the error.
func (s *udpSubject) streams() error {
	var err error
	if s.in == nil {
		s.in, s.out, err = s.Stream(Address{})
	}
	return err
}

func (s *udpSubject) send(to Address) string {
	if err := s.streams(); err != nil {
		return word(err)
	}
	if _, err := s.out.CheckSend(); err != nil {
		return word(err)
	}
	n, err := s.out.Send([]Datagram{{[]byte("x"), to}})
	if err != nil {
		return word(err)
	}
	return strconv.FormatUint(n, 10)
}

func (s *udpSubject) receive() string {
	if err := s.streams(); err != nil {
		return word(err)
	}
	got, err := s.in.Receive(1)
	if err != nil {
		return word(err)
	}
	return strconv.Itoa(len(got))
}

func (s *udpSubject) address(word string) Address {
	switch word {
	case "none":
		return Address{}
	case "taken", "server", "other":
		return must(bindUDP(s.t, s.n, loopbackOf(s.f)).LocalAddress())
	case "self":
		return s.peer
	case "any:port":
		if s.f == IPv6 {
			return addr("[::]:80")
		}
		return addr("0.0.0.0:80")
	case "multicast": // IPv6 would want a scope for less than the whole world
		if s.f == IPv6 {
			return addr("[ff0e::1]:0")
		}
		return addr("224.0.0.1:0")
	case "compatible":
		return addr("[::127.0.0.1]:80")
	}
	return s.stage.address(word)
}
