package wit

import (
	"slices"
	"testing"
)

func version(t *testing.T, s string) Version {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVersionsPrintAsTheyWereWritten(t *testing.T) {
	for _, s := range []string{"0.2.12", "1.0.0", "0.2", "1", "0.2.0-draft2", "0.3.0-rc-2026-03-15", "1.2.3+build.7", "1.2.3-a.1+b"} {
		if got := version(t, s).String(); got != s {
			t.Errorf("%s prints as %s", s, got)
		}
	}
}

func TestParseVersionRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":                 "",
		"a word":                  "new",
		"four numbers":            "1.2.3.4",
		"a leading zero":          "1.02.3",
		"a sign":                  "+1.2.3",
		"an empty number":         "1..3",
		"an empty pre-release":    "1.2.3-",
		"an empty build":          "1.2.3+",
		"an empty identifier":     "1.2.3-a..b",
		"a suffix of a track":     "0.2-rc",
		"a number past 64 bits":   "1.2.99999999999999999999",
		"a space":                 "1.2.3 ",
		"a letter outside ASCII":  "1.2.3-ä",
		"two signs of a build":    "1.2.3+a+b",
		"an underscore in suffix": "1.2.3-a_b",
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := ParseVersion(s); err == nil {
				t.Errorf("%q is read as %v", s, v)
			}
		})
	}
}

func TestTracks(t *testing.T) {
	for s, want := range map[string]string{
		"1.2.3": "1", "1": "1", "1.2": "1", "12.0.0": "12",
		"0.2.0": "0.2", "0.2.12": "0.2", "0.2": "0.2", "0.2.12+build": "0.2",
		"0.0.1": "", "0.0": "", "0": "",
		"0.2.0-draft": "", "1.0.0-rc.1": "",
	} {
		if got := version(t, s).Track(); got != want {
			t.Errorf("track of %s is %q, want %q", s, got, want)
		}
	}
	if got := (Version{}).Track(); got != "" {
		t.Errorf("track of no version is %q", got)
	}
}

func TestVersionsStandInOrder(t *testing.T) {
	order := []string{"0.0.1", "0.2", "0.2.0-draft", "0.2.0-draft2", "0.2.0", "0.2.3", "0.2.12", "0.3.0-rc-2026-03-15", "0.3.0",
		"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"}
	for i, a := range order {
		for j, b := range order {
			want := min(max(i-j, -1), 1)
			if got := version(t, a).Compare(version(t, b)); got != want {
				t.Errorf("%s to %s is %d, want %d", a, b, got, want)
			}
		}
	}
	if version(t, "1.0.0+a").Compare(version(t, "1.0.0+b")) != 0 {
		t.Error("build metadata counts in the order")
	}
}

func TestPickTakesTheExactNameFirstThenTheHighestOfTheTrack(t *testing.T) {
	have := []string{"wasi:io/poll@0.2.0", "wasi:io/poll@0.2.12", "wasi:io/poll@0.2.3", "wasi:io/poll@0.3.0", "wasi:io/poll@0.3.1-rc.1",
		"wasi:io/streams@0.2.20", "acme:log/log", "acme:log/log@0.0.1", "acme:log/log@1.5.0", "acme:log/log@2.0.0-rc"}
	var names []Name
	for _, s := range have {
		n, err := ParseName(s)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, n)
	}
	for _, test := range []struct{ name, want, got string }{
		{"the exact version, though a higher one is there", "wasi:io/poll@0.2.3", "wasi:io/poll@0.2.3"},
		{"the highest for one that is missing in between", "wasi:io/poll@0.2.6", "wasi:io/poll@0.2.12"},
		{"the highest for one that is newer than all", "wasi:io/poll@0.2.30", "wasi:io/poll@0.2.12"},
		{"the highest for a bare track", "wasi:io/poll@0.2", "wasi:io/poll@0.2.12"},
		{"another track is none", "wasi:io/poll@0.4.0", ""},
		{"a pre-release stands for nothing else", "wasi:io/poll@0.3.2", "wasi:io/poll@0.3.0"},
		{"a pre-release is met only by itself", "wasi:io/poll@0.3.0-rc.1", ""},
		{"a pre-release is met by itself", "wasi:io/poll@0.3.1-rc.1", "wasi:io/poll@0.3.1-rc.1"},
		{"0.0.x is met only by itself", "acme:log/log@0.0.2", ""},
		{"a major version is a track", "acme:log/log@1.0.0", "acme:log/log@1.5.0"},
		{"no version is met only by no version", "acme:log/log", "acme:log/log"},
		{"no version is not met by a version", "wasi:io/poll", ""},
		{"another interface is none", "wasi:io/error@0.2.0", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, err := ParseName(test.want)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := Pick(want, names)
			if got.String() != test.got && (ok || test.got != "") {
				t.Errorf("got %v", got)
			}
			if ok != (test.got != "") {
				t.Errorf("found: %v", ok)
			}
			slices.Reverse(names)
		})
	}
}
