package conform

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"tone":     tone,
	"evidence": func(r *Result) []evidence { return r.evidence() },
}).Parse(pageText))

// tone is the class of a cell, which gives it its colour.
func tone(c Cell) string {
	switch {
	case c.Ran == 0:
		return "none"
	case c.Passed == c.Ran:
		return "pass"
	}
	return "fail"
}

// HTML writes the report as one page that needs nothing else: the matrix, and each test
// with what a failing guest left behind.
func (r *Report) HTML(w io.Writer) error {
	type row struct {
		Name  string
		Cells []Cell
	}
	m := r.Matrix()
	var rows []row
	for i, name := range m.Rows {
		rows = append(rows, row{name, m.Cells[i]})
	}
	var results []*Result
	for i := range r.Results {
		results = append(results, &r.Results[i])
	}
	// What is wrong comes first.
	slices.SortStableFunc(results, func(a, b *Result) int { return order(a.Status) - order(b.Status) })
	return page.Execute(w, struct {
		*Report
		Columns  []string
		Rows     []row
		Listed   []*Result
		Summary  string
		Statuses []Status
	}{r, m.Columns, rows, results, r.summary(), Statuses})
}

func order(s Status) int {
	if s.Bad() {
		return 0
	}
	return 1
}
