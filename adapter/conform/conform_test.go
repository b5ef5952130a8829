package conform_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

func TestMain(m *testing.M) {
	conform.Child()
	var err error
	if cache, err = os.MkdirTemp("", "tenon-cache-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// cache is shared, so that each guest is compiled once.
var cache string

const guests = "../../testdata/guests"

// suite writes a conform.json beside nothing else, with guests from testdata.
func suite(t *testing.T, tests string) string {
	t.Helper()
	dir := t.TempDir()
	abs, err := filepath.Abs(guests)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"name": "s", "toolchains": {"C": %q}, "tests": [%s]}`, relative(t, dir, abs), tests)
	if err := os.WriteFile(filepath.Join(dir, conform.ManifestName), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func relative(t *testing.T, dir, to string) string {
	t.Helper()
	rel, err := filepath.Rel(dir, to)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

func run(t *testing.T, dir string, o conform.Options) *conform.Report {
	t.Helper()
	tests, err := conform.Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Cache = cache
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	report, err := conform.Run(t.Context(), tests, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// What a test wants is what decides: each of these is right once, and wrong in one way each.
func TestATestFailsByWhatItWants(t *testing.T) {
	const hello = `"guest": "hello-adapter", "args": ["a b"]`
	const said = `hello from C through preview 1\narg 0 hello-adapter.wasm\narg 1 a b\nenv NAME (unset)\n`
	for _, c := range []struct{ test, want string }{
		{`{"name": "t", ` + hello + `, "stdout": "` + said + `", "stderr": ""}`, ""},
		{`{"name": "t", ` + hello + `, "stdout": {"contains": ["arg 1 a b"], "matches": "^hello .* 1\narg"}}`, ""},
		{`{"name": "t", ` + hello + `, "stdout": ""}`, `stdout is "hello from C`},
		{`{"name": "t", ` + hello + `, "stdout": {"contains": ["arg 1 a b", "arg 2"]}}`, `stdout does not contain "arg 2"`},
		{`{"name": "t", ` + hello + `, "stdout": {"matches": "^arg"}}`, `stdout does not match ^arg`},
		{`{"name": "t", ` + hello + `, "stderr": "x"}`, `stderr is "", want "x"`},
		{`{"name": "t", ` + hello + `, "exit": 3}`, `exit code 0, want 3`},
		{`{"name": "t", ` + hello + `, "trap": "x"}`, `it ended with 0, want a trap: x`},
		{`{"name": "t", "guest": "hello", "args": ["exit", "7"], "exit": 7}`, ""},
		{`{"name": "t", "guest": "hello", "args": ["trap"], "trap": "unreachable"}`, ""},
		{`{"name": "t", "guest": "hello", "args": ["trap"], "trap": "has children"}`, `want "has children"`},
		{`{"name": "t", "guest": "hello", "args": ["trap"]}`, `it trapped: `},
		{`{"name": "t", "guest": "missing-import"}`, `it was not run: cannot link: acme:missing/thing@1.2.3`},
		{`{"name": "t", "guest": "values-utf8"}`, `it was not run: it exports no wasi:cli/run`},
		{`{"name": "t", "guest": "hello", "args": ["cat"], "stdin": "in", "stdout": "in"}`, ""},
		{`{"name": "t", "guest": "tcp-echo", "args": ["127.0.0.1:0", "1"], "net": ["loopback"], "steps": [
			{"connect": "c", "after": "listening on "}, {"send": "abc", "to": "c"}, {"recv": "abc", "from": "c"}, {"close": "c"}]}`, ""},
		{`{"name": "t", "guest": "tcp-echo", "args": ["127.0.0.1:0", "1"], "net": ["loopback"], "steps": [
			{"connect": "c", "after": "listening on "}, {"send": "abc", "to": "c"}, {"recv": "abd", "from": "c"}]}`,
			`step 3, recv: the connection c gave "abc", want "abd"`},
		{`{"name": "t", "guest": "tcp-echo", "args": ["127.0.0.1:0", "1"], "net": ["loopback"], "steps": [{"connect": "c"}]}`,
			`want ADDRESS:PORT`},
		{`{"name": "t", "guest": "hello", "args": ["cat"], "steps": [
			{"write": "at 192.0.2.1:80\n"}, {"connect": "c", "after": "at "}]}`, `which is not on loopback`},
		{`{"name": "t", "guest": "tcp-echo", "args": ["127.0.0.1:0"], "exit": 1, "stderr": {"contains": ["access-denied"]}}`, ""},
		{`{"name": "t", "guest": "udp-echo", "args": ["127.0.0.1:0"], "net": ["loopback"], "timeout": "1s", "steps": [
			{"connect": "c", "by": "udp", "after": "listening on "}, {"send": "abc", "to": "c"}, {"recv": "abc", "from": "c"}]}`,
			`it did not end in time`},
		{`{"name": "t", "guest": "hello", "args": ["cat"], "steps": [
			{"write": "one\n"}, {"read": "one\n"}, {"write": "two\n"}, {"read": "two\n"}], "stdout": "one\ntwo\n"}`, ""},
		{`{"name": "t", "guest": "hello", "args": ["cat"], "steps": [{"write": "one\n"}, {"read": "two"}]}`,
			`step 2, read: stdout gave "one", want "two"`},
		{`{"name": "t", "guest": "hello", "args": ["cat"], "timeout": "2s", "steps": [{"write": "one\n"}, {"read": "one\ntwo"}]}`,
			`step 2, read: stdout gave "one\n", want "one\ntwo": nothing more came in time`},
		{`{"name": "t", "guest": "tcp-client", "args": ["{E}", "1000"], "net": ["loopback"], "servers": {"E": "tcp-echo"},
			"stdout": {"matches": "^echoed 1000 bytes through 127.0.0.1:[0-9]+, every one as sent\n$"}}`, ""},
		{`{"name": "t", "guest": "stores", "args": ["check", "b"], "buckets": ["b"], "stdout": {"matches": "^ok, "}}`, ""},
		{`{"name": "t", "guest": "stores", "args": ["settings"], "settings": {"k": "v"}, "stdout": "k=v\n"}`, ""},
	} {
		for _, isolate := range []bool{false, true} {
			r := run(t, suite(t, c.test), conform.Options{Isolate: isolate}).Results[0]
			failures := strings.Join(r.Failures, "\n")
			if c.want == "" && (r.Status != conform.Passed || failures != "") ||
				c.want != "" && (r.Status != conform.Failed || !strings.Contains(failures, c.want)) {
				t.Errorf("%s, isolated %v:\n%s\n%q, want %q\n%s%s", c.test, isolate, r.Status, failures, c.want, r.Stdout, r.Stderr)
			}
		}
	}
}

