package files_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// The test binary is also the other process of the hammer.
func TestMain(m *testing.M) {
	if dir := os.Getenv("TENON_HAMMER_SWAPS"); dir != "" {
		swap(dir)
		return
	}
	os.Exit(m.Run())
}

// swap puts a directory and a link that leads out in each other's place, until its input ends. The path cage/door is the
// last name or in the middle for who hammers, and so is cage/dir/door.
func swap(top string) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := os.Chdir(filepath.Join(top, "cage")); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	for i := 0; ; i++ {
		for _, parent := range []string{".", "dir"} {
			door, link := filepath.Join(parent, "door"), filepath.Join(parent, "link")
			up := strings.Repeat("../", 1+strings.Count(door, "/")) + "outside"
			targets := [...]string{up, top + "/outside", up + "/canary", "./" + up, up + "/new", top + "/outside/canary"}
			// Who hammers removes and moves what it finds; so it is made anew.
			os.Remove(link)
			os.Remove(door)
			if i%16 == 0 {
				os.WriteFile(door, []byte("a file"), 0o666)
			}
			os.MkdirAll(filepath.Join(door, "sub"), 0o777)
			os.WriteFile(filepath.Join(door, "canary"), []byte("inside"), 0o666)
			os.WriteFile(filepath.Join(door, "sub", "other"), []byte("inside"), 0o666)
			os.Symlink(targets[i%len(targets)], link)
			for range 100 {
				if unix.Renameat2(unix.AT_FDCWD, door, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE) != nil {
					break
				}
			}
			os.RemoveAll(link)
		}
	}
}

