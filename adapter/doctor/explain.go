package doctor

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

//go:embed pages/*.md
var pages embed.FS

// Explain is the page of a code: what it means, an example, how it comes about, and what to
// do. The error names codes that are near.
func Explain(code string) (string, error) {
	c := Code(strings.ToUpper(strings.TrimSpace(code)))
	if !slices.Contains(codes, c) {
		names := make([]string, len(codes))
		for i, c := range codes {
			names[i] = string(c)
		}
		near := wit.Instead(string(c), names)
		if !strings.Contains(near, "did you mean") {
			near = "; `tenon explain` lists the codes"
		}
		return "", fmt.Errorf("there is no code %q%s", code, near)
	}
	page, err := pages.ReadFile("pages/" + string(c) + ".md")
	return string(page), err
}

// Title is what a code means, in a few words.
func (c Code) Title() string {
	page, err := pages.ReadFile("pages/" + string(c) + ".md")
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(page), "\n")
	_, title, _ := strings.Cut(line, ": ")
	return title
}

// Index lists all codes by group, a line each.
func Index() string {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%sxx %s\n", g.prefix, g.title)
		for _, c := range codes {
			if strings.HasPrefix(string(c), g.prefix) {
				fmt.Fprintf(&b, "  %s %s\n", c, c.Title())
			}
		}
	}
	return b.String()
}
