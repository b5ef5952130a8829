package conform

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// Options say how tests are run. The zero value is ready to use.
type Options struct {
	// Jobs is how many guests run at once; 0 means one for each processor.
	Jobs int

	// Timeout bounds each run; 0 means 30 seconds. With a Cache it does not count how long
	// a guest takes to compile.
	Timeout time.Duration

	// Memory bounds each linear memory, in bytes; 0 means component.DefaultMemoryLimit.
	Memory uint64

	// Cache is a directory for compiled code; empty means none.
	Cache string

	// Isolate runs each guest in a process of its own, this program once more, which must
	// call [Child] first of all. Such a guest is ended whatever it does. One that runs in
	// this process and computes for ever is given up, and goes on.
	Isolate bool

	// Expected are the tests that are expected to fail.
	Expected []ExpectedFailure

	// OnResult hears of each result as it comes, one at a time.
	OnResult func(*Result)

	compiled *compiled
}

// compiled are the guests that are in the cache.
type compiled struct {
	mu     sync.Mutex
	guests map[string]*sync.Once
}

// compile fills the cache with a guest, once. What is wrong with the guest is told by those
// who run it.
func (o *Options) compile(ctx context.Context, t *Test) {
	if o.Cache == "" {
		return
	}
	o.compiled.mu.Lock()
	once := o.compiled.guests[t.Guest]
	if once == nil {
		once = new(sync.Once)
		o.compiled.guests[t.Guest] = once
	}
	o.compiled.mu.Unlock()
	once.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, longestCompile)
		defer cancel()
		only := &Test{Guest: t.Guest, Memory: t.Memory}
		box, err := newSandbox(only)
		if err != nil {
			return
		}
		defer box.Close()
		g, err := o.begin(ctx, only, box, true)
		if err != nil {
			return
		}
		select {
		case <-g.ended:
		case <-ctx.Done():
			g.kill()
			given(g)
		}
	})
}

// longestCompile bounds how long the compiler may take.
const longestCompile = 5 * time.Minute

func (o *Options) timeout(t *Test) time.Duration {
	switch {
	case t.Timeout > 0:
		return t.Timeout
	case o.Timeout > 0:
		return o.Timeout
	}
	return 30 * time.Second
}

// Run runs tests, side by side, and reports what came of them in their order. The error is
// that of ctx, with a report of what was done until then.
func Run(ctx context.Context, tests []*Test, o Options) (*Report, error) {
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	o.compiled = &compiled{guests: map[string]*sync.Once{}}
	report := &Report{Began: time.Now(), Results: make([]Result, len(tests))}
	next := make(chan int)
	var group sync.WaitGroup
	var told sync.Mutex
	for range min(jobs, len(tests)) {
		group.Go(func() {
			for i := range next {
				r := &report.Results[i]
				*r = o.one(ctx, tests[i])
				if o.OnResult != nil {
					told.Lock()
					o.OnResult(r)
					told.Unlock()
				}
			}
		})
	}
	done := 0
	for done < len(tests) && ctx.Err() == nil {
		select {
		case next <- done:
			done++
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
	report.Results = report.Results[:done]
	report.Elapsed = time.Since(report.Began)
	return report, ctx.Err()
}

// one runs a test and says what its outcome means.
func (o *Options) one(ctx context.Context, t *Test) Result {
	var expected *ExpectedFailure
	for i := range o.Expected {
		if o.Expected[i].is(t) {
			expected = &o.Expected[i]
		}
	}
	switch {
	case t.Unsupported != "":
		return Result{Test: t, Status: NotRun, Reason: t.Unsupported, Began: time.Now()}
	case t.Toolchain != "" && !exists(t.Guest):
		return Result{Test: t, Status: NoGuest, Reason: "there is no " + t.Guest, Began: time.Now()}
	}
	o.compile(ctx, t)
	r := o.play(ctx, t)
	switch failed := len(r.Failures) > 0; {
	case expected == nil && failed:
		r.Status = Failed
	case expected == nil:
		r.Status = Passed
	case failed:
		r.Status, r.Reason = FailedAsExpected, expected.Reason
	default:
		r.Status, r.Reason = PassedUnexpectedly, expected.Reason
		r.fail("it passed, and was expected to fail: %s", expected.Reason)
	}
	return r
}
