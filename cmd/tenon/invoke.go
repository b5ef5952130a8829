package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

const invokeUsage = `usage: tenon invoke [flags] app.wasm [call]

Calls a function that a component exports and prints what it returns. Without a call,
lists the functions. A call is a name and arguments in WAVE:

  add(1, 2)                     a function of the world
  acme:kv/store.get("a")        a function of an interface; its version, its package, or
                                all of its name may be left out where one function is meant
  outer#acme:kv/store.get("a")  the same where an exported instance has it inside
  store.open("x").size()        a constructor, or a function that returns a resource, and
                                a method of that
  f(true, -1, 1.5, 'x', "s", [1, 2], (1, "a"), {field: 1}, case(1), some(1), none,
    ok(1), err("e"), {flag, other-flag})

Options at the end may be left out, and so may fields of records that are options.
Nothing is granted unless a flag says so: the flags are those of run, "tenon run -h"
lists them.

The exit code is 0, or 1 where the function returned an error; 2 means that the call or
the command line is wrong, 125 that the host failed, 126 that the file cannot be run
here, 134 that the guest trapped.
`

func invokeCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseRun(args, io.Discard)
	var usage usageError
	switch {
	case errors.Is(err, flag.ErrHelp):
		io.WriteString(stderr, invokeUsage)
		return 0
	case errors.As(err, &usage) && usage.error == errNoComponent:
		fmt.Fprintln(stderr, "tenon invoke: no component given; usage: tenon invoke [flags] app.wasm [call]")
		return exitUsage
	case err != nil:
		fmt.Fprintf(stderr, "tenon invoke: %v\n", err)
		return exitUsage
	case o.printGo:
		fmt.Fprintln(stderr, "tenon invoke: --print-go is for run alone")
		return exitUsage
	case len(o.host.Args) > 2:
		fmt.Fprintf(stderr, "tenon invoke: %d arguments after %s, want one call; quote it, as in 'add(1, 2)'\n", len(o.host.Args)-1, o.path)
		return exitUsage
	}
	calls := o.host.Args[1:]
	o.host.Args = []string{filepath.Base(o.path)}

	data, err := readComponent(o.path)
	if err != nil {
		return report(stderr, o.path, err)
	}
	exported, err := component.ExportedFuncs(data)
	if err != nil {
		return report(stderr, o.path, err)
	}
	all := exportedFuncs(exported)
	if len(calls) == 0 {
		return listFuncs(stdout, all)
	}
	steps, err := planInvocation(all, calls[0])
	if err != nil {
		printWaveError(stderr, err)
		return exitUsage
	}
	o.attach(stdin, stdout, stderr)
	return attended(o.path, stderr, func(ctx context.Context) error { return o.detail(invoke(ctx, o, steps, stdout)) })
}

// printWaveError prints an error in a call, the call, and where in it the error is.
func printWaveError(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "tenon invoke: %v\n", err)
	var wave *wit.WaveError
	if errors.As(err, &wave) {
		line, caret := wave.Caret()
		fmt.Fprintf(stderr, "  %s\n  %s\n", line, caret)
	}
}

func listFuncs(stdout io.Writer, all []exportedFunc) int {
	for _, f := range all {
		fmt.Fprintln(stdout, f.signature())
	}
	if len(all) == 0 {
		fmt.Fprintln(stdout, "// it exports no functions")
	}
	return 0
}

// A step is one call of an invocation. All but the first are methods of what the one
// before returned.
type step struct {
	exportedFunc
	args []any
}

// planInvocation finds the functions that a text calls and reads the arguments. The
// error is a *wit.WaveError.
func planInvocation(all []exportedFunc, text string) ([]step, error) {
	call, err := wit.ParseCall(text)
	if err != nil {
		return nil, err
	}
	f, err := findFunc(all, call)
	if err != nil {
		return nil, err
	}
	params := f.Params
	var steps []step
	for {
		args, err := call.Args(params)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{f, args})
		if call = call.Then; call == nil {
			return steps, nil
		}
		if f, err = findMethod(all, f, call); err != nil {
			return nil, err
		}
		params = f.Params[1:]
	}
}

// invoke makes the calls and prints the last result.
func invoke(ctx context.Context, o *runOptions, steps []step, stdout io.Writer) error {
	anyComponent := func(*component.Component) error { return nil }
	return o.instantiate(ctx, anyComponent, func(in *component.Instance) error {
		var value any
		for i, s := range steps {
			args := s.args
			if i > 0 {
				args = append([]any{value}, args...)
			}
			f, err := in.Func(s.iface, s.Name)
			if err != nil {
				return err
			}
			if value, err = f.Call(ctx, args...); err != nil {
				return err
			}
			res, isResult := value.(cabi.Result)
			if i == len(steps)-1 || isResult && res.IsErr {
				return printResult(stdout, f.Type().Result, value)
			}
			if isResult {
				value = res.Value
			}
		}
		return nil
	})
}

// printResult prints what a function returned. An error is the exit code 1.
func printResult(stdout io.Writer, t wit.Type, value any) error {
	if t == nil {
		return nil
	}
	p := wit.ValuePrinter{Handle: func(def *wit.TypeDef, _ any) string { return "<" + def.Root().Name + ">" }}
	text, err := p.Print(t, value)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, text); err != nil {
		return err
	}
	if res, ok := value.(cabi.Result); ok && res.IsErr {
		return &component.ExitError{Code: 1}
	}
	return nil
}

// An exportedFunc is a function that a component exports.
type exportedFunc struct {
	*wit.Func
	iface string // as it is exported; empty for a function of the world
	unit  string // how the interface is spelled where no other is meant
}

