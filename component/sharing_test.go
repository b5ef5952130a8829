package component_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// A gatehouse is an instance whose calls wait in the host, and what goes through it.
type gatehouse struct {
	*linking
	gate    *component.Instance
	visitor *component.Component
	linker  *component.Linker // of visitors
}

func newGatehouse(t testing.TB, wait func(ctx context.Context, who uint32) error) *gatehouse {
	t.Helper()
	l := newLinking(t)
	k := l.linker()
	f := &wit.Func{Name: "wait", Params: []wit.Param{{Name: "who", Type: wit.U32}}}
	code, err := component.Dynamic(f, func(ctx context.Context, args []any) (any, error) {
		return nil, wait(ctx, args[0].(uint32))
	})
	if err != nil {
		t.Fatal(err)
	}
	k.DefineFunc(f, code)
	g := &gatehouse{linking: l, gate: start(t, k, l.compile("gate")), visitor: l.compile("visitor"), linker: l.linker()}
	if err := g.linker.DefineInstance("gate", g.gate); err != nil {
		t.Fatal(err)
	}
	return g
}

// visit goes through the gate in a goroutine of its own.
func (g *gatehouse) visit(ctx context.Context, who uint32) (in *component.Instance, ended chan error) {
	g.Helper()
	in = start(g, g.linker, g.visitor)
	ended = make(chan error, 1)
	go func() {
		_, err := in.Call(ctx, "", "visit", who)
		ended <- err
	}()
	return in, ended
}

func TestACallOfAnInstanceThatAnotherGoroutineRunsIsRefused(t *testing.T) {
	steady(t)
	entered, release := make(chan struct{}), make(chan struct{})
	g := newGatehouse(t, func(context.Context, uint32) error { entered <- struct{}{}; <-release; return nil })
	one, first := g.visit(context.Background(), 1)
	<-entered
	if _, err := g.gate.Call(context.Background(), "", "pass", uint32(2)); err != component.ErrBusy {
		t.Errorf("from the host: %v, want ErrBusy", err)
	}
	two, second := g.visit(context.Background(), 2)
	err := <-second
	if trap := trapOf(t, err, cabi.CannotEnter); !errors.Is(err, component.ErrBusy) || trap.Func != "gate#pass" {
		t.Errorf("from another instance: %v", err)
	}
	_, err = two.Call(context.Background(), "", "visit", uint32(2))
	trapOf(t, err, cabi.Dead)
	// The one that runs is none the worse for it.
	release <- struct{}{}
	if err := <-first; err != nil {
		t.Error(err)
	}
	go func() { <-entered; release <- struct{}{} }()
	if got := call(t, one, "", "visit", uint32(3)); got != uint32(3) {
		t.Errorf("visit: %v", got)
	}
}

func TestClosingAnInstanceInterruptsTheCallsOfOthers(t *testing.T) {
	for _, who := range []string{"the one that is called", "the one that calls", "the runtime", "the context"} {
		t.Run(who, func(t *testing.T) {
			steady(t)
			entered := make(chan struct{})
			g := newGatehouse(t, func(ctx context.Context, _ uint32) error {
				close(entered)
				<-ctx.Done()
				return ctx.Err()
			})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			in, ended := g.visit(ctx, 1)
			<-entered
			want := component.ErrClosed
			switch who {
			case "the one that is called":
				if err := g.gate.Close(context.Background()); err != nil {
					t.Error(err)
				}
			case "the one that calls":
				if err := in.Close(context.Background()); err != nil {
					t.Error(err)
				}
			case "the runtime":
				if err := g.runtime.Close(context.Background()); err != nil {
					t.Error(err)
				}
			default:
				cancel()
				want = context.Canceled
			}
			err := <-ended
			if trapOf(t, err, cabi.Interrupted); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		})
	}
}

