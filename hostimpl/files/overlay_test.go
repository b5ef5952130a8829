package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A counted is a directory that counts what is open of it.
type counted struct {
	Dir
	open *atomic.Int64
}

type countedFile struct {
	File
	open *atomic.Int64
}

type countedEntries struct {
	Entries
	open *atomic.Int64
}

func count(d Dir) counted { return counted{d, new(atomic.Int64)} }

func (c counted) Open(path string, how OpenHow) (Node, error) {
	n, err := c.Dir.Open(path, how)
	if err != nil {
		return nil, err
	}
	c.open.Add(1)
	switch n := n.(type) {
	case Dir:
		return counted{n, c.open}, nil
	case File:
		return countedFile{n, c.open}, nil
	}
	return n, nil
}

func (c counted) ReadDir() (Entries, error) {
	e, err := c.Dir.ReadDir()
	if err == nil {
		c.open.Add(1)
	}
	return countedEntries{e, c.open}, err
}

func (c counted) Link(path string, follow bool, to Dir, newPath string) error {
	return c.Dir.Link(path, follow, to.(counted).Dir, newPath)
}

func (c counted) Rename(path string, to Dir, newPath string) error {
	return c.Dir.Rename(path, to.(counted).Dir, newPath)
}

func (c counted) Close() error        { c.open.Add(-1); return c.Dir.Close() }
func (c countedFile) Close() error    { c.open.Add(-1); return c.File.Close() }
func (c countedEntries) Close() error { c.open.Add(-1); return c.Entries.Close() }

// TestTheLowerDirectoryIsNeverChanged: not by any case of the contract, not even a time of access; and when a guest has
// closed all, nothing stays open but the few directories that were walked through last.
func TestTheLowerDirectoryIsNeverChanged(t *testing.T) {
	for _, c := range contract(t) {
		t.Run(c.title, func(t *testing.T) {
			now := time.Unix(1000, 0)
			m := NewMemory(MemoryConfig{Now: func() time.Time { return now }})
			first := newActor(m.Root())
			for _, l := range c.given {
				first.do(l)
			}
			first.closeAll()
			before := treeOf(first.root, ".") + timesIn(first.root, ".")
			lower, upper := count(first.root), count(memoryDir(t))
			root := Overlay(lower, upper)
			a := newActor(root)
			for _, l := range c.then {
				a.do(l)
			}
			a.closeAll()
			if after := treeOf(first.root, ".") + timesIn(first.root, "."); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			o := root.(*overDir).n.o
			most := int64(len(o.walked))
			if l, u := lower.open.Load(), upper.open.Load(); l > most || u > most {
				t.Errorf("%d of lower and %d of upper are open, and %d directories were walked through", l, u, most)
			}
		})
	}
}

// timesIn tells the times of modification in a directory.
func timesIn(d Dir, path string) string {
	var b strings.Builder
	list, _ := names(d, path)
	for _, name := range append(list, ".") {
		p := path + "/" + strings.TrimRight(name, "/@")
		i, err := d.Stat(p, false)
		fmt.Fprintf(&b, "%s %d %d %d %v\n", p, i.Modified.Unix(), i.Changed.Unix(), i.Links, err)
		if strings.HasSuffix(name, "/") {
			b.WriteString(timesIn(d, p))
		}
	}
	return b.String()
}

func TestADirectoryThatIsBelowIsNotRenamed(t *testing.T) {
	lower := memoryDir(t)
	wantOK(t, "write", WriteFile(lower, "d/e/f", []byte("hello")))
	d := Overlay(lower, memoryDir(t))
	wantCode(t, "rename", d.Rename("d", d, "x"), CrossDevice)
	wantCode(t, "rename of one in it", d.Rename("d/e", d, "x"), CrossDevice)
	wantOK(t, "write", WriteFile(d, "d/e/g", nil))
	wantCode(t, "rename when it is in upper as well", d.Rename("d/e", d, "x"), CrossDevice)
	wantCode(t, "into itself", d.Rename("d", d, "d/e/x"), Invalid)
	wantCode(t, "onto a file", d.Rename("d/e", d, "d/e/f"), Invalid)

	wantOK(t, "remove", removeAll(d, "d/e"))
	wantOK(t, "mkdir", d.MakeDir("d/e"))
	wantOK(t, "write", WriteFile(d, "d/e/new", []byte("new")))
	wantOK(t, "rename of one made in its place", d.Rename("d/e", d, "x"))
	if got := treeOf(d, "."); got != "./d/\n./x/\n./x/new: \"new\" <nil>\n" {
		t.Errorf("there is\n%s", got)
	}
	wantOK(t, "and back", d.Rename("x", d, "d/e"))
	if got := treeOf(d, "."); got != "./d/\n./d/e/\n./d/e/new: \"new\" <nil>\n" {
		t.Errorf("there is\n%s", got)
	}
}

