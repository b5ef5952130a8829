package component

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// Instance is a running component. One goroutine at a time calls it; another one
// may close it, which interrupts the call.
type Instance struct {
	component *Component
	linkage   *linkage

	// life ends when Close begins.
	life    context.Context
	endLife context.CancelFunc

	// turn is taken while guest code runs. What follows belongs to whoever took it.
	turn turn

	run        running
	hostSide   hostSide
	modules    []api.Module // by core instance
	options    []cabi.Options
	lifts      []boundLift // by lifted function
	resources  []*cabi.ResourceType
	resolve    func(*wit.TypeDef) *cabi.ResourceType // resourceOf, for options
	components []*componentInstance
	spare      []*crossing

	// owned are the instances that were made to meet imports of this one. They are set
	// before another goroutine sees it.
	owned []*Instance

	// locals are what hosts keep for this instance.
	locals []local

	// last are the imports that were called last, by trampoline; calls is how many were.
	last  [lastCalls]int32
	calls uint64

	// tracer sees the instance's calls, nil for nobody; traced are TracedCalls for later
	// ones. number and owner are as in TracedCall.
	tracer        Tracer
	traced        []*TracedCall
	number, owner uint64
	roomed        int // TracedCall.Room of the call under way

	// deepest is the stack at the last call within the guest, of which so many functions
	// have returned since; nil unless Config.OverflowStacks.
	deepest  experimental.StackIterator
	cameBack int

	// dead is what ended the instance; every later call answers it.
	dead   error
	closed bool
}

// Instantiate links c and runs its start functions. A *[LinkError] lists every
// import that is not met; a *[Trap] or *[ExitError] tells that a start function
// failed, and then nothing of the instance is left.
func (l *Linker) Instantiate(ctx context.Context, c *Component) (*Instance, error) {
	if c.runtime == nil {
		return nil, errOnlyRead
	}
	return l.instantiate(ctx, c, 0)
}

// instantiate is Instantiate for the instance of a number, zero for none, to which the new
// one belongs.
func (l *Linker) instantiate(ctx context.Context, c *Component, owner uint64) (*Instance, error) {
	a := l.linked(c)
	if missing := missingOf(a.matches); missing != nil {
		return nil, &LinkError{missing}
	}
	compiled, err := a.compiled(ctx)
	if err != nil {
		return nil, err
	}
	number := l.runtime.made.Add(1)
	linkage, owned, err := l.dependencies(ctx, c, a.linkage, number)
	if err != nil {
		return nil, err
	}
	c = compiled
	in := newInstance(c, linkage)
	in.owned, in.number, in.owner = owned, number, owner
	if err := c.runtime.add(in); err != nil {
		return nil, errors.Join(err, closeAll(ctx, owned))
	}
	if err := in.start(ctx); err != nil {
		if cerr := in.Close(context.WithoutCancel(ctx)); cerr != nil {
			err = errors.Join(err, cerr)
		}
		return nil, err
	}
	return in, nil
}

func missingOf(matches []Match) []Match {
	var missing []Match
	for _, m := range matches {
		if m.Quality == Missing {
			missing = append(missing, m)
		}
	}
	return missing
}

// newInstance makes an instance whose turn is taken, for start.
func newInstance(c *Component, linkage *linkage) *Instance {
	in := &Instance{
		component:  c,
		linkage:    linkage,
		turn:       newTurn(),
		modules:    make([]api.Module, c.plan.CoreInstances),
		options:    make([]cabi.Options, len(c.plan.Options)),
		lifts:      make([]boundLift, len(c.plan.Lifts)),
		resources:  append([]*cabi.ResourceType(nil), linkage.resources...),
		components: make([]*componentInstance, len(c.plan.Components)),
	}
	in.tracer = linkage.linker.tracer
	in.turn.take()
	in.run.instance, in.hostSide.instance = in, in
	in.life, in.endLife = context.WithCancel(context.Background())
	in.resolve = in.resourceOf
	// Values may pass from one table to another, so their children are counted
	// together.
	lineage := new(cabi.Lineage)
	if linkage.guests {
		lineage = &c.runtime.lineage
	}
	all := make([]componentInstance, len(c.plan.Components))
	for i, parent := range c.plan.Components {
		ci := &all[i]
		ci.table.Limit, ci.table.Lineage = uint32(c.runtime.config.HandleLimit), lineage
		if parent >= 0 {
			ci.parent, ci.depth = &all[parent], all[parent].depth+1
		}
		in.components[i] = ci
	}
	return in
}

