package component_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A script is one .wast file of the public suites: directives, in order.
type script struct {
	name string // component-model/linking/unit.wast
	dir  string // where the binaries of the directives are

	Directives []directive `json:"commands"`
}

// A directive is a command of a script, as `wasm-tools json-from-wast` prints it.
type directive struct {
	Type string `json:"type"`
	Line int    `json:"line"`

	// The component of a definition or an assertion about one, and the name that a
	// definition gives it.
	Filename       string `json:"filename"`
	BinaryFilename string `json:"binary_filename"`
	ModuleType     string `json:"module_type"`
	Name           string `json:"name"`

	// module_instance: the definition and the instance's name.
	Module   string `json:"module"`
	Instance string `json:"instance"`

	Action   *action `json:"action"`
	Expected []value `json:"expected"`
	Text     string  `json:"text"`
}

// An action is a call of an exported function.
type action struct {
	Type   string  `json:"type"`
	Module string  `json:"module"`
	Field  string  `json:"field"`
	Args   []value `json:"args"`
}

// binary reads the component of a directive. What stands in the text format only
// gives errTextOnly.
func (s *script) binary(d directive) ([]byte, error) {
	file := d.Filename
	if d.ModuleType == "text" {
		if d.BinaryFilename == "" {
			return nil, errTextOnly
		}
		file = d.BinaryFilename
	}
	return os.ReadFile(filepath.Join(s.dir, file))
}

var errTextOnly = errors.New("a rule of the text format, which no host reads")

// wasmTools finds the converter of scripts. Without it the test is skipped, or
// fails where CI promised that it is there.
func wasmTools(t *testing.T) string {
	t.Helper()
	tool := os.Getenv("TENON_WASM_TOOLS")
	if tool == "" {
		tool = "wasm-tools"
	}
	path, err := exec.LookPath(tool)
	if err == nil {
		return path
	}
	const how = "install wasm-tools 1.263.0 from crates.io, or name it in TENON_WASM_TOOLS"
	if os.Getenv("TENON_REQUIRE_TOOLS") != "" {
		t.Fatalf("%v: %s", err, how)
	}
	t.Skipf("%v: %s", err, how)
	return ""
}

// convert turns a .wast file into a script whose binaries are in dir.
func convert(ctx context.Context, tool, source, name, dir string) (*script, error) {
	out := filepath.Join(dir, "script.json")
	cmd := exec.CommandContext(ctx, tool, "json-from-wast", "-o", out, "--wasm-dir", dir, source)
	// Two files write export names outside of a nested reference, as the text format
	// had it before.
	cmd.Env = append(os.Environ(), "WAST_STRICT_COMPONENT_INDICES=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(string(text), "\n")
		return nil, fmt.Errorf("wasm-tools: %w: %s", err, first)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	s := &script{name: name, dir: dir}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}
