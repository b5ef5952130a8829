package files

import (
	"fmt"
	"testing"
)

// The kinds that a guest is given, with a few directories and files below.
func benchDirs(b *testing.B) map[string]Dir {
	memory := func() Dir {
		d := memoryDir(b)
		for i := range 100 {
			if err := WriteFile(d, fmt.Sprintf("usr/lib/p%d/f", i), []byte("hello")); err != nil {
				b.Fatal(err)
			}
		}
		return d
	}
	host := hostDirAt(b, b.TempDir())
	if err := CopyFS(host, ToFS(memory())); err != nil {
		b.Fatal(err)
	}
	return map[string]Dir{
		"memory":                  memory(),
		"memory over memory":      Overlay(memory(), memoryDir(b)),
		"memory over an FS":       Overlay(FromFS(ToFS(memory())), memoryDir(b)),
		"memory over the host":    Overlay(host, memoryDir(b)),
		"the host, to compare it": host,
	}
}

func BenchmarkStatOfEachKind(b *testing.B) {
	for name, d := range benchDirs(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if _, err := d.Stat(fmt.Sprintf("usr/lib/p%d/f", i%100), true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpenOfEachKind(b *testing.B) {
	for name, d := range benchDirs(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				f, err := d.Open(fmt.Sprintf("usr/lib/p%d/f", i%100), OpenHow{Read: true})
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
}

// BenchmarkWriteToMemory writes a file of 64 MiB in pieces, over and over.
func BenchmarkWriteToMemory(b *testing.B) {
	for _, size := range []int{512, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			f, err := openRegular(memoryDir(b), "f", OpenHow{Create: true, Read: true, Write: true})
			if err != nil {
				b.Fatal(err)
			}
			piece := make([]byte, size)
			b.SetBytes(int64(size))
			for i := range b.N {
				off := int64(i) * int64(size) % (64 << 20)
				if off == 0 {
					f.Truncate(0)
				}
				if _, err := f.WriteAt(piece, off); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
