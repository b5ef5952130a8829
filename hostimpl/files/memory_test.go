package files

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

func make1(t testing.TB, d Dir, path string) File {
	t.Helper()
	f, err := openRegular(d, path, OpenHow{Create: true, Read: true, Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func wantCode(t testing.TB, what string, err error, want ErrorCode) {
	t.Helper()
	if err == nil || CodeOf(err) != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func wantOK(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// heap is how many bytes live on the heap.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestAHoleTakesNoSpace(t *testing.T) {
	m := NewMemory(MemoryConfig{Bytes: 1 << 50})
	f := make1(t, m.Root(), "f")
	before := heap()
	wantOK(t, "a large size", f.Truncate(1<<50))
	_, err := f.WriteAt([]byte("x"), 1<<40)
	wantOK(t, "a write far away", err)
	_, err = f.WriteAt([]byte("y"), 1<<50-1)
	wantOK(t, "a write at the end", err)
	if used, _ := m.Used(); used > 2*pageSize+1 {
		t.Errorf("%d bytes are used for two", used)
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("the heap has grown by %d", grown)
	}
	b := make([]byte, 3)
	n, err := f.ReadAt(b, 1<<40-1)
	if n != 3 || err != nil || string(b) != "\x00x\x00" {
		t.Errorf("around the first byte: %q %v", b[:n], err)
	}
	n, err = f.ReadAt(b, 1<<50-2)
	if n != 2 || err != io.EOF || string(b[:n]) != "\x00y" {
		t.Errorf("at the end: %q %v", b[:n], err)
	}
	wantOK(t, "cut", f.Truncate(1<<40))
	if used, _ := m.Used(); used > 1 {
		t.Errorf("%d bytes are used for the name and nothing", used)
	}
}

func TestExtremeSizesAndOffsetsAreAnswered(t *testing.T) {
	f := make1(t, NewMemory(MemoryConfig{}).Root(), "f")
	wantCode(t, "size 2^62", f.Truncate(1<<62), FileTooLarge)
	wantCode(t, "size 2^63", f.Truncate(1<<63), Invalid)
	wantCode(t, "size 2^64-1", f.Truncate(math.MaxUint64), Invalid)
	_, err := f.WriteAt([]byte("x"), 1<<40)
	wantCode(t, "a write at 2^40", err, FileTooLarge)
	_, err = f.WriteAt([]byte("x"), math.MaxInt64)
	wantCode(t, "a write at 2^63-1", err, FileTooLarge)
	_, err = f.WriteAt([]byte("x"), -1)
	wantCode(t, "a write at -1", err, Invalid)
	_, err = f.ReadAt(make([]byte, 1), -1)
	wantCode(t, "a read at -1", err, Invalid)
	if n, err := f.ReadAt(make([]byte, 1), math.MaxInt64); n != 0 || err != io.EOF {
		t.Errorf("a read at 2^63-1: %d %v", n, err)
	}
	if i, _ := f.Info(); i.Size != 0 {
		t.Errorf("the size is %d", i.Size)
	}
}

func TestBeyondItsBytesThereIsNoSpace(t *testing.T) {
	m := NewMemory(MemoryConfig{Bytes: 100 << 10})
	d := m.Root()
	a, b := make1(t, d, "a"), make1(t, d, "b")
	n, err := a.WriteAt(make([]byte, 64<<10), 0)
	if n != 64<<10 || err != nil {
		t.Fatalf("what fits: %d %v", n, err)
	}
	n, err = b.WriteAt(make([]byte, 64<<10), 0)
	wantCode(t, "what does not", err, InsufficientSpace)
	if i, _ := b.Info(); i.Size != uint64(n) {
		t.Errorf("%d bytes were said to be written, and the size is %d", n, i.Size)
	}
	_, err = a.WriteAt(make([]byte, 1), 100<<10)
	wantCode(t, "a file longer than all", err, FileTooLarge)
	if n, err := b.WriteAt(make([]byte, 10), 100<<10-4); n > 4 {
		t.Errorf("a write over the longest end: %d %v", n, err)
	}

	wantOK(t, "what is cut off", a.Truncate(0))
	_, err = b.WriteAt(make([]byte, 32<<10), 0)
	wantOK(t, "can be used elsewhere", err)
	wantOK(t, "unlink", d.Unlink("b"))
	_, err = a.WriteAt(make([]byte, 64<<10), 0)
	if err == nil {
		_, err = a.WriteAt(make([]byte, 32<<10), 64<<10)
	}
	wantCode(t, "what is unlinked but open takes space", err, InsufficientSpace)
	wantOK(t, "close", b.Close())
	_, err = a.WriteAt(make([]byte, 32<<10), 64<<10)
	wantOK(t, "what is closed does not", err)
}

func TestBeyondItsEntriesThereIsNoSpace(t *testing.T) {
	m := NewMemory(MemoryConfig{Entries: 5})
	d := m.Root()
	wantOK(t, "mkdir", d.MakeDir("d"))
	wantOK(t, "symlink", d.Symlink("d", "l"))
	f := make1(t, d, "f")
	wantOK(t, "link", d.Link("f", false, d, "g"))
	for name, err := range map[string]error{
		"mkdir": d.MakeDir("x"), "symlink": d.Symlink("d", "x"), "link": d.Link("f", false, d, "x"),
	} {
		wantCode(t, name, err, InsufficientSpace)
	}
	_, err := d.Open("x", OpenHow{Create: true})
	wantCode(t, "create", err, InsufficientSpace)
	wantOK(t, "rename needs nothing", d.Rename("g", d, "d/a-longer-name"))
	wantOK(t, "unlink", d.Unlink("d/a-longer-name"))
	wantOK(t, "mkdir", d.MakeDir("x"))
	wantOK(t, "unlink", d.Unlink("f"))
	wantCode(t, "while the file is open", d.MakeDir("y"), InsufficientSpace)
	f.Close()
	wantOK(t, "mkdir", d.MakeDir("y"))
	for _, name := range []string{"d", "x", "y"} {
		wantOK(t, "rmdir", d.RemoveDir(name))
	}
	wantOK(t, "unlink", d.Unlink("l"))
	if bytes, entries := m.Used(); bytes != 0 || entries != 1 {
		t.Errorf("when all is gone, %d bytes and %d entries are used", bytes, entries)
	}
}

// TestNamesTakeSpace: a guest cannot fill memory with names and targets.
func TestNamesTakeSpace(t *testing.T) {
	d := NewMemory(MemoryConfig{Bytes: 10_000}).Root()
	for i := 0; ; i++ {
		err := d.Symlink(strings.Repeat("x", 4000), fmt.Sprint(i))
		if err != nil {
			wantCode(t, "symlink", err, InsufficientSpace)
			if i != 2 {
				t.Errorf("%d targets of 4000 bytes in 10000", i)
			}
			break
		}
	}
	for i := 0; ; i++ {
		err := d.MakeDir(fmt.Sprintf("%0200d", i))
		if err != nil {
			wantCode(t, "mkdir", err, InsufficientSpace)
			if i > 10 {
				t.Errorf("%d names of 200 bytes in 2000", i)
			}
			break
		}
	}
}

// TestALinkReachesNoNameThatAPathCannot: neither where the names of Windows are special nor elsewhere.
func TestALinkReachesNoNameThatAPathCannot(t *testing.T) {
	for name, d := range map[string]Dir{"memory": memoryDir(t), "overlay": Overlay(memoryDir(t), memoryDir(t))} {
		wantOK(t, name, d.MakeDir("a"))
		for i, target := range []string{"C:a", "a/aux.txt", `a\b`, "NUL"} {
			link := fmt.Sprint("l", i)
			wantOK(t, name, d.Symlink(target, link))
			_, err := d.Stat(link, true)
			wantCode(t, name+": stat", err, NotPermitted)
			wantCode(t, name+": create", openError(d, link, OpenHow{Create: true, Follow: true, Write: true}), NotPermitted)
			if got, err := d.Readlink(link); got != target || err != nil {
				t.Errorf("%s: readlink: %q %v", name, got, err)
			}
		}
		for _, target := range []string{"a\x00b", "a\xffb", "/a", ""} {
			if err := d.Symlink(target, "x"); err == nil {
				t.Errorf("%s: a link to %q was made", name, target)
			}
		}
	}
}

func TestTimesFollowTheClock(t *testing.T) {
	now := time.Unix(1000, 0)
	m := NewMemory(MemoryConfig{Now: func() time.Time { return now }})
	d := m.Root()
	f := make1(t, d, "f")
	steps := []struct {
		what                        string
		do                          func() error
		accessed, modified, changed int64
	}{
		{"nothing", func() error { return nil }, 1000, 1000, 1000},
		{"write", func() error { _, err := f.WriteAt([]byte("x"), 0); return err }, 1000, 1010, 1010},
		{"an empty write", func() error { _, err := f.WriteAt(nil, 0); return err }, 1000, 1010, 1010},
		{"read", func() error { _, err := f.ReadAt(make([]byte, 1), 0); return err }, 1030, 1010, 1010},
		{"read again", func() error { _, err := f.ReadAt(make([]byte, 1), 0); return err }, 1030, 1010, 1010},
		{"link", func() error { return d.Link("f", false, d, "g") }, 1030, 1010, 1050},
		{"rename", func() error { return d.Rename("g", d, "h") }, 1030, 1010, 1060},
		{"unlink", func() error { return d.Unlink("h") }, 1030, 1010, 1070},
		{"truncate", func() error { return f.Truncate(0) }, 1030, 1080, 1080},
		{"now", func() error { return f.SetTimes(Time{Set: true}, Time{}) }, 1090, 1080, 1090},
		{"no change", func() error { return f.SetTimes(Time{}, Time{}) }, 1090, 1080, 1090},
		{"a time long ago", func() error { return f.SetTimes(Time{}, Time{true, time.Unix(-1<<40, 0)}) }, 1090, -1 << 40, 1110},
	}
	for _, s := range steps {
		wantOK(t, s.what, s.do())
		i, err := f.Info()
		wantOK(t, s.what, err)
		if a, m, c := i.Accessed.Unix(), i.Modified.Unix(), i.Changed.Unix(); a != s.accessed || m != s.modified || c != s.changed {
			t.Errorf("after %s: %d %d %d, want %d %d %d", s.what, a, m, c, s.accessed, s.modified, s.changed)
		}
		now = now.Add(10 * time.Second)
	}
}

// TestADirectoryIsReadWhileItChanges: what stays is seen once, and there is an end even if more is always made.
func TestADirectoryIsReadWhileItChanges(t *testing.T) {
	for _, k := range kinds {
		if k.name == "linux" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			d := k.make(t, func(d Dir) {
				for i := range 100 {
					wantOK(t, "write", actWrite(d, fmt.Sprintf("old%d", i), "x"))
				}
			})
			for i := range 100 {
				wantOK(t, "write", actWrite(d, fmt.Sprintf("mine%d", i), "x"))
			}
			list, err := d.ReadDir()
			if err != nil {
				t.Fatal(err)
			}
			defer list.Close()
			seen := map[string]int{}
			for i := 0; i < 100_000; i++ {
				e, err := list.Next()
				if err == io.EOF {
					break
				}
				wantOK(t, "next", err)
				seen[e.Name]++
				if i < 40 {
					wantOK(t, "unlink", d.Unlink(fmt.Sprintf("old%d", i)))
					wantOK(t, "unlink", d.Unlink(fmt.Sprintf("mine%d", i)))
					wantOK(t, "change", actWrite(d, fmt.Sprintf("old%d", i+50), "y"))
				}
				if i < 10 && k.name != "host" { // where the kernel decides
					wantOK(t, "new", actWrite(d, "tmp", "y"))
					wantOK(t, "replace", d.Rename("tmp", d, fmt.Sprintf("old%d", 99-i)))
				}
				if i < 1000 {
					wantOK(t, "new", actWrite(d, fmt.Sprintf("new%d", i), "x"))
				}
			}
			for i := 40; i < 100; i++ {
				for _, name := range []string{"old", "mine"} {
					if n := seen[fmt.Sprint(name, i)]; n != 1 {
						t.Errorf("%s%d was seen %d times", name, i, n)
					}
				}
			}
		})
	}
}

// TestADeepTreeTakesNoStackAndNoLongTime: 100,000 directories in each other, made as a guest can.
func TestADeepTreeTakesNoStackAndNoLongTime(t *testing.T) {
	for name, d := range map[string]Dir{
		"memory":  memoryDir(t),
		"overlay": Overlay(FromFS(fstest.MapFS{}), memoryDir(t)),
		"lower":   memoryDir(t),
	} {
		t.Run(name, func(t *testing.T) {
			const depth = 100_000
			begin := time.Now()
			at, err := d.Open(".", OpenHow{})
			if err != nil {
				t.Fatal(err)
			}
			step := strings.Repeat("d/", 20)
			for range depth / 20 {
				for i := range 20 {
					if err := at.(Dir).MakeDir(step[:2*i+1]); err != nil {
						t.Fatal(err)
					}
				}
				next, err := at.(Dir).Open(step, OpenHow{})
				if err != nil {
					t.Fatal(err)
				}
				at.Close()
				at = next
			}
			if name == "lower" { // once more from above, copying all
				d = Overlay(d, memoryDir(t))
				at.Close()
				at, _ = d.Open(".", OpenHow{})
				for range depth / 20 {
					next, err := at.(Dir).Open(step, OpenHow{})
					if err != nil {
						t.Fatal(err)
					}
					at.Close()
					at = next
				}
			}
			wantOK(t, "write at the bottom", WriteFile(at.(Dir), "f", []byte("deep")))
			wantOK(t, "a directory to move", d.MakeDir("e"))
			wantOK(t, "rename to the bottom", d.Rename("e", at.(Dir), "e"))
			wantCode(t, "rename of the top to the bottom", d.Rename("d", at.(Dir), "x"), Invalid)
			at.Close()
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			t.Logf("it took %v", time.Since(begin))
		})
	}
}

// TestLongPathsAreAnswered: a Dir is given no path of more than 4095 bytes, yet survives one.
func TestLongPathsAreAnswered(t *testing.T) {
	for _, k := range kinds {
		if k.name == "linux" || k.name == "host" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			d := k.make(t, func(Dir) {})
			wantOK(t, "mkdir", d.MakeDir("d"))
			wantOK(t, "symlink", d.Symlink("./d", "d/l"))
			wantOK(t, "symlink", d.Symlink("../d", "d/m"))
			begin := time.Now()
			for _, part := range []string{"d/../", "./", "/", "d/m/../", "x/"} {
				path := "d/" + strings.Repeat(part, 1<<20/len(part))
				_, err := d.Stat(path, true)
				if err != nil && CodeOf(err) != NoEntry && CodeOf(err) != NameTooLong && CodeOf(err) != Loop {
					t.Errorf("%.20s...: %v", path, err)
				}
			}
			wantCode(t, "a long name", d.MakeDir(strings.Repeat("x", 1<<20)), NameTooLong)
			wantCode(t, "a long target", d.Symlink(strings.Repeat("x", 1<<20), "y"), NameTooLong)
			if took := time.Since(begin); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			t.Logf("it took %v", time.Since(begin))
		})
	}
}

