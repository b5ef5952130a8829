package conform

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/tenon-wasm/tenon/sockets"
)

// A Manifest is the simple form: a file conform.json that says what guests must do, whoever
// made them. Each test is run with the guest of each toolchain: the file GUEST.wasm in its
// folder. A toolchain that lacks a guest has an empty place in the matrix, and no failure.
//
//	{
//	  "name": "basics",
//	  "toolchains": {"C": "../guests", "Rust": "guests/rust"},
//	  "tests": [
//	    {"name": "exit", "guest": "cli", "interface": "wasi:cli/exit", "args": ["exit", "7"], "exit": 7},
//	    {"name": "tcp", "guest": "tcp", "interface": "wasi:sockets/tcp", "args": ["echo", "127.0.0.1:0"],
//	     "net": ["loopback"], "steps": [
//	       {"connect": "a"}, {"send": "hello", "to": "a"}, {"recv": "hello", "from": "a"}]}
//	  ]
//	}
//
// Fields that are not known are errors.
type Manifest struct {
	Name string `json:"name"`

	// Toolchains are folders, relative to the manifest, by the names of toolchains.
	Toolchains map[string]string `json:"toolchains"`

	Tests []ManifestTest `json:"tests"`
}

// A ManifestTest is a test of a [Manifest]. All but the name and the guest may be left out.
type ManifestTest struct {
	Name      string   `json:"name"`
	Guest     string   `json:"guest"`     // without .wasm
	Interface string   `json:"interface"` // what it is about, for the matrix
	Args      []string `json:"args"`
	Env       []string `json:"env"` // each "KEY=VALUE"
	Stdin     string   `json:"stdin"`

	Dirs     []ManifestDir     `json:"dirs"`
	Net      []string          `json:"net"`     // rules, as of `tenon run --net`
	Servers  map[string]string `json:"servers"` // kinds by name, see Server
	Buckets  []string          `json:"buckets"`
	Settings map[string]string `json:"settings"`

	Timeout string `json:"timeout"` // "10s"
	Memory  uint64 `json:"memory"`  // bytes

	Steps []ManifestStep `json:"steps"`

	// How it ends.
	Exit   int            `json:"exit"`
	Trap   string         `json:"trap"`
	Stdout *ManifestMatch `json:"stdout"`
	Stderr *ManifestMatch `json:"stderr"`
}

// A ManifestDir is a [Dir]; From is relative to the manifest.
type ManifestDir struct {
	Guest    string            `json:"guest"`
	From     string            `json:"from"`
	Files    map[string]string `json:"files"`
	ReadOnly bool              `json:"read-only"`
}

// A ManifestStep is one of read (of stdout, or From stderr), write, connect (a name for the
// connection, By tcp or udp, to the address that stands behind After in the next line of
// stdout), send (To a connection), recv (From one) and close (one).
type ManifestStep struct {
	Read    *string `json:"read"`
	Write   *string `json:"write"`
	Connect *string `json:"connect"`
	Send    *string `json:"send"`
	Recv    *string `json:"recv"`
	Close   *string `json:"close"`

	From  string `json:"from"`
	To    string `json:"to"`
	By    string `json:"by"`
	After string `json:"after"`
}

// A ManifestMatch is a text, which must be matched exactly, or a [Match] as an object with
// the fields "contains", a list, and "matches", a regular expression.
type ManifestMatch struct{ Match }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *ManifestMatch) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		m.Exact = &text
		return nil
	}
	var o struct {
		Contains []string `json:"contains"`
		Matches  string   `json:"matches"`
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return errors.New("an output is a text, or an object with contains and matches")
	}
	if o.Contains == nil && o.Matches == "" {
		return errors.New("an output with neither contains nor matches")
	}
	m.Contains, m.Matches = o.Contains, o.Matches
	_, err := regexp.Compile(o.Matches)
	return err
}

