package main

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// printGo prints the Go program that does what o says. It decides first (goProgram),
// then prints (goText). Only links are looked into: the program names the imports that
// they meet.
func printGo(ctx context.Context, w io.Writer, o *runOptions) error {
	p, err := newGoProgram(ctx, o)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := goText.Execute(&b, p); err != nil {
		return err
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// goProgram is what is particular to one program.
type goProgram struct {
	Typed  string // the command line
	App    string
	User   bool   // keep compiled code in the user's cache directory
	Engine string // the component.Config
	Hint   bool   // tell of files that the guest looked for in vain
	Slog   bool   // it makes a logger
	Bolt   bool   // it opens files with buckets
	Rules  []string
	Dirs   bool     // some directory is granted
	Steps  []string // statements that make what a value of the Config names
	Config []goField
	Listen []string
	Files  []goFile
	Defs   []goDefinition

	Aliases []alias
	Stubs   string // a component.StubMode; "" for none
}

type goField struct{ Name, Value string }

// A goFile is what a link names; Var holds it.
type goFile struct {
	Var, Path string
	Module    bool
}

type goDefinition struct {
	Import string
	File   goFile
}

func newGoProgram(ctx context.Context, o *runOptions) (*goProgram, error) {
	p := &goProgram{Typed: typed(o.typed), App: o.path, User: o.cache == "", Engine: o.goEngine(), Hint: !o.noHint, Dirs: len(o.host.Dirs) > 0}
	for _, at := range o.adapter.Listen {
		p.Listen = append(p.Listen, at.String())
	}
	for _, r := range o.host.Network.Rules() {
		p.Rules = append(p.Rules, r.String())
	}
	if o.host.Location != nil {
		p.Steps = append(p.Steps, orReturn(fmt.Sprintf("zone, err := time.LoadLocation(%q)", o.repeat.zone)))
	}
	values := goValues(o)
	p.services(&o.services, values)
	p.Aliases, p.Stubs = o.aliases, goStubs[o.stubs]
	var err error
	if p.Config, err = goFields(o.host, values); err != nil {
		return nil, err
	}
	if len(o.links) > 0 {
		err = p.link(ctx, o)
	}
	return p, err
}

// orReturn is a statement that may fail.
func orReturn(statement string) string {
	return statement + "\nif err != nil {\nreturn err\n}"
}

// orRefuse is a statement without which the guest cannot be run.
func orRefuse(statement string) string {
	return statement + "\nif err != nil {\nreturn cannot(err)\n}"
}

// goValues are the values that do not show how they are written in Go.
func goValues(o *runOptions) map[string]string {
	values := map[string]string{
		"Stdin": "os.Stdin", "Stdout": "os.Stdout", "Stderr": "os.Stderr",
		"Network":  "policy",
		"OnDenied": "denied",
	}
	if len(o.host.Dirs) > 0 {
		values["OnFileDenied"] = "fileDenied"
	}
	if o.host.Clock != nil {
		t := o.repeat.start
		values["Clock"] = fmt.Sprintf("hostimpl.NewVirtualClock(time.Date(%d, time.%s, %d, %d, %d, %d, %d, time.UTC))",
			t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
	}
	if o.host.Random != nil {
		values["Random"] = fmt.Sprintf("hostimpl.Seeded(%d)", o.repeat.number)
	}
	if o.host.Location != nil {
		values["Location"] = "zone"
	}
	return values
}

// goStubs are the values of --stub in Go.
var goStubs = map[component.StubMode]string{
	component.StubTraps:  "component.StubTraps",
	component.StubErrors: "component.StubErrors",
}

// services says how the logger and the buckets of s are made, as its own methods do it.
func (p *goProgram) services(s *services, values map[string]string) {
	if s.level != "" {
		level := levels[s.level].code
		values["Log"] = fmt.Sprintf("hostimpl.NewLogger(os.Stderr, %s)", level)
		p.Slog = strings.HasPrefix(level, "slog.")
	}
	if len(s.stores) == 0 {
		return
	}
	written := s.written()
	files := map[string]string{}
	var all []string
	for i, f := range s.stores {
		if f.file == "" {
			all = append(all, fmt.Sprintf("%q: hostimpl.NewMemoryBucket(nil),\n", f.name))
			continue
		}
		p.Bolt = true
		if files[f.file] == "" {
			files[f.file] = fmt.Sprintf("file%d", len(files)+1)
			open := "OpenReadOnly"
			if written[f.file] {
				open = "Open"
			}
			p.Steps = append(p.Steps,
				orRefuse(fmt.Sprintf("%s, err := boltstore.%s(%q)", files[f.file], open, f.file)),
				fmt.Sprintf("defer %s.Close()", files[f.file]))
		}
		bucket := fmt.Sprintf("bucket%d", i+1)
		p.Steps = append(p.Steps, orRefuse(fmt.Sprintf("%s, err := %s.Bucket(%q)", bucket, files[f.file], f.name)))
		if f.readOnly {
			bucket = "hostimpl.ReadOnly(" + bucket + ")"
		}
		all = append(all, fmt.Sprintf("%q: %s,\n", f.name, bucket))
	}
	values["KeyValue"] = "map[string]hostimpl.Bucket{\n" + strings.Join(all, "") + "}"
}

// goFields are the fields of a Config, in their order. A field that is set and cannot
// be written is a mistake of this file: a flag came that it does not know.
func goFields(c hostimpl.Config, values map[string]string) ([]goField, error) {
	var fields []goField
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if value, ok := values[name]; ok {
			fields = append(fields, goField{name, value})
			continue
		}
		if v.Field(i).IsZero() {
			continue
		}
		value, ok := goLiteral(v.Field(i))
		if !ok {
			return nil, fmt.Errorf("--print-go: Config.%s, a %s, cannot be written in Go", name, v.Field(i).Type())
		}
		fields = append(fields, goField{name, value})
	}
	return fields, nil
}

// goLiteral is a value that is all data, as Go has it.
func goLiteral(v reflect.Value) (text string, ok bool) {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String()), true
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), true
	case reflect.Slice:
		return goSlice(v)
	case reflect.Map:
		return goMap(v)
	case reflect.Struct:
		return goStruct(v)
	}
	return "", false
}

