package files

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"testing"
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
