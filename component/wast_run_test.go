package component_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/tenon-wasm/tenon/component"
)

// directiveTime is how long one directive may take.
const directiveTime = 20 * time.Second

// A verdict is how a directive ended.
type verdict uint8

const (
	passed verdict = iota
	failed
	notApplicable
)

func (v verdict) String() string {
	return [...]string{"passed", "failed", "n/a"}[v]
}

// An outcome is the verdict on one directive.
type outcome struct {
	file      string
	line      int
	directive string
	verdict
	reason string // of what did not pass

	// follows is the line of an earlier directive for whose verdict this one has its
	// own: a call of what was not instantiated.
	follows int

	// listed says that the verdict and the reason are those that are written down.
	listed bool
}

// A player runs the directives of a script.
type player struct {
	script  *script
	expect  *expectations
	runtime *component.Runtime
	linker  *component.Linker
	host    *hostState

	definitions map[string]*definition // by name; the latest one has the empty name
	instances   map[string]*playing    // by name; the current one has the empty name
}

// A definition is a component that compiled, or the outcome that tells why it did
// not. A playing is the same of an instance.
type (
	definition struct {
		component *component.Component
		absent    *outcome
	}
	playing struct {
		instance *component.Instance
		absent   *outcome
	}
)

// play runs a script and gives the outcome of every directive.
func play(ctx context.Context, s *script, expect *expectations) (all []outcome, err error) {
	host, err := newHostState()
	if err != nil {
		return nil, err
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	p := &player{
		script:      s,
		expect:      expect,
		runtime:     r,
		linker:      component.NewLinker(r),
		host:        host,
		definitions: map[string]*definition{},
		instances:   map[string]*playing{},
	}
	for _, d := range s.Directives {
		o, err := p.within(ctx, d)
		all = append(all, o)
		if err != nil {
			return all, err
		}
	}
	return all, err
}

// within runs a directive and gives up on one that does not end; the error says
// that the player cannot go on.
func (p *player) within(ctx context.Context, d directive) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, directiveTime)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- p.failed(d, fmt.Errorf("the host panicked: %v\n%s", v, debug.Stack()))
			}
		}()
		done <- p.run(ctx, d)
	}()
	select {
	case o := <-done:
		return o, nil
	case <-time.After(directiveTime + 5*time.Second):
		o := p.failed(d, errors.New("it does not end"))
		return o, fmt.Errorf("%s:%d: %s", o.file, o.line, o.reason)
	}
}

func (p *player) outcome(d directive, v verdict, reason string) outcome {
	return outcome{file: p.script.name, line: d.Line, directive: d.Type, verdict: v, reason: reason}
}

func (p *player) passed(d directive) outcome { return p.outcome(d, passed, "") }

// failed is the verdict on what went wrong, unless another one is written down.
func (p *player) failed(d directive, err error) outcome {
	return p.expect.judge(p.outcome(d, failed, err.Error()))
}

// judged is passed where err is nil.
func (p *player) judged(d directive, err error) outcome {
	if err != nil {
		return p.failed(d, err)
	}
	return p.passed(d)
}

// run runs a directive.
func (p *player) run(ctx context.Context, d directive) outcome {
	switch d.Type {
	case "module":
		return p.module(ctx, d)
	case "module_definition":
		return p.define(ctx, d)
	case "module_instance":
		return p.instantiate(ctx, d, p.definitions[d.Module], d.Instance)
	case "action", "assert_return", "assert_trap":
		return p.act(ctx, d)
	case "assert_invalid", "assert_malformed":
		return p.refused(ctx, d)
	case "assert_unlinkable", "assert_uninstantiable":
		return p.unstartable(ctx, d)
	}
	return p.failed(d, errors.New("the player does not know this directive"))
}

