package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/trace"
)

func TestAFilterMeansWhatAUserExpects(t *testing.T) {
	const (
		bind  = "wasi:sockets/tcp@0.2.3#[method]tcp-socket.start-bind"
		read  = "wasi:io/streams@0.2.12#[method]input-stream.read"
		ctor  = "wasi:http/types@0.2.0#[constructor]fields"
		free  = "add"
		drop  = "pollable"
		drop2 = "wasi:io/poll@0.2.12#pollable"
	)
	for _, try := range []struct {
		filter string
		kind   component.CallKind
		name   string
		want   bool
	}{
		{"wasi:sockets", component.CallImport, bind, true},
		{"wasi:sockets/tcp", component.CallImport, bind, true},
		{"wasi:sockets/tcp@0.2.3", component.CallImport, bind, true},
		{"wasi:sockets/tcp@0.2.4", component.CallImport, bind, false},
		{"wasi:sockets/*", component.CallImport, bind, true},
		{"wasi:sock", component.CallImport, bind, false},
		{"tcp", component.CallImport, bind, true},
		{"start-bind", component.CallImport, bind, true},
		{"start-*", component.CallImport, bind, true},
		{"tcp-socket.*", component.CallImport, bind, true},
		{"[method]tcp-socket.start-bind", component.CallImport, bind, true},
		{"tcp#start-bind", component.CallImport, bind, true},
		{"udp#start-bind", component.CallImport, bind, false},
		{"wasi:*/*#*bind", component.CallImport, bind, true},
		{"%net", component.CallImport, bind, true},
		{"%file", component.CallImport, bind, false},
		{"%file,%net", component.CallImport, bind, true},
		{"%import", component.CallImport, bind, true},
		{"%export", component.CallImport, bind, false},
		{"!tcp", component.CallImport, bind, false},
		{"!tcp", component.CallImport, read, true},
		{"!%net", component.CallImport, read, true},
		{"!%net", component.CallImport, bind, false},
		{"wasi:io,!read", component.CallImport, read, false},
		{"!wasi:io,read", component.CallImport, read, true},
		{"fields", component.CallImport, ctor, true},
		{"add", component.CallExport, free, true},
		{"drop", component.CallDrop, drop, true},
		{"drop", component.CallDrop, drop2, true},
		{"pollable.drop", component.CallDrop, drop2, true},
		{"!drop", component.CallDrop, drop2, false},
		{"poll", component.CallDrop, drop2, true},
		{"?dd", component.CallImport, free, true},
		{"*a*d*d*", component.CallImport, free, true},
		{"a?", component.CallImport, free, false},
	} {
		f, err := trace.ParseFilter(try.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Match(try.kind, try.name); got != try.want {
			t.Errorf("%s of %s %s: %v", try.filter, try.kind, try.name, got)
		}
	}
}

func TestAPatternThatFitsNothingIsTold(t *testing.T) {
	f, err := trace.ParseFilter("%net", "!%drop", "poll", "wasi:oi", "!*.raed", "drop")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Unmatched([]string{"wasi:io/poll@0.2.0#poll"}); len(got) != 2 || got[0] != "wasi:oi" || got[1] != "*.raed" {
		t.Errorf("told are %q", got)
	}
}

func TestAFilterIsBoundedInTime(t *testing.T) {
	f, err := trace.ParseFilter(strings.Repeat("*a", 2000) + "b")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	f.Match(component.CallImport, "x#"+strings.Repeat("a", 10_000))
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestJSONLinesAreLines(t *testing.T) {
	var out bytes.Buffer
	p := trace.NewPrinter(trace.Config{Out: &out, JSON: true, Buffered: true, Short: -1})
	if err := run("hello", "--show \"\u00e9\\\x01", p); err != nil {
		t.Fatal(err)
	}
	p.Note("a \"note\"\n")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	events := map[string]int{}
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var l trace.Line
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		events[l.Event]++
		if strings.HasSuffix(l.Func, "get-arguments") && l.Result != `["hello", "--show", "\"é\\\u{1}"]` {
			t.Errorf("the result is %s", l.Result)
		}
		if l.Event == trace.EventNote && l.Note != "a \"note\"\n" {
			t.Errorf("the note is %q", l.Note)
		}
	}
	if events[trace.EventBegin] != 2 || events[trace.EventCall] < 8 || events[trace.EventNote] != 1 {
		t.Errorf("the events are %v", events)
	}
}

// lines is a Writer whose lines can be looked at meanwhile.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestACallThatTakesLongIsToldMeanwhile(t *testing.T) {
	out := &lines{}
	p := trace.NewPrinter(trace.Config{Out: out, Buffered: true})
	call(t, p, &component.TracedCall{Instance: 1, Func: "wasi:io/poll@0.2.12#poll"}, func() {
		for end := time.Now().Add(10 * time.Second); !strings.Contains(out.String(), "#poll() <waits>\n"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Error("nobody heard of it")
				return
			}
		}
	})
	if err := p.Close(); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestEachOfSeveralInstancesIsNamed(t *testing.T) {
	var out bytes.Buffer
	p := trace.NewPrinter(trace.Config{Out: &out, Now: ticking()})
	inner := &component.TracedCall{Kind: component.CallExport, Instance: 2, Func: "b"}
	call(t, p, &component.TracedCall{Kind: component.CallExport, Instance: 1, Func: "a"}, func() {
		call(t, p, &component.TracedCall{Instance: 1, Func: "x#y"}, func() { call(t, p, inner, nil) })
	})
	p.Close()
	const want = `#1        0.001000 -> a()
#3        0.003000 [2] -> b()
#3        0.004000 [2] <- b <0.001000>
#2        0.002000   x#y() <0.003000>
#1        0.006000 <- a <0.005000>
`
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", &out, want)
	}
}