func goSlice(v reflect.Value) (string, bool) {
	sep, end := ", ", ""
	if v.Type().Elem().Kind() == reflect.Struct {
		sep, end = ",\n", ",\n"
	}
	var all []string
	for i := range v.Len() {
		text, ok := goLiteral(v.Index(i))
		if !ok {
			return "", false
		}
		// gofmt -s: the type of an element is known.
		all = append(all, strings.TrimPrefix(text, v.Type().Elem().String()))
	}
	open := ""
	if end != "" {
		open = "\n"
	}
	return v.Type().String() + "{" + open + strings.Join(all, sep) + end + "}", true
}

// goMap has its entries in order, so that the same command line prints the same.
func goMap(v reflect.Value) (string, bool) {
	var all []string
	for _, key := range v.MapKeys() {
		k, ok := goLiteral(key)
		value, also := goLiteral(v.MapIndex(key))
		if !ok || !also {
			return "", false
		}
		all = append(all, k+": "+value)
	}
	slices.Sort(all)
	return v.Type().String() + "{" + strings.Join(all, ", ") + "}", true
}

func goStruct(v reflect.Value) (string, bool) {
	var all []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if v.Field(i).IsZero() {
			continue
		}
		text, ok := goLiteral(v.Field(i))
		if !ok || !f.IsExported() {
			return "", false
		}
		all = append(all, f.Name+": "+text)
	}
	return v.Type().String() + "{" + strings.Join(all, ", ") + "}", true
}

// link finds out which imports the links of o meet, and with what.
func (p *goProgram) link(ctx context.Context, o *runOptions) error {
	data, err := readComponent(o.path)
	if err != nil {
		return err
	}
	r, err := component.NewRuntime(ctx, o.engine())
	if err != nil {
		return err
	}
	defer r.Close(ctx)
	app, err := r.Compile(ctx, data)
	if err != nil {
		return err
	}
	all, _, err := resolveLinks(ctx, r, app, o.links)
	if err != nil {
		return err
	}
	for _, d := range all {
		i := slices.IndexFunc(p.Files, func(f goFile) bool { return f.Path == d.path })
		if i < 0 {
			i = len(p.Files)
			p.Files = append(p.Files, goFile{fmt.Sprintf("linked%d", i+1), d.path, d.component == nil})
		}
		p.Defs = append(p.Defs, goDefinition{d.name, p.Files[i]})
	}
	return nil
}

// withoutPrintGo leaves --print-go away from the first n of args, which are flags.
func withoutPrintGo(args []string, n int) []string {
	is := regexp.MustCompile(`^--?print-go(=.*)?$`).MatchString
	return append(slices.DeleteFunc(slices.Clone(args[:n]), is), args[n:]...)
}

