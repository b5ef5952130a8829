package doctor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter/doctor"
)

// TestEveryCodeHasAPageAndACase, and no page and no case is about a code that there is not.
func TestEveryCodeHasAPageAndACase(t *testing.T) {
	codes := doctor.Codes()
	declared := declaredCodes(t)
	if !slices.Equal(codes, declared) {
		t.Errorf("Codes has\n%v\ncode.go declares\n%v", codes, declared)
	}
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	found := map[doctor.Code]bool{}
	line := regexp.MustCompile(`(?m)^(?:error|warning|note) (T\d{4}) `)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(data), -1) {
			found[doctor.Code(m[1])] = true
		}
	}
	pages, err := filepath.Glob("pages/*.md")
	if err != nil || len(pages) != len(codes) {
		t.Errorf("%d pages for %d codes: %v", len(pages), len(codes), err)
	}
	for _, c := range codes {
		if !found[c] {
			t.Errorf("no case has %s", c)
		}
		delete(found, c)
		checkPage(t, c)
	}
	for c := range found {
		t.Errorf("a case has %s, which is no code", c)
	}
}

// declaredCodes are the constants of code.go.
func declaredCodes(t *testing.T) []doctor.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []doctor.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			all = append(all, doctor.Code(s))
		}
		return true
	})
	return all
}

// checkPage reads a page: it has a title, an example, how it comes about and what to do.
func checkPage(t *testing.T, c doctor.Code) {
	t.Helper()
	page, err := doctor.Explain(strings.ToLower(string(c)))
	if err != nil {
		t.Error(err)
		return
	}
	if c.Title() == "" || !strings.HasPrefix(page, string(c)+": "+c.Title()+"\n\n") {
		t.Errorf("%s: its title is %q", c, c.Title())
	}
	for _, part := range []string{"\nAn example:\n\n    ", "\nHow it comes about: ", "\nWhat to do:\n\n"} {
		if strings.Count(page, part) != 1 {
			t.Errorf("%s: %q is there %d times", c, part, strings.Count(page, part))
		}
	}
	for _, other := range regexp.MustCompile(`T\d{4}`).FindAllString(page, -1) {
		if !slices.Contains(doctor.Codes(), doctor.Code(other)) {
			t.Errorf("%s names %s, which is no code", c, other)
		}
	}
	if !strings.Contains(doctor.Index(), "  "+string(c)+" "+c.Title()+"\n") {
		t.Errorf("%s is not in the index", c)
	}
}

func TestACodeThatThereIsNot(t *testing.T) {
	for code, want := range map[string]string{
		"T0302x": `there is no code "T0302x"; did you mean ` + "`T0302`?",
		"help":   `there is no code "help"; ` + "`tenon explain` lists the codes",
	} {
		if _, err := doctor.Explain(code); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
}