func TestAWriterThatFailsIsToldByClose(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	w.Close()
	p := trace.NewPrinter(trace.Config{Out: w})
	call(t, p, &component.TracedCall{Instance: 1, Func: "f"}, nil)
	if err := p.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestASummaryCountsErrorsAndOwnTime(t *testing.T) {
	s := trace.NewSummary(nil)
	outer := &component.TracedCall{Kind: component.CallExport, Instance: 1, Func: "outer"}
	call(t, s, outer, func() {
		for i := range 3 {
			c := &component.TracedCall{Instance: 1, Func: "inner"}
			call(t, s, c, func() {
				time.Sleep(10 * time.Millisecond)
				if i == 2 {
					c.Err = &component.Trap{Code: cabi.HostFailed}
				}
			})
		}
		exit := &component.TracedCall{Instance: 1, Func: "exit"}
		call(t, s, exit, func() { exit.Err = &component.ExitError{Code: 1} })
	})
	got := map[string]trace.Count{}
	for _, c := range s.Counts() {
		got[c.Func] = c
	}
	if c := got["inner"]; c.Calls != 3 || c.Errors != 1 || c.Time < 30*time.Millisecond {
		t.Errorf("inner: %+v", c)
	}
	if c := got["outer"]; c.Calls != 1 || c.Errors != 0 || c.Time > 20*time.Millisecond {
		t.Errorf("outer: %+v", c)
	}
	if c := got["exit"]; c.Errors != 0 {
		t.Errorf("exit: %+v", c)
	}
	var table bytes.Buffer
	if err := s.Print(&table); err != nil || !strings.Contains(table.String(), "        3         1  inner\n") {
		t.Errorf("%v\n%s", err, &table)
	}
	if first := s.Counts()[0].Func; first != "inner" {
		t.Errorf("%s took most time", first)
	}
}

func TestTheLastCallsEndWithTheOneThatDidNotReturn(t *testing.T) {
	r := trace.NewRecent(3)
	for _, name := range []string{"a", "b", "c", "d"} {
		call(t, r, &component.TracedCall{Instance: 1, Func: name}, nil)
	}
	bad := &component.TracedCall{Instance: 1, Func: "e"}
	r.Begin(bad)
	if got := strings.Join(r.Lines(), ", "); got != "c(), d(), e() does not return" {
		t.Errorf("before it ends: %s", got)
	}
	bad.Err = &component.Trap{Code: cabi.BadHandle, Msg: "there is no handle 7"}
	r.End(bad)
	if got := strings.Join(r.Lines(), ", "); got != "c(), d(), e() traps: bad handle: there is no handle 7" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestTeeKeepsTheDataOfEach(t *testing.T) {
	if trace.Tee() != nil || trace.Tee(nil, nil) != nil {
		t.Error("no tracers are one")
	}
	one := trace.NewRecent(1)
	if trace.Tee(nil, one) != component.Tracer(one) {
		t.Error("one tracer is not itself")
	}
	s := trace.NewSummary(nil)
	call(t, trace.Tee(one, s, trace.NewRecent(2)), &component.TracedCall{Instance: 1, Func: "f"}, nil)
	if got := one.Lines(); len(got) != 1 || got[0] != "f()" {
		t.Errorf("the last calls are %q", got)
	}
	if got := s.Counts(); len(got) != 1 || got[0].Calls != 1 {
		t.Errorf("the counts are %+v", got)
	}
}

// TestACallEndsInNoPlaceOfAnother: instances that run at the same time share the places.
func TestACallEndsInNoPlaceOfAnother(t *testing.T) {
	r := trace.NewRecent(1)
	first := &component.TracedCall{Kind: component.CallImport, Instance: 1, Func: "a:b/c#f"}
	second := &component.TracedCall{Kind: component.CallImport, Instance: 2, Func: "a:b/c#f"}
	r.Begin(first)
	r.Begin(second)
	first.Err = errors.New("that of the first")
	r.End(first)
	if got := r.Lines(); len(got) != 1 || got[0] != "a:b/c#f() does not return" {
		t.Errorf("%q", got)
	}
	r.End(second)
	if got := r.Lines(); len(got) != 1 || got[0] != "a:b/c#f()" {
		t.Errorf("%q", got)
	}
}

// A socket's state changes under its lock, and in a goroutine that serves all sockets.
func TestANoteDoesNotWaitForTheWriter(t *testing.T) {
	out, in := io.Pipe()
	p := trace.NewPrinter(trace.Config{Out: in})
	done := make(chan struct{})
	go func() {
		defer close(done)
		tracer := component.Tracer(p)
		c := &component.TracedCall{Instance: 1, Func: "f"}
		tracer.Begin(c)
		tracer.End(c) // It waits: nobody reads.
	}()
	first := make([]byte, 1)
	if _, err := io.ReadFull(out, first); err != nil { // Now it holds the line.
		t.Fatal(err)
	}
	p.Note("a state changed")
	rest := make(chan string)
	go func() {
		text, _ := io.ReadAll(out)
		rest <- string(text)
	}()
	<-done
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if text := <-rest; !strings.HasSuffix(text, " ~ a state changed\n") {
		t.Errorf("printed is %q", text)
	}
}