// loadManifest reads a conform.json; more are folders of toolchains besides its own.
func loadManifest(path string, more map[string]string) ([]*Test, error) {
	var m Manifest
	if err := readJSON(path, &m, true); err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	if m.Name == "" {
		m.Name = filepath.Base(dir)
	}
	folders := map[string]string{}
	for name, folder := range m.Toolchains {
		folders[name] = filepath.Join(dir, filepath.FromSlash(folder))
	}
	maps.Copy(folders, more)
	if len(folders) == 0 {
		folders[""] = dir
	}
	var all []*Test
	for _, mt := range m.Tests {
		t, err := mt.test(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: test %s: %w", path, quote(mt.Name), err)
		}
		t.Suite = m.Name
		for _, name := range slices.Sorted(maps.Keys(folders)) {
			of := *t
			of.Toolchain, of.Guest = name, filepath.Join(folders[name], filepath.FromSlash(mt.Guest)+".wasm")
			all = append(all, &of)
		}
	}
	return all, nil
}

func (m *ManifestTest) test(dir string) (*Test, error) {
	t := &Test{
		Name: m.Name, Interface: m.Interface, Args: m.Args, Env: m.Env, Stdin: m.Stdin, Net: m.Net,
		Buckets: m.Buckets, Settings: m.Settings, Memory: m.Memory,
		Want: Expectation{Exit: m.Exit, Trap: m.Trap},
	}
	if m.Name == "" || m.Guest == "" {
		return nil, errors.New("it has no name, or no guest")
	}
	if m.Timeout != "" {
		d, err := time.ParseDuration(m.Timeout)
		if err != nil || d <= 0 {
			return nil, fmt.Errorf("timeout %s: want a time such as 10s", quote(m.Timeout))
		}
		t.Timeout = d
	}
	for _, r := range m.Net {
		if _, err := sockets.ParseRule(r); err != nil {
			return nil, fmt.Errorf("net %s: %w", r, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Servers)) {
		if !slices.Contains(serverKinds, m.Servers[name]) {
			return nil, fmt.Errorf("server %s: its kind is %s, want one of %v", name, quote(m.Servers[name]), serverKinds)
		}
		t.Servers = append(t.Servers, Server{name, m.Servers[name]})
	}
	for _, d := range m.Dirs {
		own := Dir{Guest: d.Guest, Files: d.Files, ReadOnly: d.ReadOnly}
		if d.From != "" {
			own.From = filepath.Join(dir, filepath.FromSlash(d.From))
		}
		if d.Guest == "" {
			return nil, errors.New("a directory has no name for the guest")
		}
		t.Dirs = append(t.Dirs, own)
	}
	if m.Stdout != nil {
		t.Want.Stdout = &m.Stdout.Match
	}
	if m.Stderr != nil {
		t.Want.Stderr = &m.Stderr.Match
	}
	known := map[string]bool{}
	for i, ms := range m.Steps {
		s, err := ms.step(known)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		t.Steps = append(t.Steps, s)
	}
	return t, nil
}

func (m *ManifestStep) step(known map[string]bool) (Step, error) {
	var found []Step
	add := func(kind StepKind, text *string, id string) {
		if text != nil {
			found = append(found, Step{Kind: kind, ID: id, Text: *text})
		}
	}
	stream := m.From
	if stream == "" {
		stream = "stdout"
	}
	add(StepRead, m.Read, stream)
	add(StepWrite, m.Write, "stdin")
	add(StepSend, m.Send, m.To)
	add(StepRecv, m.Recv, m.From)
	if m.Close != nil {
		found = append(found, Step{Kind: StepClose, ID: *m.Close})
	}
	if m.Connect != nil {
		by := m.By
		if by == "" {
			by = "tcp"
		}
		found = append(found, Step{Kind: StepConnect, ID: *m.Connect, Protocol: by, Prefix: m.After})
	}
	if len(found) != 1 {
		return Step{}, errors.New("it is not one of read, write, connect, send, recv and close")
	}
	s := found[0]
	switch {
	case s.Kind == StepRead && s.ID != "stdout" && s.ID != "stderr":
		return s, fmt.Errorf("read from %s: want stdout or stderr", quote(s.ID))
	case s.Kind == StepConnect && (s.Protocol != "tcp" && s.Protocol != "udp" || known[s.ID]):
		return s, fmt.Errorf("connect %s by %s: want a new name, and tcp or udp", quote(s.ID), quote(s.Protocol))
	case (s.Kind == StepSend || s.Kind == StepRecv || s.Kind == StepClose) && !known[s.ID]:
		return s, fmt.Errorf("%s: there is no connection %s", s.Kind, quote(s.ID))
	case s.Kind == StepConnect:
		known[s.ID] = true
	}
	return s, nil
}
