package doctor

import (
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/sockets"
	"github.com/tenon-wasm/tenon/wit"
)

// A capability is something that a guest may do and that has to be granted.
type capability struct {
	code    Code
	what    string
	flags   []string
	granted func(Options) bool
	cause   string

	// wants are the imports that show it: an interface, or a function in it.
	wants []string
}

func allowed(op sockets.Operation) func(Options) bool {
	return func(o Options) bool { return o.Grants.Network.AllowsSome(op) }
}

var capabilities = []capability{
	{WantsConnect, "connect over TCP", []string{"--net tcp:connect=HOST:PORT"}, allowed(sockets.TCPConnect),
		"it can connect over TCP, and no rule allows that", []string{"wasi:sockets/tcp#[method]tcp-socket.start-connect"}},
	{WantsListen, "listen on TCP", []string{"--net tcp:listen=ADDR:PORT"}, allowed(sockets.TCPListen),
		"it can listen on TCP, and no rule allows that", []string{"wasi:sockets/tcp#[method]tcp-socket.start-listen"}},
	{WantsUDP, "send and receive datagrams", []string{"--net udp:send=HOST:PORT", "--net udp:bind=ADDR:PORT"},
		func(o Options) bool { return allowed(sockets.UDPSend)(o) || allowed(sockets.UDPBind)(o) },
		"it can send and receive datagrams, and no rule allows that", []string{"wasi:sockets/udp#[method]udp-socket.start-bind", "wasi:sockets/udp#[method]udp-socket.stream"}},
	{WantsNames, "look names up", []string{"--net name=NAME"}, allowed(sockets.NameLookup),
		"it can look names up, and no rule allows that", []string{"wasi:sockets/ip-name-lookup#resolve-addresses"}},
	{WantsHTTP, "send HTTP requests", nil, func(Options) bool { return false },
		"it can send HTTP requests, and this host denies each (HTTP-request-denied)", []string{"wasi:http/outgoing-handler#handle"}},
	{WantsFiles, "use files", []string{"--dir HOST::GUEST"}, func(o Options) bool { return len(o.Grants.Dirs) > 0 },
		"it can use files, and no directory is given", []string{"wasi:filesystem/preopens#get-directories", "wasi-snapshot-preview1#fd-prestat-get", "wasi-unstable#fd-prestat-get"}},
	{"", "read the environment", []string{"--env K=V"}, func(o Options) bool { return len(o.Grants.Env) > 0 },
		"", []string{"wasi:cli/environment#get-environment", "wasi-snapshot-preview1#environ-get", "wasi-unstable#environ-get"}},
	{WantsConfig, "read settings", []string{"--config K=V"}, func(o Options) bool { return len(o.Grants.Settings) > 0 },
		"it reads settings, and none is given", []string{"wasi:config/store"}},
	{WantsKeyValue, "keep keys and values", []string{"--keyvalue NAME=mem", "--keyvalue NAME=FILE"}, func(o Options) bool { return len(o.Grants.KeyValue) > 0 },
		"it opens buckets of keys and values, and none is given", []string{"wasi:keyvalue/store#open"}},
	{WantsLog, "log messages", []string{"--log LEVEL"}, func(o Options) bool { return o.Grants.Log != nil },
		"it logs messages, which go nowhere", []string{"wasi:logging/logging"}},
	{WantsListener, "accept on a listener that it is given", []string{"--listen ADDR:PORT"}, func(o Options) bool { return len(o.Adapter.Listen) > 0 },
		"it can accept connections, and no listener is given", []string{"wasi-snapshot-preview1#sock-accept"}},
}

// needs reads off the imports what the guest may need to be granted. An import shows what it
// can do, not what it will.
func (e *exam) needs() {
	items := map[string]bool{}
	whole := map[string]string{}
	for _, it := range e.app.World().Imports {
		if it.Interface == nil {
			continue
		}
		name := it.Name
		if n, err := wit.ParseName(name); err == nil {
			name = n.Unversioned().String()
		}
		whole[name] = it.Name
		for _, f := range it.Interface.Funcs {
			items[name+"#"+f.Name] = true
		}
	}
	for _, c := range capabilities {
		var from []string
		for _, want := range c.wants {
			iface, _, isFunc := strings.Cut(want, "#")
			if im := whole[iface]; im != "" && (!isFunc || items[want]) && !e.linked(im) && !slices.Contains(from, e.called(im)) {
				from = append(from, e.called(im))
			}
		}
		if from == nil {
			continue
		}
		n := Need{What: c.what, From: from, Flags: c.flags, Granted: c.granted(e.options)}
		if n.Flags == nil {
			n.Flags = []string{}
		}
		e.report.Needs = append(e.report.Needs, n)
		if n.Granted || c.code == "" {
			continue
		}
		cure := "run it without, or on a host that sends them"
		if len(c.flags) > 0 {
			cure = "if it needs that, give " + strings.Join(c.flags, " or ")
		}
		e.find(Finding{Code: c.code, Severity: Note, Subject: from[0], Cause: c.cause, Cure: cure})
	}
}

// linked reports whether something else than the host meets an import.
func (e *exam) linked(im string) bool {
	return slices.ContainsFunc(e.report.Imports, func(r Import) bool { return r.Wanted == im && (r.Rule == "link" || r.Rule == "stub") })
}