// start runs the steps of the plan.
func (in *Instance) start(ctx context.Context) (err error) {
	defer in.leave()
	r := in.begin(ctx)
	defer r.finish()
	if in.tracer != nil {
		call := in.tracing(CallStart, 0, "")
		in.traceBegin(call)
		defer func() { in.traceEnd(call, nil, err) }()
	}
	for _, step := range in.component.plan.Steps {
		switch step := step.(type) {
		case *plan.Instantiate:
			if r.interrupted() {
				return r.interruption(nil)
			}
			if err := in.instantiate(step); err != nil {
				if r.interrupted() {
					return r.interruption(err)
				}
				err = nameError(in.guestError(err), in.component.startName(step))
				in.noteCalls(err)
				return err
			}
		case *plan.BindOptions:
			in.bindOptions(step.Options)
		case *plan.BindFlag:
			ci := in.components[step.Component]
			ci.flags = append(ci.flags, in.modules[step.Instance].ExportedGlobal(step.Name).(api.MutableGlobal))
		case *plan.DefineResource:
			in.defineResource(step.Resource)
		}
	}
	return nil
}

// instantiate makes a core instance.
func (in *Instance) instantiate(step *plan.Instantiate) (err error) {
	for i := range step.Elems {
		if err := in.checkElem(&step.Elems[i]); err != nil {
			return err
		}
	}
	// This is the one place that uses the engine's experimental import resolver:
	// each core instance gets its own anonymous sources.
	ctx := experimental.WithImportResolver(&in.run, in.sources(step))
	c := in.component
	in.modules[step.Instance], err = c.runtime.engine.InstantiateModule(ctx, c.modules[step.Module], moduleConfig)
	return err
}

// checkElem traps for the engine, which passes over an active element segment that
// does not fit.
func (in *Instance) checkElem(e *plan.ElemCheck) error {
	at, ok := e.Offset.Eval(func(index uint32) (uint64, bool) {
		if uint64(index) >= uint64(len(e.Globals)) {
			return 0, false
		}
		g := e.Globals[index]
		global := in.modules[g.Instance].ExportedGlobal(g.Name)
		if global == nil {
			return 0, false
		}
		return global.Get(), true
	})
	if ok && at+uint64(e.Len) > e.TableSize {
		return &Trap{Code: cabi.GuestTrapped, Msg: "an element segment lies outside of its table"}
	}
	return nil
}

// sources resolves the rewritten import names of a core module.
func (in *Instance) sources(step *plan.Instantiate) experimental.ImportResolver {
	return func(name string) api.Module {
		n, err := strconv.Atoi(name)
		if err != nil || n >= len(step.Sources) {
			return nil
		}
		if source := step.Sources[n]; source != plan.Host {
			return in.modules[source]
		}
		return in.component.trampolines
	}
}

// moduleConfig has a source of random numbers because the engine otherwise seeds
// one for every module instance, which costs more than a small module does.
var moduleConfig = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader)

func (in *Instance) bindOptions(n int) {
	o := in.component.plan.Options[n]
	bound := cabi.Options{Encoding: o.Encoding, Resources: in.resolve, HostBytes: in.component.runtime.config.CallBytes}
	if o.Memory != nil {
		bound.Memory = in.modules[o.Memory.Instance].ExportedMemory(o.Memory.Name)
	}
	if o.Realloc != nil {
		// Most options of a component name the same one.
		if bound.Realloc = in.options[in.component.reallocs[n]].Realloc; bound.Realloc == nil {
			bound.Realloc = in.realloc(in.coreFunc(*o.Realloc), in.components[o.Component])
		}
	}
	in.options[n] = bound
}

