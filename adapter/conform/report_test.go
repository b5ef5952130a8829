package conform_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/adapter/conform"
)

// rough is a report with each status, and with what a guest may write to harm a page.
func rough(t *testing.T) *conform.Report {
	t.Helper()
	dir := suite(t, `
		{"name": "good", "guest": "hello", "interface": "cli"},
		{"name": "bad", "guest": "hello-adapter", "interface": "cli", "exit": 1,
		 "args": ["</script><script>missing.thing()</script>", "]]> & \u0001\u001b[2J \"quoted\"", "<img src=x onerror=missing.thing()>"]},
		{"name": "<b>known</b>", "guest": "hello", "interface": "io", "args": ["fail"]},
		{"name": "mended", "guest": "hello", "interface": "io"},
		{"name": "trapped", "guest": "hello", "interface": "other", "args": ["trap"]},
		{"name": "absent", "guest": "nowhere", "interface": "other"}`)
	return run(t, dir, conform.Options{Expected: []conform.ExpectedFailure{
		{Suite: "s", Name: "<b>known</b>", Reason: "it is known"}, {Suite: "s", Name: "mended", Reason: "it was broken"},
	}})
}

func TestAReportCountsEachStatus(t *testing.T) {
	r := rough(t)
	out := jsonOf(t, r)
	want := map[string]int{"pass": 1, "fail": 2, "expected failure": 1, "unexpected pass": 1, "no guest": 1}
	if fmt.Sprint(out.Counts) != fmt.Sprint(want) || !out.Failed {
		t.Errorf("got %v, want %v", out.Counts, want)
	}
	cells := fmt.Sprint(out.Matrix.Rows, out.Matrix.Columns, out.Matrix.Cells)
	if cells != "[cli io other] [C] [[1/2] [1/2] [0/1]]" {
		t.Error(cells)
	}
	var text strings.Builder
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"cli    1/2\n", "exit code 0, want 1", "\uFFFD", "it passed, and was expected to fail: it was broken",
		"start_of_the_trace", "last calls:", "output-stream.blocking-write-and-flush(", "1 passed, 2 failed, 1 passed unexpectedly, 1 failed as expected, 1 without a guest in ",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "\x1b") {
		t.Error("a guest steers the terminal")
	}
}

func TestJUnitSaysTheSame(t *testing.T) {
	r := rough(t)
	var b bytes.Buffer
	if err := r.JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatalf("%v\n%s", err, &b)
	}
	if suites.Tests != 6 || suites.Failures != 3 || suites.Skipped != 2 || len(suites.Suites) != 1 || suites.Suites[0].Name != "s [C]" {
		t.Errorf("%+v", suites)
	}
	for i, c := range suites.Suites[0].Cases {
		if res := r.Results[i]; c.Name != res.Name || (c.Failure != nil) != res.Status.Bad() {
			t.Errorf("%s: %+v, %s", res.Name, c, res.Status)
		}
	}
}

// chromium finds a browser, or skips the test.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("TENON_REQUIRE_TOOLS") != "" {
		t.Fatal("there is no chromium, which TENON_REQUIRE_TOOLS wants")
	}
	t.Skip("there is no chromium to open the page with")
	return ""
}

// opened is the page as a browser has it, its script run, and what went to the console.
func opened(t *testing.T, page string) (dom, console string) {
	t.Helper()
	cmd := exec.Command(chromium(t), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
		"--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+page)
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	for _, line := range strings.Split(errs.String(), "\n") {
		if strings.Contains(line, "CONSOLE") {
			console += line + "\n"
		}
	}
	return out.String(), console
}

var (
	tableRow  = regexp.MustCompile(`<tr data-status="([^"]*)" data-id="([^"]*)">`)
	matrixRow = regexp.MustCompile(`(?m)^<tr><th>([^<]*)</th>(.*)</tr>$`)
	cellText  = regexp.MustCompile(`<td class="[a-z]*">([^<]*)</td>`)
)

func TestThePageOpensInABrowserAndSaysTheSame(t *testing.T) {
	r := rough(t)
	page := filepath.Join(t.TempDir(), "page.html")
	var b bytes.Buffer
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	dom, console := opened(t, page)
	if console != "" {
		t.Errorf("the console has\n%s", console)
	}
	checkPage(t, dom, r)
	if strings.Contains(dom, "onerror=missing.thing()>") && !strings.Contains(dom, "&lt;img src=x") {
		t.Error("a guest writes tags")
	}

	// The check finds something where there is something.
	bad := filepath.Join(t.TempDir(), "bad.html")
	if err := os.WriteFile(bad, []byte("<script>missing.thing()</script>"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, console := opened(t, bad); !strings.Contains(console, "missing is not defined") {
		t.Errorf("an error on the console is not seen: %q", console)
	}
}

// checkPage compares a page with the JSON of the report.
func checkPage(t *testing.T, dom string, r *conform.Report) {
	t.Helper()
	out := jsonOf(t, r)
	var have, want []string
	for _, m := range tableRow.FindAllStringSubmatch(dom, -1) {
		have = append(have, html.UnescapeString(m[2])+" "+html.UnescapeString(m[1]))
	}
	for _, res := range out.Results {
		id := res.Suite + "/" + res.Name
		if res.Toolchain != "" {
			id += " [" + res.Toolchain + "]"
		}
		want = append(want, id+" "+res.Status)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the page's table has\n%q, the JSON\n%q", have, want)
	}
	have, want = nil, nil
	for _, m := range matrixRow.FindAllStringSubmatch(dom, -1) {
		for _, c := range cellText.FindAllStringSubmatch(m[2], -1) {
			have = append(have, html.UnescapeString(m[1])+" "+c[1])
		}
	}
	for i, row := range out.Matrix.Rows {
		for _, c := range out.Matrix.Cells[i] {
			want = append(want, row+" "+c)
		}
	}
	if len(want) == 0 || !slices.Equal(have, want) {
		t.Errorf("the page's matrix has\n%q, the JSON\n%q", have, want)
	}
	if all := fmt.Sprintf("%d of %d tests", len(out.Results), len(out.Results)); !strings.Contains(dom, all) {
		t.Errorf("the page's script has not said %q", all)
	}
}
