package adapter

import (
	"slices"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// Shims is the table of what stands in for interfaces that had other names or other
// functions before they were released: give it to [component.Linker.Shim]. It has the
// release candidates of WASI 0.2.0, which old toolchains have built components for. Where
// the declarations are those of the release, a candidate is met by it as it is; where
// functions were renamed or dropped, the shim has them still. All else is checked by the
// linker, function by function, so that a component runs if what it uses has not changed.
func Shims() []component.Shim { return slices.Clone(shims) }

// The release candidates, by the day of their names.
const (
	december = "0.2.0-rc-2023-12-05"
	november = "0.2.0-rc-2023-11-10"
	october  = "0.2.0-rc-2023-10-18"
)

// shims has the interfaces before the packages that they are in, for the first one counts.
var shims = slices.Concat(
	[]component.Shim{
		candidate(november, "sockets/tcp", "0.2.0 dropped ipv6-only, which was always on, and the shim has it", ipv6Only("tcp-socket")),
		candidate(november, "sockets/udp", "0.2.0 dropped ipv6-only, which was always on, and the shim has it", ipv6Only("udp-socket")),
		candidate(november, "http/types", "0.2.0 counts timeouts in nanoseconds, and the shim counts in milliseconds", milliseconds),
		candidate(october, "io/poll", "0.2.0 says poll and pollable.block where the candidate said poll-list and poll-one", pollList),
		candidate(october, "clocks/monotonic-clock", "0.2.0 has two functions where the candidate had subscribe", subscribe),
	},
	candidates(december, "0.2.0 has the declarations of its last release candidate"),
	candidates(november, "0.2.0 has the declarations of the candidate, but for a few functions"),
	candidates(october, "0.2.0 has many declarations of the candidate"),
)

func candidate(version, name, why string, build func(*component.Interface) (*component.Interface, error)) component.Shim {
	return component.Shim{From: "wasi:" + name + "@" + version, To: "wasi:" + name + "@0.2", Why: why, Build: build}
}

func candidates(version, why string) []component.Shim {
	var all []component.Shim
	for _, p := range []string{"cli", "clocks", "filesystem", "http", "io", "random", "sockets"} {
		all = append(all, candidate(version, p, why, nil))
	}
	return all
}

// ExportName is the name under which a component exports an interface: the one that is
// asked for, or one from the table of shims which stands for it. It is the one that is
// asked for, too, where the component exports neither.
//
// What is exported is not built upon: the names differ, the types must not.
func ExportName(c *component.Component, name string) string {
	want, err := wit.ParseName(name)
	if err != nil || c.Exports(name) {
		return name
	}
	for _, s := range shims {
		from, ferr := wit.ParseName(s.From)
		to, terr := wit.ParseName(s.To)
		if ferr != nil || terr != nil || s.Build != nil || from.Interface != "" {
			continue
		}
		had := from.In(want.Interface)
		if _, same := wit.Pick(to.In(want.Interface), []wit.Name{want}); same && c.Exports(had.String()) {
			return had.String()
		}
	}
	return name
}
