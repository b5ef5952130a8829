package files

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A contractCase is a case of testdata/contract.txt, which says how it is read.
type contractCase struct {
	title    string
	given    []contractLine
	then     []contractLine
	confined bool // it is about what leads out of the directory
}

type contractLine struct {
	number int
	op     string
	args   []string
	want   string
}

func contract(t testing.TB) []contractCase {
	text, err := os.ReadFile("testdata/contract.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []contractCase
	given := false
	for i, line := range strings.Split(string(text), "\n") {
		title, isTitle := strings.CutPrefix(line, "# ")
		switch {
		case isTitle:
			cases = append(cases, contractCase{title: title})
			given = true
		case len(cases) == 0 || strings.TrimSpace(line) == "":
		case line == "--":
			given = false
		case line == "confined":
			cases[len(cases)-1].confined = true
		default:
			c := &cases[len(cases)-1]
			to := &c.then
			if given {
				to = &c.given
			}
			*to = append(*to, readLine(i+1, line))
		}
	}
	return cases
}

func readLine(number int, line string) contractLine {
	call, want, ok := strings.Cut(line, "->")
	if !ok {
		want = "ok"
	}
	words := strings.Fields(call)
	for i, w := range words {
		words[i] = expand(w)
	}
	return contractLine{number, words[0], words[1:], strings.Trim(strings.TrimSpace(want), `"`)}
}

// expand reads {x*300} and "".
func expand(w string) string {
	if w == `""` {
		return ""
	}
	before, rest, ok := strings.Cut(w, "{")
	if !ok {
		return w
	}
	repeat, after, _ := strings.Cut(rest, "}")
	s, count, _ := strings.Cut(repeat, "*")
	n, err := strconv.Atoi(count)
	if err != nil {
		panic(w)
	}
	return before + strings.Repeat(s, n) + after
}

// An actor does the lines of a case, in a directory.
type actor struct {
	root Dir
	open map[string]Node
}

func newActor(root Dir) *actor { return &actor{root, map[string]Node{}} }

func (a *actor) closeAll() {
	for _, n := range a.open {
		n.Close()
	}
}

// do gives what a line answers, in the words of the contract.
func (a *actor) do(l contractLine) string {
	said, err := a.act(l)
	switch {
	case err != nil:
		return CodeOf(err).String()
	case said == nil:
		return "ok"
	}
	return strings.ReplaceAll(*said, "\x00", `\0`)
}

func (a *actor) at(path string) (Dir, string) {
	if h, rest, ok := strings.Cut(path, ":"); ok {
		return a.open[h].(Dir), rest
	}
	return a.root, path
}

func (a *actor) act(l contractLine) (*string, error) {
	say := func(format string, args ...any) *string {
		s := fmt.Sprintf(format, args...)
		return &s
	}
	var d Dir
	var p string
	if len(l.args) > 0 && !strings.HasPrefix(l.op, "f") && l.op != "open" && l.op != "symlink" && l.op != "chain" {
		d, p = a.at(l.args[0])
	}
	switch l.op {
	case "write":
		return nil, actWrite(d, p, l.args[1])
	case "append":
		n, err := d.Open(p, OpenHow{Follow: true, Write: true})
		if err != nil {
			return nil, err
		}
		defer n.Close()
		_, err = n.(File).Append([]byte(l.args[1]))
		return nil, err
	case "read":
		n, err := d.Open(p, OpenHow{Follow: true, Read: true})
		if err != nil {
			return nil, err
		}
		defer n.Close()
		text, err := readAll(n)
		return &text, err
	case "stat", "lstat":
		i, err := d.Stat(p, l.op == "stat")
		return say("%s", infoText(i)), err
	case "links":
		i, err := d.Stat(p, false)
		return say("%d", i.Links), err
	case "same":
		d2, p2 := a.at(l.args[1])
		i, err := d.Stat(p, false)
		if err != nil {
			return nil, err
		}
		j, err := d2.Stat(p2, false)
		return say("%s", sameText(i, j)), err
	case "mkdir":
		return nil, d.MakeDir(p)
	case "rmdir":
		return nil, d.RemoveDir(p)
	case "unlink":
		return nil, d.Unlink(p)
	case "rename":
		d2, p2 := a.at(l.args[1])
		return nil, d.Rename(p, d2, p2)
	case "link", "linkF":
		d2, p2 := a.at(l.args[1])
		return nil, d.Link(p, l.op == "linkF", d2, p2)
	case "symlink":
		d, p := a.at(l.args[1])
		return nil, d.Symlink(l.args[0], p)
	case "readlink":
		s, err := d.Readlink(p)
		return &s, err
	case "times", "timesF":
		return nil, d.SetTimesAt(p, l.op == "timesF", timeArg(l.args[1]), timeArg(l.args[2]))
	case "gettimes":
		i, err := d.Stat(p, false)
		return say("%d %d", i.Accessed.Unix(), i.Modified.Unix()), err
	case "mtime":
		i, err := d.Stat(p, false)
		return say("%d", i.Modified.Unix()), err
	case "ls":
		list, err := names(d, p)
		return say("%s", strings.Join(list, " ")), err
	case "count":
		list, err := names(d, p)
		return say("%d", len(list)), err
	case "removeall":
		return nil, removeAll(d, p)
	case "many":
		n, _ := strconv.Atoi(l.args[1])
		for i := range n {
			if err := actWrite(d, fmt.Sprintf("%s/n%d", p, i), fmt.Sprintf("n%d", i)); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "chain":
		n, _ := strconv.Atoi(l.args[0])
		if err := actWrite(a.root, "l0", "hello"); err != nil {
			return nil, err
		}
		for i := range n {
			if err := a.root.Symlink(fmt.Sprintf("l%d", i), fmt.Sprintf("l%d", i+1)); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "open":
		d, p := a.at(l.args[2])
		n, err := d.Open(p, openArg(l.args[1]))
		if err == nil {
			if old := a.open[l.args[0]]; old != nil {
				old.Close()
			}
			a.open[l.args[0]] = n
		}
		return nil, err
	}
	return a.actOpen(l)
}

// actOpen does what is done with something open.
func (a *actor) actOpen(l contractLine) (*string, error) {
	n := a.open[l.args[0]]
	if l.op == "close" {
		return nil, n.Close()
	}
	if l.op == "fstat" {
		i, err := n.Info()
		s := infoText(i)
		return &s, err
	}
	if l.op == "fsame" {
		d, p := a.at(l.args[1])
		i, err := n.Info()
		if err != nil {
			return nil, err
		}
		j, err := d.Stat(p, false)
		if p == l.args[0] && a.open[p] != nil { // between two descriptors
			j, err = a.open[p].Info()
		}
		s := sameText(i, j)
		return &s, err
	}
	f := n.(File)
	switch l.op {
	case "fread":
		s, err := readAll(f)
		return &s, err
	case "fwrite":
		off, _ := strconv.ParseInt(l.args[1], 10, 64)
		_, err := f.WriteAt([]byte(l.args[2]), off)
		return nil, err
	case "fappend":
		_, err := f.Append([]byte(l.args[1]))
		return nil, err
	case "ftrunc":
		size, _ := strconv.ParseUint(l.args[1], 10, 64)
		return nil, f.Truncate(size)
	}
	panic("the contract has no " + l.op)
}

func actWrite(d Dir, p, text string) error {
	n, err := d.Open(p, OpenHow{Create: true, Follow: true, Truncate: true, Write: true})
	if err != nil {
		return err
	}
	defer n.Close()
	_, err = n.(File).WriteAt([]byte(text), 0)
	return err
}

func readAll(n Node) (string, error) {
	f, ok := n.(File)
	if !ok {
		return "", IsDirectory
	}
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<20))
	return string(b), err
}

func infoText(i Info) string {
	kinds := map[Kind]string{RegularFile: "regular-file", SymbolicLink: "symbolic-link", Directory: "directory"}
	if i.Kind == Directory {
		return kinds[i.Kind]
	}
	return fmt.Sprintf("%s %d", kinds[i.Kind], i.Size)
}

func sameText(i, j Info) string {
	if i.Device == j.Device && i.Inode == j.Inode {
		return "yes"
	}
	return "no"
}

func timeArg(s string) Time {
	sec, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return Time{}
	}
	return Time{Set: true, At: time.Unix(sec, 0)}
}

