package component_test

import (
	"fmt"
	"os"

	"github.com/tenon-wasm/tenon/component"
)

// A survey tells who made a file, and what its core modules ask of the engine.
func ExampleSurveyOf() {
	var survey *component.Survey = must(component.SurveyOf(must(os.ReadFile("../testdata/guests/hello.wasm"))))
	var module component.SurveyedModule = survey.Modules[0]
	var first component.Producer = module.Producers[0]
	fmt.Println(len(survey.Modules), module.Name, first.Field, first.Name)
	var im component.CoreImport = module.Imports[0]
	fmt.Println(im.Module, im.Name)
	fmt.Println(len(must(survey.Component()).World().Imports))

	// A module with a tail call: a function that calls itself for ever.
	tail := []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x0a\x06\x01\x04\x00\x12\x00\x0b")
	var use component.CoreUse = must(component.SurveyOf(tail)).Modules[0].Uses[0]
	fmt.Println(use.Feature, use.Supported, use.Functions)
	// Output:
	// 3 hello.core.wasm language C99
	// wasi:io/error@0.2.12 [resource-drop]error
	// 12
	// tail calls true 1
}

// What would be missing is told without an engine, and in parts that a program can read.
func ExampleRead() {
	c := must(component.Read(must(os.ReadFile("../testdata/guests/missing-import.wasm"))))
	fmt.Println(c.ImportNames(), c.Needs(), c.IdleModules())
	m := component.NewLinker(nil).Match(c)[0]
	var p component.Problem = m.Problems[0]
	fmt.Println(m.Import, "-", p.Cause)
	// Output:
	// [acme:missing/thing@1.2.3] [] []
	// acme:missing/thing@1.2.3 - not offered
}
