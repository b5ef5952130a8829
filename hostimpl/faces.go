package hostimpl

import (
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/environment"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/stderr"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/stdin"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/stdout"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalstderr"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalstdin"
	"github.com/tenon-wasm/tenon/hostimpl/bind/cli/terminalstdout"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/monotonicclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/preopens"
	"github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/random/random"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/instancenetwork"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcpcreatesocket"
)

// Faces are what a Host implements, as Go values: those of its interfaces that another
// form of WASI has, too. They are for who offers that form, as package adapter/preview1
// does; a field may be replaced by an implementation of somebody else's. The contexts that
// they are given are those of host functions.
type Faces struct {
	Environment    environment.Host
	Stdin          stdin.Host
	Stdout         stdout.Host
	Stderr         stderr.Host
	TerminalStdin  terminalstdin.Host
	TerminalStdout terminalstdout.Host
	TerminalStderr terminalstderr.Host

	Poll           poll.Host
	MonotonicClock monotonicclock.Host
	WallClock      wallclock.Host
	Random         random.Host

	Files    types.Host
	Preopens preopens.Host

	NetworkErrors   network.Host
	InstanceNetwork instancenetwork.Host
	CreateTCP       tcpcreatesocket.Host
}

// Faces are the implementations that Interfaces offers.
func (h *Host) Faces() Faces {
	return Faces{
		Environment:    &h.cli,
		Stdin:          h,
		Stdout:         &h.cli,
		Stderr:         &h.cli,
		TerminalStdin:  &h.cli,
		TerminalStdout: &h.cli,
		TerminalStderr: &h.cli,

		Poll:           h.poller(),
		MonotonicClock: h.clock,
		WallClock:      h.wall,
		Random:         secureFace{h.random},

		Files:    fileErrors{},
		Preopens: h.files,

		NetworkErrors:   networkErrors{},
		InstanceNetwork: h.network,
		CreateTCP:       h.network,
	}
}