func openArg(s string) OpenHow {
	has := func(c string) bool { return strings.Contains(s, c) }
	return OpenHow{Follow: has("F"), Create: has("c"), Exclusive: has("x"), Directory: has("d"), Truncate: has("t"),
		Read: has("r"), Write: has("w")}
}

// names lists a directory: a/ is a directory, a@ a link. What an entry says must be what Stat says.
func names(d Dir, p string) ([]string, error) {
	n, err := d.Open(p, OpenHow{Directory: true, Read: true})
	if err != nil {
		return nil, err
	}
	defer n.Close()
	return list(n.(Dir))
}

func list(d Dir) ([]string, error) {
	entries, err := d.ReadDir()
	if err != nil {
		return nil, err
	}
	defer entries.Close()
	var all []string
	for {
		e, err := entries.Next()
		if err == io.EOF {
			slices.Sort(all)
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		i, err := d.Stat(e.Name, false)
		if err != nil {
			return nil, err
		}
		if i.Kind != e.Kind {
			return nil, fmt.Errorf("%s is a %d in the directory and a %d by itself", e.Name, e.Kind, i.Kind)
		}
		all = append(all, e.Name+map[Kind]string{Directory: "/", SymbolicLink: "@"}[e.Kind])
	}
}

// treeOf tells all that is in a directory.
func treeOf(d Dir, path string) string {
	list, err := names(d, path)
	if err != nil {
		return fmt.Sprintf("%s: %v\n", path, err)
	}
	var b strings.Builder
	for _, name := range list {
		p := path + "/" + strings.TrimRight(name, "/@")
		switch {
		case strings.HasSuffix(name, "/"):
			fmt.Fprintf(&b, "%s/\n%s", p, treeOf(d, p))
		case strings.HasSuffix(name, "@"):
			target, err := d.Readlink(p)
			fmt.Fprintf(&b, "%s -> %s %v\n", p, target, err)
		default:
			n, err := d.Open(p, OpenHow{Read: true})
			if err != nil {
				fmt.Fprintf(&b, "%s: %v\n", p, err)
				continue
			}
			text, err := readAll(n)
			n.Close()
			fmt.Fprintf(&b, "%s: %q %v\n", p, text, err)
		}
	}
	return b.String()
}

// removeAll removes a directory and all in it, as a program would.
func removeAll(d Dir, p string) error {
	list, err := names(d, p)
	if err != nil {
		return err
	}
	for _, name := range list {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			err = removeAll(d, p+"/"+dir)
		} else {
			err = d.Unlink(p + "/" + strings.TrimSuffix(name, "@"))
		}
		if err != nil {
			return err
		}
	}
	return d.RemoveDir(p)
}

