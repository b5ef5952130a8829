package files

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A model is a directory of the kernel, and one that must answer as it does.
type model struct {
	t      *testing.T
	choose func(n int) int // of 0 to n-1
	links  bool            // files may get several names
	kernel *actor
	mine   *actor
	done   []string
}

// modelKinds are what is compared. Before a directory is laid over another, a first part of the calls is done there.
var modelKinds = []struct {
	name string
	lay  func(t *testing.T, first Dir) Dir
}{
	{"memory", nil},
	{"overlay of memory over memory", func(t *testing.T, first Dir) Dir { return Overlay(first, memoryDir(t)) }},
	{"overlay of memory over an FS", func(t *testing.T, first Dir) Dir { return Overlay(FromFS(ToFS(first)), memoryDir(t)) }},
	{"overlay of host over memory", func(t *testing.T, first Dir) Dir { return Overlay(first, hostDirAt(t, t.TempDir())) }},
}

// TestRandomCallsAnswerAsTheKernelDoes: the answer of each call, and what is there in the end.
func TestRandomCallsAnswerAsTheKernelDoes(t *testing.T) {
	sequences := 10_000
	if testing.Short() {
		sequences = 300
	}
	for i, k := range modelKinds {
		n := sequences
		if i > 0 {
			n /= 10
		}
		t.Run(k.name, func(t *testing.T) {
			for seed := range n {
				random := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
				runModel(t, random.IntN, 40, k.lay)
				if t.Failed() {
					t.Fatalf("with seed %d", seed)
				}
			}
		})
	}
}

// FuzzCallsAnswerAsTheKernelDoes is the same, with calls that the fuzzer chooses. The first byte chooses the kind.
func FuzzCallsAnswerAsTheKernelDoes(f *testing.F) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 0))
		b := make([]byte, 300)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		b[0] = byte(seed)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 || len(b) > 4096 {
			return
		}
		k := modelKinds[int(b[0])%len(modelKinds)]
		b = b[1:]
		steps := len(b) / 5
		runModel(t, func(n int) int {
			if len(b) == 0 {
				return 0
			}
			c := int(b[0]) % n
			b = b[1:]
			return c
		}, steps, k.lay)
	})
}