// TestManyGoroutinesShareAnInstance: every call succeeds or is refused, and the state
// of the shared one is what those that succeeded have made of it.
func TestManyGoroutinesShareAnInstance(t *testing.T) {
	steady(t)
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	linker := l.linker()
	if err := linker.DefineInstance(cells, provider); err != nil {
		t.Fatal(err)
	}
	user := l.compile("user")
	var (
		all              sync.WaitGroup
		mu               sync.Mutex
		bumped, refusals uint32
	)
	for range 2 {
		all.Go(func() {
			ctx := context.Background()
			for n := 0; n < 300; {
				in, err := linker.Instantiate(ctx, user)
				if err != nil {
					t.Error(err)
					return
				}
				for ; n < 300 && err == nil; n++ {
					_, err = in.Call(ctx, "", "use", uint32(1))
					mu.Lock()
					if err == nil {
						bumped++
					} else {
						refusals++
					}
					mu.Unlock()
				}
				var trap *component.Trap
				if err != nil && (!errors.As(err, &trap) || trap.Code != cabi.CannotEnter || !errors.Is(err, component.ErrBusy)) {
					t.Error(err)
				}
				if err := in.Close(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d calls, %d refused", bumped, refusals)
	if got := call(t, provider, cells, "bump", uint32(0)); got != bumped || bumped == 0 {
		t.Errorf("the total is %v, after %d calls", got, bumped)
	}
}

func TestAnInstanceMayBeClosedWhileOthersUseIt(t *testing.T) {
	steady(t)
	for range 10 {
		l := newLinking(t)
		provider := start(t, l.linker(), l.compile("cells"))
		linker := l.linker()
		if err := linker.DefineInstance(cells, provider); err != nil {
			t.Fatal(err)
		}
		in := start(t, linker, l.compile("user"))
		begun, ended := make(chan struct{}), make(chan error)
		go func() {
			for n := 0; ; n++ {
				if n == 3 {
					close(begun)
				}
				if _, err := in.Call(context.Background(), "", "use", uint32(1)); err != nil {
					ended <- err
					return
				}
			}
		}()
		<-begun
		if err := provider.Close(context.Background()); err != nil {
			t.Error(err)
		}
		err := <-ended
		if trapOf(t, err, cabi.CannotEnter); !errors.Is(err, component.ErrClosed) {
			t.Errorf("%v", err)
		}
	}
}

// kin is a host value with a parent, or without.
type kin struct {
	name   string
	parent *kin
}

func (k *kin) Parent() any {
	if k.parent == nil {
		return nil
	}
	return k.parent
}

// kinship is a host of such values, and a linker that offers them.
func kinship(t testing.TB, l *linking) (linker *component.Linker, ended *[]string) {
	t.Helper()
	ended = new([]string)
	linker = l.linker()
	typ := importOf(t, l.compile("keeper"), "test:link/tokens")
	if err := linker.Define(&component.Interface{Type: typ, Resources: map[string]*cabi.ResourceType{
		"token": {Name: "token", Drop: func(_ context.Context, rep any) error {
			*ended = append(*ended, rep.(*kin).name)
			return nil
		}},
	}}); err != nil {
		t.Fatal(err)
	}
	return linker, ended
}

func TestAParentWithAChildInAnotherInstanceCannotBeDropped(t *testing.T) {
	for _, kept := range []string{"after the instances were linked", "before they were linked", "by an instance that was made"} {
		t.Run(kept, func(t *testing.T) {
			l := newLinking(t)
			linker, ended := kinship(t, l)
			mother := &kin{name: "mother"}
			child := &kin{"child", mother}
			var handle any
			if kept == "by an instance that was made" {
				linker.DefineComponent("keeper", l.compile("keeper"))
			} else {
				keeper := start(t, linker, l.compile("keeper"))
				if kept == "before they were linked" {
					handle = call(t, keeper, "", "keep", child)
				}
				if err := linker.DefineInstance("keeper", keeper); err != nil {
					t.Fatal(err)
				}
			}
			relay := start(t, linker, l.compile("relay"))
			if handle == nil {
				handle = call(t, relay, "", "give", child)
			}
			// A child that ends first leaves the parent free.
			other := &kin{name: "other"}
			h := call(t, relay, "", "keep", other)
			call(t, relay, "", "end", call(t, relay, "", "give", &kin{"its child", other}))
			call(t, relay, "", "drop", h)
			if !reflect.DeepEqual(*ended, []string{"its child", "other"}) {
				t.Errorf("%v ended", *ended)
			}
			h = call(t, relay, "", "keep", mother)
			_, err := relay.Call(context.Background(), "", "drop", h)
			trapOf(t, err, cabi.HasChildren)
			if len(*ended) != 2 {
				t.Errorf("%v ended", *ended)
			}
		})
	}
}

func TestInstancesThatCloseTogetherDropChildrenFirst(t *testing.T) {
	for _, tt := range []struct {
		what      string
		inner     string // which of both is in the instance that was made
		byRuntime bool
	}{
		{"the child is in the one that was made", "child", false},
		{"the mother is in the one that was made", "mother", false},
		{"the runtime closes them, the child is in the one that was made", "child", true},
		{"the runtime closes them, the mother is in the one that was made", "mother", true},
	} {
		t.Run(tt.what, func(t *testing.T) {
			l := newLinking(t)
			linker, ended := kinship(t, l)
			linker.DefineComponent("keeper", l.compile("keeper"))
			relay := start(t, linker, l.compile("relay"))
			mother := &kin{name: "mother"}
			child := &kin{"child", mother}
			give, keep := child, mother
			if tt.inner == "mother" {
				give, keep = mother, child
			}
			call(t, relay, "", "give", give)
			call(t, relay, "", "keep", keep)
			var closer interface{ Close(context.Context) error } = relay
			if tt.byRuntime {
				closer = l.runtime
			}
			if err := closer.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if !reflect.DeepEqual(*ended, []string{"child", "mother"}) {
				t.Errorf("%v ended", *ended)
			}
		})
	}
}
