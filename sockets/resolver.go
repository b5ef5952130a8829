package sockets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"slices"
)

// Resolver finds the addresses of names. A *net.Resolver is one. The network is always "ip". A name ends in a dot only
// if the guest wrote it so.
//
// An error says by its type what the guest is told: a *net.DNSError that is not found is NameUnresolvable, one that is
// temporary or a timeout TemporaryResolverFailure, an ErrorCode itself, anything else PermanentResolverFailure.
//
// It is called by a goroutine of its own, which must return when ctx ends: until it does it counts among
// Config.MaxLookups, though nobody waits for it any more. A *net.Resolver that uses the system's (see the package net)
// returns, but leaves a thread behind until the system has its answer; of those Go allows 500.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, name string) ([]netip.Addr, error)
}

// resolverOf is what a Network uses for the Resolver of its Config.
//
// The default is Go's own where that does what the system would do. There each look-up can be interrupted, and costs no
// thread. macOS and Windows have settings that only their own resolvers know.
func resolverOf(r Resolver) Resolver {
	switch r := r.(type) {
	case *net.Resolver:
		return apart{r}
	case nil:
		interruptible := runtime.GOOS != "darwin" && runtime.GOOS != "ios" && runtime.GOOS != "windows"
		return apart{&net.Resolver{PreferGo: interruptible}}
	}
	return r
}

// apart is a net.Resolver whose look-ups have nothing to do with each other, and whose connections end with them. By
// itself it lets look-ups of one name share their work, which then goes on in the background when all have been given
// up, until the name server's time is over, with a goroutine for each that was given up. A guest could make any number
// of those.
type apart struct{ like *net.Resolver }

func (a apart) LookupNetIP(ctx context.Context, network, name string) ([]netip.Addr, error) {
	dial := a.like.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	r := &net.Resolver{PreferGo: a.like.PreferGo, StrictErrors: a.like.StrictErrors, Dial: dialUntil(dial)}
	return r.LookupNetIP(ctx, network, name)
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dialUntil is dial with connections that end with the context.
func dialUntil(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		until := until{c, context.AfterFunc(ctx, func() { c.Close() })}
		if p, ok := c.(net.PacketConn); ok {
			// By this the resolver knows which protocol to speak.
			return packetsUntil{until, p}, nil
		}
		return until, nil
	}
}

// until is a connection that a context ends.
type until struct {
	net.Conn
	forget func() bool
}

func (u until) Close() error {
	u.forget()
	return u.Conn.Close()
}

type packetsUntil struct {
	until
	packets net.PacketConn
}

func (u packetsUntil) ReadFrom(p []byte) (int, net.Addr, error) { return u.packets.ReadFrom(p) }
func (u packetsUntil) WriteTo(p []byte, a net.Addr) (int, error) {
	return u.packets.WriteTo(p, a)
}

// maxAnswers bounds the addresses of one look-up.
const maxAnswers = 128

// answers tidies what a resolver has answered: IPv4 as IPv4, no scopes, each once.
func answers(ips []netip.Addr) []netip.Addr {
	var tidy []netip.Addr
	for _, ip := range ips {
		ip = ip.Unmap().WithZone("")
		if ip.IsValid() && !slices.Contains(tidy, ip) {
			tidy = append(tidy, ip)
		}
		if len(tidy) == maxAnswers {
			break
		}
	}
	return tidy
}

// resolverCode is what a guest is told of an error of a Resolver. SERVFAIL is temporary: so getaddrinfo has it, from
// which the documents of wasi:sockets take the codes.
func resolverCode(err error) ErrorCode {
	var (
		dns     *net.DNSError
		code    ErrorCode
		timeout net.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return NameUnresolvable
	case errors.As(err, &dns) && dns.Temporary():
		return TemporaryResolverFailure
	case errors.As(err, &code) && code != WouldBlock:
		return code
	case errors.As(err, &timeout) && timeout.Timeout():
		return TemporaryResolverFailure
	}
	return PermanentResolverFailure
}
