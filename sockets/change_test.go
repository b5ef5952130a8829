package sockets

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestEveryChangeOfStateIsTold(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), OnChange: func(c Change) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, regexp.MustCompile(`:[1-9]\d*\b`).ReplaceAllString(c.String(), ":PORT"))
	}})
	l := listen(t, n, IPv4)
	client := dial(t, n, must(l.LocalAddress()))
	server := accept(t, l)
	client.closeAll()
	server.closeAll()
	l.Close()
	u := bindUDP(t, n, loopbackOf(IPv4))
	_, _, err := u.Stream(addr("127.0.0.1:9"))
	check(t, err)
	u.Close()
	mu.Lock()
	defer mu.Unlock()
	want := strings.Split(strings.TrimSpace(`
tcp socket 1: unbound
tcp socket 1: unbound -> bind-in-progress, local 127.0.0.1:PORT
tcp socket 1: bind-in-progress -> bound, local 127.0.0.1:PORT
tcp socket 1: bound -> listen-in-progress, local 127.0.0.1:PORT
tcp socket 1: listen-in-progress -> listening, local 127.0.0.1:PORT
tcp socket 2: unbound
tcp socket 2: unbound -> connect-in-progress, remote 127.0.0.1:PORT
tcp socket 2: connect-in-progress -> connected, local 127.0.0.1:PORT, remote 127.0.0.1:PORT
tcp socket 3: connected, local 127.0.0.1:PORT, remote 127.0.0.1:PORT
tcp socket 2: connected -> closed
tcp socket 3: connected -> closed
tcp socket 1: listening -> closed
udp socket 4: unbound
udp socket 4: unbound -> bind-in-progress, local 127.0.0.1:PORT
udp socket 4: bind-in-progress -> bound, local 127.0.0.1:PORT
udp socket 4: bound -> connected, local 127.0.0.1:PORT, remote 127.0.0.1:PORT
udp socket 4: connected -> closed`), "\n")
	if !slices.Equal(lines, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