func TestUpperHoldsWhatIsNewOrChangedAndNoMore(t *testing.T) {
	lower, upper := memoryDir(t), memoryDir(t)
	for _, name := range []string{"a/b/changed", "a/b/same", "gone", "c/d/e"} {
		wantOK(t, "write", WriteFile(lower, name, []byte(name)))
	}
	d := Overlay(lower, upper)
	wantOK(t, "write", WriteFile(d, "a/new", []byte("new")))
	wantOK(t, "write", WriteFile(d, "a/b/changed", []byte("other")))
	wantOK(t, "unlink", d.Unlink("gone"))
	_ = treeOf(d, ".")
	if got := treeOf(upper, "."); got != "./a/\n./a/b/\n./a/b/changed: \"other\" <nil>\n./a/new: \"new\" <nil>\n" {
		t.Errorf("upper has\n%s", got)
	}
	if _, err := Overlay(lower, upper).Stat("gone", false); err != nil {
		t.Errorf("what is removed, in another overlay: %v", err)
	}
	wantOK(t, "close", d.Close())
	_, err := lower.Stat("gone", false)
	wantOK(t, "lower stays open", err)
}

func TestACopyIsForTheGuestWhatItWas(t *testing.T) {
	lower := memoryDir(t)
	wantOK(t, "write", WriteFile(lower, "d/f", []byte("hello")))
	wantOK(t, "write", WriteFile(lower, "d/g", []byte("hello")))
	wantOK(t, "link", lower.Link("d/g", false, lower, "d/h"))
	past := Time{Set: true, At: time.Unix(1000, 0)}
	for _, name := range []string{"d/f", "d", "."} {
		wantOK(t, "times", lower.SetTimesAt(name, false, past, past))
	}
	d := Overlay(lower, memoryDir(t))
	before := map[string]Info{}
	for _, name := range []string{"d/f", "d", "."} {
		before[name], _ = d.Stat(name, false)
	}
	reader, err := openRegular(d, "d/f", OpenHow{Read: true})
	wantOK(t, "open", err)
	defer reader.Close()
	writer, err := openRegular(d, "d/f", OpenHow{Write: true})
	wantOK(t, "open", err)
	defer writer.Close()
	for name, was := range before {
		i, err := d.Stat(name, false)
		wantOK(t, name, err)
		if i.Device != was.Device || i.Inode != was.Inode || !i.Modified.Equal(was.Modified) || i.Size != was.Size {
			t.Errorf("%s was %v and is %v", name, was, i)
		}
	}
	for _, f := range []File{reader, writer} {
		if i, err := f.Info(); err != nil || i.Inode != before["d/f"].Inode || i.Device != before["d/f"].Device {
			t.Errorf("the open file is %v %v", i, err)
		}
	}
	wantOK(t, "unlink", d.Unlink("d/f"))
	if i, _ := d.Stat("d", false); !i.Modified.After(before["d"].Modified) {
		t.Errorf("a directory in which a name was removed was modified at %v", i.Modified)
	}

	// Two names of one file of lower come apart.
	wantOK(t, "write", WriteFile(d, "d/g", []byte("other")))
	g, _ := d.Stat("d/g", false)
	h, _ := d.Stat("d/h", false)
	if g.Inode == h.Inode {
		t.Error("two files have one identity")
	}
	wantOK(t, "rename of one onto the other", d.Rename("d/g", d, "d/h"))
	if list, _ := names(d, "d"); strings.Join(list, " ") != "h" {
		t.Errorf("there is %v", list)
	}
}