// firstReallocs finds options that name the same realloc of the same component
// instance: for each, the first such.
func firstReallocs(options []plan.Options) []int {
	type key struct {
		function  plan.CoreRef
		component int
	}
	seen := map[key]int{}
	firsts := make([]int, len(options))
	for n, o := range options {
		firsts[n] = n
		if o.Realloc == nil {
			continue
		}
		k := key{*o.Realloc, o.Component}
		if first, ok := seen[k]; ok {
			firsts[n] = first
			continue
		}
		seen[k] = n
	}
	return firsts
}

// realloc calls the guest's realloc, during which the guest may not leave its
// instance.
func (in *Instance) realloc(f *coreFunction, c *componentInstance) cabi.Realloc {
	var stack [4]uint64
	return func(_ context.Context, old, oldSize, align, size uint32) (uint32, error) {
		stack = [4]uint64{uint64(old), uint64(oldSize), uint64(align), uint64(size)}
		c.hold()
		err := f.call(&in.run, stack[:])
		c.release()
		if err != nil {
			return 0, in.guestError(err)
		}
		return uint32(stack[0]), nil
	}
}

// end ends the instance's life. The flag first, for who wakes may look at it.
func (in *Instance) end() {
	in.run.closing.Store(true)
	in.endLife()
}

// Close ends the instance: a call under way is interrupted where it waits in the
// host, what the guest still holds is dropped, children first, and the memory is
// released; so are the instances that were made to meet its imports, see
// [Linker.DefineComponent]. It waits for the call to end, at most as long as ctx
// allows, and may then be called again; guest code that computes without calling the
// host is not interrupted. Host functions must not call it on the instance that called
// them. The error joins those of ctx and of what was dropped. Closing twice does
// nothing.
//
// Any goroutine may call it at any time.
func (in *Instance) Close(ctx context.Context) error {
	all := in.withOwned(nil)
	for _, in := range all {
		in.end()
	}
	// The owner comes before what it owns, so that two that close wait in one order.
	for _, in := range all {
		if err := in.turn.wait(ctx); err != nil {
			return fmt.Errorf("component: close: the guest is still computing: %w", err)
		}
		defer in.leave()
	}
	all = slices.DeleteFunc(all, func(in *Instance) bool { return in.closed })
	errs := []error{dropAll(ctx, all)}
	for _, in := range all {
		in.closed = true
		errs = append(errs, in.closeLocals(ctx))
		for _, m := range slices.Backward(in.modules) {
			if m != nil {
				errs = append(errs, m.Close(ctx))
			}
		}
		errs = append(errs, in.component.runtime.remove(ctx, in))
	}
	return errors.Join(errs...)
}

// withOwned appends the instance and those that belong to it, which close together.
func (in *Instance) withOwned(all []*Instance) []*Instance {
	all = append(all, in)
	for _, o := range in.owned {
		all = o.withOwned(all)
	}
	return all
}

// closeAll closes instances, those first that were made last.
func closeAll(ctx context.Context, instances []*Instance) error {
	var errs []error
	for _, in := range slices.Backward(instances) {
		errs = append(errs, in.Close(ctx))
	}
	return errors.Join(errs...)
}

// dropAll ends what guests hold. A host value that panics must not keep their memory
// from being released.
func dropAll(ctx context.Context, instances []*Instance) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = hostPanic(p)
		}
	}()
	var tables []*cabi.Table
	for _, in := range instances {
		for _, ci := range in.components {
			tables = append(tables, &ci.table)
		}
	}
	return cabi.DropAll(ctx, tables...)
}
