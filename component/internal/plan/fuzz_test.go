package plan

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// FuzzBuild: whatever comes in, there is a plan that can be run, or an error that
// is one of the two documented. What is valid is at most too large or not supported.
func FuzzBuild(f *testing.F) {
	small, err := filepath.Glob("../../testdata/*.wasm")
	if err != nil || len(small) == 0 {
		f.Fatal(err, small)
	}
	for _, file := range append(small, "../../../testdata/guests/missing-import.wasm") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range []string{
		component(),
		doubling(3, component(section(1, module()), section(2, vec("\x00\x00\x00")))),
		component(section(7, vec("\x40\x01\x01s\x73\x01\x00", "\x3f\x7f\x00", "\x69\x01")),
			section(10, vec(b("\x00", name("f"), "\x01\x00"), b("\x00", name("r"), "\x03\x01"))), section(8, vec("\x02\x01", "\x03\x01", "\x04\x01"))),
		component(section(7, vec(b("\x42", vec(b("\x04\x00", name("r"), "\x03\x01"), "\x01\x68\x00", b("\x01\x40\x01\x01r\x01\x01\x00"), b("\x04\x00", name("[method]r.m"), "\x01\x02"))))),
			section(10, vec(b("\x00", name("a:b/c@0.2.0"), "\x05\x00"))), section(6, vec(b("\x01\x00\x00", name("[method]r.m")))), section(8, vec("\x01\x00\x00\x00")),
			section(11, vec(b("\x00", name("x:y/z"), "\x05\x00\x00")))),
		// A child lifts a function of no parameters, exports it as one of twenty, and the
		// parent lowers it.
		component(section(4, component(
			section(1, module(section(1, vec("\x60\x00\x00")), section(3, vec("\x00")), section(7, vec(b(name("f"), "\x00\x00"))), section(10, vec("\x02\x00\x0b")))),
			section(2, vec("\x00\x00\x00")), section(6, vec(b("\x00\x00\x01\x00", name("f")))), section(7, vec("\x40\x00\x01\x00", b("\x40", each(20, func(i int) string { return name(letters(i)) + "\x7f" }), "\x01\x00"))),
			section(8, vec("\x00\x00\x00\x00\x00")), section(11, vec(b("\x00", name("f"), "\x01\x00\x01\x01\x01"))))),
			section(5, vec("\x00\x00\x00")), section(6, vec(b("\x01\x00\x00", name("f")))), section(8, vec("\x01\x00\x00\x00"))),
		component(section(4, component(section(6, vec("\x03\x02\x01\x00")))), section(7, vec("\x73")), section(5, vec("\x00\x00\x00"))),
		component(section(4, component(section(6, vec("\x04\x02\x01\x00")), section(5, vec("\x00\x00\x00", "\x00\x00\x00")))), section(5, vec("\x00\x00\x00"))),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := binary.Decode(data)
		if err != nil {
			return
		}
		p, err := Build(c, nil)
		if err != nil {
			var invalid *validate.Error
			var unsupported *validate.Unsupported
			if !errors.As(err, &invalid) && !errors.As(err, &unsupported) {
				t.Fatalf("%T: %v", err, err)
			}
			if _, why := validate.Component(c); why == nil && invalid != nil && invalid.Msg == notValid {
				t.Fatalf("valid, and yet: %v", err)
			}
			return
		}
		wit.PrintWorld(p.World)
		if p.Unsupported == nil && !p.Open {
			coherent(t, p)
		}
	})
}

// coherent checks that everything a plan refers to is there by the time it is
// needed.
func coherent(t *testing.T, p *Plan) {
	ready := 0
	known := func(r *CoreRef) {
		if r == nil {
			return
		}
		if r.Instance == Host && (r.Trampoline < 0 || r.Trampoline >= len(p.Trampolines)) || r.Instance >= ready || r.Instance < Host {
			t.Fatalf("reference to %+v, with %d instances", r, ready)
		}
	}
	for _, s := range p.Steps {
		switch s := s.(type) {
		case *Instantiate:
			m, err := core.Read(p.Modules[s.Module].Binary.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Imports) == 0 && len(s.Sources) != 0 {
				t.Fatal("sources without imports")
			}
			for _, source := range s.Sources {
				known(&CoreRef{Instance: source})
			}
			if s.Instance != ready {
				t.Fatalf("instance %d, want %d", s.Instance, ready)
			}
			ready++
		case *BindOptions:
			o := p.Options[s.Options]
			known(o.Memory)
			known(o.Realloc)
			known(o.PostReturn)
			_ = p.Components[o.Component]
		case *DefineResource:
			known(p.Resources[s.Resource].Dtor)
		}
	}
	for _, l := range p.Lifts {
		known(&l.Core)
		_ = p.Options[l.Options]
	}
	for _, tr := range p.Trampolines {
		switch tr.Kind {
		case LowerImport:
			_ = p.Imports[tr.From.Import]
			_ = p.Options[tr.Options]
		case LowerLift:
			_ = p.Lifts[tr.Lift]
			_ = p.Options[tr.Options]
		case RaiseHeld, RaiseChar, RaiseCase:
			_ = p.Lifts[tr.Lift]
		default:
			_ = p.Resources[tr.Resource]
		}
	}
	for i, parent := range p.Components {
		if parent >= i {
			t.Fatalf("component %d has the parent %d", i, parent)
		}
	}
}
