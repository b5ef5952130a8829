package sockets_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/tenon-wasm/tenon/sockets"
)

// A guest may talk to itself on loopback, and to nobody else.
func Example() {
	policy, err := sockets.ParsePolicy("loopback")
	if err != nil {
		panic(err)
	}
	network := sockets.NewNetwork(sockets.Config{
		Policy: policy,
		OnDenied: func(d sockets.Denial) {
			fmt.Printf("denied %s; allow it with %s\n", d, d.Rule())
		},
	})
	defer network.Close()

	listener, _ := network.NewTCP(sockets.IPv4)
	listener.StartBind(sockets.AddressFrom(netip.MustParseAddrPort("127.0.0.1:0")))
	listener.FinishBind()
	listener.StartListen()
	listener.FinishListen()
	here, _ := listener.LocalAddress()

	client, _ := network.NewTCP(sockets.IPv4)
	client.StartConnect(here)
	client.Wait(context.Background(), time.Time{})
	_, out, err := client.FinishConnect()
	fmt.Println("connected:", err)

	listener.Wait(context.Background(), time.Time{})
	_, in, _, err := listener.Accept()
	fmt.Println("accepted:", err)

	permit, _ := out.CheckWrite()
	fmt.Println("permitted:", permit, out.Write([]byte("hello")))
	buf := make([]byte, 100)
	n, err := in.BlockingRead(context.Background(), buf)
	fmt.Printf("read: %s %v\n", buf[:n], err)

	other, _ := network.NewTCP(sockets.IPv4)
	fmt.Println(other.StartConnect(sockets.AddressFrom(netip.MustParseAddrPort("192.0.2.1:80"))))
	// Output:
	// connected: <nil>
	// accepted: <nil>
	// permitted: 65536 <nil>
	// read: hello <nil>
	// denied tcp connect 192.0.2.1:80; allow it with tcp:connect=192.0.2.1:80
	// access-denied
}

func ExampleParseRule() {
	for _, text := range []string{"tcp:connect=10.0.0.0/8:80-90", "tcp:connect=*.Bücher.example:443", "tcp:connect=10.1.0.0/8:80"} {
		rule, err := sockets.ParseRule(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(rule)
	}
	// Output:
	// tcp:connect=10.0.0.0/8:80-90
	// tcp:connect=*.xn--bcher-kva.example:443
	// network rule "tcp:connect=10.1.0.0/8:80": "10.1.0.0/8" has address bits beyond its length; write 10.0.0.0/8
}

func ExamplePolicy_Allows() {
	policy, _ := sockets.ParsePolicy("tcp:listen=127.0.0.0/8:*")
	for _, a := range []string{"127.0.0.1:8080", "0.0.0.0:8080", "[::ffff:127.0.0.1]:8080"} {
		fmt.Println(a, policy.Allows(sockets.TCPListen, netip.MustParseAddrPort(a)))
	}
	// Output:
	// 127.0.0.1:8080 true
	// 0.0.0.0:8080 false
	// [::ffff:127.0.0.1]:8080 false
}

// A book is a Resolver; usually one leaves Config.Resolver nil, or sets a *net.Resolver.
type book map[string]string

func (b book) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	ip, ok := b[name]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return []netip.Addr{netip.MustParseAddr(ip)}, nil
}

// A rule by name allows the look-up, and connecting to what it answered.
func ExampleNetwork_Resolve() {
	policy, _ := sockets.ParsePolicy("tcp:connect=*.example.com:443")
	network := sockets.NewNetwork(sockets.Config{
		Policy:   policy,
		Resolver: book{"www.example.com": "192.0.2.1"},
	})
	defer network.Close()

	for _, host := range []string{"WWW.example.com", "example.com", "127.1", "no host"} {
		lookup, err := network.Resolve(host)
		if err != nil {
			fmt.Println(host, err)
			continue
		}
		lookup.Wait(context.Background(), time.Time{})
		for {
			ip, err := lookup.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(host, ip)
		}
		lookup.Close()
	}
	// Output:
	// WWW.example.com 192.0.2.1
	// example.com permanent-resolver-failure
	// 127.1 127.0.0.1
	// no host invalid-argument
}

func ExamplePolicy_AllowsName() {
	policy, _ := sockets.ParsePolicy("name=bücher.example", "tcp:connect=*.example.com:443")
	for _, name := range []string{"BÜCHER.example", "xn--bcher-kva.example.", "www.example.com", "example.com"} {
		fmt.Println(name, policy.AllowsName(name))
	}
	// Output:
	// BÜCHER.example true
	// xn--bcher-kva.example. true
	// www.example.com true
	// example.com false
}

// A hook sees what the rules say, and has the last word. Here it keeps guests within working hours.
func ExampleConfig_decide() {
	policy, _ := sockets.ParsePolicy("tcp:connect=db.example:5432")
	working := true
	network := sockets.NewNetwork(sockets.Config{
		Policy:   policy,
		Resolver: book{"db.example": "192.0.2.1"},
		Decide: func(q sockets.Question) bool {
			fmt.Printf("asked: %s, the rules say %v\n", q, q.Allowed)
			return q.Allowed && working
		},
		OnDenied: func(d sockets.Denial) { fmt.Println("denied:", d, d.Overruled) },
	})
	defer network.Close()

	lookup, err := network.Resolve("db.example")
	fmt.Println(err)
	lookup.Wait(context.Background(), time.Time{})
	ip, _ := lookup.Next()
	working = false
	socket, err := network.NewTCP(sockets.IPv4)
	fmt.Println(socket, err)
	working = true
	socket, _ = network.NewTCP(sockets.IPv4)
	working = false
	fmt.Println(socket.StartConnect(sockets.AddressFrom(netip.AddrPortFrom(ip, 5432))))
	// Output:
	// asked: name lookup db.example, the rules say true
	// <nil>
	// asked: tcp create, the rules say true
	// denied: tcp create true
	// <nil> access-denied
	// asked: tcp create, the rules say true
	// asked: tcp connect 192.0.2.1:5432 (db.example), the rules say true
	// denied: tcp connect 192.0.2.1:5432 (db.example) true
	// access-denied
}

