package hostimpl

import (
	"context"
	"io"
	"testing"
)

func TestALullLastsWhileNothingElseIsCalled(t *testing.T) {
	one, other := context.Background(), context.TODO()
	type call struct {
		ctx    context.Context
		number uint64
		want   bool
	}
	for _, tt := range []struct {
		what  string
		calls []call
	}{
		{"the next calls", []call{{one, 8, true}, {one, 9, true}, {one, 10, true}}},
		{"two steps of one call", []call{{one, 7, true}, {one, 8, true}, {one, 8, true}}},
		{"a call that it was not told of", []call{{one, 8, true}, {one, 10, false}, {one, 11, false}}},
		{"another call of the guest", []call{{other, 8, false}, {one, 8, false}}},
	} {
		l := &lull{call: one, number: 7}
		for i, c := range tt.calls {
			if got := l.goesOnAt(c.ctx, c.number); got != c.want {
				t.Errorf("%s, call %d: %v", tt.what, i, got)
			}
		}
	}
	l := new(lull)
	if l.begin(one); l.goesOn(one) {
		t.Error("a lull without a guest")
	}
	var none *lull
	if none.begin(one); none.goesOn(one) {
		t.Error("a lull without a connection")
	}
}

func TestInALullOneReadAfterAWaitIsNotAsked(t *testing.T) {
	ctx := context.Background()
	lulled := func() (*tube, *inputStream) {
		u := &tube{data: []byte("came later")}
		s := inputOf(u)
		s.lull, s.dry = &lull{call: ctx}, true
		return u, s
	}
	t.Run("it is empty, and the next one is asked", func(t *testing.T) {
		_, s := lulled()
		equal(t, "in the lull", string(must(s.Read(ctx, 4))), "")
		equal(t, "then", string(must(s.Read(ctx, 4))), "came")
	})
	t.Run("a wait sees what came", func(t *testing.T) {
		_, s := lulled()
		equal(t, "in the lull", string(must(s.Read(ctx, 4))), "")
		equal(t, "ready", must(must(s.Subscribe(ctx)).Ready(ctx)), true)
	})
	t.Run("after anything else it is asked", func(t *testing.T) {
		_, s := lulled()
		equal(t, "read", string(must(s.Read(context.TODO(), 4))), "came")
	})
	t.Run("the end is told", func(t *testing.T) {
		u, s := lulled()
		u.data, u.err = nil, io.EOF
		_, err := s.Read(ctx, 4)
		wantError(t, "read", err, closed)
	})
}