// TestManyUseItAtOnce is for the race detector, and for what must add up in the end.
func TestManyUseItAtOnce(t *testing.T) {
	for _, k := range kinds {
		if k.name == "linux" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			d := k.make(t, func(d Dir) {
				wantOK(t, "mkdir", d.MakeDir("d"))
				wantOK(t, "write", actWrite(d, "d/log", ""))
				wantOK(t, "write", actWrite(d, "d/old", "old"))
			})
			const goroutines, rounds = 8, 50
			var wg sync.WaitGroup
			for g := range goroutines {
				wg.Go(func() { useIt(t, d, g, rounds) })
			}
			wg.Wait()
			i, err := d.Stat("d/log", false)
			if err != nil || i.Size != goroutines*rounds*4 {
				t.Errorf("the log has %d bytes (%v), want %d", i.Size, err, goroutines*rounds*4)
			}
			left, err := names(d, "d")
			wantOK(t, "ls", err)
			if got := strings.Join(left, " "); got != "log old" && got != "log" {
				t.Errorf("left is %s", got)
			}
		})
	}
}

func useIt(t *testing.T, d Dir, g, rounds int) {
	mine := fmt.Sprintf("d/g%d", g)
	for range rounds {
		log, err := openRegular(d, "d/log", OpenHow{Write: true})
		if err != nil {
			t.Error(err)
			return
		}
		_, err = log.Append([]byte("line"))
		wantOK(t, "append", err)
		wantOK(t, "close", log.Close())

		wantOK(t, "mkdir", d.MakeDir(mine))
		wantOK(t, "write", actWrite(d, mine+"/f", "hello"))
		wantOK(t, "rename", d.Rename(mine+"/f", d, mine+"/g"))
		if i, err := d.Stat(mine+"/../g"+fmt.Sprint(g)+"/g", true); err != nil || i.Size != 5 {
			t.Errorf("stat: %v %v", i, err)
		}
		// What others touch too may be there or not.
		for _, err := range []error{
			d.Symlink("log", "d/shared"), d.Rename("d/shared", d, "d/other"), d.Link("d/log", false, d, "d/shared"),
			d.Unlink("d/other"), d.Unlink("d/shared"), d.SetTimesAt("d/old", true, Time{}, Time{Set: true}),
		} {
			if c := CodeOf(err); err != nil && c != Exist && c != NoEntry {
				t.Errorf("what others touch: %v", err)
			}
		}
		if f, err := openRegular(d, "d/old", OpenHow{Read: true}); err == nil {
			if text, err := readAll(f); text != "old" || err != nil {
				t.Errorf("old: %q %v", text, err)
			}
			f.Close()
		}
		_, err = list(d)
		if err != nil && CodeOf(err) != NoEntry {
			t.Errorf("ls: %v", err)
		}
		wantOK(t, "unlink", d.Unlink(mine+"/g"))
		wantOK(t, "rmdir", d.RemoveDir(mine))
	}
}

