package component_test

import (
	"io"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/replay"
	"github.com/tenon-wasm/tenon/component/trace"
)

// BenchmarkTraced has a guest call Go, and another component, in a loop, with tracers and
// without.
func BenchmarkTraced(b *testing.B) {
	nothing, err := trace.ParseFilter("%start")
	if err != nil {
		b.Fatal(err)
	}
	for _, try := range []struct {
		name   string
		tracer func() component.Tracer
	}{
		{"off", func() component.Tracer { return nil }},
		{"recent", func() component.Tracer { return trace.NewRecent(16) }},
		{"summary", func() component.Tracer { return trace.NewSummary(nil) }},
		{"filtered", func() component.Tracer { return trace.NewPrinter(trace.Config{Out: io.Discard, Filter: nothing}) }},
		{"text", func() component.Tracer { return trace.NewPrinter(trace.Config{Out: io.Discard, Buffered: true}) }},
		{"json", func() component.Tracer {
			return trace.NewPrinter(trace.Config{Out: io.Discard, Buffered: true, JSON: true})
		}},
		{"record", func() component.Tracer {
			r, err := replay.NewRecorder(io.Discard, replay.Header{})
			if err != nil {
				b.Fatal(err)
			}
			return r
		}},
	} {
		b.Run(try.name, func(b *testing.B) {
			in := tracedCallers(b, try.tracer())
			for _, w := range workloads() {
				if w.name != "u64" && w.name != "method" && w.name != "string/16B" {
					continue
				}
				for _, to := range []string{"to-host", "to-component"} {
					b.Run(w.name+"/"+to, func(b *testing.B) {
						run := caller(b, in, to, w)
						b.ReportAllocs()
						b.ResetTimer()
						run(b.N)
					})
				}
			}
		})
	}
}

// tracedCallers is callers with a tracer.
func tracedCallers(t testing.TB, tracer component.Tracer) *component.Instance {
	t.Helper()
	l, c := offering(t, true)
	l.Trace(tracer)
	return start(t, l, c)
}
