package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component"
)

// lacks are the findings for features that the engine does not have.
var lacksFeature = map[string]struct {
	code Code
	cure string
}{
	"legacy exceptions":         {LegacyExceptions, "build it with the exceptions of the standard, which run here: -mllvm -wasm-use-legacy-eh=false with clang"},
	"garbage collection":        {GarbageCollected, "build it with a compiler that brings its own collector, or run it elsewhere"},
	"multiple memories":         {MultipleMemories, "turn them into one: wasm-opt --multi-memory-lowering on the core module"},
	"64-bit memories":           {Memory64, "build it for wasm32"},
	"relaxed SIMD":              {RelaxedSIMD, "build it without -mrelaxed-simd; plain SIMD runs here"},
	"stack switching":           {StackSwitching, "build it without; a compiler can turn coroutines into plain code, as wasm-opt --asyncify does"},
	"custom page sizes":         {CustomPageSizes, "build it with pages of 64 KiB, which is the default"},
	"wide arithmetic":           {WideArithmetic, "build it without -mwide-arithmetic"},
	"shared-everything threads": {SharedEverything, "build it without; shared memories and atomic instructions run here"},
	"an unknown instruction":    {UnknownOpcode, "build it without what is not yet standard, and validate it: wasm-tools validate"},
}

// engine says what the core modules ask of the engine.
func (e *exam) engine() {
	at := map[string]int{}
	limit := uint64(component.DefaultMemoryLimit)
	var idle []int
	if e.app != nil {
		idle = e.app.IdleModules()
	}
	for i, m := range e.survey.Modules {
		if slices.Contains(idle, m.Offset) {
			continue // What it uses is no matter.
		}
		name := moduleName(m, i)
		for _, u := range m.Uses {
			n, seen := at[u.Feature]
			if !seen {
				at[u.Feature] = len(e.report.Uses)
				use := Use{u.Feature, u.Supported, name, u.Offset, u.Functions}
				if u.Func < 0 {
					use.Offset = 0 // What declares it is not one place.
				}
				e.report.Uses = append(e.report.Uses, use)
				continue
			}
			e.report.Uses[n].Functions += u.Functions
		}
		if m.Memory > limit {
			e.find(Finding{Code: MemoryTooLarge, Severity: Error, Subject: name,
				Cause: fmt.Sprintf("its memory begins with %d MiB, and the limit for one is %d MiB", m.Memory>>20, limit>>20),
				Cure:  "build it with a smaller initial memory, which grows; programs in Go set component.Config.MemoryLimit"})
		}
	}
	for _, u := range e.report.Uses {
		if u.Supported {
			continue
		}
		f := lacksFeature[u.Feature]
		where := ""
		if u.Functions > 0 {
			where = " in " + plural(u.Functions, "function")
		}
		if u.Offset > 0 {
			where += fmt.Sprintf(" from %#x on", u.Offset)
		}
		e.find(Finding{Code: f.code, Severity: Error, Subject: u.Module,
			Cause: fmt.Sprintf("it uses %s%s, which the engine does not have", u.Feature, where), Cure: f.cure})
	}
}

func moduleName(m component.SurveyedModule, i int) string {
	if m.Name == "" {
		return fmt.Sprintf("core module %d", i)
	}
	return fmt.Sprintf("core module %d (%s)", i, short(m.Name))
}

// gated tells of something in the component model that this host does not have yet.
func (e *exam) gated(n component.Need) {
	f := Finding{Code: GatedFeature, Severity: Error,
		Cause: fmt.Sprintf("the component uses %s, which is not supported yet", n.Feature),
		Cure:  "build it without, or run it on a host that has it"}
	if strings.Contains(n.Gate, "async") || strings.Contains(n.Gate, "0.3") {
		f.Cure = "build it for WASI 0.2, which is not async: wasm32-wasip2"
	}
	if n.Gate != "" {
		f.Details = append(f.Details, "part of "+n.Gate)
	}
	if len(n.Offsets) > 0 {
		f.Details = append(f.Details, fmt.Sprintf("%s, the first at %#x", plural(len(n.Offsets), "place"), n.Offsets[0]))
	}
	e.find(f)
}
