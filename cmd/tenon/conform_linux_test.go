package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// On a terminal, progress is one line that is written over and over; failures stay.
func TestConformShowsItsProgressOnATerminal(t *testing.T) {
	guests, err := filepath.Abs("../../testdata/guests")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	manifest := `{"name": "s", "tests": [{"name": "good", "guest": "hello"}, {"name": "wrong", "guest": "hello", "exit": 1}]}`
	if err := os.WriteFile(filepath.Join(dir, "conform.json"), []byte(manifest), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CI", "")
	for _, ci := range []string{"", "true"} {
		keys, line := terminal(t)
		cmd := tenon(t, "conform", "--jobs", "1", "--guests", "C="+guests, dir)
		cmd.Env = append(cmd.Env, "CI="+ci)
		cmd.Stdout = line
		started(t, cmd)
		line.Close()
		keys.SetReadDeadline(time.Now().Add(time.Minute))
		var shown strings.Builder
		lines := bufio.NewReader(keys)
		for !strings.Contains(shown.String(), "passed, 1 failed in ") {
			text, err := lines.ReadString('\n')
			shown.WriteString(text)
			if err != nil {
				t.Fatalf("%v after %q", err, shown.String())
			}
		}
		wantCode(t, cmd, 1)
		const first = "\r\x1b[K1 of 2, 0 failed: s/good [C]"
		const second = "\r\x1b[Kfail  s/wrong [C] ("
		moves := strings.Contains(shown.String(), first) && strings.Contains(shown.String(), second)
		if plain := !strings.Contains(shown.String(), "\x1b"); ci == "" && !moves || ci != "" && !plain {
			t.Errorf("CI=%q, on the screen is %q", ci, shown.String())
		}
	}
}
