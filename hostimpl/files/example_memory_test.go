package files_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"strings"
	"testing/fstest"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// A file system for a guest is filled before it runs, and read afterwards.
func ExampleNewMemory() {
	m := files.NewMemory(files.MemoryConfig{Bytes: 1 << 20, Entries: 100})
	dir := m.Root()
	defer dir.Close()
	if err := files.WriteFile(dir, "etc/greeting", []byte("hello\n")); err != nil {
		fmt.Println(err)
	}
	text, err := fs.ReadFile(files.ToFS(dir), "etc/greeting")
	fmt.Printf("%s%v\n", text, err)
	err = files.WriteFile(dir, "large", make([]byte, 2<<20))
	fmt.Println(err)
	// Output:
	// hello
	// <nil>
	// write large: insufficient-space
}

// Each call gives a directory of its own to close; what is in it is the same.
func ExampleMemory_Root() {
	m := files.NewMemory(files.MemoryConfig{})
	a, b := m.Root(), m.Root()
	defer b.Close()
	fmt.Println(a.MakeDir("d"), a.Close())
	fmt.Println(a.MakeDir("e"))
	fmt.Println(b.MakeDir("d"))
	// Output:
	// <nil> <nil>
	// bad-descriptor
	// exist
}

func ExampleMemory_Used() {
	m := files.NewMemory(files.MemoryConfig{})
	dir := m.Root()
	defer dir.Close()
	files.WriteFile(dir, "d/f", []byte("hello"))
	bytes, entries := m.Used()
	fmt.Println(bytes >= 5, entries)
	dir.Unlink("d/f")
	bytes, entries = m.Used()
	fmt.Println(bytes, entries)
	// Output:
	// true 3
	// 1 2
}

// What a guest changes is kept apart from an archive, an embed.FS or any other FS, which it sees below.
func ExampleOverlay() {
	site := fstest.MapFS{
		"index.html":  {Data: []byte("old")},
		"img/one.png": {Data: []byte("1")},
		"img/two.png": {Data: []byte("2")},
	}
	changes := files.NewMemory(files.MemoryConfig{}).Root()
	dir := files.Overlay(files.FromFS(site), changes)

	files.WriteFile(dir, "index.html", []byte("new"))
	dir.Unlink("img/one.png")

	show("the guest sees", files.ToFS(dir))
	show("changed is", files.ToFS(changes))
	fmt.Println("below there is still", string(site["index.html"].Data))
	// Output:
	// the guest sees: . img img/two.png index.html
	// changed is: . img index.html
	// below there is still old
}

func show(what string, fsys fs.FS) {
	var names []string
	fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	fmt.Printf("%s: %s\n", what, strings.Join(names, " "))
}

func ExampleFromFS() {
	dir := files.FromFS(fstest.MapFS{"d/f": {Data: []byte("hello")}})
	info, err := dir.Stat("d/f", true)
	fmt.Println(info.Size, err)
	fmt.Println(dir.Unlink("d/f"))
	_, err = dir.Stat("../f", true)
	fmt.Println(err)
	// Output:
	// 5 <nil>
	// read-only
	// not-permitted
}

func ExampleToFS() {
	dir := files.NewMemory(files.MemoryConfig{}).Root()
	files.WriteFile(dir, "a/f", []byte("hello"))
	dir.Symlink("a/f", "link")
	fsys := files.ToFS(dir)
	text, err := fs.ReadFile(fsys, "link")
	fmt.Printf("%s %v\n", text, err)
	_, err = fs.Stat(fsys, "no")
	fmt.Println(err, errors.Is(err, fs.ErrNotExist))
	show("there is", fsys)
	// Output:
	// hello <nil>
	// stat no: no-entry true
	// there is: . a a/f link
}

func ExampleWriteFile() {
	dir := files.NewMemory(files.MemoryConfig{}).Root()
	fmt.Println(files.WriteFile(dir, "a/b/f", []byte("hello")))
	fmt.Println(files.WriteFile(dir, "a/b/f/g", []byte("hello")))
	fmt.Println(files.WriteFile(dir, "../f", nil))
	// Output:
	// <nil>
	// mkdir a/b/f: exist
	// mkdir ..: not-permitted
}

// A directory of the host is copied, so that a guest can do to it what it likes.
func ExampleCopyFS() {
	host, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(host)
	os.WriteFile(host+"/f", []byte("hello"), 0o666)

	dir := files.NewMemory(files.MemoryConfig{}).Root()
	fmt.Println(files.CopyFS(dir, os.DirFS(host)))
	fmt.Println(dir.Unlink("f"))
	_, err = os.Stat(host + "/f")
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
	// <nil>
}

func ExampleErrorCode_Is() {
	dir := files.NewMemory(files.MemoryConfig{}).Root()
	_, err := dir.Stat("f", true)
	fmt.Println(err, errors.Is(err, fs.ErrNotExist), files.NoEntry.Is(fs.ErrExist))
	// Output: no-entry true false
}

// What a directory holds is read entry by entry, and what is known of each is asked for.
func ExampleDir() {
	dir := files.NewMemory(files.MemoryConfig{}).Root()
	defer dir.Close()
	if err := files.WriteFile(dir, "song", []byte("la la la")); err != nil {
		log.Fatal(err)
	}
	written := files.Time{Set: true, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err := dir.SetTimesAt("song", true, files.Time{}, written); err != nil {
		log.Fatal(err)
	}

	var entries files.Entries
	entries, err := dir.ReadDir()
	if err != nil {
		log.Fatal(err)
	}
	defer entries.Close()
	var entry files.Entry
	for {
		if entry, err = entries.Next(); err != nil {
			break
		}
		info, err := dir.Stat(entry.Name, false)
		if err != nil {
			log.Fatal(err)
		}
		var kind files.Kind = entry.Kind
		fmt.Println(entry.Name, kind == files.RegularFile, info.Size, info.Modified.UTC())
	}
	fmt.Println(err)
	// Output:
	// song true 8 2026-01-02 03:04:05 +0000 UTC
	// EOF
}

// Advice changes nothing but how fast a file is read.
func ExampleFile_advise() {
	dir := files.NewMemory(files.MemoryConfig{}).Root()
	defer dir.Close()
	n, err := dir.Open("log", files.OpenHow{Create: true, Read: true, Write: true})
	if err != nil {
		log.Fatal(err)
	}
	defer n.Close()
	var advice files.Advice = files.Sequential
	fmt.Println(n.(files.File).Advise(0, 0, advice))
	// Output: <nil>
}
