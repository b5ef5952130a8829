package component

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// Config configures a [Runtime]. The zero Config is ready to use.
type Config struct {
	// Cache is a directory for compiled code, shared between runs and processes.
	// Empty means none: every Compile compiles.
	Cache string

	// MemoryLimit bounds each linear memory of a guest, in bytes; 0 means
	// DefaultMemoryLimit. A memory that is declared larger does not compile, one
	// that would grow beyond it fails to grow.
	MemoryLimit uint64

	// HandleLimit bounds the handles of each component instance; 0 means
	// DefaultHandleLimit.
	HandleLimit int

	// CallBytes bounds the host memory that the arguments or results of one call
	// may take, in bytes; 0 means cabi.DefaultHostBytes.
	CallBytes uint64

	// DebugInfo says whether core modules keep their debugging information, so that traps
	// name files and lines. The zero value keeps it where that costs little.
	DebugInfo DebugInfo

	// OverflowStacks lets a stack overflow have a backtrace, of its innermost functions.
	// Guests are compiled for it, and each of their calls takes about 0.1 us longer.
	OverflowStacks bool
}

// Limits where a Config names none.
const (
	DefaultMemoryLimit = 1 << 30
	DefaultHandleLimit = cabi.DefaultHandles
)

const pageSize = 1 << 16

// Runtime compiles components and owns the engine that runs them. It may be used
// by several goroutines.
type Runtime struct {
	engine wazero.Runtime
	cache  wazero.CompilationCache
	config Config

	engineConfig wazero.RuntimeConfig // but for the cache

	// lineage counts children for all instances that are linked with each other.
	lineage cabi.Lineage

	made atomic.Uint64 // instances, ever

	mu     sync.Mutex
	open   map[*Instance]struct{}
	closed bool
}

// NewRuntime makes a runtime. Close it to release the engine.
func NewRuntime(ctx context.Context, config Config) (*Runtime, error) {
	if config.MemoryLimit == 0 {
		config.MemoryLimit = DefaultMemoryLimit
	}
	if config.MemoryLimit > 1<<32 {
		return nil, fmt.Errorf("component: memory limit %d: a 32-bit memory has at most %d bytes", config.MemoryLimit, uint64(1)<<32)
	}
	if config.HandleLimit < 0 || config.HandleLimit > cabi.MaxHandles {
		return nil, fmt.Errorf("component: handle limit %d: a table has at most %d handles", config.HandleLimit, cabi.MaxHandles)
	}
	if config.HandleLimit == 0 {
		config.HandleLimit = DefaultHandleLimit
	}
	if config.DebugInfo > DebugInfoDrop {
		return nil, fmt.Errorf("component: debug info %d: there is no such setting", config.DebugInfo)
	}
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall |
		experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesExceptionHandling |
		experimental.CoreFeaturesTypedFunctionReferences
	rc := wazero.NewRuntimeConfig().
		WithCoreFeatures(features).
		WithMemoryLimitPages(uint32(config.MemoryLimit / pageSize))
	r := &Runtime{config: config, engineConfig: rc, open: map[*Instance]struct{}{}, lineage: cabi.Lineage{Shared: true}}
	if config.Cache != "" {
		cache, err := wazero.NewCompilationCacheWithDir(config.Cache)
		if err != nil {
			return nil, fmt.Errorf("component: compilation cache: %w", err)
		}
		r.cache = cache
		rc = rc.WithCompilationCache(cache)
	}
	r.engine = wazero.NewRuntimeWithConfig(ctx, rc)
	return r, nil
}

