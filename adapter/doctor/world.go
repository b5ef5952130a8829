package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/wit"
)

// Names without versions.
var (
	runInterface    = wit.Name{Namespace: "wasi", Package: "cli", Interface: "run"}
	serverInterface = wit.Name{Namespace: "wasi", Package: "http", Interface: "incoming-handler"}
)

// world finds the world that the component comes nearest to, and what is the matter with
// its exports.
func (e *exam) world() {
	w := e.app.World()
	for _, x := range w.Exports {
		e.report.Exports = append(e.report.Exports, x.Name)
	}
	exports, imports := unversioned(w.Exports), unversioned(w.Imports)
	e.report.World = nearest(exports, imports)
	if !e.options.Library && !e.told(BareModule) {
		e.exports(w.Exports)
	}
}

// told reports whether there is a finding with a code.
func (e *exam) told(c Code) bool {
	return slices.ContainsFunc(e.report.Findings, func(f Finding) bool { return f.Code == c })
}

func unversioned(items []wit.WorldItem) map[wit.Name]string {
	names := map[wit.Name]string{}
	for _, it := range items {
		if it.Interface == nil {
			continue
		}
		if n, err := wit.ParseName(it.Name); err == nil {
			names[n.Unversioned()] = it.Name
		} else if strings.HasPrefix(it.Name, "wasi-") {
			continue // preview 1, served by the host
		} else {
			names[wit.Name{Interface: it.Name}] = it.Name
		}
	}
	return names
}

// nearest is the world that lacks least, of those that hosts run: each needs something that
// is exported, but for that of reactors.
func nearest(exports, imports map[wit.Name]string) Fit {
	var best Fit
	for i, name := range []string{"wasi:cli/command", "wasi:http/proxy", "wasi:cli/imports"} {
		w := worldNamed(name)
		fit := Fit{Name: w.Name.String()}
		for _, x := range w.Exports {
			n, _ := wit.ParseName(x.Name)
			if exports[n.Unversioned()] == "" {
				fit.Missing = append(fit.Missing, x.Name)
			}
		}
		has := map[wit.Name]bool{}
		for _, im := range w.Imports {
			n, _ := wit.ParseName(im.Name)
			has[n.Unversioned()] = true
		}
		for n, im := range imports {
			if !has[n] {
				fit.Beyond = append(fit.Beyond, im)
			}
		}
		slices.Sort(fit.Beyond)
		if i == 0 || weight(fit) < weight(best) {
			best = fit
		}
	}
	return best
}

// weight tells how far away a world is. An export that is missing weighs more than any
// import: it is what the world is for.
func weight(f Fit) int { return 1<<20*len(f.Missing) + len(f.Beyond) }

func worldNamed(name string) *wit.World {
	for _, p := range packages() {
		for _, w := range p.Worlds {
			if w.Name.Unversioned().String() == name {
				return w
			}
		}
	}
	panic("doctor: no world " + name)
}

// exports says what keeps it from being run as a command.
func (e *exam) exports(items []wit.WorldItem) {
	run := adapter.ExportName(e.app, adapter.Command)
	names := e.report.Exports
	if e.app.Exports(run) {
		e.run(items)
		return
	}
	find := func(want wit.Name) string {
		for _, name := range names {
			if n, err := wit.ParseName(name); err == nil && n.Unversioned() == want {
				return name
			}
		}
		return ""
	}
	command := worldNamed("wasi:cli/command").Name
	switch other, server := find(runInterface), find(serverInterface); {
	case other != "":
		n, _ := wit.ParseName(other)
		have, _ := wit.ParseName(adapter.Command)
		f := Finding{Code: OtherRun, Severity: Error, Subject: other,
			Cause: fmt.Sprintf("it is a command of another version, %s, and this host runs %s", n.Version, track(have.Version)),
			Cure:  "build it for WASI " + track(have.Version)}
		switch {
		case n.Version.Pre != "":
			f.Cause = fmt.Sprintf("it is a command of the prerelease %s, and this host runs %s", n.Version, track(have.Version))
		case n.Version.Compare(have.Version) > 0:
			f.Cure += ", or run it on a newer host"
		}
		e.find(f)
	case server != "":
		e.find(Finding{Code: Server, Severity: Error, Subject: server,
			Cause: "it is a server, of the world wasi:http/proxy, and no command", Cure: "run it with a host that serves HTTP: tenon serve is not there yet"})
	case len(names) == 0:
		e.find(Finding{Code: ExportsNothing, Severity: Error, Cause: "it exports nothing, so nobody can call it",
			Cure: fmt.Sprintf("export what others are to call: the world %s has %s", command, adapter.Command)})
	default:
		e.find(Finding{Code: NoCommand, Severity: Error, Cause: fmt.Sprintf("it exports no %s, so it is no command but a library", adapter.Command),
			Cure:    "call a function of it with tenon invoke, link it into another component with --link, or build it as a command",
			Details: listed("it exports", names)})
	}
}

// run checks the function by which a command is run.
func (e *exam) run(items []wit.WorldItem) {
	for _, it := range items {
		n, err := wit.ParseName(it.Name)
		if err != nil || n.Unversioned() != runInterface || it.Interface == nil {
			continue
		}
		f := it.Interface.Func("run")
		problem := ""
		switch {
		case f == nil:
			problem = "has no function run"
		case f.Async:
			problem = "has an async function run"
		case len(f.Params) > 0 || !plainResult(f.Result):
			problem = "has " + signature(f)
		default:
			continue
		}
		e.find(Finding{Code: RunDiffers, Severity: Error, Subject: it.Name, Cause: "the interface " + problem + ", where a command has run: func() -> result",
			Cure: "export wasi:cli/run with the WIT of WASI 0.2"})
	}
}

func plainResult(t wit.Type) bool {
	r, ok := wit.Structure(t).(*wit.Result)
	return ok && r.OK == nil && r.Err == nil
}