func TestSetTimesOfAReaderCopies(t *testing.T) {
	lower := memoryDir(t)
	wantOK(t, "write", WriteFile(lower, "f", []byte("hello")))
	d := Overlay(lower, memoryDir(t))
	f, err := openRegular(d, "f", OpenHow{Read: true})
	wantOK(t, "open", err)
	wantOK(t, "times", f.SetTimes(Time{}, Time{Set: true, At: time.Unix(1000, 0)}))
	if i, _ := d.Stat("f", false); i.Modified.Unix() != 1000 {
		t.Errorf("modified at %v", i.Modified)
	}
	wantOK(t, "close", f.Close())
	g, err := openRegular(Overlay(lower, memoryDir(t)), "f", OpenHow{Read: true})
	wantOK(t, "open", err)
	if i, _ := g.Info(); i.Modified.Unix() == 1000 {
		t.Error("the lower one was modified")
	}
}

func TestACopyForWhichThereIsNoSpaceIsNotThere(t *testing.T) {
	lower := memoryDir(t)
	wantOK(t, "write", WriteFile(lower, "d/f", make1MiB()))
	m := NewMemory(MemoryConfig{Bytes: 512 << 10})
	d := Overlay(lower, m.Root())
	_, err := d.Open("d/f", OpenHow{Write: true})
	if c := CodeOf(err); err == nil || c != InsufficientSpace && c != FileTooLarge {
		t.Errorf("open: %v", err)
	}
	if got := treeOf(m.Root(), "."); got != "./d/\n" {
		t.Errorf("upper has\n%s", got)
	}
	if i, err := d.Stat("d/f", false); err != nil || i.Size != 1<<20 {
		t.Errorf("the file is %v %v", i, err)
	}
	if bytes, _ := m.Used(); bytes > 100 {
		t.Errorf("%d bytes are used", bytes)
	}
	f, err := d.Open("d/f", OpenHow{Write: true, Truncate: true})
	wantOK(t, "open and cut off", err)
	f.Close()
}

func make1MiB() []byte {
	b := make([]byte, 1<<20)
	for i := range b {
		b[i] = byte(i | 1)
	}
	return b
}

func TestACopyHasTheHolesOfWhatIsBelow(t *testing.T) {
	m := NewMemory(MemoryConfig{})
	f := make1(t, m.Root(), "f")
	wantOK(t, "size", f.Truncate(200<<20))
	_, err := f.WriteAt([]byte("x"), 100<<20)
	wantOK(t, "write", err)
	upper := NewMemory(MemoryConfig{})
	d := Overlay(m.Root(), upper.Root())
	c, err := openRegular(d, "f", OpenHow{Read: true, Write: true})
	wantOK(t, "open", err)
	defer c.Close()
	b := make([]byte, 3)
	if _, err := c.ReadAt(b, 100<<20-1); err != nil || string(b) != "\x00x\x00" {
		t.Errorf("read %q %v", b, err)
	}
	if i, _ := c.Info(); i.Size != 200<<20 {
		t.Errorf("the size is %d", i.Size)
	}
	if used, _ := upper.Used(); used > 1<<20 {
		t.Errorf("%d bytes are used", used)
	}
}

// TestWalkingLeavesLittleBehind: neither memory nor descriptors grow with the directories that a guest has looked at.
func TestWalkingLeavesLittleBehind(t *testing.T) {
	lower := memoryDir(t)
	for i := range 500 {
		wantOK(t, "write", WriteFile(lower, fmt.Sprintf("d%d/e/f", i), nil))
	}
	l, u := count(lower), count(memoryDir(t))
	d := Overlay(l, u)
	for i := range 500 {
		_, err := d.Stat(fmt.Sprintf("d%d/e/f", i), false)
		wantOK(t, "stat", err)
		sub, err := d.Open(fmt.Sprintf("d%d/e", i), OpenHow{})
		wantOK(t, "open", err)
		sub.Close()
	}
	o := d.(*overDir).n.o
	if n := nodes(o.root); n > 2*maxWalked+1 {
		t.Errorf("%d nodes are remembered", n)
	}
	if n := l.open.Load() + u.open.Load(); n > 2*maxWalked {
		t.Errorf("%d directories are open", n)
	}
	// What is hidden is remembered all the same.
	for i := range 500 {
		wantOK(t, "unlink", d.Unlink(fmt.Sprintf("d%d/e/f", i)))
	}
	for i := range 500 {
		_, err := d.Stat(fmt.Sprintf("d%d/e/f", i), false)
		wantCode(t, "stat", err, NoEntry)
		wantOK(t, "rmdir", d.RemoveDir(fmt.Sprintf("d%d/e", i)))
		wantOK(t, "rmdir", d.RemoveDir(fmt.Sprintf("d%d", i)))
	}
	sub, err := d.Open(".", OpenHow{})
	wantOK(t, "open", err)
	defer func() {
		wantOK(t, "close", d.Close())
		_, err := sub.(Dir).Stat("x/y", false)
		wantCode(t, "stat", err, NoEntry)
		wantOK(t, "close", sub.Close())
		if n := l.open.Load() + u.open.Load(); n != 0 || nodes(o.root) != 1 {
			t.Errorf("when all is closed, %d directories are open, and %d nodes are remembered", n, nodes(o.root))
		}
	}()
	for i := range 500 {
		_, err := d.Stat(fmt.Sprintf("d%d/e/f", i), false)
		wantCode(t, "stat", err, NoEntry)
	}
	if n := nodes(o.root); n > 2*maxWalked+1 {
		t.Errorf("when all is removed, %d nodes are remembered", n)
	}
	if n := l.open.Load() + u.open.Load(); n > 2*maxWalked {
		t.Errorf("when all is removed, %d directories are open", n)
	}
}