// Close closes every instance that is open, see [Instance.Close], and releases the
// engine. Where ctx ends before an instance does, the engine stays, and Close may
// be called again.
func (r *Runtime) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	open := slices.Collect(maps.Keys(r.open))
	r.mu.Unlock()
	for _, in := range open {
		in.end() // All at once: they may wait for each other.
	}
	// Those that belong to another are closed with it, not before.
	belongs := map[*Instance]bool{}
	for _, in := range open {
		for _, owned := range in.owned {
			belongs[owned] = true
		}
	}
	open = slices.DeleteFunc(open, func(in *Instance) bool { return belongs[in] })
	var errs []error
	for _, in := range open {
		errs = append(errs, in.Close(ctx))
	}
	r.mu.Lock()
	left := len(r.open)
	r.mu.Unlock()
	if left > 0 {
		return errors.Join(errs...)
	}
	errs = append(errs, r.engine.Close(ctx))
	if r.cache != nil {
		errs = append(errs, r.cache.Close(ctx))
	}
	return errors.Join(errs...)
}

var (
	errRuntimeClosed   = errors.New("component: the runtime is closed")
	errComponentClosed = errors.New("component: the component is closed")
)

func (r *Runtime) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

func (c *Component) isClosed() bool {
	if c.runtime == nil {
		return false // It was only read.
	}
	c.runtime.mu.Lock()
	defer c.runtime.mu.Unlock()
	return c.closed
}

// add notes an instance, which keeps its component's code.
func (r *Runtime) add(in *Instance) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return errRuntimeClosed
	case in.component.closed:
		return errComponentClosed
	}
	r.open[in] = struct{}{}
	in.component.users++
	return nil
}

// remove forgets an instance that is closed, and releases the code that it was the
// last to use.
func (r *Runtime) remove(ctx context.Context, in *Instance) error {
	r.mu.Lock()
	c := in.component
	delete(r.open, in)
	c.users--
	last := c.closed && c.users == 0
	r.mu.Unlock()
	if last {
		return c.release(ctx)
	}
	return nil
}

// World decodes a component and returns what it imports and exports, without an
// engine and without compiling. A component that needs what this host does not
// have yet can be looked at all the same. Errors are *[DecodeError] or
// *[UnsupportedError].
func World(data []byte) (*wit.World, error) {
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	c, err := planned(syntax)
	if err != nil {
		return nil, err
	}
	return c.plan.World, nil
}

// Validate decides whether bytes are a valid component, by the specification's rules
// and without an engine: what is inside of functions of core modules is checked when
// they are compiled. A valid component may still need what this host does not have.
// The error is a *[DecodeError], or an *[UnsupportedError] where a rule is not known.
func Validate(data []byte) error {
	syntax, err := binary.Decode(data)
	if err != nil {
		return publicError(err)
	}
	_, err = validate.Component(syntax)
	return publicError(err)
}

// planned is a component that was not compiled.
func planned(syntax *binary.Component) (*Component, error) {
	typ, err := validate.Component(syntax)
	if err != nil {
		return nil, publicError(err)
	}
	p, err := plan.Build(syntax, nil)
	if err != nil {
		return nil, publicError(err)
	}
	return &Component{syntax: syntax, typ: typ, plan: p}, nil
}

// Component is a compiled component. It may be instantiated many times, by
// several goroutines.
type Component struct {
	runtime *Runtime
	syntax  *binary.Component
	typ     *validate.ComponentType
	plan    *plan.Plan
	modules []wazero.CompiledModule
	lifts   []*lifted

	droppedDebugInfo int        // bytes, of all modules
	symbols          []*symbols // by module

	// reallocs has for each of the plan's options the first with the same realloc.
	reallocs []int

	// host and trampolines are the host module that all instances share; nil where
	// there are no trampolines.
	host        wazero.CompiledModule
	trampolines api.Module

	// Guarded by runtime.mu.
	users  int // instances that are open
	closed bool

	// variants are compiled for what linkers give to this component, which is open
	// (see plan.Plan) and cannot be compiled itself.
	variants []*Component
}

// Compile decodes, validates, plans and compiles a component. Errors are *[DecodeError],
// *[UnsupportedError], or the engine's for a core module that it refuses.
//
// A component that imports core modules or components is compiled with those that
// it is given, when it is first instantiated with them.
func (r *Runtime) Compile(ctx context.Context, data []byte) (*Component, error) {
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	return r.compile(ctx, syntax)
}

