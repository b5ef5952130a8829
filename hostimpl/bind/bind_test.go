package bind

import (
	"strings"
	"testing"

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
	configstore "github.com/tenon-wasm/tenon/hostimpl/bind/config/store"
	"github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/preopens"
	fstypes "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/http/outgoinghandler"
	httptypes "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/ioerror"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/atomics"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/batch"
	keyvaluestore "github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/store"
	"github.com/tenon-wasm/tenon/hostimpl/bind/logging/logging"
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
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/wit"
)

// What only a guest exports has no bindings here.
var exported = map[string]bool{"run": true, "incoming-handler": true, "watcher": true}

func TestTypeInformation(t *testing.T) {
	defs := map[wit.Name]*wit.Interface{}
	for _, d := range []*wit.Interface{
		environment.Def, exit.Def, stdin.Def, stdout.Def, stderr.Def,
		terminalinput.Def, terminaloutput.Def, terminalstdin.Def, terminalstdout.Def, terminalstderr.Def,
		monotonicclock.Def, timezone.Def, wallclock.Def, preopens.Def, fstypes.Def,
		outgoinghandler.Def, httptypes.Def, ioerror.Def, poll.Def, streams.Def,
		insecure.Def, insecureseed.Def, random.Def,
		instancenetwork.Def, ipnamelookup.Def, network.Def, tcp.Def, tcpcreatesocket.Def, udp.Def, udpcreatesocket.Def,
		configstore.Def, keyvaluestore.Def, atomics.Def, batch.Def, logging.Def,
	} {
		defs[d.Name] = d
	}
	packages, err := wit.ParseFS(witfiles.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	// Blank lines tell where comments were, which a Def does not have.
	lines := func(i *wit.Interface) string {
		return strings.ReplaceAll(wit.Printer{NoDocs: true}.Interface(i), "\n\n", "\n")
	}
	for _, p := range packages {
		for _, i := range p.Interfaces {
			if exported[i.Name.Interface] {
				continue
			}
			t.Run("the static type of "+i.Name.String()+" is that of the WIT", func(t *testing.T) {
				d := defs[i.Name]
				if d == nil {
					t.Fatal("there is no binding")
				}
				if got, want := lines(d), lines(i); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}
