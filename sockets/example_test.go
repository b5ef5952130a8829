package sockets_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
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
	for _, text := range []string{"tcp:connect=10.0.0.0/8:80-90", "tcp:connect=10.1.0.0/8:80"} {
		rule, err := sockets.ParseRule(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(rule)
	}
	// Output:
	// tcp:connect=10.0.0.0/8:80-90
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
