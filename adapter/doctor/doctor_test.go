package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/wit"
)

// TestTheTextsAreWhatTheBinariesAreMadeOf, with the tool that makes them.
func TestTheTextsAreWhatTheBinariesAreMadeOf(t *testing.T) {
	tool := os.Getenv("TENON_WASM_TOOLS")
	if tool == "" {
		t.Skip("TENON_WASM_TOOLS does not name wasm-tools")
	}
	texts, err := filepath.Glob("testdata/wat/*.wat")
	if err != nil || len(texts) < 20 {
		t.Fatalf("%d texts: %v", len(texts), err)
	}
	for _, text := range texts {
		want, err := exec.Command(tool, "parse", text).Output()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := os.ReadFile(strings.TrimSuffix(text, ".wat") + ".wasm")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its binary is made of: %v", text, err)
		}
	}
}

// TestWhatWouldRunIsInstantiated, and what would not is not: the report says beforehand what
// a linker says afterwards, for every case with a host that can be made anew.
func TestWhatWouldRunIsInstantiated(t *testing.T) {
	ctx := context.Background()
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		if strings.HasSuffix(file, "file-wit-binary.txtar") {
			continue // A linker takes it, and there is nothing in it to run.
		}
		p := readPatient(t, file)
		if p.options.Links != nil || p.options.Aliases != nil || p.options.Stubs != component.NoStubs || p.options.Offer != nil {
			continue
		}
		p.options.Library = true // What is exported is no matter of the linker.
		r := doctor.Examine(p.data, p.options)
		if err := instantiated(ctx, t, p); (err == nil) != r.Runs {
			t.Errorf("%s: would run: %v, and it gives %v\n%s", file, r.Runs, err, r)
		}
		compared++
	}
	if compared < 40 {
		t.Errorf("%d cases were compared", compared)
	}
	for _, pattern := range []string{"../../testdata/guests/*.wasm", "../../testdata/guests/modules/*.wasm", "../../component/testdata/link/*.wasm"} {
		guests, err := filepath.Glob(pattern)
		if err != nil || len(guests) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, guest := range guests {
			data, err := os.ReadFile(guest)
			if err != nil {
				t.Fatal(err)
			}
			p := &patient{data: data, options: doctor.Options{Library: true}}
			r := doctor.Examine(data, p.options)
			if err := instantiated(ctx, t, p); (err == nil) != r.Runs {
				t.Errorf("%s: would run: %v, and it gives %v\n%s", guest, r.Runs, err, r)
			}
		}
	}
}

func instantiated(ctx context.Context, t *testing.T, p *patient) (err error) {
	t.Helper()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := adapter.Compile(ctx, r, p.data)
	if err != nil {
		return err
	}
	h, err := hostimpl.New(p.options.Grants)
	if err != nil {
		return err
	}
	defer h.Close()
	l := component.NewLinker(r)
	if err := errors.Join(adapter.Link(l, h, p.options.Adapter), l.Shim(adapter.Shims()...)); err != nil {
		return err
	}
	_, err = l.Instantiate(ctx, c)
	return err
}

// TestAReportIsJSON with lists where there is nothing, words for severities, and the drift.
func TestAReportIsJSON(t *testing.T) {
	decode := func(r doctor.Report) (v map[string]any) {
		t.Helper()
		data, err := json.Marshal(r)
		if err == nil {
			err = json.Unmarshal(data, &v)
		}
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	empty := decode(doctor.Examine(nil, doctor.Options{}))
	want := map[string]any{
		"name": "the file", "runs": false, "world": map[string]any{},
		"file":    map[string]any{"kind": "an empty file", "size": 0.0, "modules": 0.0, "nested": 0.0},
		"imports": []any{}, "exports": []any{}, "uses": []any{}, "needs": []any{},
		"findings": []any{map[string]any{
			"code": "T0101", "severity": "error", "cause": "the file is empty",
			"cure": "build it again: a tool that failed, or a copy that was cut short, left it so",
		}},
	}
	if !reflect.DeepEqual(empty, want) {
		t.Errorf("got  %v\nwant %v", empty, want)
	}
	p := readPatient(t, "testdata/cases/drift-result.txtar")
	v := decode(doctor.Examine(p.data, p.options))
	drift := v["findings"].([]any)[0].(map[string]any)["drift"]
	want = map[string]any{
		"by": "host", "item": "size", "want": "size: func() -> u32", "have": "size: func() -> result<u64, string>",
		"flatOf": "size", "flatWant": "() -> (i32)", "flatHave": "(i32) -> ()",
		"places": []any{map[string]any{
			"path": "result", "want": "u32", "have": "result<u64, string>",
			"effects": []any{map[string]any{
				"path": "result",
				"want": map[string]any{"offset": 0.0, "size": 4.0, "align": 4.0},
				"have": map[string]any{"offset": 0.0, "size": 16.0, "align": 8.0},
			}},
		}},
	}
	if !reflect.DeepEqual(drift, any(want)) {
		t.Errorf("got  %v\nwant %v", drift, want)
	}
	row := v["imports"].([]any)[0].(map[string]any)
	if row["ok"] != false || row["verdict"] != "another type" || row["items"] != 1.0 {
		t.Errorf("the row is %v", row)
	}
}

// FuzzExamine: whatever the bytes are, there is a report with a verdict in its first line.
func FuzzExamine(f *testing.F) {
	texts, err := filepath.Glob("testdata/wat/*.wasm")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(texts, "../../testdata/guests/missing-import.wasm") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := doctor.Examine(data, doctor.Options{})
		text := r.String()
		first, _, _ := strings.Cut(text, "\n")
		if errs := r.Errors(); r.Runs != (len(errs) == 0 && r.More == 0) && len(errs) == 0 {
			t.Errorf("it runs: %v, with %d errors", r.Runs, len(errs))
		} else if len(errs) > 0 && !strings.Contains(first, errs[0].String()) {
			t.Errorf("the first line is %q", first)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkExamine examines guests of this repository, and the file that TENON_LARGE_GUEST
// names: a component of a JavaScript engine, for example.
func BenchmarkExamine(b *testing.B) {
	files := []string{"../../testdata/guests/hello.wasm", "../../testdata/guests/hello-zig.wasm"}
	if large := os.Getenv("TENON_LARGE_GUEST"); large != "" {
		files = append(files, large)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(filepath.Base(file), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if r := doctor.Examine(data, doctor.Options{}); !r.Runs {
					b.Fatal(r)
				}
			}
		})
	}
}

// TestALinkToAModuleWithAWorldIsOneToAComponent, as it is when the program is run.
func TestALinkToAModuleWithAWorldIsOneToAComponent(t *testing.T) {
	packages, err := wit.Parse(wit.File{Name: "w.wit", Text: `package test:a;
		interface b { f: func(); }
		world app { import b; }
		world library { export b; }`})
	if err != nil {
		t.Fatal(err)
	}
	of := func(world, module string) []byte {
		data, err := component.EmbedWorld([]byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00"+module), packages[0].World(world), cabi.UTF8)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	app := of("app", "\x02\x0e\x01\x08test:a/b\x01f\x00\x00")
	library := of("library", "\x03\x02\x01\x00"+"\x07\x0e\x01\x0atest:a/b#f\x00\x00"+"\x0a\x04\x01\x02\x00\x0b")
	r := doctor.Examine(app, doctor.Options{Library: true, Links: []doctor.Link{{Name: "test:a/b", Path: "library.wasm", Data: library}}})
	if !r.Runs || len(r.Imports) != 1 || r.Imports[0].Rule != "link" {
		t.Errorf("%s", r)
	}
}
