package conform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

// wasiTestsuite is where github.com/WebAssembly/wasi-testsuite is, with the guests built: its
// branch prod/testsuite-base. Nothing is fetched.
func wasiTestsuite(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TENON_WASI_TESTSUITE")
	if dir == "" {
		t.Skip("TENON_WASI_TESTSUITE does not say where wasi-testsuite is")
	}
	return filepath.Join(dir, "tests")
}

// All at once, each in a process of its own, give what they give one by one in this process;
// and the page says so.
func TestWASITestsuiteGivesWhatItGivesOneByOne(t *testing.T) {
	tests, err := conform.Load(wasiTestsuite(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	tests = preview1(tests)
	if len(tests) != 72 {
		t.Errorf("%d programs on preview 1, the suite has 72", len(tests))
	}
	report := agree(t, tests)
	for _, res := range report.Results {
		if res.Status != conform.Passed {
			t.Errorf("%s\n%s", res.Line(), res.Details())
		}
	}
	page := filepath.Join(t.TempDir(), "page.html")
	var b strings.Builder
	if err := report.HTML(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	dom, console := opened(t, page)
	if console != "" {
		t.Errorf("the console has\n%s", console)
	}
	checkPage(t, dom, report)
}

func preview1(all []*conform.Test) (some []*conform.Test) {
	for _, t := range all {
		if t.Interface == "preview 1" {
			some = append(some, t)
		}
	}
	return some
}

func TestOurGuestsGiveWhatTheyGiveOneByOne(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two hundred guests twice; run without -short")
	}
	for _, dir := range []string{"asserts", "basics"} {
		tests, err := conform.Load(filepath.Join("../../testdata/conform", dir), nil)
		if err != nil {
			t.Fatal(err)
		}
		report := agree(t, tests)
		if report.Failed() {
			_ = report.Text(os.Stderr)
			t.Errorf("%s: some failed", dir)
		}
		if report.Counts()[conform.Passed] < 65 {
			t.Errorf("%s: %v", dir, report.Counts())
		}
	}
}

// agree runs tests in both ways.
func agree(t *testing.T, tests []*conform.Test) *conform.Report {
	t.Helper()
	o := conform.Options{Isolate: true, Jobs: 4, Cache: cache, Timeout: 2 * time.Minute}
	report, err := conform.Run(t.Context(), tests, o)
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for i, test := range tests {
		one, err := conform.Run(t.Context(), []*conform.Test{test}, conform.Options{Jobs: 1, Cache: cache, Timeout: 2 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		a, b := &report.Results[i], &one.Results[0]
		if a.Status != b.Status || a.Ending.Exit != b.Ending.Exit || (a.Ending.Trap == "") != (b.Ending.Trap == "") || strings.Join(a.Failures, "\n") != strings.Join(b.Failures, "\n") {
			t.Errorf("%s: beside others %s %+v %q, alone %s %+v %q", test.ID(), a.Status, a.Ending, a.Failures, b.Status, b.Ending, b.Failures)
		}
		if b.Status == conform.Passed {
			passed++
		}
	}
	if n := report.Counts()[conform.Passed]; n != passed {
		t.Errorf("%d passed beside others, %d alone", n, passed)
	}
	return report
}