// A kind is a kind of file system. Its make gives one in which given has been done, below if it has a below.
type fileSystemKind struct {
	name string
	make func(t *testing.T, given func(Dir)) Dir
}

func memoryDir(t testing.TB) Dir {
	return NewMemory(MemoryConfig{}).Root()
}

func hostDirAt(t testing.TB, path string) Dir {
	t.Helper()
	d, err := OpenHost(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

var kinds = []fileSystemKind{
	{"memory", func(t *testing.T, given func(Dir)) Dir {
		d := memoryDir(t)
		given(d)
		return d
	}},
	{"overlay of memory over memory", func(t *testing.T, given func(Dir)) Dir {
		d := memoryDir(t)
		given(d)
		return Overlay(d, memoryDir(t))
	}},
	{"overlay of memory over an FS", func(t *testing.T, given func(Dir)) Dir {
		d := memoryDir(t)
		given(d)
		return Overlay(FromFS(ToFS(d)), memoryDir(t))
	}},
	{"host", func(t *testing.T, given func(Dir)) Dir {
		// A directory with one above it that is ours too.
		dir := filepath.Join(t.TempDir(), "x")
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		d := hostDirAt(t, dir)
		given(d)
		return d
	}},
	{"overlay of host over host", func(t *testing.T, given func(Dir)) Dir {
		d := hostDirAt(t, t.TempDir())
		given(d)
		return Overlay(d, hostDirAt(t, t.TempDir()))
	}},
	{"overlay of memory over host", func(t *testing.T, given func(Dir)) Dir {
		d := hostDirAt(t, t.TempDir())
		given(d)
		return Overlay(d, memoryDir(t))
	}},
	{"overlay of an overlay", func(t *testing.T, given func(Dir)) Dir {
		d := memoryDir(t)
		given(d)
		return Overlay(Overlay(FromFS(ToFS(d)), memoryDir(t)), Overlay(memoryDir(t), memoryDir(t)))
	}},
}

// TestContract holds each kind of file system to the same answers.
func TestContract(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for _, c := range contract(t) {
				t.Run(c.title, func(t *testing.T) { c.run(t, k) })
			}
		})
	}
}

