package hostimpl

import (
	"context"
	"errors"
	"maps"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/environment"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/exit"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/stderr"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/stdin"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/stdout"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalinput"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminaloutput"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalstderr"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalstdin"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalstdout"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/monotonicclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/timezone"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/preopens"
	"github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/http/outgoinghandler"
	httptypes "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/ioerror"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/random/insecure"
	"github.com/tenon-wasm/tenon/hostimpl/bind/random/insecureseed"
	"github.com/tenon-wasm/tenon/hostimpl/bind/random/random"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/instancenetwork"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/ipnamelookup"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcpcreatesocket"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udp"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udpcreatesocket"
	"github.com/tenon-wasm/tenon/sockets"
)

// Host is WASI as one Config grants it. Any number of instances may share it, at
// the same time, too: they then share the standard streams, the directories, and the
// limits of sockets and files.
type Host struct {
	limits   Limits
	cli      cli
	stdin    standardInput
	clock    *clock
	wall     wallClock
	zone     zone
	random   *randomness
	insecure *randomness
	files    *fileSystem
	network  *instanceNetwork
	web      *webHost
	settings settings
	keyValue keyValue
	messages messages
}

// New makes a Host, and opens the directories that it grants. It fails for a Config that
// no guest can be given, and for a directory that cannot be opened.
func New(c Config) (*Host, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	limits := c.Limits.withDefaults()
	granted, err := newFileSystem(c.Dirs, limits.Files, c.OnFileDenied)
	if err != nil {
		return nil, err
	}
	h := &Host{
		files:  granted,
		limits: limits,
		cli:    newCLI(c),
		stdin:  newStandardInput(c.Stdin),
		clock:  newClock(c.Monotonic),
		wall:   newWallClock(c.Now),
		zone:   newZone(c.Location),
		random: newRandomness(c.Random, limits.RandomBytes),
		network: &instanceNetwork{
			net: sockets.NewNetwork(sockets.Config{
				Policy:        c.Network,
				Decide:        c.Decide,
				OnDenied:      c.OnDenied,
				OnChange:      c.OnSocket,
				Logger:        c.NetworkLog,
				Resolver:      c.Resolver,
				MaxSockets:    limits.Sockets,
				MaxConnecting: limits.Connecting,
				MaxLookups:    limits.Lookups,
			}),
			policy: c.Network,
		},
	}
	h.web = newWebHost(c, limits)
	h.settings = maps.Clone(c.Settings)
	h.keyValue = keyValue{maps.Clone(c.KeyValue), limits}
	h.messages = messages{c.Log, limits.LogBytes}
	h.insecure = newInsecure(c.Insecure, h.random, limits.RandomBytes)
	if c.Clock != nil {
		h.clock, h.wall = newVirtualClock(c.Clock), newVirtualWallClock(c.Clock)
	}
	return h, nil
}

// Link is New and Host.Link, for a host that is only wanted as long as its guests:
// closing their instances leaves nothing open but the directories of the Config, and bytes
// on their way to a peer, for as long as sockets.DefaultLinger.
func Link(l *component.Linker, c Config) error {
	h, err := New(c)
	if err != nil {
		return err
	}
	return h.Link(l)
}

// Link offers every interface to l. One that is defined later under the same name takes
// its place: implement the Host of its package in hostimpl/bind, and give what the
// Interface of that package makes of it to l.Define.
func (h *Host) Link(l *component.Linker) error {
	for _, i := range h.Interfaces() {
		if err := l.Define(i); err != nil {
			return err
		}
	}
	return nil
}

// Interfaces are what Link offers: all of WASI 0.2.12, with the functions that are marked
// unstable, and wasi:config, keyvalue and logging under each name that guests import them
// by. HTTP requests can be made, and are denied.
func (h *Host) Interfaces() []*component.Interface {
	return append(h.drafts(), []*component.Interface{
		environment.Interface(&h.cli),
		exit.Interface(&h.cli),
		stdin.Interface(h),
		stdout.Interface(&h.cli),
		stderr.Interface(&h.cli),
		terminalinput.Interface(),
		terminaloutput.Interface(),
		terminalstdin.Interface(&h.cli),
		terminalstdout.Interface(&h.cli),
		terminalstderr.Interface(&h.cli),

		ioerror.Interface(),
		poll.Interface(h.poller()),
		streams.Interface(),

		monotonicclock.Interface(h.clock),
		wallclock.Interface(h.wall),
		timezone.Interface(h.zone),

		random.Interface(secureFace{h.random}),
		insecure.Interface(insecureFace{h.insecure}),
		insecureseed.Interface(newSeed(h.insecure)),

		types.Interface(fileErrors{}),
		preopens.Interface(h.files),

		network.Interface(networkErrors{}),
		instancenetwork.Interface(h.network),
		tcpcreatesocket.Interface(h.network),
		tcp.Interface(),
		udpcreatesocket.Interface(h.network),
		udp.Interface(),
		ipnamelookup.Interface(h.network),

		httptypes.Interface(h.web),
		outgoinghandler.Interface(h.web),
	}...)
}

func (h *Host) poller() poll.Host {
	p := poller{h.limits.PollList}
	if h.clock.virtual != nil {
		return virtualPoller{p, h.clock.virtual}
	}
	return p
}

// Drain waits until the bytes that guests had under way when they ended have arrived,
// or until ctx ends: those of sockets at most sockets.DefaultLinger for each, and those
// for a terminal that was stopped as long as it takes. It is for a host whose instances
// are closed; Close alone resets such connections.
func (h *Host) Drain(ctx context.Context) error {
	err := h.network.net.Drain(ctx)
	return errors.Join(err, h.cli.stdout.drain(ctx), h.cli.stderr.drain(ctx))
}

// NetworkStats tells what guests have open, and counts what they were allowed and
// denied.
func (h *Host) NetworkStats() sockets.Stats { return h.network.net.Stats() }

// Close ends what guests have left behind: sockets at once, bytes under way
// included, and a read of standard input. It closes the directories that New opened; a
// guest that still runs keeps the files that it has open until its instance is closed. The
// readers, writers and file systems of the Config are the caller's, and stay open.
func (h *Host) Close() error {
	h.network.net.Close()
	h.stdin.interrupt()
	return h.files.close()
}
