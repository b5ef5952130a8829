package files

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// ToFS lets a Go program read d, as it is when it is read: a [Memory] after a guest has run, say, or what an overlay has
// kept in its upper directory. Links are followed within d. The FS has the methods of [fs.ReadLinkFS] and [fs.StatFS],
// and its files those of [io.ReaderAt] and [io.Seeker]. It can be read as long as d is open.
func ToFS(d Dir) fs.FS { return dirFS{d} }

type dirFS struct{ d Dir }

func (f dirFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, pathError("open", name, fs.ErrInvalid)
	}
	n, err := f.d.Open(name, OpenHow{Follow: true, Read: true})
	if err != nil {
		return nil, pathError("open", name, err)
	}
	switch n := n.(type) {
	case Dir:
		return &dirFSDir{fs: f, d: n, name: name}, nil
	case File:
		return &dirFSFile{f: n, name: name}, nil
	}
	n.Close()
	return nil, pathError("open", name, Unsupported)
}

func (f dirFS) Stat(name string) (fs.FileInfo, error)  { return f.info("stat", name, true) }
func (f dirFS) Lstat(name string) (fs.FileInfo, error) { return f.info("lstat", name, false) }

func (f dirFS) info(op, name string, follow bool) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, pathError(op, name, fs.ErrInvalid)
	}
	i, err := f.d.Stat(name, follow)
	if err != nil {
		return nil, pathError(op, name, err)
	}
	return fileInfo{path.Base(name), i}, nil
}

func (f dirFS) ReadLink(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", pathError("readlink", name, fs.ErrInvalid)
	}
	target, err := f.d.Readlink(name)
	if err != nil {
		return "", pathError("readlink", name, err)
	}
	return target, nil
}

func pathError(op, name string, err error) error {
	if err == io.EOF {
		return err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Is makes a code be the error of package io/fs that means the same, if there is one.
func (c ErrorCode) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return c == NoEntry
	case fs.ErrExist:
		return c == Exist || c == NotEmpty
	case fs.ErrPermission:
		return c == Access || c == NotPermitted
	case fs.ErrInvalid:
		return c == Invalid
	case fs.ErrClosed:
		return c == BadDescriptor
	case errors.ErrUnsupported:
		return c == Unsupported
	}
	return false
}

// fileInfo is an Info as an fs.FileInfo. Who may do what is no concern of this package: all may.
type fileInfo struct {
	name string
	i    Info
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return int64(min(i.i.Size, math.MaxInt64)) }
func (i fileInfo) ModTime() time.Time { return i.i.Modified }
func (i fileInfo) IsDir() bool        { return i.i.Kind == Directory }
func (i fileInfo) Sys() any           { return i.i }

func (i fileInfo) Mode() fs.FileMode {
	switch t := modeType(i.i.Kind); t {
	case 0:
		return 0o644
	case fs.ModeDir:
		return t | 0o755
	default:
		return t | 0o777
	}
}

// modeType is the type of a kind as package fs has it.
func modeType(k Kind) fs.FileMode {
	switch k {
	case RegularFile:
		return 0
	case Directory:
		return fs.ModeDir
	case SymbolicLink:
		return fs.ModeSymlink
	case FIFO:
		return fs.ModeNamedPipe
	case Socket:
		return fs.ModeSocket
	case CharacterDevice:
		return fs.ModeDevice | fs.ModeCharDevice
	case BlockDevice:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}

// dirFSFile is an open File as an fs.File.
type dirFSFile struct {
	f    File
	name string

	mu sync.Mutex
	at int64
}

func (f *dirFSFile) Stat() (fs.FileInfo, error) {
	i, err := f.f.Info()
	if err != nil {
		return nil, pathError("stat", f.name, err)
	}
	return fileInfo{path.Base(f.name), i}, nil
}

func (f *dirFSFile) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.ReadAt(p, f.at)
	f.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

func (f *dirFSFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if err != nil {
		err = pathError("read", f.name, err)
	}
	return n, err
}

func (f *dirFSFile) Seek(offset int64, whence int) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		i, err := f.f.Info()
		if err != nil {
			return 0, pathError("seek", f.name, err)
		}
		offset += int64(i.Size)
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return 0, pathError("seek", f.name, Invalid)
	}
	f.at = offset
	return offset, nil
}

func (f *dirFSFile) Close() error {
	if err := f.f.Close(); err != nil {
		return pathError("close", f.name, err)
	}
	return nil
}

// dirFSDir is an open Dir as an fs.ReadDirFile.
type dirFSDir struct {
	fs   dirFS
	d    Dir
	name string

	mu   sync.Mutex
	read bool
	rest []fs.DirEntry // what is not yet read, by name
}

func (f *dirFSDir) Stat() (fs.FileInfo, error) {
	i, err := f.d.Info()
	if err != nil {
		return nil, pathError("stat", f.name, err)
	}
	return fileInfo{path.Base(f.name), i}, nil
}

func (f *dirFSDir) Read([]byte) (int, error) { return 0, pathError("read", f.name, IsDirectory) }

