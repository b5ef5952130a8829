package conform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A suiteSpec is the .json beside a guest of wasi-testsuite, of either form.
type suiteSpec struct {
	// The old form. Newer ones have one directory, which is the guest's root.
	suiteRun
	ExitCode int     `json:"exit_code"`
	Stdout   *string `json:"stdout"`
	Stderr   *string `json:"stderr"`

	// The form with operations.
	Operations []suiteOperation `json:"operations"`
	Proposals  []string         `json:"proposals"`
	World      string           `json:"world"`
	Servers    []any            `json:"servers"`
}

type suiteRun struct {
	Args []string          `json:"args"`
	Env  map[string]string `json:"env"`
	Dirs []string          `json:"dirs"`
	Root string            `json:"root"`
}

type suiteOperation struct {
	Type string `json:"type"`
	suiteRun
	ExitCode int     `json:"exit_code"`
	ID       *string `json:"id"`
	Payload  string  `json:"payload"`
	Protocol string  `json:"protocol_type"`
}

// loadSuite reads the guests of one folder of wasi-testsuite below dir.
func loadSuite(dir, folder string) ([]*Test, error) {
	guests, err := filepath.Glob(filepath.Join(globbed(folder), "*.wasm"))
	if err != nil || len(guests) == 0 {
		return nil, err
	}
	name, err := suiteName(dir, folder)
	if err != nil {
		return nil, err
	}
	var all []*Test
	for _, guest := range guests {
		t := &Test{
			Suite: name, Name: strings.TrimSuffix(strings.TrimSuffix(filepath.Base(guest), ".wasm"), ".component"),
			Interface: suiteInterface(folder), Guest: guest,
		}
		if err := t.readSpec(folder); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// globbed is a path in which nothing is a pattern.
func globbed(path string) string {
	return strings.NewReplacer(`[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(path)
}

// suiteName is what manifest.json calls the folder, or its path.
func suiteName(dir, folder string) (string, error) {
	var m struct {
		Name string `json:"name"`
	}
	err := readJSON(filepath.Join(folder, "manifest.json"), &m, false)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if m.Name != "" {
		return m.Name, nil
	}
	rel, err := filepath.Rel(dir, folder)
	if err != nil || rel == "." {
		return filepath.Base(folder), err
	}
	return filepath.ToSlash(rel), nil
}

// suiteInterface is the row of the matrix: newer trees have folders by the target.
func suiteInterface(folder string) string {
	for _, part := range strings.Split(filepath.ToSlash(folder), "/") {
		switch part {
		case "wasm32-wasip2":
			return "WASI 0.2"
		case "wasm32-wasip3":
			return "WASI 0.3"
		}
	}
	return "preview 1"
}

func (t *Test) readSpec(folder string) error {
	path := filepath.Join(folder, t.Name+".json")
	var spec suiteSpec
	err := readJSON(path, &spec, false)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if spec.Operations == nil && spec.Proposals == nil && spec.Servers == nil {
		t.run(folder, spec.suiteRun)
		t.Want.Exit = spec.ExitCode
		if spec.Stdout != nil {
			t.Want.Stdout = &Match{Exact: spec.Stdout}
		}
		if spec.Stderr != nil {
			t.Want.Stderr = &Match{Exact: spec.Stderr}
		}
		return nil
	}
	switch {
	case spec.World != "" && spec.World != "wasi:cli/command":
		t.Unsupported = "it is of the world " + spec.World + ", which is not run yet"
	case len(spec.Servers) > 0:
		t.Unsupported = "it wants HTTP servers, and requests are not sent yet"
	}
	for _, p := range spec.Proposals {
		if p == "sockets" {
			t.Net = []string{"loopback"}
		}
	}
	if err := t.operations(folder, spec.Operations); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (t *Test) run(folder string, r suiteRun) {
	t.Args = r.Args
	for k, v := range r.Env {
		t.Env = append(t.Env, k+"="+v)
	}
	slices.Sort(t.Env)
	for _, d := range r.Dirs {
		t.Dirs = append(t.Dirs, Dir{Guest: d, From: filepath.Join(folder, d)})
	}
	if r.Root != "" {
		t.Dirs = append(t.Dirs, Dir{Guest: "/", From: filepath.Join(folder, r.Root)})
	}
}

// operations reads the steps. Rules: run is first, then the others, then wait.
func (t *Test) operations(folder string, ops []suiteOperation) error {
	if len(ops) == 0 {
		return nil
	}
	if ops[0].Type != "run" {
		return fmt.Errorf("the first operation is %s, want run", quote(ops[0].Type))
	}
	t.run(folder, ops[0].suiteRun)
	known := map[string]bool{}
	for i, op := range ops[1:] {
		if op.Type == "wait" {
			t.Want.Exit = op.ExitCode
			if i != len(ops)-2 {
				return errors.New("an operation follows wait")
			}
			return nil
		}
		s, err := op.step(known)
		if err != nil {
			return fmt.Errorf("operation %d: %w", i+2, err)
		}
		if op.Type == "request" && t.Unsupported == "" {
			t.Unsupported = "it is sent requests, and serving is not there yet"
		}
		t.Want.Killed = t.Want.Killed || s.Kind == StepKill
		t.Steps = append(t.Steps, s)
	}
	return errors.New("run has no wait")
}

// step reads one operation; known are the connections so far.
func (op *suiteOperation) step(known map[string]bool) (Step, error) {
	s := Step{Kind: StepKind(op.Type), Text: op.Payload}
	if op.ID != nil {
		s.ID = *op.ID
	}
	switch op.Type {
	case "read":
		if op.ID == nil {
			s.ID = "stdout"
		}
		if s.ID != "stdout" && s.ID != "stderr" {
			return s, fmt.Errorf("read of %s: want stdout or stderr", quote(s.ID))
		}
	case "write":
		if s.ID != "stdin" && s.ID != "" {
			return s, fmt.Errorf("write to %s: want stdin", quote(s.ID))
		}
	case "connect":
		if op.ID == nil {
			s.ID = "server"
		}
		if s.Protocol = op.Protocol; s.Protocol == "" {
			s.Protocol = "tcp"
		}
		if s.Protocol != "tcp" && s.Protocol != "udp" {
			return s, fmt.Errorf("connect by %s: want tcp or udp", quote(s.Protocol))
		}
		if known[s.ID] {
			return s, fmt.Errorf("there are two connections %s", quote(s.ID))
		}
		known[s.ID] = true
	case "send", "recv":
		if !known[s.ID] {
			return s, fmt.Errorf("%s: there is no connection %s", op.Type, quote(s.ID))
		}
	case "kill", "request", "run":
		if op.Type == "run" {
			return s, errors.New("it is run twice")
		}
	default:
		return s, fmt.Errorf("the type %s is not known", quote(op.Type))
	}
	return s, nil
}

// exists tells whether there is a file.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