// Decisions go to a log, and are counted.
func ExampleConfig_logger() {
	policy, _ := sockets.ParsePolicy("tcp:connect=db.example:5432")
	network := sockets.NewNetwork(sockets.Config{
		Policy:   policy,
		Resolver: book{"db.example": "192.0.2.1"},
		Logger:   slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime})),
	})
	defer network.Close()
	network.Resolve("db.example")
	network.Resolve("example.com")
	stats := network.Stats()
	fmt.Println(stats.Allowed[sockets.NameLookup], "allowed,", stats.Denied.Total(), "denied")
	// Output:
	// level=DEBUG msg="network: allowed" operation="name lookup" name=db.example rule="tcp:connect=db.example:5432"
	// level=WARN msg="network: denied" operation="name lookup" name=example.com rule="name=example.com"
	// 1 allowed, 1 denied
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func ExampleInput_Notify() {
	policy, _ := sockets.ParsePolicy("loopback")
	network := sockets.NewNetwork(sockets.Config{Policy: policy})
	defer network.Close()
	in, out := connect(network)

	woken := make(chan struct{}, 1)
	stop := in.Notify(woken)
	defer stop()
	fmt.Println("ready:", in.Ready())
	out.CheckWrite()
	out.Write([]byte("!"))
	for !in.Ready() {
		<-woken
	}
	fmt.Println("ready:", in.Ready())
	// Output:
	// ready: false
	// ready: true
}

// A guest that may send to one server receives from that server alone.
func ExampleUDP() {
	ctx := context.Background()
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	there := server.LocalAddr().(*net.UDPAddr).AddrPort()
	policy, _ := sockets.ParsePolicy("udp:send=" + there.String())
	network := sockets.NewNetwork(sockets.Config{Policy: policy})
	defer network.Close()

	u, _ := network.NewUDP(sockets.IPv4)
	u.StartBind(sockets.AddressFrom(netip.MustParseAddrPort("0.0.0.0:0")))
	u.FinishBind()
	in, out, err := u.Stream(sockets.Address{}) // for every peer
	fmt.Println("streams:", err)

	out.CheckSend()
	n, err := out.Send([]sockets.Datagram{{Data: []byte("ping"), Remote: sockets.AddressFrom(there)}})
	fmt.Println("sent:", n, err)
	buf := make([]byte, 100)
	k, from, _ := server.ReadFromUDPAddrPort(buf)
	server.WriteToUDPAddrPort([]byte("pong to "+string(buf[:k])), from)

	in.Wait(ctx, time.Time{})
	got, err := in.Receive(10)
	fmt.Printf("received: %s %v %v\n", got[0].Data, got[0].Remote.AddrPort == there, err)

	out.CheckSend()
	_, err = out.Send([]sockets.Datagram{{Data: []byte("ping"), Remote: sockets.AddressFrom(netip.MustParseAddrPort("192.0.2.1:53"))}})
	fmt.Println("elsewhere:", err)
	// Output:
	// streams: <nil>
	// sent: 1 <nil>
	// received: pong to ping true <nil>
	// elsewhere: access-denied
}

// With a peer, datagrams need no address.
func ExampleUDP_Stream() {
	policy, _ := sockets.ParsePolicy("loopback")
	network := sockets.NewNetwork(sockets.Config{Policy: policy})
	defer network.Close()
	u, _ := network.NewUDP(sockets.IPv6)
	u.StartBind(sockets.AddressFrom(netip.MustParseAddrPort("[::1]:0")))
	u.FinishBind()
	here, _ := u.LocalAddress()

	in, out, _ := u.Stream(here) // itself
	permit, _ := out.CheckSend()
	n, err := out.Send([]sockets.Datagram{{Data: []byte("a")}, {}, {Data: []byte("c")}})
	fmt.Println("permitted:", permit, "sent:", n, err)
	got, _ := in.Receive(10)
	for _, d := range got {
		fmt.Printf("received %q\n", d.Data)
	}
	got, err = in.Receive(10)
	fmt.Println(len(got), err)
	// Output:
	// permitted: 16 sent: 3 <nil>
	// received "a"
	// received ""
	// received "c"
	// 0 <nil>
}

// connect gives the receiving end and the sending end of a connection.
func connect(network *sockets.Network) (*sockets.Input, *sockets.Output) {
	listener, _ := network.NewTCP(sockets.IPv4)
	listener.StartBind(sockets.AddressFrom(netip.MustParseAddrPort("127.0.0.1:0")))
	listener.FinishBind()
	listener.StartListen()
	listener.FinishListen()
	here, _ := listener.LocalAddress()
	client, _ := network.NewTCP(sockets.IPv4)
	client.StartConnect(here)
	client.Wait(context.Background(), time.Time{})
	_, out, _ := client.FinishConnect()
	listener.Wait(context.Background(), time.Time{})
	_, in, _, _ := listener.Accept()
	return in, out
}
