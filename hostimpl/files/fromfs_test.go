package files

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

// archiveOf puts all that is in d into an archive of which nothing can be read but forward.
func archiveOf(t testing.TB, d Dir) fs.FS {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	fsys := ToFS(d).(fs.ReadLinkFS)
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		h, err := zip.FileInfoHeader(info)
		if err != nil {
			return err
		}
		h.Name, h.Method = name, zip.Deflate
		var content []byte
		switch e.Type() {
		case fs.ModeDir:
			h.Name += "/"
		case fs.ModeSymlink:
			target, err := fsys.ReadLink(name)
			if err != nil {
				return err
			}
			content = []byte(target)
		default:
			if content, err = fs.ReadFile(fsys, name); err != nil {
				return err
			}
		}
		entry, err := w.CreateHeader(h)
		if err != nil {
			return err
		}
		_, err = entry.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnFSIsOnlyRead(t *testing.T) {
	d := FromFS(fstest.MapFS{"d/f": {Data: []byte("hello")}, "l": {Data: []byte("d/f"), Mode: fs.ModeSymlink}})
	for what, err := range map[string]error{
		"mkdir":         d.MakeDir("x"),
		"rmdir":         d.RemoveDir("d"),
		"unlink":        d.Unlink("d/f"),
		"symlink":       d.Symlink("x", "y"),
		"rename":        d.Rename("d/f", d, "x"),
		"link":          d.Link("d/f", false, d, "x"),
		"times":         d.SetTimesAt("d/f", false, Time{}, Time{Set: true}),
		"times of a .":  d.SetTimes(Time{}, Time{Set: true}),
		"write":         openError(d, "d/f", OpenHow{Write: true}),
		"truncate":      openError(d, "d/f", OpenHow{Read: true, Truncate: true}),
		"create":        openError(d, "x", OpenHow{Create: true}),
		"write by link": openError(d, "l", OpenHow{Write: true, Follow: true}),
	} {
		wantCode(t, what, err, ReadOnly)
	}
	wantCode(t, "mkdir of what is there", d.MakeDir("d"), Exist)
	wantCode(t, "create exclusively what is there", openError(d, "d/f", OpenHow{Create: true, Exclusive: true}), Exist)
	wantCode(t, "rename elsewhere", d.Rename("d/f", memoryDir(t), "x"), CrossDevice)
	wantCode(t, "out of it", d.MakeDir("../x"), NotPermitted)
	wantOK(t, "create of what is there", openError(d, "d/f", OpenHow{Create: true, Read: true}))
	f, err := openRegular(d, "d/f", OpenHow{Read: true})
	wantOK(t, "open", err)
	_, err = f.WriteAt([]byte("x"), 0)
	wantCode(t, "write", err, BadDescriptor)
	_, err = f.Append([]byte("x"))
	wantCode(t, "append", err, BadDescriptor)
	wantCode(t, "size", f.Truncate(0), BadDescriptor)
	wantCode(t, "times of a file", f.SetTimes(Time{}, Time{Set: true}), ReadOnly)
	wantOK(t, "sync", f.Sync(false))
}

func openError(d Dir, path string, how OpenHow) error {
	n, err := d.Open(path, how)
	if err == nil {
		n.Close()
	}
	return err
}

// A strangeFS opens files of which only some methods can be used.
type strangeFS struct {
	fstest.MapFS
	only  func(fs.File) fs.File
	opens *int
}

func (s strangeFS) Open(name string) (fs.File, error) {
	f, err := s.MapFS.Open(name)
	if err != nil {
		return nil, err
	}
	*s.opens++
	if _, isDir := f.(fs.ReadDirFile); isDir {
		return f, nil
	}
	return s.only(f), nil
}

type seekFile struct {
	fs.File
	io.Seeker
}

// TestFilesAreReadAnywhereWhateverTheyCan: files with ReadAt, with Seek, and with neither, small and large.
func TestFilesAreReadAnywhereWhateverTheyCan(t *testing.T) {
	for _, can := range []struct {
		name string
		only func(fs.File) fs.File
	}{
		{"ReadAt", func(f fs.File) fs.File { return f }},
		{"Seek", func(f fs.File) fs.File { return seekFile{struct{ fs.File }{f}, f.(io.Seeker)} }},
		{"neither", func(f fs.File) fs.File { return struct{ fs.File }{f} }},
	} {
		for _, size := range []int{0, 1, 5000, maxKept, maxKept + 1, 3 * maxKept} {
			t.Run(fmt.Sprintf("%s of %d", can.name, size), func(t *testing.T) {
				content := make([]byte, size)
				random := rand.New(rand.NewPCG(1, uint64(size)))
				for i := range content {
					content[i] = byte(random.Uint32())
				}
				opens := 0
				d := FromFS(strangeFS{fstest.MapFS{"f": {Data: content}}, can.only, &opens})
				f, err := openRegular(d, "f", OpenHow{Read: true})
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				for range 50 {
					off, n := random.IntN(size+10), random.IntN(10_000)
					got := make([]byte, n)
					k, err := f.ReadAt(got, int64(off))
					want := content[min(off, size):min(off+n, size)]
					if !bytes.Equal(got[:k], want) || (err == io.EOF) != (k < n) || err != nil && err != io.EOF {
						t.Fatalf("%d bytes at %d: %d, %v", n, off, k, err)
					}
				}
				opens = 0
				for off := 0; off < size; off += 4096 {
					if _, err := f.ReadAt(make([]byte, 4096), int64(off)); err != nil && err != io.EOF {
						t.Fatal(err)
					}
				}
				if opens > 1 {
					t.Errorf("to read it from beginning to end, it was opened %d times", opens)
				}
			})
		}
	}
}

// TestWhatIsKeptIsBounded: however many files a guest has open.
func TestWhatIsKeptIsBounded(t *testing.T) {
	fsys := fstest.MapFS{}
	content := make([]byte, maxKept)
	for i := range 200 {
		fsys[fmt.Sprint("f", i)] = &fstest.MapFile{Data: content}
	}
	opens := 0
	d := FromFS(strangeFS{fsys, func(f fs.File) fs.File { return struct{ fs.File }{f} }, &opens})
	r := d.(*fsDir).at.r
	before := heap()
	var all []File
	for i := range 400 {
		f, err := openRegular(d, fmt.Sprint("f", i%200), OpenHow{Read: true})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := f.ReadAt(make([]byte, 10), maxKept-10); n != 10 || err != nil {
			t.Fatalf("read: %d %v", n, err)
		}
		all = append(all, f)
	}
	if grown := heap() - before; grown > maxAllKept+16<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
	for _, f := range all {
		f.Close()
	}
	if len(r.kept) != 0 || r.size != 0 {
		t.Errorf("when all are closed, %d files and %d bytes are kept", len(r.kept), r.size)
	}
}

// A badFS lists names that no path can have.
type badFS struct{ fstest.MapFS }

func (b badFS) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := b.MapFS.ReadDir(name)
	for _, bad := range []string{"..", ".", "", "a/b", "/"} {
		list = append([]fs.DirEntry{dirEntry{e: Entry{Name: bad}}}, list...)
	}
	return list, err
}

