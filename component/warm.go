package component

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tenon-wasm/tenon/component/internal/core"
)

// A large module that comes out of the cache would be decoded and validated once more, which
// takes longer than to load its code. So the cache has its code under the name of a hollow
// module, too (core.Hollow): one with the same outside, no function bodies, and a mark that
// nobody can guess. A file `hollow-<hash of the module>` holds the mark; it is written when
// the module has been validated and compiled, so whoever finds it need do neither.
//
// The engine names an entry by the bytes of the module alone, and what is in it follows from
// the function bodies and from what stays the same in a hollow one. It is asked only for
// what it has (cachedOnly), and never compiles a hollow module for use.

// warmCode is how much code a module must have, in bytes, to be worth it.
const warmCode = 1 << 20

// markSize is the size of a mark, in bytes.
const markSize = 32

// compileModule compiles a core module, or has it from the cache.
func (r *Runtime) compileModule(ctx context.Context, module core.Pieces) (wazero.CompiledModule, error) {
	// Code that is watched is another entry of the cache, which is for looking once.
	if _, code := core.DebugInfo(module); r.config.Cache == "" || r.config.OverflowStacks || code < warmCode {
		return r.engine.CompileModule(ctx, module.Bytes())
	}
	sum := sha256.New()
	for _, piece := range module {
		sum.Write(piece)
	}
	file := filepath.Join(r.config.Cache, "hollow-"+hex.EncodeToString(sum.Sum(nil)))
	if m, err := r.warm(ctx, module, file); m != nil || err != nil {
		return m, err
	}
	if r.keepWarm(ctx, module, file) == nil {
		if m, err := r.warm(ctx, module, file); m != nil || err != nil {
			return m, err
		}
	}
	// It is not valid, or the directory is of no use: the engine has the words for it.
	return r.engine.CompileModule(ctx, module.Bytes())
}

// warm is the module with the code that the cache has for it; nil where it has none.
func (r *Runtime) warm(ctx context.Context, module core.Pieces, file string) (wazero.CompiledModule, error) {
	mark, err := os.ReadFile(file)
	if err != nil || len(mark) != markSize {
		return nil, nil
	}
	m, err := r.engine.CompileModule(experimental.WithCompilationWorkers(cachedOnly{ctx}, 2), core.Hollow(module, mark).Bytes())
	if err != nil {
		return nil, ctx.Err() // What is damaged is written anew.
	}
	return m, nil
}

// keepWarm compiles a module and puts its code into the cache for warm. Both are done in a
// directory beside it, where the names of files tell what the engine has made.
func (r *Runtime) keepWarm(ctx context.Context, module core.Pieces, file string) (err error) {
	mark := make([]byte, markSize)
	rand.Read(mark)
	dir, err := os.MkdirTemp(r.config.Cache, "compile-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	name, err := r.compiledFile(ctx, filepath.Join(dir, "name"), core.Hollow(module, mark))
	if err != nil {
		return err
	}
	code, err := r.compiledFile(ctx, filepath.Join(dir, "code"), module)
	if err != nil {
		return err
	}
	place, err := filepath.Rel(filepath.Join(dir, "name"), name)
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, "mark")
	return errors.Join(
		os.Rename(code, filepath.Join(r.config.Cache, place)),
		os.WriteFile(temp, mark, 0o600),
		os.Rename(temp, file))
}

// compiledFile is the path of what the engine keeps of a module in an empty directory.
func (r *Runtime) compiledFile(ctx context.Context, dir string, module core.Pieces) (file string, err error) {
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return "", err
	}
	engine := wazero.NewRuntimeWithConfig(ctx, r.engineConfig.WithCompilationCache(cache))
	defer func() { err = errors.Join(err, engine.Close(ctx), cache.Close(ctx)) }()
	if _, err := engine.CompileModule(ctx, module.Bytes()); err != nil {
		return "", err
	}
	walked := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			file = path
		}
		return err
	})
	if walked == nil && file == "" {
		walked = fmt.Errorf("component: the engine keeps nothing in %s", dir)
	}
	return file, walked
}

// cachedOnly is a context that has ended, for an engine that looks into its cache first, and
// at the context when it compiles with several workers.
type cachedOnly struct{ context.Context }

var errNotCached = errors.New("component: not in the cache")

func (c cachedOnly) Err() error            { return errNotCached }
func (c cachedOnly) Done() <-chan struct{} { return closedChannel }

var closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