func (r *Runtime) compile(ctx context.Context, syntax *binary.Component) (*Component, error) {
	c, err := planned(syntax)
	if err != nil {
		return nil, err
	}
	if c.plan.Unsupported != nil {
		return nil, publicError(c.plan.Unsupported)
	}
	if r.isClosed() {
		return nil, errRuntimeClosed
	}
	c.runtime = r
	if c.plan.Open {
		return c, nil
	}
	if err := c.compile(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// compile compiles what the plan holds; after an error, nothing is left.
func (c *Component) compile(ctx context.Context) error {
	c.reallocs = firstReallocs(c.plan.Options)
	err := c.prepareLifts()
	if err == nil {
		err = c.compileModules(ctx)
	}
	if err == nil {
		err = c.compileTrampolines(ctx)
	}
	if err != nil {
		return errors.Join(err, c.release(ctx))
	}
	return nil
}

// variant compiles an open component by a plan that was made with what it is given.
func (c *Component) variant(ctx context.Context, p *plan.Plan) (*Component, error) {
	if p.Unsupported != nil {
		return nil, publicError(p.Unsupported)
	}
	v := &Component{runtime: c.runtime, syntax: c.syntax, typ: c.typ, plan: p}
	if err := v.compile(ctx); err != nil {
		return nil, err
	}
	c.runtime.mu.Lock()
	defer c.runtime.mu.Unlock()
	if c.closed {
		return nil, errors.Join(errComponentClosed, v.release(ctx))
	}
	c.variants = append(c.variants, v)
	return v, nil
}

func (c *Component) compileModules(ctx context.Context) error {
	for _, m := range c.plan.Unused {
		binary, _ := labelled(DebugInfoDrop, m.Binary, "")
		compiled, err := c.runtime.engine.CompileModule(ctx, binary.Bytes())
		if err != nil {
			return fmt.Errorf("core module %q, which nothing instantiates: %w", m.Name, err)
		}
		if err := compiled.Close(ctx); err != nil {
			return err
		}
	}
	c.plan.Unused = nil
	if c.runtime.config.OverflowStacks {
		ctx = watching(ctx)
	}
	for i, m := range c.plan.Modules {
		binary, dropped := labelled(c.runtime.config.DebugInfo, m.Binary, moduleLabel(i))
		c.droppedDebugInfo += dropped
		c.symbols = append(c.symbols, newSymbols(&m, dropped == 0))
		compiled, err := c.runtime.compileModule(ctx, binary)
		if err != nil {
			if m.Name == "" {
				return fmt.Errorf("core module %d: %w", i, err)
			}
			return fmt.Errorf("core module %d %q: %w", i, m.Name, err)
		}
		c.modules = append(c.modules, compiled)
		c.plan.Modules[i].Binary = nil // The engine has its own.
	}
	return nil
}

// World is what the component imports and exports.
func (c *Component) World() *wit.World { return c.plan.World }

// Close releases the compiled code, when the last instance of it is closed. The
// component cannot be instantiated any more.
func (c *Component) Close(ctx context.Context) error {
	if c.runtime == nil {
		return nil // It was only read.
	}
	c.runtime.mu.Lock()
	now := !c.closed && c.users == 0
	c.closed = true
	variants := c.variants
	c.variants = nil
	c.runtime.mu.Unlock()
	var errs []error
	for _, v := range variants {
		errs = append(errs, v.Close(ctx))
	}
	if now {
		errs = append(errs, c.release(ctx))
	}
	return errors.Join(errs...)
}

func (c *Component) release(ctx context.Context) error {
	var errs []error
	if c.trampolines != nil {
		errs = append(errs, c.trampolines.Close(ctx))
	}
	if c.host != nil {
		errs = append(errs, c.host.Close(ctx))
	}
	for _, m := range c.modules {
		errs = append(errs, m.Close(ctx))
	}
	return errors.Join(errs...)
}