func nodes(n *overNode) int {
	sum := 1
	for _, k := range n.kids {
		sum += nodes(k)
	}
	return sum
}

// TestADeepWalkOfTheHostNeedsFewDescriptors: a path as long as paths may be, down and up again.
func TestADeepWalkOfTheHostNeedsFewDescriptors(t *testing.T) {
	l, u := count(hostDirAt(t, t.TempDir())), count(hostDirAt(t, t.TempDir()))
	d := Overlay(l, u)
	at := Dir(d)
	for range 10 {
		for i := range 50 {
			wantOK(t, "mkdir", at.MakeDir(strings.Repeat("d/", i+1)))
		}
		n, err := at.Open(strings.Repeat("d/", 50), OpenHow{})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		at = n.(Dir)
	}
	begin := time.Now()
	down, up := strings.Repeat("d/", 500), strings.Repeat("../", 500)
	_, err := d.Stat(down+up[:3*499], false)
	wantOK(t, "down and up", err)
	_, err = d.Stat(down+strings.Repeat("../d/", 500), false)
	wantOK(t, "down, and up and down", err)
	if n := l.open.Load() + u.open.Load(); n > 2*(maxWalked+10) {
		t.Errorf("%d descriptors are open", n)
	}
	t.Logf("it took %v", time.Since(begin))
}

func TestWhatIsNoFileIsNotCopied(t *testing.T) {
	dir := t.TempDir()
	if err := makeFIFO(filepath.Join(dir, "p")); err != nil {
		t.Skip(err)
	}
	d := Overlay(hostDirAt(t, dir), memoryDir(t))
	if i, err := d.Stat("p", false); err != nil || i.Kind != FIFO {
		t.Errorf("it is %v %v", i, err)
	}
	wantCode(t, "times", d.SetTimesAt("p", false, Time{}, Time{Set: true}), Unsupported)
	wantCode(t, "rename", d.Rename("p", d, "q"), Unsupported)
	wantCode(t, "link", d.Link("p", false, d, "q"), Unsupported)
	wantOK(t, "unlink", d.Unlink("p"))
	_, err := d.Stat("p", false)
	wantCode(t, "stat", err, NoEntry)
	if _, err := os.Lstat(filepath.Join(dir, "p")); err != nil {
		t.Errorf("in lower: %v", err)
	}
}

func TestTwoOverlaysAreTwoFileSystems(t *testing.T) {
	lower := memoryDir(t)
	wantOK(t, "write", WriteFile(lower, "f", []byte("hello")))
	a, b := Overlay(lower, memoryDir(t)), Overlay(lower, memoryDir(t))
	wantCode(t, "rename", a.Rename("f", b, "g"), CrossDevice)
	wantCode(t, "link", a.Link("f", false, b, "g"), CrossDevice)
	wantCode(t, "link to memory", a.Link("f", false, lower, "g"), CrossDevice)
	wantCode(t, "link from memory", lower.Link("f", false, a, "g"), CrossDevice)
	i, _ := a.Stat("f", false)
	j, _ := b.Stat("f", false)
	k, _ := lower.Stat("f", false)
	if i.Device == j.Device || i.Device == k.Device || j.Device == k.Device {
		t.Errorf("the devices are %x, %x and %x", i.Device, j.Device, k.Device)
	}
}

