package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// TestAPrintedProgramDoesTheSame builds what --print-go prints, in this module, and
// runs it beside the command line that it was printed for.
func TestAPrintedProgramDoesTheSame(t *testing.T) {
	const guests = "../../testdata/guests/"
	hello, asserts := guests+"hello.wasm", guests+"io-asserts.wasm"
	// The guests' compiled code is kept apart from the user's; what Go keeps is not.
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	other := t.TempDir()
	for _, c := range []struct {
		name  string
		args  []string
		stdin string
		wrong bool // the message differs, of the same mistake
	}{
		{"nothing granted", []string{hello, "--show"}, "", false},
		{"variables, arguments and no cache", []string{"--env", "A=1", "--env", `Q="'\`, "--cache", "off", hello, "--show", "a b", "`", "\n"}, "", false},
		{"standard input", []string{"--cache", other, asserts, "copy"}, "one\ntwo\n", false},
		{"the status of the guest", []string{hello, "exit", "7"}, "", false},
		{"run that answers its error", []string{hello, "fail"}, "", false},
		{"a trap", []string{hello, "trap"}, "", true},
		{"clock, seed and zone", []string{"--tz", "Europe/Berlin", "--clock", "2026-01-02T03:04:05.5+02:00", "--seed", "0xffffffffffffffff", asserts, "record"}, "", false},
		{"directories", []string{"--dir", "testdata::/data:ro", "--dir", ".", guests + "hello-adapter.wasm", "file", "dir.go"}, "", false},
		{"a change that is denied", []string{"--dir", "testdata::/dir:ro", guests + "file-copy.wasm", "x", "y"}, "", true},
		{"a file that is nowhere", []string{guests + "hello-adapter.wasm", "file", "/nowhere/x"}, "", true},
		{"a file that is nowhere, without a hint", []string{"--no-file-hint", guests + "hello-adapter.wasm", "file", "/nowhere/x"}, "", false},
		{"a directory that is not there", []string{"--dir", "nowhere", hello}, "", true},
		{"network", []string{"--net", "all", "--net=tcp:connect=*.example.com:80-90", guests + "tcp-asserts.wasm", "bind", "4"}, "", false},
		{"network that is denied", []string{"--net", "name=localhost", guests + "tcp-client.wasm", "127.0.0.1:9", "1"}, "", true},
		{"a preview 1 module", []string{"--env", "A=1", guests + "modules/p1-asserts.wasm", "exit", "77"}, "", false},
		{"a listener that is in use", []string{"--listen", "203.0.113.1:1", guests + "modules/p1-asserts.wasm", "serve"}, "", true},
		{"an import that is not met", []string{guests + "missing-import.wasm"}, "", true},
		{"linked components", []string{"--link", "acme:missing/thing=testdata/link/answer.wasm", guests + "missing-import.wasm"}, "", false},
		{"stubs", []string{"--stub", "missing", guests + "missing-import.wasm"}, "", true},
		{"an alias of nothing", []string{"--alias", "acme:missing@1.2.3=acme:found@1.0.0", guests + "missing-import.wasm"}, "", true},
		{"settings", []string{"--config", "B=2", "--config", "A=1", guests + "stores.wasm", "settings"}, "", false},
		{"messages", []string{"--log", "warn", guests + "stores.wasm", "log", "error", "c", "m\n"}, "", false},
		{"messages of every level", []string{"--log", "trace", guests + "stores.wasm", "log", "critical", "", "m"}, "", false},
		{"a bucket in memory", []string{"--keyvalue", "=mem", guests + "stores.wasm", "check", ""}, "", false},
		{"buckets in a file", []string{"--keyvalue", "a=" + other + "/kv.db", "--keyvalue", "b=" + other + "/kv.db:ro", guests + "stores.wasm", "check", "a"}, "", false},
		{"a bucket that is only read", []string{"--keyvalue", "a=" + other + "/kv.db:ro", guests + "stores.wasm", "set", "a", "k", "v"}, "", false},
		{"a bucket in no file", []string{"--keyvalue", "a=nowhere.db:ro", guests + "stores.wasm", "keys", "a"}, "", true},
		{"a file that is not there", []string{"nowhere.wasm"}, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var printed, errs bytes.Buffer
			args := append([]string{"run", "--print-go"}, c.args...)
			if code := command(args, nil, &printed, &errs); code != 0 || errs.Len() > 0 {
				t.Fatalf("tenon %q: code %d: %s", args, code, &errs)
			}
			want, wantErr, wantCode := output(t, tenon(t, append([]string{"run"}, c.args...)...), c.stdin)
			got, gotErr, gotCode := output(t, exec.Command(built(t, printed.Bytes())), c.stdin)
			if got != want || gotCode != wantCode {
				t.Errorf("it said %q, code %d; tenon says %q, code %d; %s", got, gotCode, want, wantCode, gotErr)
			}
			if gotErr != wantErr && !c.wrong || c.wrong && gotErr == "" {
				t.Errorf("on stderr it said %q; tenon says %q", gotErr, wantErr)
			}
		})
	}
}

// built is the path of a program, built with the packages of this tree.
func built(t *testing.T, source []byte) string {
	t.Helper()
	dir := t.TempDir()
	file, bin := filepath.Join(dir, "main.go"), filepath.Join(dir, "app.exe")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	succeed(t, "go", "build", "-ldflags=-s -w", "-o", bin, file)
	return bin
}

func succeed(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func output(t *testing.T, cmd *exec.Cmd, stdin string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &o, &e
	if cmd.Env != nil {
		cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+os.Getenv("XDG_CACHE_HOME"))
	}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// TestEveryFieldOfAConfigCanBePrinted: whoever gives Config a field that is not plain
// data, and a flag that sets it, is told here to say how it is written.
func TestEveryFieldOfAConfigCanBePrinted(t *testing.T) {
	// What no flag can say: hooks of Go programs.
	mute := map[string]bool{"Decide": true, "NetworkLog": true, "Resolver": true, "Now": true, "Monotonic": true, "Insecure": true,
		"OnSocket": true} // --trace sets it, and is not for --print-go
	o := &runOptions{host: hostimpl.Config{
		Clock: hostimpl.NewVirtualClock(time.Unix(0, 0)), Random: hostimpl.Seeded(1), Location: time.UTC,
		Dirs: []hostimpl.Dir{{Host: ".", Guest: "/"}},
	}}
	known := goValues(o)
	new(goProgram).services(&services{level: "info", stores: []storeFlag{{name: "a"}}}, known)
	typ := reflect.TypeFor[hostimpl.Config]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		if _, ok := known[f.Name]; ok || mute[f.Name] {
			continue
		}
		if _, ok := goLiteral(filled(f.Type)); !ok {
			t.Errorf("--print-go cannot write Config.%s, a %s", f.Name, f.Type)
		}
	}
}

// filled is a value of plain data that is nowhere zero; of what is not plain, nil.
func filled(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v = reflect.Append(v, filled(t.Elem()))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(filled(t.Key()), filled(t.Elem()))
	case reflect.Struct:
		for i := range t.NumField() {
			if f := v.Field(i); f.CanSet() {
				f.Set(filled(f.Type()))
			}
		}
	}
	return v
}