func TestAnFSOfMemoryIsOne(t *testing.T) {
	d := memoryDir(t)
	wantOK(t, "write", WriteFile(d, "a/b/f", []byte("hello")))
	wantOK(t, "write", WriteFile(d, "a/g", nil))
	wantOK(t, "symlink", d.Symlink("b/f", "a/l"))
	wantOK(t, "fstest", fstest.TestFS(ToFS(d), "a/b/f", "a/g", "a/l"))
	wantOK(t, "fstest of an overlay", fstest.TestFS(ToFS(Overlay(d, memoryDir(t))), "a/b/f", "a/g", "a/l"))
}

func TestClosedTwiceIsABadDescriptor(t *testing.T) {
	for _, k := range append(kinds, readers...) {
		if k.name == "linux" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			d := k.make(t, func(d Dir) { wantOK(t, "write", actWrite(d, "f", "hello")) })
			list, err := d.ReadDir()
			wantOK(t, "readdir", err)
			f, err := d.Open("f", OpenHow{Read: true})
			wantOK(t, "open", err)
			sub, err := d.Open(".", OpenHow{})
			wantOK(t, "open", err)
			for what, c := range map[string]io.Closer{"entries": list, "file": f, "directory": sub} {
				wantOK(t, what, c.Close())
				wantCode(t, what, c.Close(), BadDescriptor)
			}
			_, err = list.Next()
			wantCode(t, "next", err, BadDescriptor)
			_, err = sub.Info()
			wantCode(t, "info", err, BadDescriptor)
			wantCode(t, "sync", sub.Sync(true), BadDescriptor)
			wantCode(t, "times", sub.SetTimes(Time{}, Time{}), BadDescriptor)
			_, err = sub.(Dir).ReadDir()
			wantCode(t, "readdir", err, BadDescriptor)
			_, err = sub.(Dir).Stat(".", false)
			wantCode(t, "stat", err, BadDescriptor)
			_, err = sub.(Dir).Readlink("f")
			wantCode(t, "readlink", err, BadDescriptor)
			wantCode(t, "mkdir", sub.(Dir).MakeDir("x"), BadDescriptor)
			wantCode(t, "unlink", sub.(Dir).Unlink("x"), BadDescriptor)
			wantCode(t, "rmdir", sub.(Dir).RemoveDir("x"), BadDescriptor)
			wantCode(t, "symlink", sub.(Dir).Symlink("x", "y"), BadDescriptor)
			wantCode(t, "sync of a file", f.Sync(true), BadDescriptor)
			_, err = f.(File).ReadAt(make([]byte, 1), 0)
			wantCode(t, "read", err, BadDescriptor)
			if i, err := d.Stat("f", false); err != nil || i.Size != 5 {
				t.Errorf("what is still open: %v %v", i, err)
			}
		})
	}
}