// TestLinksThatTheHostMadeDoNotLeadOutOfAnOverlay: a guest cannot make an absolute one.
func TestLinksThatTheHostMadeDoNotLeadOutOfAnOverlay(t *testing.T) {
	top := t.TempDir()
	if err := os.WriteFile(filepath.Join(top, "secret"), []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(top, "d")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"root": "/", "abs": top, "file": filepath.Join(top, "secret"), "up": ".."} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	for name, d := range map[string]Dir{
		"lower": Overlay(hostDirAt(t, dir), memoryDir(t)),
		"upper": Overlay(memoryDir(t), hostDirAt(t, dir)),
	} {
		t.Run(name, func(t *testing.T) {
			wantOK(t, "mkdir", makeDir(d, "here"))
			for _, link := range []string{"root", "abs", "file", "up"} {
				for _, path := range []string{link, link + "/", link + "/secret", link + "/../secret"} {
					_, err := d.Stat(path, true)
					wantCode(t, "stat "+path, err, NotPermitted)
					wantCode(t, "open "+path, openError(d, path, OpenHow{Follow: true, Read: true}), NotPermitted)
					if strings.HasSuffix(path, "/") {
						continue // of which no file can be made
					}
					wantCode(t, "create "+path, openError(d, path, OpenHow{Follow: true, Create: true, Write: true}), NotPermitted)
					wantCode(t, "link "+path, d.Link(path, true, d, "here/x"), NotPermitted)
					wantCode(t, "times "+path, d.SetTimesAt(path, true, Time{}, Time{Set: true}), NotPermitted)
				}
				for _, path := range []string{link + "/secret", link + "/../secret"} {
					wantCode(t, "unlink "+path, d.Unlink(path), NotPermitted)
					wantCode(t, "rmdir "+path, d.RemoveDir(path), NotPermitted)
					wantCode(t, "mkdir "+path, d.MakeDir(path), NotPermitted)
					wantCode(t, "symlink "+path, d.Symlink("x", path), NotPermitted)
					wantCode(t, "rename from "+path, d.Rename(path, d, "here/x"), NotPermitted)
					wantCode(t, "rename to "+path, d.Rename("here", d, path), NotPermitted)
				}
			}
			if text, err := os.ReadFile(filepath.Join(top, "secret")); string(text) != "secret" {
				t.Errorf("the file outside is %q %v", text, err)
			}
		})
	}
}

// TestALowerDirectoryThatChangesIsSurvived: it should not, and if it does, the guest gets errors and nothing worse.
func TestALowerDirectoryThatChangesIsSurvived(t *testing.T) {
	lower := memoryDir(t)
	for _, name := range []string{"d/e/f", "g"} {
		wantOK(t, "write", WriteFile(lower, name, []byte("hello")))
	}
	d := Overlay(lower, memoryDir(t))
	f, err := openRegular(d, "d/e/f", OpenHow{Read: true})
	wantOK(t, "open", err)
	e, err := d.Open("d/e", OpenHow{})
	wantOK(t, "open", err)
	list, err := d.ReadDir()
	wantOK(t, "readdir", err)
	wantOK(t, "remove from below", removeAll(lower, "d"))
	wantOK(t, "a file in its place", WriteFile(lower, "d", nil))
	wantCode(t, "times", f.SetTimes(Time{}, Time{Set: true}), NoEntry)
	if text, err := readAll(f); text != "hello" || err != nil {
		t.Errorf("read %q %v", text, err)
	}
	wantCode(t, "open for writing", openError(d, "d/e/f", OpenHow{Write: true}), NotDirectory)
	wantCode(t, "mkdir", d.MakeDir("d/e/x"), NotDirectory)
	wantCode(t, "stat", openError(e.(Dir), "f", OpenHow{Read: true}), NoEntry)
	for {
		if _, err := list.Next(); err != nil {
			break
		}
	}
	wantOK(t, "close", f.Close())
	wantOK(t, "close", e.Close())
	wantOK(t, "close", list.Close())
	if text := treeOf(d, "."); !strings.Contains(text, "./g: \"hello\"") {
		t.Errorf("there is\n%s", text)
	}
}