// exportedFuncs finds how the functions that a component exports are spelled.
func exportedFuncs(list []component.ExportedFunc) []exportedFunc {
	versions := map[string]map[string]bool{}
	for _, f := range list {
		unit := unversioned(innermost(f.Interface))
		if versions[unit] == nil {
			versions[unit] = map[string]bool{}
		}
		versions[unit][f.Interface] = true
	}
	var all []exportedFunc
	for _, f := range list {
		unit := unversioned(innermost(f.Interface))
		if len(versions[unit]) > 1 {
			unit = f.Interface
		}
		all = append(all, exportedFunc{f.Func, f.Interface, unit})
	}
	return all
}

// innermost is the name of an instance within those around it, `inner` in `outer#inner`.
func innermost(name string) string { return name[strings.LastIndexByte(name, '#')+1:] }

func unversioned(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
}

// short is how the function is called within its interface.
func (f exportedFunc) short() string {
	switch f.Kind {
	case wit.Static, wit.Method:
		return f.Resource.Name + "." + f.BaseName()
	}
	return f.BaseName()
}

func (f exportedFunc) spelled() string {
	if f.iface == "" {
		return f.short()
	}
	return f.unit + "." + f.short()
}

// signature is how the function is called and what it gives.
func (f exportedFunc) signature() string {
	name := f.spelled()
	if f.Kind == wit.Method {
		name = strings.TrimSuffix(name, "."+f.BaseName()) + "(...)." + f.BaseName()
	}
	params := f.Params
	if f.Kind == wit.Method {
		params = params[1:]
	}
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.Name + ": " + wit.Brief(p.Type)
	}
	s := name + "(" + strings.Join(list, ", ") + ")"
	if f.Result == nil {
		return s
	}
	return s + " -> " + wit.Brief(f.Result)
}

// meant tells how well a name in a call means f: 0 not at all, 1 by the function's name
// alone, up to 4 in full.
func (f exportedFunc) meant(name string) int {
	if f.iface == "" {
		if name == f.short() {
			return 4
		}
		return 0
	}
	for _, short := range []string{f.short(), f.Name} {
		if name == short {
			return 1
		}
		if unit, ok := strings.CutSuffix(name, "."+short); ok {
			return f.unitMeant(unit)
		}
	}
	return 0
}

// unitMeant tells how well a name means the interface of f.
func (f exportedFunc) unitMeant(unit string) int {
	iface := innermost(f.iface)
	switch unit {
	case f.iface:
		return 4
	case iface, unversioned(iface), unversioned(f.iface):
		return 3
	}
	have, err := wit.ParseName(iface)
	if err != nil {
		return 0
	}
	if unit == have.Interface {
		return 2
	}
	want, err := wit.ParseName(unit)
	if err != nil {
		return 0
	}
	if _, ok := wit.Pick(want, []wit.Name{have}); ok {
		return 3
	}
	return 0
}

// findFunc finds the function that the first call of a text means.
func findFunc(all []exportedFunc, call *wit.CallText) (exportedFunc, error) {
	best, found := 0, []exportedFunc(nil)
	for _, f := range all {
		switch m := f.meant(call.Name); {
		case m == 0 || m < best:
		case m > best:
			best, found = m, []exportedFunc{f}
		default:
			found = append(found, f)
		}
	}
	switch {
	case len(found) == 0:
		return exportedFunc{}, call.Errorf("no function `%s` is exported%s", call.Name, wit.Instead(call.Name, spellings(all, call.Name)))
	case len(found) > 1:
		return exportedFunc{}, call.Errorf("`%s` means many functions: `%s`", call.Name, strings.Join(spellings(found, "."), "`, `"))
	case found[0].Kind == wit.Method:
		f := found[0]
		return exportedFunc{}, call.Errorf("`%s` is a method: call it on what a function returns, as in `%s.%s(...).%s(...)`",
			call.Name, f.unit, f.Resource.Name, f.BaseName())
	}
	return found[0], nil
}

// spellings are the names of functions in the manner of a name that has gone wrong.
func spellings(all []exportedFunc, like string) []string {
	var names []string
	taken := map[string]bool{}
	for _, f := range all {
		name := f.short()
		if strings.ContainsAny(like, "./:") {
			name = f.spelled()
		}
		if f.Kind != wit.Method && !taken[name] {
			names, taken[name] = append(names, name), true
		}
	}
	return names
}

// findMethod finds a method of what f returns.
func findMethod(all []exportedFunc, f exportedFunc, call *wit.CallText) (exportedFunc, error) {
	def := returnedResource(f.Func)
	if def == nil {
		returns := "nothing"
		if f.Result != nil {
			returns = wit.Brief(f.Result)
		}
		return exportedFunc{}, call.Errorf("`%s` returns %s, which has no methods", f.spelled(), returns)
	}
	var names []string
	for _, m := range all {
		if m.Kind != wit.Method || m.Resource.Root() != def {
			continue
		}
		if m.BaseName() == call.Name {
			return m, nil
		}
		names = append(names, m.BaseName())
	}
	if len(names) == 0 {
		return exportedFunc{}, call.Errorf("no method of %s is exported", def.Name)
	}
	return exportedFunc{}, call.Errorf("%s has no method `%s`%s", def.Name, call.Name, wit.Instead(call.Name, names))
}

// returnedResource is the resource that a function returns, or its result if all goes
// well; else nil.
func returnedResource(f *wit.Func) *wit.TypeDef {
	t := wit.Structure(f.Result)
	if res, ok := t.(*wit.Result); ok {
		t = wit.Structure(res.OK)
	}
	own, ok := t.(*wit.Own)
	if !ok {
		return nil
	}
	return own.Resource.Root()
}
