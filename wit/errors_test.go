package wit

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

const errorsFile = "../testdata/wit/errors.txt"

func TestErrorsSayWhereAndWhatInstead(t *testing.T) {
	file, err := os.ReadFile(errorsFile)
	if err != nil {
		t.Fatal(err)
	}
	head, sections := split(string(file))
	for i := 0; i+1 < len(sections); i += 2 {
		text, want := sections[i], &sections[i+1]
		t.Run(text.name, func(t *testing.T) {
			_, err := Parse(File{Name: "f.wit", Text: strings.TrimSuffix(text.body, "\n")})
			if err == nil {
				t.Fatal("no error")
			}
			var pe *ParseError
			if !errors.As(err, &pe) {
				t.Errorf("%v is not a ParseError", err)
			}
			got := err.Error() + "\n"
			if *update {
				want.body = got
				return
			}
			if got != want.body {
				t.Errorf("got  %swant %s", got, want.body)
			}
		})
	}
	if *update {
		for _, s := range sections {
			head += "-- " + s.name + " --\n" + s.body
		}
		if err := os.WriteFile(errorsFile, []byte(head), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type section struct{ name, body string }

// split parts a file at lines of the form `-- name --`.
func split(file string) (head string, sections []section) {
	for _, line := range strings.SplitAfter(file, "\n") {
		name, ok := strings.CutPrefix(line, "-- ")
		name, end := strings.CutSuffix(name, " --\n")
		switch {
		case ok && end:
			sections = append(sections, section{name: name})
		case len(sections) == 0:
			head += line
		default:
			sections[len(sections)-1].body += line
		}
	}
	return head, sections
}