// module defines a component and instantiates it, as one directive.
func (p *player) module(ctx context.Context, d directive) outcome {
	o := p.define(ctx, d)
	if o.verdict != passed {
		return p.absent(ctx, d.Name, o)
	}
	return p.instantiate(ctx, d, p.definitions[""], d.Name)
}

// compile compiles the component of a directive. The outcome is nil if that went
// well, or what the directive comes to where it asks for no error.
func (p *player) compile(ctx context.Context, d directive) (*component.Component, *outcome) {
	data, err := p.script.binary(d)
	if errors.Is(err, errTextOnly) {
		o := p.outcome(d, notApplicable, err.Error())
		return nil, &o
	}
	var c *component.Component
	if err == nil {
		c, err = p.runtime.Compile(ctx, data)
	}
	if err == nil {
		return c, nil
	}
	o := p.failed(d, fmt.Errorf("compile: %w", err))
	if feature, ok := gated(err); ok {
		o = p.outcome(d, notApplicable, "needs "+feature)
	}
	return nil, &o
}

// define compiles a component and keeps it.
func (p *player) define(ctx context.Context, d directive) outcome {
	c, absent := p.compile(ctx, d)
	def := &definition{c, absent}
	p.definitions[""] = def
	if d.Name != "" {
		p.definitions[d.Name] = def
	}
	if absent != nil {
		return *absent
	}
	return p.passed(d)
}

// instantiate makes the current instance, which is imported by name from then on.
func (p *player) instantiate(ctx context.Context, d directive, def *definition, name string) outcome {
	o := p.start(ctx, d, def, name)
	if o.verdict != passed {
		return p.absent(ctx, name, o)
	}
	return o
}

// absent leaves an outcome where an instance should be.
func (p *player) absent(ctx context.Context, name string, o outcome) outcome {
	if err := p.setInstance(ctx, name, &playing{absent: &o}); err != nil {
		o.reason += "; close: " + err.Error()
	}
	return o
}

func (p *player) start(ctx context.Context, d directive, def *definition, name string) outcome {
	if def == nil {
		return p.failed(d, errors.New("no such definition"))
	}
	if def.absent != nil {
		return p.follows(d, def.absent)
	}
	in, err := p.link(ctx, def.component)
	if err != nil {
		return p.failed(d, fmt.Errorf("instantiate: %w", err))
	}
	if err := p.setInstance(ctx, name, &playing{instance: in}); err != nil {
		return p.failed(d, fmt.Errorf("close the instance before: %w", err))
	}
	if name == "" {
		return p.passed(d)
	}
	return p.judged(d, p.linker.DefineInstance(name, in))
}

// link instantiates a component with what the host of scripts offers.
func (p *player) link(ctx context.Context, c *component.Component) (*component.Instance, error) {
	if err := p.host.offer(p.linker, c); err != nil {
		return nil, err
	}
	return p.linker.Instantiate(ctx, c)
}

// setInstance makes an instance, or what stands for it, the current one. The one
// before is closed where no name is left for it: scripts make many that are large.
func (p *player) setInstance(ctx context.Context, name string, is *playing) error {
	replaced := []*playing{p.instances[""], p.instances[name]}
	p.instances[""] = is
	if name != "" {
		p.instances[name] = is
	}
	var errs []error
	for _, old := range replaced {
		if old == nil || old.instance == nil || slices.Contains(slices.Collect(maps.Values(p.instances)), old) {
			continue
		}
		errs = append(errs, old.instance.Close(ctx))
	}
	return errors.Join(errs...)
}

// follows is the outcome of a directive that needs what an earlier one did not
// give.
func (p *player) follows(d directive, earlier *outcome) outcome {
	line := earlier.line
	if earlier.follows != 0 {
		line = earlier.follows
	}
	o := p.outcome(d, earlier.verdict, fmt.Sprintf("uses what line %d did not make", line))
	o.follows, o.listed = line, true
	return o
}

