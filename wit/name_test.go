package wit

import "testing"

func TestParseName(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Name
	}{
		{"a package", "wasi:io", Name{Namespace: "wasi", Package: "io"}},
		{"a package with a version", "wasi:io@0.2.12", Name{Namespace: "wasi", Package: "io", Version: V(0, 2, 12)}},
		{"an interface", "wasi:io/poll@0.2.12", Name{"wasi", "io", "poll", V(0, 2, 12)}},
		{"an interface without a version", "wasi:io/poll", Name{Namespace: "wasi", Package: "io", Interface: "poll"}},
		{"an interface in capitals", "acme:text/XML-reader", Name{Namespace: "acme", Package: "text", Interface: "XML-reader"}},
		{"a nested namespace and package", "a:b:c/d/e@1.0.0", Name{"a", "b:c/d", "e", V(1, 0, 0)}},
		{"digits after the first letter", "a1:b2-3/c4", Name{Namespace: "a1", Package: "b2-3", Interface: "c4"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseName(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("%#v", got)
			}
			if got.String() != test.text {
				t.Errorf("prints as %s", got)
			}
		})
	}
}

func TestParseNameRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                       "",
		"a plain name":                  "poll",
		"an empty namespace":            ":io/poll",
		"an empty package":              "wasi:/poll",
		"an empty item":                 "wasi:io/",
		"an empty version":              "wasi:io/poll@",
		"a version that is none":        "wasi:io/poll@new",
		"upper case in a package":       "wasi:IO/poll",
		"upper case in a namespace":     "WASI:io/poll",
		"mixed case":                    "wasi:io/pollList",
		"a hyphen at the end":           "wasi:io/poll-",
		"a double hyphen":               "wasi:io/po--ll",
		"a digit at the beginning":      "wasi:io/1poll",
		"an underscore":                 "wasi:io/poll_list",
		"a space":                       "wasi:io/poll list",
		"an empty part between colons":  "a::b/c",
		"an empty part between slashes": "a:b//c",
		"a letter outside ASCII":        "wasi:io/pöll",
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := ParseName(text); err == nil {
				t.Errorf("%q is read as %#v", text, n)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	for _, s := range []string{"a", "a-b-c", "a1-2-3", "A", "A-B-C", "A1-2-3", "a11-w0rds", "A11-4CR0NYMS", "m1x3d-4CR0NYMS"} {
		if !isKebab(s) {
			t.Errorf("%q is a label", s)
		}
	}
	for _, s := range []string{"", "1-2-3", "-a", "a-", "a--b", "aB", "Ab", "a.b", "a b", "é"} {
		if isKebab(s) {
			t.Errorf("%q is not a label", s)
		}
	}
}