func (f *dirFSDir) Close() error {
	if err := f.d.Close(); err != nil {
		return pathError("close", f.name, err)
	}
	return nil
}

func (f *dirFSDir) ReadDir(n int) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.read {
		list, err := f.list()
		if err != nil {
			return nil, pathError("readdir", f.name, err)
		}
		f.rest, f.read = list, true
	}
	if n > 0 && len(f.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.rest) {
		n = len(f.rest)
	}
	list := f.rest[:n:n]
	f.rest = f.rest[n:]
	return list, nil
}

func (f *dirFSDir) list() (list []fs.DirEntry, err error) {
	err = f.entries(func(e Entry) { list = append(list, dirEntry{f.fs, path.Join(f.name, e.Name), e}) })
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

func (f *dirFSDir) entries(do func(Entry)) error {
	list, err := f.d.ReadDir()
	if err != nil {
		return err
	}
	defer list.Close()
	for {
		e, err := list.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		do(e)
	}
}

// dirEntry is an Entry as an fs.DirEntry.
type dirEntry struct {
	fs   dirFS
	path string
	e    Entry
}

func (e dirEntry) Name() string      { return e.e.Name }
func (e dirEntry) IsDir() bool       { return e.e.Kind == Directory }
func (e dirEntry) Type() fs.FileMode { return modeType(e.e.Kind) }
func (e dirEntry) String() string    { return fs.FormatDirEntry(e) }

func (e dirEntry) Info() (fs.FileInfo, error) { return e.fs.Lstat(e.path) }

// WriteFile makes a file with that content in d, and the directories that the path names and that are not there. A file
// that is there gets the new content.
func WriteFile(d Dir, path string, content []byte) error {
	if err := makeDirs(d, path); err != nil {
		return err
	}
	n, err := d.Open(path, OpenHow{Create: true, Follow: true, Truncate: true, Write: true})
	if err != nil {
		return pathError("open", path, err)
	}
	defer n.Close()
	f, ok := n.(File)
	if !ok {
		return pathError("open", path, Unsupported)
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		return pathError("write", path, err)
	}
	return nil
}

// makeDirs makes the directories that path leads through.
func makeDirs(d Dir, path string) error {
	for i, c := range path {
		if c != '/' || i == 0 {
			continue
		}
		if err := makeDir(d, path[:i]); err != nil {
			return pathError("mkdir", path[:i], err)
		}
	}
	return nil
}

// CopyFS puts all that is in fsys into d: directories, regular files and links, with their times. A file or link that is
// there already is replaced. At anything else, and at a link with an absolute target, it stops. What is a link, and where
// it leads, is what [FromFS] makes of fsys.
func CopyFS(d Dir, fsys fs.FS) error {
	links := FromFS(fsys)
	var dirs []fileInfo // whose times are set last, since what is put into them changes them
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		switch e.Type() {
		case fs.ModeDir:
			dirs = append(dirs, fileInfo{name, Info{Modified: info.ModTime()}})
			if err := makeDir(d, name); err != nil {
				return pathError("mkdir", name, err)
			}
			return nil
		case fs.ModeSymlink:
			err = copyLink(d, links, name)
		case 0:
			err = copyFile(d, fsys, name)
		default:
			err = Unsupported
		}
		if err != nil {
			return pathError("copy", name, err)
		}
		return setModified(d, name, info.ModTime())
	})
	for i := len(dirs) - 1; i >= 0 && err == nil; i-- {
		err = setModified(d, dirs[i].name, dirs[i].i.Modified)
	}
	return err
}

func setModified(d Dir, name string, t time.Time) error {
	if t.IsZero() {
		return nil
	}
	if err := d.SetTimesAt(name, false, Time{}, Time{Set: true, At: t}); err != nil {
		return pathError("chtimes", name, err)
	}
	return nil
}

// makeDir makes a directory if there is none.
func makeDir(d Dir, name string) error {
	err := d.MakeDir(name)
	if err == nil || CodeOf(err) != Exist {
		return err
	}
	i, err := d.Stat(name, true)
	if err == nil && i.Kind != Directory {
		err = Exist
	}
	return err
}

func copyLink(d, links Dir, name string) error {
	target, err := links.Readlink(name)
	if err != nil {
		return err
	}
	if err := d.Unlink(name); err != nil && CodeOf(err) != NoEntry {
		return err
	}
	return d.Symlink(target, name)
}

func copyFile(d Dir, fsys fs.FS, name string) error {
	from, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	// A link of that name is replaced, and not followed.
	to, err := openRegular(d, name, OpenHow{Create: true, Truncate: true, Write: true})
	if err != nil && CodeOf(err) == Loop {
		if err := d.Unlink(name); err != nil {
			return err
		}
		to, err = openRegular(d, name, OpenHow{Create: true, Write: true})
	}
	if err != nil {
		return err
	}
	defer to.Close()
	_, err = io.Copy(io.NewOffsetWriter(to, 0), from)
	return err
}