// act calls a function and looks what becomes of it.
func (p *player) act(ctx context.Context, d directive) outcome {
	is := p.instances[d.Action.Module]
	if d.Action.Type != "invoke" || is == nil {
		return p.failed(d, errors.New("the player knows calls of instances only"))
	}
	if is.absent != nil {
		return p.follows(d, is.absent)
	}
	f, err := is.instance.Func("", d.Action.Field)
	if err != nil {
		return p.failed(d, err)
	}
	typ := f.Type()
	if len(d.Action.Args) != len(typ.Params) {
		return p.failed(d, fmt.Errorf("%d arguments for %s", len(d.Action.Args), typ.Name))
	}
	args := make([]any, len(typ.Params))
	for i, a := range d.Action.Args {
		if args[i], err = a.as(typ.Params[i].Type); err != nil {
			return p.failed(d, err)
		}
	}
	got, err := f.Call(ctx, args...)
	if d.Type == "assert_trap" {
		return p.judged(d, trapped(err, d.Text))
	}
	if err != nil || d.Type == "action" {
		return p.judged(d, err)
	}
	var want any
	if len(d.Expected) > 0 {
		if want, err = d.Expected[0].as(typ.Result); err != nil {
			return p.failed(d, err)
		}
	}
	if !same(want, got) {
		return p.failed(d, fmt.Errorf("%s gave %#v, want %#v", typ.Name, got, want))
	}
	return p.passed(d)
}

// refused compiles what is no valid component.
func (p *player) refused(ctx context.Context, d directive) outcome {
	data, err := p.script.binary(d)
	if errors.Is(err, errTextOnly) {
		return p.outcome(d, notApplicable, err.Error())
	}
	if err != nil {
		return p.failed(d, err)
	}
	c, err := p.runtime.Compile(ctx, data)
	if err == nil {
		err = c.Close(ctx)
		return p.failed(d, errors.Join(fmt.Errorf("it compiles; wanted %q", d.Text), err))
	}
	if feature, ok := gated(err); ok {
		return p.outcome(d, notApplicable, "needs "+feature)
	}
	var invalid *component.DecodeError
	if errors.As(err, &invalid) || engineRefused(err) {
		o := p.passed(d)
		o.reason = fmt.Sprintf("%q: %v", d.Text, err)
		return o
	}
	return p.failed(d, fmt.Errorf("wanted %q: %w", d.Text, err))
}

// unstartable instantiates what cannot be linked, or traps while it starts.
func (p *player) unstartable(ctx context.Context, d directive) outcome {
	c, absent := p.compile(ctx, d)
	if absent != nil {
		return *absent
	}
	in, err := p.link(ctx, c)
	if err == nil {
		return p.failed(d, errors.Join(fmt.Errorf("it is instantiated; wanted %q", d.Text), in.Close(ctx)))
	}
	if d.Type == "assert_uninstantiable" {
		return p.judged(d, trapped(err, d.Text))
	}
	var unmet *component.LinkError
	if !errors.As(err, &unmet) {
		return p.failed(d, fmt.Errorf("wanted %q: %w", d.Text, err))
	}
	o := p.passed(d)
	o.reason = fmt.Sprintf("%q: %v", d.Text, err)
	return o
}

// gates are the words by which the host names what the specification gates and the
// synchronous model of 0.2 is without. Any other feature that it lacks is a failure.
var gates = []string{"async", "WASI 0.3", "64-bit memory", "the type map", "a list of fixed length", "the canonical option gc"}

// gated tells which gated feature err is about, if it is about one.
func gated(err error) (string, bool) {
	var lacks *component.UnsupportedError
	if !errors.As(err, &lacks) {
		return "", false
	}
	for _, gate := range gates {
		if strings.Contains(lacks.Feature, gate) {
			return lacks.Feature, true
		}
	}
	return "", false
}

// engineRefused reports whether the engine found a core module invalid. What it
// lacks is another matter.
func engineRefused(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "core module") && !strings.Contains(text, "disabled")
}
