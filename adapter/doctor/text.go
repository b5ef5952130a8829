package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// sortFindings puts the gravest first, and those of a kind in the order of their codes.
func sortFindings(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), rank(a.Code)-rank(b.Code))
	})
}

// rank orders findings: what is wrong with the whole comes before its parts, what no link
// can mend before what one can.
func rank(c Code) int { return strings.IndexByte("12683457", c[2]) }

// maxRows bounds the rows of a table.
const maxRows = 200

// String is the report as text. The first line has the verdict and, if it would not run, the
// cause and the cure of the first error.
func (r Report) String() string {
	var b strings.Builder
	r.verdict(&b)
	r.file(&b)
	r.table(&b)
	r.needs(&b)
	r.findings(&b)
	return b.String()
}

func (r Report) verdict(b *strings.Builder) {
	errs := r.Errors()
	switch {
	case r.Runs:
		fmt.Fprintf(b, "%s: would run\n", r.Name)
	case len(errs) == 0:
		fmt.Fprintf(b, "%s: would not run\n", r.Name)
	case len(errs) == 1 && r.More == 0:
		fmt.Fprintf(b, "%s: would not run: %s\n", r.Name, errs[0])
	default:
		fmt.Fprintf(b, "%s: would not run: %s (and %s)\n", r.Name, errs[0], plural(len(errs)-1+r.More, "other problem"))
	}
}

func (r Report) file(b *strings.Builder) {
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %-8s %s\n", label, text)
		}
	}
	f := r.File
	kind := fmt.Sprintf("%s, %s", f.Kind, plural(f.Size, "byte"))
	if f.Modules > 1 {
		kind += ", " + plural(f.Modules, "core module")
	}
	if f.Nested > 0 {
		kind += ", " + plural(f.Nested, "component") + " within"
	}
	line("file", kind)
	made := slices.Concat(f.Languages, f.Tools)
	switch {
	case f.Toolchain != "" && len(made) > 0:
		line("made by", f.Toolchain+": "+strings.Join(made, ", "))
	default:
		line("made by", f.Toolchain+strings.Join(made, ", "))
	}
	line("adapter", f.Adapter)
	line("world", r.World.String())
	var uses []string
	for _, u := range r.Uses {
		word := u.Feature
		if !u.Supported {
			word += " (lacking)"
		}
		uses = append(uses, word)
	}
	line("core", strings.Join(uses, ", "))
	if len(r.Exports) > 0 {
		line("exports", some(r.Exports))
	}
}

// String says which world it is, and what is missing and beyond.
func (f Fit) String() string {
	if f.Name == "" {
		return ""
	}
	s := f.Name
	if strings.HasPrefix(s, "wasi:cli/imports") {
		s += ", a library or reactor"
	}
	if len(f.Missing) > 0 {
		s += "; it lacks the export " + some(f.Missing)
	}
	if len(f.Beyond) > 0 {
		s += "; beyond it: " + some(f.Beyond)
	}
	return s
}

func (r Report) table(b *strings.Builder) {
	if len(r.Imports) == 0 {
		return
	}
	rows := [][]string{{"wanted", "provided by", "rule", "verdict"}}
	for _, im := range r.Imports[:min(len(r.Imports), maxRows)] {
		by, rule := im.By, im.Rule
		if by == "" {
			by = "-"
		}
		if rule == "" {
			rule = "-"
		}
		rows = append(rows, []string{short(im.Wanted), short(by), rule, im.Verdict})
	}
	fmt.Fprintf(b, "\n%s\n", plural(len(r.Imports), "import"))
	columns(b, rows)
	if more := len(r.Imports) - maxRows; more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}

// columns writes rows with columns that stand under each other.
func columns(b *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], min(len(cell), 60))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += fmt.Sprintf("  %-*s", width[i], cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func (r Report) needs(b *strings.Builder) {
	if len(r.Needs) == 0 {
		return
	}
	rows := [][]string{}
	for _, n := range r.Needs {
		given := "not given"
		switch {
		case n.Granted:
			given = "given"
		case len(n.Flags) == 0:
			given = "denied"
		}
		rows = append(rows, []string{n.What, strings.Join(n.Flags, " or "), given})
	}
	b.WriteString("\nit may\n")
	columns(b, rows)
}

func (r Report) findings(b *strings.Builder) {
	if len(r.Findings) == 0 {
		return
	}
	b.WriteString("\n")
	for _, f := range r.Findings {
		fmt.Fprintf(b, "%s %s\n", f.Severity, f)
		for _, line := range f.Lines() {
			fmt.Fprintf(b, "    %s\n", line)
		}
	}
	if r.More > 0 {
		fmt.Fprintf(b, "and %s\n", plural(r.More, "finding more"))
	}
	fmt.Fprintf(b, "\n\"tenon explain %s\" says more about a code.\n", r.Findings[0].Code)
}

// Lines are what the finding says beyond its own line: the difference of types with its
// effect on the ABI, and details.
func (f Finding) Lines() []string {
	var lines []string
	if d := f.Drift; d != nil {
		lines = append(lines, "component  "+d.Want, fmt.Sprintf("%-10s %s", d.By, d.Have))
		for i, p := range d.Places {
			if i > 0 {
				lines = append(lines, "and        "+p.String())
			}
			for _, e := range p.Effects {
				lines = append(lines, "in memory  "+e.String())
			}
		}
		if d.FlatWant != "" {
			of := ""
			if d.FlatOf != d.Item {
				of = ", of " + d.FlatOf
			}
			lines = append(lines, "flat       "+d.FlatWant+of, fmt.Sprintf("    %-6s %s", d.By, d.FlatHave))
		}
		if len(d.Users) > 0 {
			users := strings.Join(d.Users, "; ")
			if d.More > 0 {
				users += fmt.Sprintf(" and %d more", d.More)
			}
			lines = append(lines, "used by    "+users)
		}
	}
	return append(lines, f.Details...)
}
