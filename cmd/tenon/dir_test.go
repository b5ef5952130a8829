package main

import (
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl"
)

func TestDirectoriesOnTheCommandLine(t *testing.T) {
	for s, want := range map[string]hostimpl.Dir{
		".":                  {Host: ".", Guest: "."},
		"data":               {Host: "data", Guest: "data"},
		"/srv/www::/":        {Host: "/srv/www", Guest: "/"},
		".::/data:ro":        {Host: ".", Guest: "/data", ReadOnly: true},
		"lib:ro":             {Host: "lib", Guest: "lib", ReadOnly: true},
		".::/data:rw":        {Host: ".", Guest: "/data"},
		"odd:ro:rw":          {Host: "odd:ro", Guest: "odd:ro"},
		`C:\lib::/lib`:       {Host: `C:\lib`, Guest: "/lib"},
		`C:\lib::/lib:ro`:    {Host: `C:\lib`, Guest: "/lib", ReadOnly: true},
		`C:\lib`:             {Host: `C:\lib`, Guest: `C:\lib`},
		`C:::/`:              {Host: "C:", Guest: "/"},
		`\\srv\share::/s:ro`: {Host: `\\srv\share`, Guest: "/s", ReadOnly: true},
		"a::b::c":            {Host: "a", Guest: "b::c"},
	} {
		got, err := parseDir(s)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "::", "::/data", "data::", ":ro", "data:::ro", "::/data:ro"} {
		if got, err := parseDir(s); err == nil {
			t.Errorf("%q: %+v, want an error", s, got)
		}
	}
}
