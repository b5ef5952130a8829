package sockets

import (
	"io"
	"testing"
	"time"
)

func TestAFlushHasBeenDoneWhenCheckWritePermitsAgain(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	whileFull(t, client.out, func() bool {
		check(t, client.out.Flush())
		permit, err := client.out.CheckWrite()
		check(t, err)
		if permit > 0 {
			return false
		}
		ready := client.out.Ready()
		permit, err = client.out.CheckWrite()
		check(t, err)
		return !ready && permit == 0
	})
	go io.Copy(io.Discard, reader{server.in})
	woken := make(chan struct{}, 1)
	stop := client.out.Notify(woken)
	defer stop()
	for !client.out.Ready() {
		select {
		case <-woken:
		case <-time.After(patience):
			t.Fatal("the flush never ends")
		}
	}
	if permit, err := client.out.CheckWrite(); err != nil || permit == 0 {
		t.Errorf("ready, and check-write says %d, %v", permit, err)
	}
	client.out.mu.Lock()
	defer client.out.mu.Unlock()
	if n := len(client.out.unsent); n > 0 {
		t.Errorf("%d bytes are still here", n)
	}
}

// reader waits for the bytes of an Input.
type reader struct{ in *Input }

func (r reader) Read(p []byte) (int, error) {
	for {
		if n, err := r.in.Read(p); n > 0 || err != nil {
			return n, err
		}
		time.Sleep(time.Millisecond)
	}
}