// typed is a command line for people, in one line whatever is in it.
func typed(args []string) string {
	plain := regexp.MustCompile(`^[-\w@%+=:,./*]+$`).MatchString
	words := []string{"tenon", "run"}
	for _, a := range args {
		if !plain(a) {
			a = strconv.Quote(a)
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

var goText = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": strconv.Quote,
	"grace": func() string { return fmt.Sprintf("%d * time.Second", grace/time.Second) },
}).Parse(`// This program does what the command line
//
//	{{.Typed}}
//
// does; "tenon run --print-go" printed it.
package main

import (
	"context"
	"errors"
	"fmt"
	{{- if .Slog}}
	"log/slog"
	{{- end}}
	{{- if .Listen}}
	"net/netip"
	{{- end}}
	"os"
	"os/signal"
	{{- if .User}}
	"path/filepath"
	{{- end}}
	"syscall"
	"time"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	{{- if .Bolt}}
	"github.com/tenon-wasm/tenon/hostimpl/boltstore"
	{{- end}}
	"github.com/tenon-wasm/tenon/sockets"
)

func main() {
	// A guest whose reader has gone sees a closed stream, and may go on.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	select {
	case err := <-done:
		os.Exit(exitCode(err))
	case s := <-signals:
		cancel()
		select {
		case <-done:
		case <-time.After({{grace}}): // for a guest that computes, and does not call the host
		}
		os.Exit(128 + int(s.(syscall.Signal)))
	}
}

// run runs the guest to its end.
func run(ctx context.Context) error {
	clean := context.WithoutCancel(ctx)
	app, err := os.ReadFile({{quote .App}})
	if err != nil {
		return cannot(err)
	}
	{{- if .User}}
	cache, err := os.UserCacheDir()
	if err == nil {
		cache = filepath.Join(cache, "tenon")
	}
	{{- end}}
	r, err := component.NewRuntime(ctx, {{.Engine}})
	if err != nil {
		return err
	}
	defer r.Close(clean)
	c, err := adapter.Compile(ctx, r, app)
	if err != nil {
		return err
	}

	policy, err := sockets.ParsePolicy(
		{{- range .Rules}}
		{{quote .}},
		{{- end}}
	)
	if err != nil {
		return err
	}
	{{- range .Steps}}
	{{.}}
	{{- end}}
	host, err := hostimpl.New(hostimpl.Config{
		{{- range .Config}}
		{{.Name}}: {{.Value}},
		{{- end}}
	})
	if err != nil {
		return cannot(err)
	}
	defer host.Close()
	l := component.NewLinker(r)
	err = adapter.Link(l, host, adapter.Config{
		{{- if .Listen}}
		Listen: []netip.AddrPort{
			{{- range .Listen}}
			netip.MustParseAddrPort({{quote .}}),
			{{- end}}
		},
		{{- end -}}
	})
	if err != nil {
		return err
	}
	{{- range .Files}}

	{{.Var}}, err := os.ReadFile({{quote .Path}})
	if err != nil {
		return cannot(err)
	}
	{{- if not .Module}}
	{{.Var}}Component, err := r.Compile(ctx, {{.Var}})
	if err != nil {
		return err
	}
	{{- end}}
	{{- end}}
	{{- range .Defs}}
	{{- if .File.Module}}
	if err := l.DefineModule({{quote .Import}}, {{.File.Var}}); err != nil {
		return cannot(err)
	}
	{{- else}}
	l.DefineComponent({{quote .Import}}, {{.File.Var}}Component)
	{{- end}}
	{{- end}}
	if err := l.Shim(adapter.Shims()...); err != nil {
		return err
	}
	{{- range .Aliases}}
	if err := l.Alias({{quote .From}}, {{quote .To}}); err != nil {
		return cannot(err)
	}
	{{- end}}
	{{- if .Stubs}}
	l.StubMissing({{.Stubs}})
	for _, c := range []*component.Component{c{{range .Files}}{{if not .Module}}, {{.Var}}Component{{end}}{{end}}} {
		for _, m := range l.Match(c) {
			for _, s := range m.Stubs {
				fmt.Fprintln(os.Stderr, s)
			}
		}
	}
	{{- end}}

	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return err
	}
	defer host.Drain(ctx) // What the guest has sent before it ended is still sent.
	defer in.Close(clean)
	result, err := in.Call(ctx, adapter.ExportName(c, "` + runInterface + `"), "run")
	if res, ok := result.(cabi.Result); err == nil && ok && res.IsErr {
		err = &component.ExitError{Code: 1}
	}
	{{- if .Hint}}
	var exit *component.ExitError
	if v := host.FileView(); err != nil && !(errors.As(err, &exit) && exit.Code == 0) && v.Amiss() {
		fmt.Fprintln(os.Stderr, v)
	}
	{{- end}}
	return err
}

func denied(d sockets.Denial) {
	fmt.Fprintf(os.Stderr, "denied %s; the rule that allows it is %s\n", d, d.Rule())
}

{{if .Dirs -}}
func fileDenied(d hostimpl.FileDenial) { fmt.Fprintf(os.Stderr, "denied %s\n", d) }

{{end -}}
var errCannot = errors.New({{quote (print "cannot run " .App)}})

// cannot marks what is wrong with that which is to be run, and not with this host.
func cannot(err error) error { return fmt.Errorf("%w: %w", errCannot, err) }

// exitCode is the guest's own, and otherwise that of tenon. It says what went wrong.
func exitCode(err error) int {
	var (
		exit        *component.ExitError
		trap        *component.Trap
		missing     *component.LinkError
		invalid     *component.DecodeError
		unsupported *component.UnsupportedError
		module      *component.ModuleError
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit.Code)
	}
	fmt.Fprintln(os.Stderr, err)
	switch {
	case errors.As(err, &trap):
		return {{.ExitTrap}}
	case errors.As(err, &missing), errors.As(err, &invalid), errors.As(err, &unsupported), errors.As(err, &module), errors.Is(err, errCannot):
		return {{.ExitCannot}}
	}
	return {{.ExitHost}}
}
`))

func (*goProgram) ExitTrap() int   { return exitTrap }
func (*goProgram) ExitCannot() int { return exitCannot }
func (*goProgram) ExitHost() int   { return exitHost }
