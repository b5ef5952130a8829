package component

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
)

// Instance is a running component. One goroutine at a time calls it; another one
// may close it, which interrupts the call.
type Instance struct {
	component *Component
	linkage   *linkage

	// life ends when Close begins; end ends it.
	life context.Context
	end  context.CancelFunc

	// busy is held while guest code runs.
	busy sync.Mutex

	modules    []api.Module // by core instance
	host       api.Module
	options    []cabi.Options
	resources  []*cabi.ResourceType
	components []*componentInstance
	functions  map[plan.CoreRef]*coreFunction
	spare      []*cabi.Call

	// dead is what ended the instance; every later call answers it.
	dead   error
	closed bool
}

// Instantiate links c and runs its start functions. A *[LinkError] lists every
// import that is not met; a *[Trap] tells that a start function failed.
func (l *Linker) Instantiate(ctx context.Context, c *Component) (*Instance, error) {
	linkage, matches := l.link(c.plan)
	var missing []Match
	for _, m := range matches {
		if m.Quality == Missing {
			missing = append(missing, m)
		}
	}
	if missing != nil {
		return nil, &LinkError{missing}
	}
	in := &Instance{
		component: c,
		linkage:   linkage,
		modules:   make([]api.Module, c.plan.CoreInstances),
		options:   make([]cabi.Options, len(c.plan.Options)),
		resources: append([]*cabi.ResourceType(nil), linkage.resources...),
		functions: map[plan.CoreRef]*coreFunction{},
	}
	in.life, in.end = context.WithCancel(context.Background())
	// Values may pass from one table to another, so their children are counted
	// together.
	lineage := new(cabi.Lineage)
	for range c.plan.Components {
		ci := &componentInstance{instance: in}
		ci.table.Limit, ci.table.Lineage = uint32(c.runtime.config.HandleLimit), lineage
		in.components = append(in.components, ci)
	}
	in.busy.Lock()
	err := in.start(ctx)
	in.busy.Unlock()
	if err != nil {
		return nil, errors.Join(err, in.Close(context.WithoutCancel(ctx)))
	}
	return in, nil
}

// start runs the steps of the plan.
func (in *Instance) start(ctx context.Context) error {
	r := in.run(ctx)
	defer r.finish()
	if h := in.component.host; h != nil {
		m, err := instantiate(r, in.component.runtime.engine, h, nil)
		if err != nil {
			return fmt.Errorf("host module: %w", err)
		}
		in.host = m
	}
	for _, step := range in.component.plan.Steps {
		switch step := step.(type) {
		case *plan.Instantiate:
			m, err := instantiate(r, in.component.runtime.engine, in.component.modules[step.Module], in.sources(step))
			if err != nil {
				if r.interrupted() {
					return r.interruption(err)
				}
				return guestError(err)
			}
			in.modules[step.Instance] = m
		case *plan.BindOptions:
			in.bindOptions(step.Options)
		case *plan.DefineResource:
			in.defineResource(step.Resource)
		}
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
		return in.host
	}
}

// moduleConfig has a source of random numbers because the engine otherwise seeds
// one for every module instance, which costs more than a small module does.
var moduleConfig = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader)

// instantiate is the one place that uses the engine's experimental import
// resolver: each core instance gets its own anonymous sources.
func instantiate(r *running, engine wazero.Runtime, m wazero.CompiledModule, sources experimental.ImportResolver) (api.Module, error) {
	var ctx context.Context = r
	if sources != nil {
		ctx = experimental.WithImportResolver(ctx, sources)
	}
	return engine.InstantiateModule(ctx, m, moduleConfig)
}

func (in *Instance) bindOptions(n int) {
	o := in.component.plan.Options[n]
	bound := cabi.Options{Encoding: o.Encoding, Resources: in.resourceOf, HostBytes: in.component.runtime.config.CallBytes}
	if o.Memory != nil {
		bound.Memory = in.modules[o.Memory.Instance].ExportedMemory(o.Memory.Name)
	}
	if o.Realloc != nil {
		bound.Realloc = in.realloc(in.coreFunc(*o.Realloc), in.components[o.Component])
	}
	in.options[n] = bound
}

// realloc calls the guest's realloc, during which the guest may not leave its
// instance.
func (in *Instance) realloc(f *coreFunction, c *componentInstance) cabi.Realloc {
	var stack [4]uint64
	return func(ctx context.Context, old, oldSize, align, size uint32) (uint32, error) {
		stack = [4]uint64{uint64(old), uint64(oldSize), uint64(align), uint64(size)}
		c.stay++
		err := f.call(ctx, stack[:])
		c.stay--
		return uint32(stack[0]), err
	}
}

// Close ends the instance: a call under way is interrupted where it waits in the
// host, what the guest still holds is dropped, children first, and the memory is
// released. It waits for the call to end, at most as long as ctx allows; guest
// code that computes without calling the host is not interrupted. Host functions
// must not call it on the instance that called them. Closing twice does nothing.
func (in *Instance) Close(ctx context.Context) error {
	in.end()
	if err := in.acquire(ctx); err != nil {
		return err
	}
	defer in.busy.Unlock()
	if in.closed {
		return nil
	}
	in.closed = true
	in.dead = ErrClosed
	var errs []error
	var tables []*cabi.Table
	for _, ci := range in.components {
		tables = append(tables, &ci.table)
	}
	errs = append(errs, cabi.DropAll(ctx, tables...))
	for i := len(in.modules) - 1; i >= 0; i-- {
		if in.modules[i] != nil {
			errs = append(errs, in.modules[i].Close(ctx))
		}
	}
	if in.host != nil {
		errs = append(errs, in.host.Close(ctx))
	}
	return errors.Join(errs...)
}

// acquire waits until no guest code runs.
func (in *Instance) acquire(ctx context.Context) error {
	if in.busy.TryLock() {
		return nil
	}
	got := make(chan struct{})
	var abandoned sync.Mutex
	gaveUp := false
	go func() {
		in.busy.Lock()
		abandoned.Lock()
		defer abandoned.Unlock()
		if gaveUp {
			in.busy.Unlock()
			return
		}
		close(got)
	}()
	select {
	case <-got:
		return nil
	case <-ctx.Done():
	}
	abandoned.Lock()
	defer abandoned.Unlock()
	select {
	case <-got:
		return nil
	default:
		gaveUp = true
		return fmt.Errorf("component: close: the guest is still computing: %w", context.Cause(ctx))
	}
}
