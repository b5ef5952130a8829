package hostimpl_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/hostimpl/boltstore"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// Two guests of one source import the drafts by the names that hosts have had for them.
var storeGuests = map[string]string{"stores": "48", "stores-older": "31"}

func TestAGuestMayCountOnBuckets(t *testing.T) {
	inFile, err := boltstore.Open(filepath.Join(t.TempDir(), "kv.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer inFile.Close()
	ofFile, err := inFile.Bucket("it")
	if err != nil {
		t.Fatal(err)
	}
	for guest, assertions := range storeGuests {
		p := compile(t, guest)
		for kind, b := range map[string]hostimpl.Bucket{"in memory": hostimpl.NewMemoryBucket(nil), "in a file": ofFile} {
			t.Run(guest+", "+kind, func(t *testing.T) {
				leaks.By(t, func() {
					var out, errs bytes.Buffer
					err := p.run(t, hostimpl.Config{
						Args: []string{guest, "check", "it"}, Stdout: &out, Stderr: &errs,
						KeyValue: map[string]hostimpl.Bucket{"it": b},
					})
					if err != nil || out.String() != "ok, "+assertions+" assertions\n" {
						t.Errorf("%v\n%s%s", err, &out, &errs)
					}
				})
			})
		}
	}
}

func TestAGuestIsToldWhyABucketDenies(t *testing.T) {
	readOnly := hostimpl.ReadOnly(hostimpl.NewMemoryBucket(map[string]string{"k": "v"}))
	for guest := range storeGuests {
		p := compile(t, guest)
		for _, c := range []struct {
			args []string
			says string
		}{
			{[]string{"get", "ro", "k"}, "v\n"},
			{[]string{"get", "ro", "other"}, "(none)\n"},
			{[]string{"keys", "ro"}, "k\n"},
			{[]string{"set", "ro", "k", "new"}, "set: access-denied\n"},
			{[]string{"add", "ro", "k", "1"}, "increment: access-denied\n"},
			{[]string{"get", "RO", "k"}, "open: no-such-store\n"},
			{[]string{"get", "", "k"}, "open: no-such-store\n"},
			{[]string{"get", "ro", ""}, "get: the key is empty\n"},
		} {
			t.Run(guest, func(t *testing.T) {
				var said bytes.Buffer
				p.run(t, hostimpl.Config{
					Args: append([]string{guest}, c.args...), Stdout: &said, Stderr: &said,
					KeyValue: map[string]hostimpl.Bucket{"ro": readOnly},
				})
				if said.String() != c.says {
					t.Errorf("%q: %q, want %q", c.args, &said, c.says)
				}
			})
		}
	}
}

func TestInstancesShareABucket(t *testing.T) {
	p := compile(t, "stores")
	b := hostimpl.NewMemoryBucket(nil)
	var said bytes.Buffer
	for range 3 {
		err := p.run(t, hostimpl.Config{
			Args: []string{"stores", "add", "it", "visits", "2"}, Stdout: &said,
			KeyValue: map[string]hostimpl.Bucket{"it": b},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if said.String() != "2\n4\n6\n" {
		t.Errorf("got %q", &said)
	}
}

func TestAGuestReadsSettingsAndTellsMessages(t *testing.T) {
	for guest := range storeGuests {
		p := compile(t, guest)
		for _, c := range []struct {
			args []string
			says string
		}{
			{[]string{"settings"}, "A=1\nB=\n"},
			{[]string{"settings", "A"}, "1\n"},
			{[]string{"settings", "C"}, "(none)\n"},
			{[]string{"log", "warn", "ctx", "a\nb"}, "level=WARN msg=\"a\\nb\" context=ctx\n"},
			{[]string{"log", "critical", "", "end"}, "level=ERROR+4 msg=end\n"},
			{[]string{"log", "debug", "", "quiet"}, ""},
		} {
			t.Run(guest, func(t *testing.T) {
				var said bytes.Buffer
				log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == slog.TimeKey {
						return slog.Attr{}
					}
					return a
				}}))
				err := p.run(t, hostimpl.Config{
					Args: append([]string{guest}, c.args...), Stdout: &said, Stderr: &said,
					Settings: map[string]string{"B": "", "A": "1"}, Log: log,
				})
				if err != nil || said.String() != c.says {
					t.Errorf("%q: %v, %q, want %q", c.args, err, &said, c.says)
				}
			})
		}
	}
}

// A prerelease is met by its exact name alone: the older guest by the older interfaces.
func TestDraftsAreMatchedExactly(t *testing.T) {
	ctx := context.Background()
	for guest := range storeGuests {
		p := compile(t, guest)
		host, err := hostimpl.New(hostimpl.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer host.Close()
		l := component.NewLinker(p.runtime)
		if err := host.Link(l); err != nil {
			t.Fatal(err)
		}
		for _, m := range l.Match(p.component) {
			if m.Quality != component.Exact {
				t.Errorf("%s: %s is %s, by %s", guest, m.Import, m.Quality, m.Offer)
			}
		}
		in, err := l.Instantiate(ctx, p.component)
		if err != nil {
			t.Fatal(err)
		}
		in.Close(ctx)
	}
}
