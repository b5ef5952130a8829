package hostimpl_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// BenchmarkFileRatio copies a file in pieces of 64 KiB, or only reads it, in turns by Go
// and by a guest, so that what else the machine does disturbs both alike. It reports how
// much of Go's throughput the guest has: the median of the turns, and the quartiles. The
// size of the file is 64 MiB, or what TENON_BENCH_FILE says in MiB; the directory is
// os.TempDir.
func BenchmarkFileRatio(b *testing.B) {
	size := int64(64)
	if s := os.Getenv("TENON_BENCH_FILE"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		size = n
	}
	dir := b.TempDir()
	from := filepath.Join(dir, "from")
	write(b, from, "")
	piece := make([]byte, 1<<20)
	for i := range piece {
		piece[i] = byte(i * 31)
	}
	f, err := os.OpenFile(from, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	for range size {
		if _, err := f.Write(piece); err != nil {
			b.Fatal(err)
		}
	}
	f.Close()
	p := compile(b, "file-copy")
	for _, kind := range []struct {
		name string
		to   string
		args []string
	}{{"read", "", nil}, {"copy", "to", nil}, {"read-by-calls", "", []string{"calls"}}, {"copy-by-calls", "to", []string{"calls"}}} {
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(size << 20)
			guest := func() {
				to := kind.to
				if to == "" {
					to = "discard"
				}
				runFiles(b, p, dir, append([]string{"file-copy", "from", to}, kind.args...)...)
			}
			ratios := fileTurns(b, func() { nativeCopy(b, dir, kind.to) }, guest)
			reportQuartiles(b, ratios, "/native")
		})
	}
}

// BenchmarkFileStatRatio opens, stats and closes files, and stats paths, a thousand times
// in each turn.
func BenchmarkFileStatRatio(b *testing.B) {
	const times = 5000
	dir := b.TempDir()
	for i := range 100 {
		write(b, filepath.Join(dir, fmt.Sprint("f", i)), "content")
	}
	p := compile(b, "file-stat")
	for _, kind := range []string{"open", "stat", "both"} {
		b.Run(kind, func(b *testing.B) {
			in, stop := p.start(b, filesConfig(dir, "file-stat", strconv.Itoa(times), kind))
			defer stop()
			native := func() { nativeLook(b, dir, times, kind != "stat", kind != "open") }
			guest := func() {
				if err := command(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			}
			reportQuartiles(b, fileTurns(b, native, guest), "/native")
		})
	}
}

// fileTurns is takeTurns for work that takes long by itself.
func fileTurns(b *testing.B, first, second func()) (ratios []float64) {
	turn := func(once func()) float64 {
		start := time.Now()
		once()
		return float64(time.Since(start))
	}
	turn(first)
	turn(second)
	for b.Loop() {
		ratios = append(ratios, turn(first)/turn(second))
	}
	return ratios
}

func filesConfig(dir string, args ...string) hostimpl.Config {
	return hostimpl.Config{Args: args, Stderr: os.Stderr, Dirs: []hostimpl.Dir{{Host: dir, Guest: "/dir"}}}
}

func runFiles(t testing.TB, p *program, dir string, args ...string) {
	t.Helper()
	if err := p.run(t, filesConfig(dir, args...)); err != nil {
		t.Fatal(err)
	}
}

// nativeCopy reads and writes as the guest does, not through io.Copy, which copies in the
// kernel.
func nativeCopy(b *testing.B, dir, name string) {
	from, err := os.Open(filepath.Join(dir, "from"))
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	var to *os.File
	if name != "" {
		if to, err = os.Create(filepath.Join(dir, name)); err != nil {
			b.Fatal(err)
		}
		defer to.Close()
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err == io.EOF {
			return
		}
		if err == nil && to != nil {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func nativeLook(b *testing.B, dir string, times int, opens, stats bool) {
	for i := range times {
		path := filepath.Join(dir, "f"+strconv.Itoa(i%100))
		if opens {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
				b.Fatal(err)
			}
			f.Close()
		}
		if stats {
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
				b.Fatal(err)
			}
		}
	}
}
