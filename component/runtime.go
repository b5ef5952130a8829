package component

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
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
}

// NewRuntime makes a runtime. Close it to release the engine.
func NewRuntime(ctx context.Context, config Config) (*Runtime, error) {
	if config.MemoryLimit == 0 {
		config.MemoryLimit = DefaultMemoryLimit
	}
	if config.MemoryLimit > 1<<32 {
		return nil, fmt.Errorf("component: memory limit %d: a 32-bit memory has at most %d bytes", config.MemoryLimit, uint64(1)<<32)
	}
	if config.HandleLimit == 0 {
		config.HandleLimit = DefaultHandleLimit
	}
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall |
		experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesExceptionHandling |
		experimental.CoreFeaturesTypedFunctionReferences
	rc := wazero.NewRuntimeConfig().
		WithCoreFeatures(features).
		WithMemoryLimitPages(uint32(config.MemoryLimit / pageSize))
	r := &Runtime{config: config}
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

// Close releases the engine and every component and instance of it that is still
// open. Instances should be closed first: Close does not run destructors.
func (r *Runtime) Close(ctx context.Context) error {
	err := r.engine.Close(ctx)
	if r.cache != nil {
		if cerr := r.cache.Close(ctx); err == nil {
			err = cerr
		}
	}
	return err
}

// World decodes a component and returns what it imports and exports, without an
// engine and without compiling. A component that needs what this host does not
// have yet can be looked at all the same. Errors are *[DecodeError] or
// *[UnsupportedError].
func World(data []byte) (*wit.World, error) {
	p, err := planOf(data)
	if err != nil {
		return nil, err
	}
	return p.World, nil
}

func planOf(data []byte) (*plan.Plan, error) {
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	p, err := plan.Build(syntax)
	if err != nil {
		return nil, publicError(err)
	}
	return p, nil
}

// Component is a compiled component. It may be instantiated many times, by
// several goroutines.
type Component struct {
	runtime *Runtime
	plan    *plan.Plan
	modules []wazero.CompiledModule
	host    wazero.CompiledModule // nil where there are no trampolines
	lifts   []*lifted
	exports map[string]*export
	slots   map[*wit.TypeDef]int // of plan resources, by declaration
}

// Compile decodes, plans and compiles a component. Errors are *[DecodeError],
// *[UnsupportedError], or the engine's for a core module that it refuses.
func (r *Runtime) Compile(ctx context.Context, data []byte) (*Component, error) {
	p, err := planOf(data)
	if err != nil {
		return nil, err
	}
	if p.Unsupported != nil {
		return nil, publicError(p.Unsupported)
	}
	c := &Component{runtime: r, plan: p, slots: map[*wit.TypeDef]int{}}
	for i, res := range p.Resources {
		c.slots[res.Def] = i
	}
	for i, m := range p.Modules {
		compiled, err := r.engine.CompileModule(ctx, m.Bytes)
		if err != nil {
			c.Close(ctx)
			return nil, fmt.Errorf("core module %d %q: %w", i, m.Name, err)
		}
		c.modules = append(c.modules, compiled)
	}
	if err := c.prepareExports(); err != nil {
		return nil, err
	}
	if err := c.compileTrampolines(ctx); err != nil {
		c.Close(ctx)
		return nil, err
	}
	return c, nil
}

// World is what the component imports and exports.
func (c *Component) World() *wit.World { return c.plan.World }

// Close releases the compiled code. Instances must be closed before.
func (c *Component) Close(ctx context.Context) error {
	var first error
	for _, m := range c.modules {
		if err := m.Close(ctx); err != nil && first == nil {
			first = err
		}
	}
	if c.host != nil {
		if err := c.host.Close(ctx); err != nil && first == nil {
			first = err
		}
	}
	return first
}