// Each run has its own copy of the directory, and what it needs besides; nothing is left of
// it, and nothing has happened to the original.
func TestARunHasASandboxOfItsOwn(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := suite(t, `
		{"name": "1", "guest": "modules/p1-asserts", "args": ["directories"], "stdin": "ab", "env": ["A=1"], "dirs": [
			{"guest": "/a"}, {"guest": "/b"}, {"guest": "/c"}, {"guest": "/d"}, {"guest": "/e"},
			{"guest": "/ro", "files": {"file": "fixed\n"}, "read-only": true}]},
		{"name": "2", "guest": "file-copy", "args": ["from", "to"], "dirs": [{"guest": "/dir", "from": "d"}]},
		{"name": "3", "guest": "file-copy", "args": ["from", "to"], "dirs": [{"guest": "/dir", "from": "d"}]},
		{"name": "4", "guest": "file-copy", "args": ["old.cleanup", "to"], "dirs": [{"guest": "/dir", "from": "d"}], "exit": 1},
		{"name": "5", "guest": "file-copy", "args": ["from", "to"], "dirs": [{"guest": "/dir", "from": "d", "read-only": true}], "exit": 1}`)
	data := filepath.Join(dir, "d")
	if err := os.Mkdir(data, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"from", "old.cleanup"} {
		if err := os.WriteFile(filepath.Join(data, name), []byte("text"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	report := run(t, dir, conform.Options{Isolate: true, Jobs: 3})
	if report.Failed() || len(report.Results) != 5 {
		report.Text(os.Stderr)
		t.Error("it failed")
	}
	if list, err := os.ReadDir(data); err != nil || len(list) != 2 {
		t.Errorf("the original has %v; %v", list, err)
	}
	if list, err := filepath.Glob(filepath.Join(os.TempDir(), "tenon-conform-[0-9]*")); err != nil || len(list) != 0 {
		t.Errorf("left behind: %v; %v", list, err)
	}
}

// Whatever a guest does, it ends in time, where it is isolated.
func TestAGuestThatDoesNotEndIsEnded(t *testing.T) {
	dir := suite(t, `
		{"name": "computes", "guest": "modules/p1-asserts", "args": ["wait", "loop"], "timeout": "1s"},
		{"name": "sleeps", "guest": "modules/p1-asserts", "args": ["wait", "sleep"], "timeout": "1s"}`)
	began := time.Now()
	report := run(t, dir, conform.Options{Isolate: true})
	for _, r := range report.Results {
		if r.Status != conform.Failed || !r.Ending.TimedOut || strings.Join(r.Failures, "") != "it did not end in time" {
			t.Errorf("%s: %s, %q", r.Name, r.Status, r.Failures)
		}
		if r.Stdout != "waiting\n" {
			t.Errorf("%s: what it wrote before is %q", r.Name, r.Stdout)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAMemoryIsBounded(t *testing.T) {
	dir := suite(t, `{"name": "large", "guest": "hello", "memory": 65536}`)
	r := run(t, dir, conform.Options{}).Results[0]
	if r.Status != conform.Failed || !strings.Contains(r.Ending.Refused, "memory") {
		t.Errorf("%s, %q", r.Status, r.Failures)
	}
}

func TestACancelledRunEnds(t *testing.T) {
	dir := suite(t, `{"name": "1", "guest": "modules/p1-asserts", "args": ["wait", "loop"]}, {"name": "2", "guest": "hello"}`)
	tests, err := conform.Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	report, err := conform.Run(ctx, tests, conform.Options{Isolate: true, Jobs: 1, Cache: cache})
	if err == nil || len(report.Results) != 1 || !report.Failed() {
		t.Errorf("%v, %d results", err, len(report.Results))
	}
}

func TestAnExpectedFailureMustFail(t *testing.T) {
	dir := suite(t, `{"name": "good", "guest": "hello"}, {"name": "bad", "guest": "hello", "args": ["fail"]}`)
	file := filepath.Join(t.TempDir(), "skip")
	text := "# why\n\ns/good [C]: it has failed before\ns/bad: it fails: always\n"
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	expected, err := conform.ReadExpected(file)
	if err != nil {
		t.Fatal(err)
	}
	report := run(t, dir, conform.Options{Expected: expected})
	bad, good := report.Results[0], report.Results[1]
	if bad.Status != conform.FailedAsExpected || bad.Reason != "it fails: always" {
		t.Errorf("bad: %s, %q", bad.Status, bad.Reason)
	}
	if good.Status != conform.PassedUnexpectedly || !report.Failed() {
		t.Errorf("good: %s, %q", good.Status, good.Failures)
	}
	if n := report.Counts(); n[conform.FailedAsExpected] != 1 || n[conform.PassedUnexpectedly] != 1 {
		t.Errorf("%v", n)
	}
	report = run(t, dir, conform.Options{Expected: expected[1:]})
	if report.Failed() {
		t.Error("an expected failure is a failure")
	}
}

func TestAFileOfExpectedFailuresIsChecked(t *testing.T) {
	dir := suite(t, `{"name": "good", "guest": "hello"}`)
	tests, err := conform.Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"s/good [C]: because":             "",
		`{"s": {"good": "because"}}`:      "",
		"s/good":                          `"s/good" has no reason`,
		"s/good: ":                        "has no reason",
		"good: because":                   `"good" is no name of a test`,
		"s/other: because":                "s/other is expected to fail, and there is no such test",
		"s/good [Rust]: because":          "s/good [Rust] is expected to fail, and there is no such test",
		`{"s": ["good"]}`:                 "want an object of suites",
		"# one\ns/good: because\ns/other": "skip:3: ",
	} {
		file := filepath.Join(t.TempDir(), "skip")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		expected, err := conform.ReadExpected(file)
		if err == nil {
			err = conform.CheckExpected(expected, tests)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestAManifestWithAMistakeIsRefused(t *testing.T) {
	test := func(s string) string { return `{"tests": [{"name": "t", "guest": "g", ` + s + `}]}` }
	for text, want := range map[string]string{
		`{"tests": [{"guest": "g"}]}`:                                           "it has no name, or no guest",
		`{"tests": [{"name": "t", "guest": "g"}], "extra": 1}`:                  `unknown field "extra"`,
		test(`"arg": ["x"]`):                                                    `unknown field "arg"`,
		test(`"net": ["tcp:fly=1"]`):                                            "net tcp:fly=1: ",
		test(`"timeout": "soon"`):                                               `timeout "soon": want a time such as 10s`,
		test(`"servers": {"A": "smtp"}`):                                        `server A: its kind is "smtp"`,
		test(`"dirs": [{"from": "x"}]`):                                         "a directory has no name for the guest",
		test(`"stdout": {"contain": ["x"]}`):                                    "neither contains nor matches",
		test(`"stdout": {"matches": "("}`):                                      "missing closing )",
		test(`"steps": [{"send": "x", "to": "a"}]`):                             `step 1: send: there is no connection "a"`,
		test(`"steps": [{"send": "x", "read": "y"}]`):                           "step 1: it is not one of",
		test(`"steps": [{"connect": "a"}, {"connect": "a"}]`):                   "step 2: connect",
		test(`"steps": [{"read": "a", "from": "stdwhat"}]`):                     "want stdout or stderr",
		`{"tests": [{"name": "t", "guest": "g"}, {"name": "t", "guest": "h"}]}`: "two tests are called",
		`{"tests": []}`:                                                         "there are no tests in it",
		`{`:                                                                     "unexpected EOF",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, conform.ManifestName), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := conform.Load(dir, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestTheGuestsOfAManifestAreNoTestsByThemselves(t *testing.T) {
	tests, err := conform.Load("../../testdata/conform", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tests {
		if c.Suite != "asserts" && c.Suite != "basics" {
			t.Errorf("%s is a test", c.ID())
		}
	}
}

// The forms of wasi-testsuite, with guests of our own.
func TestTheManifestsOfWASITestsuiteAreRead(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(guests, "hello.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	adapted, err := os.ReadFile(filepath.Join(guests, "hello-adapter.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "testsuite", "wasm32-wasip1")
	if err := os.MkdirAll(filepath.Join(dir, "fs.dir"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"manifest.json": `{"name": "a suite"}`,
		"fs.dir/file":   "line",

		"none.wasm": string(data),
		"old.wasm":  string(data), "old.json": `{"args": ["exit", "3"], "exit_code": 3, "stdout": "hello from C\n", "env": {"a": "b"}}`,
		"old-wrong.wasm": string(data), "old-wrong.json": `{"stdout": "hello"}`,
		"dirs.wasm": string(adapted), "dirs.json": `{"dirs": ["fs.dir"], "args": ["file", "fs.dir/file"]}`,
		"root.wasm": string(adapted), "root.json": `{"root": "fs.dir", "args": ["file", "/file"]}`,
		"new.component.wasm": string(data), "new.json": `{"operations": [{"type": "run", "args": ["cat"]},
			{"type": "write", "id": "stdin", "payload": "x\n"}, {"type": "read", "id": "stdout", "payload": "x"}, {"type": "wait"}]}`,
		"new-wrong.wasm": string(data), "new-wrong.json": `{"operations": [{"type": "run"}, {"type": "read", "payload": "no"}, {"type": "wait"}]}`,
		"killed.wasm": string(data), "killed.json": `{"operations": [{"type": "run", "args": ["cat"]},
			{"type": "write", "id": "stdin", "payload": "x"}, {"type": "kill", "signal": "SIGINT"}, {"type": "wait"}]}`,
		"http.wasm": string(data), "http.json": `{"proposals": ["http"], "world": "wasi:http/service", "operations": [{"type": "run"},
			{"type": "request", "path": "/"}, {"type": "wait"}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	report := run(t, filepath.Dir(dir), conform.Options{Isolate: true})
	got := map[string]string{}
	for _, r := range report.Results {
		if r.Suite != "a suite" || r.Interface != "preview 1" {
			t.Errorf("%s is of %q, %q", r.Name, r.Suite, r.Interface)
		}
		got[r.Name] = string(r.Status)
	}
	want := map[string]string{
		"none": "pass", "old": "pass", "old-wrong": "fail", "dirs": "pass", "root": "pass", "new": "pass", "new-wrong": "fail",
		"killed": "pass", "http": "not run",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		report.Text(os.Stderr)
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAnOperationOfWASITestsuiteThatMakesNoSenseIsRefused(t *testing.T) {
	for ops, want := range map[string]string{
		`[{"type": "wait"}]`: `the first operation is "wait", want run`,
		`[{"type": "run"}]`:  "run has no wait",
		`[{"type": "run"}, {"type": "wait"}, {"type": "read"}]`:                 "an operation follows wait",
		`[{"type": "run"}, {"type": "run"}, {"type": "wait"}]`:                  "operation 2: it is run twice",
		`[{"type": "run"}, {"type": "fly"}, {"type": "wait"}]`:                  `operation 2: the type "fly" is not known`,
		`[{"type": "run"}, {"type": "send", "id": "x"}, {"type": "wait"}]`:      `operation 2: send: there is no connection "x"`,
		`[{"type": "run"}, {"type": "connect", "protocol_type": "sctp"}]`:       `want tcp or udp`,
		`[{"type": "run"}, {"type": "connect"}, {"type": "connect"}]`:           `operation 3: there are two connections "server"`,
		`[{"type": "run"}, {"type": "read", "id": "stdnone"}, {"type":"wait"}]`: "want stdout or stderr",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "g.wasm"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "g.json"), []byte(`{"operations": `+ops+`}`), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := conform.Load(dir, nil); err == nil || !strings.Contains(err.Error(), "g.json: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", ops, err, want)
		}
	}
}

// jsonOf is the report as a program reads it.
func jsonOf(t *testing.T, r *conform.Report) (out struct {
	Failed bool
	Counts map[string]int
	Matrix struct {
		Rows, Columns []string
		Cells         [][]string
	}
	Results []struct{ Suite, Name, Toolchain, Status string }
}) {
	t.Helper()
	var b strings.Builder
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b.String()), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
