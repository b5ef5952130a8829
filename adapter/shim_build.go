package adapter

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/wit"
)

// A shape is an interface that is given more functions. The first error stays.
type shape struct {
	made *component.Interface
	err  error
}

// more begins with all that an interface has.
func more(have *component.Interface) *shape {
	typ := *have.Type
	typ.Funcs = slices.Clone(typ.Funcs)
	made := *have
	made.Type, made.Funcs = &typ, maps.Clone(have.Funcs)
	return &shape{made: &made}
}

// typ is a type that the interface has.
func (s *shape) typ(name string) *wit.TypeDef {
	def := s.made.Type.Type(name)
	if def == nil && s.err == nil {
		s.err = fmt.Errorf("%s has no type %s", s.made.Type.Name, name)
	}
	return def
}

// self is the first parameter of a method.
func (s *shape) self(resource string) wit.Param {
	return wit.Param{Name: "self", Type: &wit.Borrow{Resource: s.typ(resource)}}
}

func (s *shape) code(f *wit.Func, code component.HostFunc) {
	s.made.Type.Funcs = append(s.made.Type.Funcs, f)
	s.made.Funcs[f.Name] = code
}

// dynamic adds a function of plain values.
func (s *shape) dynamic(f *wit.Func, code func(ctx context.Context, args []any) (any, error)) {
	if s.err != nil {
		return
	}
	host, err := component.Dynamic(f, code)
	if err != nil {
		s.err = err
		return
	}
	s.code(f, host)
}

// renamed adds a function with the code of another one, which takes and gives the same
// flat values.
func (s *shape) renamed(f *wit.Func, as string) {
	code := s.made.Funcs[as]
	if code == nil {
		s.err = fmt.Errorf("%s has no function %s", s.made.Type.Name, as)
		return
	}
	s.code(f, code)
}

func (s *shape) done() (*component.Interface, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.made, nil
}

// ipv6Only adds the option that a socket for IPv6 takes no IPv4. Here none ever does, and
// a host was free to refuse the contrary.
func ipv6Only(resource string) func(*component.Interface) (*component.Interface, error) {
	return func(have *component.Interface) (*component.Interface, error) {
		s := more(have)
		self, code := s.self(resource), s.typ("error-code")
		unsupported := cabi.Result{IsErr: true, Value: network.ErrorCodeNotSupported.Error()}
		isIPv6 := func(ctx context.Context, socket any) (bool, error) {
			family, err := socket.(interface {
				AddressFamily(context.Context) (network.IPAddressFamily, error)
			}).AddressFamily(ctx)
			return family == network.IPAddressFamilyIPv6, err
		}
		s.dynamic(&wit.Func{
			Name:   "[method]" + resource + ".ipv6-only",
			Params: []wit.Param{self},
			Result: &wit.Result{OK: wit.Bool, Err: code},
		}, func(ctx context.Context, args []any) (any, error) {
			if is, err := isIPv6(ctx, args[0]); !is || err != nil {
				return unsupported, err
			}
			return cabi.Result{Value: true}, nil
		})
		s.dynamic(&wit.Func{
			Name:   "[method]" + resource + ".set-ipv6-only",
			Params: []wit.Param{self, {Name: "value", Type: wit.Bool}},
			Result: &wit.Result{Err: code},
		}, func(ctx context.Context, args []any) (any, error) {
			if is, err := isIPv6(ctx, args[0]); !is || err != nil || !args[1].(bool) {
				return unsupported, err
			}
			return cabi.Result{}, nil
		})
		return s.done()
	}
}

// milliseconds adds the timeouts of requests as they were called, and counted, before.
func milliseconds(have *component.Interface) (*component.Interface, error) {
	s := more(have)
	duration := &wit.Option{Elem: s.typ("duration")}
	type options = types.RequestOptions
	for _, t := range []struct {
		name string
		get  func(options, context.Context) (*uint64, error)
		set  func(options, context.Context, *uint64) error
	}{
		{"connect-timeout", options.ConnectTimeout, options.SetConnectTimeout},
		{"first-byte-timeout", options.FirstByteTimeout, options.SetFirstByteTimeout},
		{"between-bytes-timeout", options.BetweenBytesTimeout, options.SetBetweenBytesTimeout},
	} {
		s.dynamic(&wit.Func{
			Name:   "[method]request-options." + t.name + "-ms",
			Params: []wit.Param{s.self("request-options")},
			Result: duration,
		}, func(ctx context.Context, args []any) (any, error) {
			ns, err := t.get(args[0].(options), ctx)
			if ns == nil || err != nil {
				return nil, err
			}
			return *ns / 1e6, nil
		})
		s.dynamic(&wit.Func{
			Name:   "[method]request-options.set-" + t.name + "-ms",
			Params: []wit.Param{s.self("request-options"), {Name: "ms", Type: duration}},
			Result: &wit.Result{},
		}, func(ctx context.Context, args []any) (any, error) {
			var ns *uint64
			if ms, ok := args[1].(uint64); ok {
				n := uint64(math.MaxUint64)
				if ms <= n/1e6 {
					n = ms * 1e6
				}
				ns = &n
			}
			return cabi.Result{IsErr: t.set(args[0].(options), ctx, ns) != nil}, nil
		})
	}
	return s.done()
}

// pollList adds the functions of polling by the names that they had.
func pollList(have *component.Interface) (*component.Interface, error) {
	s := more(have)
	pollable := &wit.Borrow{Resource: s.typ("pollable")}
	s.renamed(&wit.Func{
		Name:   "poll-list",
		Params: []wit.Param{{Name: "in", Type: &wit.List{Elem: pollable}}},
		Result: &wit.List{Elem: wit.U32},
	}, "poll")
	s.renamed(&wit.Func{Name: "poll-one", Params: []wit.Param{{Name: "in", Type: pollable}}}, "[method]pollable.block")
	return s.done()
}

// subscribe adds the function that had a flag for what are two functions now.
func subscribe(have *component.Interface) (*component.Interface, error) {
	s := more(have)
	instant, duration := have.Funcs["subscribe-instant"], have.Funcs["subscribe-duration"]
	if instant == nil || duration == nil {
		return nil, fmt.Errorf("%s has no subscribe-instant and subscribe-duration", have.Type.Name)
	}
	s.code(&wit.Func{
		Name:   "subscribe",
		Params: []wit.Param{{Name: "when", Type: s.typ("instant")}, {Name: "absolute", Type: wit.Bool}},
		Result: &wit.Own{Resource: s.typ("pollable")},
	}, func(c *cabi.Call, stack []uint64) {
		if uint32(stack[1]) != 0 {
			instant(c, stack)
			return
		}
		duration(c, stack)
	})
	return s.done()
}
