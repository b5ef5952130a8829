package wit

import "strings"

// docText turns doc comments into text: delimiters go, and so do the blanks
// that all lines begin with and blank lines around the whole.
func docText(comments []string) string {
	var lines []string
	for _, c := range comments {
		if body, ok := strings.CutPrefix(c, "/**"); ok {
			lines = append(lines, blockLines(strings.TrimSuffix(body, "*/"))...)
			continue
		}
		lines = append(lines, strings.TrimLeft(c, "/"))
	}
	margin := -1
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\r\n")
		if blanks := len(lines[i]) - len(strings.TrimLeft(lines[i], " \t")); lines[i] != "" && (margin < 0 || blanks < margin) {
			margin = blanks
		}
	}
	for i, line := range lines {
		lines[i] = line[min(max(margin, 0), len(line)):]
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// blockLines drops the star that lines of a block comment often begin with.
func blockLines(body string) []string {
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		line = strings.TrimLeft(line, " \t\r")
		if i > 0 {
			line = strings.TrimPrefix(line, "*")
		}
		if line != "" && line[0] != ' ' {
			line = " " + line
		}
		lines[i] = line
	}
	return lines
}