func (c contractCase) run(t *testing.T, k fileSystemKind) {
	if c.confined && k.name == "linux" {
		t.Skip("it is about what leads out of the directory, which no call of the kernel alone prevents")
	}
	root := k.make(t, func(d Dir) {
		a := newActor(d)
		defer a.closeAll()
		for _, l := range c.given {
			if got := a.do(l); got != l.want {
				t.Fatalf("line %d: what is given: %s", l.number, got)
			}
		}
	})
	a := newActor(root)
	defer a.closeAll()
	for _, l := range c.then {
		if got := a.do(l); !slices.Contains(strings.Split(l.want, " or "), got) {
			t.Errorf("contract.txt:%d: %s %.200q: %.300s, want %.300s", l.number, l.op, l.args, got, l.want)
		}
	}
}

// reads are the lines that change nothing.
func (l contractLine) reads() bool {
	switch l.op {
	case "read", "stat", "lstat", "readlink", "ls", "count", "fread", "fstat", "fsame", "close", "same":
		return true
	case "open":
		return !strings.ContainsAny(l.args[1], "wct")
	}
	return false
}

// TestContractOfReading holds to the contract what only reads: each case as far as it changes nothing.
func TestContractOfReading(t *testing.T) {
	for _, k := range readers {
		t.Run(k.name, func(t *testing.T) {
			for _, c := range contract(t) {
				i := slices.IndexFunc(c.then, func(l contractLine) bool { return !l.reads() && l.want == "ok" })
				if i >= 0 {
					c.then = c.then[:i]
				}
				c.then = slices.DeleteFunc(c.then, func(l contractLine) bool { return !l.reads() })
				if len(c.then) > 0 {
					t.Run(c.title, func(t *testing.T) { c.run(t, k) })
				}
			}
		})
	}
}

var readers = []fileSystemKind{
	{"memory as an FS", func(t *testing.T, given func(Dir)) Dir {
		d := memoryDir(t)
		given(d)
		return FromFS(ToFS(d))
	}},
	{"a directory of the host as an FS", func(t *testing.T, given func(Dir)) Dir {
		dir := t.TempDir()
		given(hostDirAt(t, dir))
		return FromFS(os.DirFS(dir))
	}},
	{"an archive", func(t *testing.T, given func(Dir)) Dir {
		d := memoryDir(t)
		given(d)
		return FromFS(archiveOf(t, d))
	}},
}