func runModel(t *testing.T, choose func(int) int, steps int, lay func(*testing.T, Dir) Dir) {
	top, err := os.MkdirTemp(scratch(), "model")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(top)
	base := filepath.Join(top, "x", "y", "z")
	if err := os.MkdirAll(base, 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(base)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	memory := NewMemory(MemoryConfig{})
	first := memory.Root()
	m := &model{t: t, choose: choose, kernel: newActor(linuxDir{&linuxNode{f}}), mine: newActor(first)}
	if lay != nil {
		m.run(steps / 2)
		m.closeAll()
		m.mine.root = lay(t, first)
		m.done = append(m.done, "--")
	}
	m.links = true // below an overlay, they would come apart
	m.run(steps)
	m.closeAll()
	if used, entries := memory.Used(); !t.Failed() && (entries > 1000 || used > 64<<20) {
		t.Errorf("%d bytes and %d entries are used", used, entries)
	}
}

// scratch is where files are fast.
func scratch() string {
	if unix.Access("/dev/shm", unix.W_OK) == nil {
		return "/dev/shm"
	}
	return ""
}

func (m *model) closeAll() {
	for h := range m.mine.open {
		m.same(contractLine{op: "close", args: []string{h}})
		delete(m.mine.open, h)
		delete(m.kernel.open, h)
	}
}

func (m *model) run(steps int) {
	for range steps {
		if l, ok := m.line(); ok {
			m.same(l)
		}
		if m.t.Failed() {
			return
		}
	}
	kernel, mine := treeOf(m.kernel.root, "."), treeOf(m.mine.root, ".")
	if kernel != mine {
		m.t.Errorf("the kernel has\n%s\nand here is\n%s\nafter\n%s", kernel, mine, strings.Join(m.done, "\n"))
	}
}

// same does a line on both sides.
func (m *model) same(l contractLine) {
	m.done = append(m.done, fmt.Sprintf("%s %q", l.op, l.args))
	mine := m.mine.do(l)
	if mine == CrossDevice.String() && l.op == "rename" {
		m.done = append(m.done, "  which an overlay does not do")
		return
	}
	if kernel := m.kernel.do(l); kernel != mine {
		m.t.Errorf("the kernel says %.80q and not %.80q, after\n%s", kernel, mine, strings.Join(m.done, "\n"))
	}
}

// line chooses a line that stays inside.
func (m *model) line() (contractLine, bool) {
	ops := []string{"write", "append", "read", "stat", "lstat", "mkdir", "mkdir", "rmdir", "unlink", "rename", "rename", "link",
		"linkF", "symlink", "symlink", "readlink", "ls", "open", "open", "same", "links", "fread", "fwrite", "fwrite", "fappend",
		"ftrunc", "fstat", "close", "fsame"}
	l := contractLine{op: ops[m.choose(len(ops))]}
	switch {
	case !m.links && (l.op == "link" || l.op == "linkF"):
		return l, false
	case l.op == "open":
		flags := []string{"r", "rw", "rwc", "rwcx", "rF", "rwcF", "rwt", "rd", "rdF", "w", "rcF", "rwcxF"}[m.choose(12)]
		l.args = []string{fmt.Sprint("h", m.choose(3)), flags, m.path()}
		return l, m.inside(l.args[2])
	case l.op[0] == 'f' || l.op == "close":
		h := fmt.Sprint("h", m.choose(3))
		n, ok := m.mine.open[h]
		if _, isFile := n.(File); !ok || !isFile && l.op != "fstat" && l.op != "close" && l.op != "fsame" {
			return l, false
		}
		l.args = []string{h, m.number(), "text"}
		switch l.op {
		case "fappend":
			l.args[1] = "more"
		case "fsame":
			l.args[1] = m.path()
			return l, m.inside(l.args[1])
		case "close":
			m.same(l)
			delete(m.mine.open, h)
			delete(m.kernel.open, h)
			return l, false
		}
		return l, true
	case l.op == "symlink":
		target := m.path()
		l.args = []string{target[strings.Index(target, ":")+1:], m.path()}
		return l, m.inside(l.args[1])
	}
	l.args = []string{m.path(), m.path()}
	if l.op == "write" || l.op == "append" {
		l.args[1] = []string{"hello", "other", ""}[m.choose(3)]
		return l, m.inside(l.args[0])
	}
	if !m.inside(l.args[0]) || !m.inside(l.args[1]) {
		return l, false
	}
	if l.op == "links" { // of directories, each file system counts them as it likes
		d, p := m.mine.at(l.args[0])
		i, err := d.Stat(p, false)
		return l, err != nil || i.Kind != Directory
	}
	return l, true
}

func (m *model) number() string {
	return []string{"0", "1", "3", "511", "65535", "65536", "65540", "200000"}[m.choose(8)]
}

// path chooses of few names, so that they meet.
func (m *model) path() string {
	var b strings.Builder
	if h := fmt.Sprint("h", m.choose(12)); m.mine.open[h] != nil {
		if _, ok := m.mine.open[h].(Dir); ok {
			b.WriteString(h + ":")
		}
	}
	for range m.choose(3) {
		b.WriteString([]string{"a/", "b/", "c/", "a/", "b/", "a//", "./", "../"}[m.choose(8)])
	}
	b.WriteString([]string{"a", "b", "c", "d", "e", "a", "b", "c", "a/", "b/", ".", ".."}[m.choose(12)])
	return b.String()
}

// inside reports whether a path, and all that it may lead through, stays in the directory: the kernel does not see to it.
func (m *model) inside(path string) bool {
	d, p := m.mine.at(path)
	parent := strings.TrimRight(p, "/")
	parent = parent[:strings.LastIndex(parent, "/")+1] + "."
	for _, p := range []string{p, parent} {
		for _, follow := range []bool{false, true} {
			if _, err := d.Stat(p, follow); err != nil && CodeOf(err) == NotPermitted {
				return false
			}
		}
	}
	return true
}