func hammerTime(t *testing.T) time.Duration {
	if s := os.Getenv("TENON_HAMMER"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if testing.Short() {
		return 500 * time.Millisecond
	}
	return 2 * time.Second
}

// hammered is a cage at which somebody hammers. What is outside is told by its inodes and its content.
type hammered struct {
	cage
	inodes        map[uint64]string
	device        uint64
	escapes       chan string
	done, refused atomic.Int64 // calls that did something, and that were refused with NotPermitted
}

func (h *hammered) escaped(format string, args ...any) {
	select {
	case h.escapes <- fmt.Sprintf(format, args...):
	default:
	}
}

// inside says that what was found is not one of those outside.
func (h *hammered) inside(what string, info files.Info) {
	if name, ok := h.inodes[info.Inode]; ok && info.Device == h.device {
		h.escaped("%s: it is %s outside", what, name)
	}
}

func (h *hammered) count(err error) {
	switch {
	case err == nil:
		h.done.Add(1)
	case files.CodeOf(err) == files.NotPermitted:
		h.refused.Add(1)
	case files.CodeOf(err) == files.IO, files.CodeOf(err) == files.BadDescriptor, files.CodeOf(err) == files.InsufficientMemory:
		h.escaped("an answer that it should not give: %v", err)
	}
}

func (h *hammered) open(d files.Dir, path string, how files.OpenHow) {
	n, err := d.Open(path, how)
	h.count(err)
	if err != nil {
		return
	}
	defer n.Close()
	what := fmt.Sprintf("open %q %+v", path, how)
	info, err := n.Info()
	if err != nil {
		h.escaped("%s: %v", what, err)
		return
	}
	h.inside(what, info)
	switch n := n.(type) {
	case files.File:
		b := make([]byte, 100)
		if k, _ := n.ReadAt(b, 0); string(b[:k]) == canary {
			h.escaped("%s: it was read", what)
		}
		n.WriteAt([]byte("written"), 0)
	case files.Dir:
		// A directory stays what it was opened as, whatever its names are now.
		entries, err := n.ReadDir()
		if err != nil {
			h.escaped("%s: %v", what, err)
			return
		}
		for {
			e, err := entries.Next()
			if err != nil {
				break
			}
			if e.Name == "only-outside" {
				h.escaped("%s: it was listed", what)
			}
		}
		entries.Close()
		if info, err := n.Stat("canary", true); err == nil {
			h.inside(what+", then stat", info)
		}
		if info, err := n.Stat("../outside/canary", true); err == nil {
			h.inside(what+", then stat out", info)
		}
	}
}

var someTime = files.Time{Set: true, At: time.Unix(1e9, 0)}

// strike makes each call with each path that leads through the door.
func (h *hammered) strike(round int) {
	d := h.Dir
	paths := []string{
		"door", "door/", "door/canary", "door/new", "door/sub/other", "door/sub/", "door/.", "door/sub/..", "door/../in",
		"dir/door", "dir/door/", "dir/door/canary", "dir/door/new", "dir/../door/canary", "dir/door/sub/other", "door/secret",
		"dir/door/../../door/canary",
	}
	mine := fmt.Sprintf("mine%d", round%4)
	for _, path := range paths {
		for _, follow := range []bool{true, false} {
			h.open(d, path, files.OpenHow{Follow: follow, Read: true})
			h.open(d, path, files.OpenHow{Follow: follow, Directory: true})
			h.open(d, path, files.OpenHow{Follow: follow, Read: true, Write: true})
			h.open(d, path, files.OpenHow{Follow: follow, Read: true, Write: true, Create: true})
			h.open(d, path, files.OpenHow{Follow: follow, Write: true, Create: true, Exclusive: true})
			h.open(d, path, files.OpenHow{Follow: follow, Write: true, Truncate: true})
			info, err := d.Stat(path, follow)
			h.count(err)
			if err == nil {
				h.inside(fmt.Sprintf("stat %q", path), info)
			}
			h.count(d.SetTimesAt(path, follow, someTime, someTime))
			if err := d.Link(path, follow, d, mine); err == nil {
				h.done.Add(1)
				if info, err := d.Stat(mine, false); err == nil {
					h.inside(fmt.Sprintf("link from %q", path), info)
				}
				d.Unlink(mine)
			}
		}
		h.count(d.Link("in", false, d, path))
		h.count(d.MakeDir(path))
		h.count(d.Symlink("in", path))
		_, err := d.Readlink(path)
		h.count(err)
		if err := d.Rename(path, d, mine); err == nil {
			h.done.Add(1)
			if info, err := d.Stat(mine, false); err == nil {
				h.inside(fmt.Sprintf("rename from %q", path), info)
			}
			d.Rename(mine, d, path)
			d.Unlink(mine)
		}
		if d.MakeDir(mine) == nil {
			h.count(d.Rename(mine, d, path))
			d.RemoveDir(mine)
		}
		h.count(d.Unlink(path))
		h.count(d.RemoveDir(path))
	}
}

// Another process swaps a directory for links that lead out, while every call is made with paths through it. Nothing
// outside is ever read, changed, made, removed, or told of.
func TestNothingLeadsOutWhileAnotherProcessSwapsADirectoryForALink(t *testing.T) {
	h := &hammered{cage: newCageIn(t, quickDir(t)), inodes: make(map[uint64]string), escapes: make(chan string, 10)}
	for _, name := range []string{"secret", "only-outside"} {
		if err := os.WriteFile(filepath.Join(h.outside, name), []byte(canary), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(h.outside, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, h.outside, "sub/other")
	old := time.Unix(2e9, 0)
	for _, line := range append(tree(t, h.outside), ".") {
		name, _, _ := strings.Cut(line, " ")
		full := filepath.Join(h.outside, name)
		if err := os.Chtimes(full, old, old); err != nil {
			t.Fatal(err)
		}
		var st unix.Stat_t
		if err := unix.Stat(full, &st); err != nil {
			t.Fatal(err)
		}
		h.inodes[st.Ino], h.device = name, uint64(st.Dev)
	}
	before := outsideState(t, h.outside)

	length := hammerTime(t)
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), "TENON_HAMMER_SWAPS="+filepath.Dir(h.path))
	stdin, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer process.Wait()
	defer stdin.Close()
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the other process: %q, %v", line, err)
	}

	var wg sync.WaitGroup
	end := time.Now().Add(length)
	for range 2 {
		wg.Go(func() {
			for round := 0; time.Now().Before(end) && len(h.escapes) == 0; round++ {
				h.strike(round)
			}
		})
	}
	wg.Wait()
	close(h.escapes)
	for what := range h.escapes {
		t.Error(what)
	}
	if after := outsideState(t, h.outside); after != before {
		t.Errorf("outside was\n%s\nis\n%s", before, after)
	}
	t.Logf("%v: %d calls did something, %d were refused", length, h.done.Load(), h.refused.Load())
	if h.done.Load() < 100 || h.refused.Load() < 100 {
		t.Error("that is too few to show anything")
	}
}

// outsideState is all that could be changed outside. Reading changes the time of access.
func outsideState(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, line := range append(tree(t, dir), ".") {
		name, _, _ := strings.Cut(line, " ")
		var st unix.Stat_t
		if err := unix.Lstat(filepath.Join(dir, name), &st); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, line, st.Ino, st.Nlink, st.Mode, st.Mtim, st.Ctim)
	}
	return b.String()
}
