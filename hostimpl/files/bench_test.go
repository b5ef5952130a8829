package files_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// Each benchmark has its native peer beside it: what a Go program does with package os to the same end.

func BenchmarkOpenAndClose(b *testing.B) {
	d, path := host(b)
	put(b, path, "name", "a/b/name")
	for _, name := range []string{"name", "a/b/name"} {
		b.Run(name+"/tenon", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n, err := d.Open(name, files.OpenHow{Follow: true, Read: true})
				if err != nil {
					b.Fatal(err)
				}
				n.Close()
			}
		})
		b.Run(name+"/native", func(b *testing.B) {
			b.ReportAllocs()
			full := filepath.Join(path, name)
			for b.Loop() {
				f, err := os.OpenFile(full, os.O_RDONLY, 0)
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
}

func BenchmarkOpenDirectory(b *testing.B) {
	d, path := host(b)
	put(b, path, "dir/name")
	b.Run("tenon", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n, err := d.Open("dir", files.OpenHow{Follow: true, Directory: true})
			if err != nil {
				b.Fatal(err)
			}
			n.Close()
		}
	})
	b.Run("native", func(b *testing.B) {
		b.ReportAllocs()
		full := filepath.Join(path, "dir")
		for b.Loop() {
			f, err := os.OpenFile(full, os.O_RDONLY, 0)
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
}

func BenchmarkStat(b *testing.B) {
	d, path := host(b)
	put(b, path, "name", "a/b/name")
	for _, name := range []string{"name", "a/b/name"} {
		b.Run(name+"/tenon", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Stat(name, true); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/native", func(b *testing.B) {
			b.ReportAllocs()
			full := filepath.Join(path, name)
			for b.Loop() {
				if _, err := os.Stat(full); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

const piece = 64 << 10

func BenchmarkReadAt64K(b *testing.B) {
	d, path := host(b)
	if err := os.WriteFile(filepath.Join(path, "f"), make([]byte, 64*piece), 0o666); err != nil {
		b.Fatal(err)
	}
	native, err := os.Open(filepath.Join(path, "f"))
	if err != nil {
		b.Fatal(err)
	}
	defer native.Close()
	f := openFile(b, d, "f", files.OpenHow{Read: true})
	for name, r := range map[string]io.ReaderAt{"tenon": f, "native": native} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(piece)
			buf := make([]byte, piece)
			for i := 0; b.Loop(); i++ {
				if _, err := r.ReadAt(buf, int64(i%64)*piece); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWriteAt64K(b *testing.B) {
	d, path := host(b)
	native, err := os.Create(filepath.Join(path, "native"))
	if err != nil {
		b.Fatal(err)
	}
	defer native.Close()
	f := openFile(b, d, "f", files.OpenHow{Create: true, Write: true})
	for name, w := range map[string]io.WriterAt{"tenon": f, "native": native} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(piece)
			buf := make([]byte, piece)
			for i := 0; b.Loop(); i++ {
				if _, err := w.WriteAt(buf, int64(i%64)*piece); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend4K(b *testing.B) {
	d, path := host(b)
	native, err := os.OpenFile(filepath.Join(path, "native"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		b.Fatal(err)
	}
	defer native.Close()
	f := openFile(b, d, "f", files.OpenHow{Create: true, Write: true})
	appends := map[string]func([]byte) (int, error){"tenon": f.Append, "native": native.Write}
	cuts := map[string]func() error{
		"tenon":  func() error { return f.Truncate(0) },
		"native": func() error { return native.Truncate(0) },
	}
	for name, write := range appends {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 4096)
			for i := 0; b.Loop(); i++ {
				if i%1024 == 0 {
					if err := cuts[name](); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := write(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadDir(b *testing.B) {
	d, path := host(b)
	for i := range 1000 {
		put(b, path, fmt.Sprintf("some-name-%04d", i))
	}
	b.Run("tenon", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(list(b, d)) != 1000 {
				b.Fatal("not all")
			}
		}
	})
	b.Run("native", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			entries, err := f.ReadDir(-1)
			if err != nil || len(entries) != 1000 {
				b.Fatal(err)
			}
			all := make(map[string]os.FileMode)
			for _, e := range entries {
				all[e.Name()] = e.Type()
			}
			f.Close()
		}
	})
}