func (b badFS) Open(name string) (fs.File, error) {
	f, err := b.MapFS.Open(name)
	return struct{ fs.File }{f}, err // no ReadDirFile
}

func TestNamesThatNoPathCanHaveAreLeftOut(t *testing.T) {
	d := FromFS(badFS{fstest.MapFS{"f": {}}})
	list, err := d.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	e, err := list.Next()
	if e.Name != "f" || err != nil {
		t.Errorf("first: %q %v", e.Name, err)
	}
	if _, err := list.Next(); err != io.EOF {
		t.Errorf("then: %v", err)
	}
}

// TestLinksOfAnFSDoNotLeadOut: not even if the FS would follow them.
func TestLinksOfAnFSDoNotLeadOut(t *testing.T) {
	top := t.TempDir()
	if err := os.WriteFile(filepath.Join(top, "secret"), []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(top, "d")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"up": "..", "file": "../secret", "abs": filepath.Join(top, "secret"), "root": "/"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	d := FromFS(os.DirFS(dir))
	for _, path := range []string{"up", "up/", "up/secret", "file", "abs", "root", "root/etc", "../secret"} {
		wantCode(t, "open "+path, openError(d, path, OpenHow{Follow: true, Read: true}), NotPermitted)
		_, err := d.Stat(path, true)
		wantCode(t, "stat "+path, err, NotPermitted)
	}
	for _, path := range []string{"abs", "root"} {
		_, err := d.Readlink(path)
		wantCode(t, "readlink "+path, err, NotPermitted)
	}
}

func TestAnErrorOfAnFSIsToldAndNotKept(t *testing.T) {
	broken := true
	fsys := fstest.MapFS{"f": {Data: bytes.Repeat([]byte("x"), 2*maxKept)}}
	opens := 0
	d := FromFS(strangeFS{fsys, func(f fs.File) fs.File { return sometimes{f, &broken} }, &opens})
	f, err := openRegular(d, "f", OpenHow{Read: true})
	wantOK(t, "open", err)
	defer f.Close()
	_, err = f.ReadAt(make([]byte, 1), 5)
	wantCode(t, "read", err, IO)
	broken = false
	_, err = f.ReadAt(make([]byte, 1), 5)
	wantOK(t, "read", err)
}

type sometimes struct {
	fs.File
	broken *bool
}

func (s sometimes) Read(p []byte) (int, error) {
	if *s.broken {
		return 0, errors.New("broken")
	}
	return s.File.Read(p)
}

func TestCopyFSCopiesAllThatThereIs(t *testing.T) {
	d := memoryDir(t)
	then := time.Unix(1000, 0)
	from := fstest.MapFS{"a/b/f": {Data: []byte("hello"), ModTime: then}, "a/l": {Data: []byte("b/f"), Mode: fs.ModeSymlink, ModTime: then},
		"a": {Mode: fs.ModeDir, ModTime: then}, "e": {Mode: fs.ModeDir}}
	wantOK(t, "write", WriteFile(d, "secret", []byte("secret")))
	wantOK(t, "mkdir", d.MakeDir("a"))
	wantOK(t, "mkdir", d.MakeDir("a/b"))
	wantOK(t, "symlink", d.Symlink("../../secret", "a/b/f")) // is replaced, and not followed
	wantOK(t, "copy", CopyFS(d, from))
	wantOK(t, "copy again", CopyFS(d, from))
	want := "./a/\n./a/b/\n./a/b/f: \"hello\" <nil>\n./a/l -> b/f <nil>\n./e/\n./secret: \"secret\" <nil>\n"
	if got := treeOf(d, "."); got != want {
		t.Errorf("there is\n%s", got)
	}
	for _, name := range []string{"a", "a/b/f", "a/l"} {
		if i, _ := d.Stat(name, false); !i.Modified.Equal(then) {
			t.Errorf("%s was modified at %v", name, i.Modified)
		}
	}
	other := memoryDir(t)
	wantOK(t, "copy of an archive", CopyFS(other, archiveOf(t, d)))
	if got := treeOf(other, "."); got != want {
		t.Errorf("of the archive there is\n%s", got)
	}
	wantCode(t, "a link out of all", CopyFS(d, fstest.MapFS{"l": {Data: []byte("/etc"), Mode: fs.ModeSymlink}}), NotPermitted)
	wantCode(t, "a file where a directory is", CopyFS(d, fstest.MapFS{"a": {}}), IsDirectory)
	wantCode(t, "a directory where a file is", CopyFS(d, fstest.MapFS{"secret/x": {}}), Exist)
}