func TestAConfigIsPrintedAsGo(t *testing.T) {
	fields, err := goFields(hostimpl.Config{
		Args:   []string{"app", "a\x00\"`\xff"},
		Dirs:   []hostimpl.Dir{{Host: "/srv", Guest: "/"}, {Host: `C:\data`, Guest: "/data", ReadOnly: true}},
		Limits: hostimpl.Limits{Sockets: -1, RandomBytes: 1 << 63},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []goField{
		{"Args", `[]string{"app", "a\x00\"` + "`" + `\xff"}`},
		{"Dirs", "[]hostimpl.Dir{\n{Host: \"/srv\", Guest: \"/\"},\n{Host: \"C:\\\\data\", Guest: \"/data\", ReadOnly: true},\n}"},
		{"Limits", "hostimpl.Limits{Sockets: -1, RandomBytes: 9223372036854775808}"},
	}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("got %q\nwant %q", fields, want)
	}
	text, ok := goLiteral(reflect.ValueOf(map[string]int{"b": 2, "a": 1}))
	if want := `map[string]int{"a": 1, "b": 2}`; !ok || text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if _, err := goFields(hostimpl.Config{Stdin: strings.NewReader("")}, nil); err == nil {
		t.Error("a Reader was printed")
	}
}

// TestAPrintedProgramIsVetted: with all that flags can say, directories included, which
// need not be there. gofmt has nothing to do.
func TestAPrintedProgramIsVetted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	o, err := parseRun([]string{
		"--print-go", "--env", "A=1", "--net", "all", "--clock", "2026-01-02", "--seed", "1", "--tz", "Asia/Tokyo",
		"--listen", "127.0.0.1:8080", "--link", "acme:missing/thing=testdata/link/answer.wasm",
		"--alias", "acme:missing@1.2.3=acme:missing@1.2.4", "--stub", "missing", "../../testdata/guests/missing-import.wasm", "one",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	o.host.Dirs = []hostimpl.Dir{{Host: "data", Guest: "/"}, {Host: "conf", Guest: "/etc", ReadOnly: true}}
	var b bytes.Buffer
	if err := printGo(context.Background(), &b, o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `{Host: "conf", Guest: "/etc", ReadOnly: true},`) {
		t.Errorf("got %s", &b)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	succeed(t, "go", "vet", file)
	if out, err := exec.Command("gofmt", "-l", "-s", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt -s: %v %s", err, out)
	}
}
