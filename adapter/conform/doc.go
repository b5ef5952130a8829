// Package conform tests the guests that a toolchain makes: it runs each as its manifest
// says, in a sandbox of its own, and tells what came of it.
//
//	Load      reads the manifests of a folder: those of wasi-testsuite, of both forms, and
//	          the simple one of this package, see [Manifest]       (load.go, suite.go, simple.go)
//	Run       runs the tests side by side: sandbox, guest, steps, expectation, in that
//	          order                  (run.go, sandbox.go, guest.go, play.go, expect.go)
//	Report    is the outcome, and writes itself as text, JSON, JUnit and a page of HTML
//	          (report.go, text.go, junit.go, html.go)
//
// A guest runs in this process, or with [Options.Isolate] in a child, which can be ended
// whatever the guest does.
package conform
