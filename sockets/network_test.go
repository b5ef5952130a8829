package sockets

import (
	"io"
	"testing"
	"time"
)

// deaf is an owner that does not close when it is told to: a mistake that none has.
type deaf struct{ owner }

func (deaf) teardown() {}

// TestClosingTheNetworkEndsThoughAnOwnerKeepsItsDescriptor: it neither tries for ever nor
// leaves anybody waiting, whether parked or notified.
func TestClosingTheNetworkEndsThoughAnOwnerKeepsItsDescriptor(t *testing.T) {
	for what, open := range map[string]func(n *Network) (*descriptor, blocker){
		"a listener": func(n *Network) (*descriptor, blocker) {
			l := listen(t, n, IPv4)
			return l.state.descriptor(), l
		},
		"a reader": func(n *Network) (*descriptor, blocker) {
			client, _ := pair(t, n, IPv4)
			return client.in.c.d, client.in
		},
		"a writer": func(n *Network) (*descriptor, blocker) {
			client, _ := pair(t, n, IPv4)
			for must(client.out.CheckWrite()) > 0 {
				check(t, client.out.Write(make([]byte, 64<<10)))
			}
			return client.in.c.d, client.out
		},
		"a receiver": func(n *Network) (*descriptor, blocker) {
			s := openUDP(t, n, IPv4, Address{})
			return s.state.descriptor(), s.in
		},
	} {
		for _, waits := range []string{"parked", "notified"} {
			t.Run(what+", "+waits, func(t *testing.T) {
				n := network(t)
				d, w := open(n)
				d.belong(deaf{d.owner()})
				woken := make(chan bool, 1)
				go func() {
					if waits == "parked" {
						woken <- w.Wait(ctx, time.Now().Add(patience))
					} else {
						woken <- await(w, patience) == nil
					}
				}()
				time.Sleep(5 * time.Millisecond)
				closed := make(chan struct{})
				go func() { n.Close(); close(closed) }()
				select {
				case <-closed:
				case <-time.After(patience):
					t.Fatal("it does not close")
				}
				expect(t, "woken", <-woken, true)
				expect(t, "open", n.Stats().Open, 0)
			})
		}
	}
}

// TestClosingTheNetworkWaitsForWhoClosesAtTheSameTime: when Close returns, nothing is open.
func TestClosingTheNetworkWaitsForWhoClosesAtTheSameTime(t *testing.T) {
	for range 50 {
		n := network(t)
		client, server := pair(t, n, IPv4)
		go client.closeAll()
		go n.Close()
		n.Close()
		expect(t, "open", len(n.open), 0)
		if _, err := server.in.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read: %v", err)
		}
	}
}
