package symbol

import (
	"strings"
	"testing"
)

func TestNamesAreSpelledAsInTheSource(t *testing.T) {
	for symbol, want := range map[string]string{
		"main":                        "main",
		"":                            "",
		"_ZN6shapes7picture4drawEPKc": "shapes::picture::draw",
		"_ZNK6shapes5stackIiE4areaEi": "shapes::stack<int>::area",
		"_ZN4core9panicking5panic17h0123456789abcdefE": "core::panicking::panic",
		"core::panicking::panic::h0123456789abcdef":    "core::panicking::panic",
		"_RNvNtCs1234_7mycrate3foo3bar":                "mycrate::foo::bar",
		"_Z":                                           "_Z",
		"_ZN6shapes":                                   "_ZN6shapes",
		"runtime.gopanic":                              "runtime.gopanic",
		"::h0123456789abcdef":                          "::h0123456789abcdef",
		"clear\x1b[2J":                                 "clear\uFFFD[2J",
		"two\nlines":                                   "two\uFFFDlines",
		"\xff\xfe":                                     "\uFFFD\uFFFD",
		"right\u202eleft":                              "right\uFFFDleft",
		strings.Repeat("n", 5000):                      strings.Repeat("n", maxName) + "…",
	} {
		if got := demangled(symbol); got != want {
			t.Errorf("%q is %q, want %q", symbol, got, want)
		}
	}
}

func TestAFunctionHasTheNamesThatItsModuleGivesIt(t *testing.T) {
	m := programs(t)["traps.wasm"]
	table := New(m)
	byName := map[string]uint32{}
	for i := range m.Funcs {
		f := table.Func(uint32(i))
		byName[f.Name] = uint32(i)
	}
	for _, name := range []string{"parse_message", "cabi_realloc", "shapes::picture::draw(char const*)"} {
		if _, ok := byName[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
	if got := table.Func(byName["cabi_realloc"]); got.Export != "cabi_realloc" {
		t.Errorf("%+v", got)
	}
	if got := table.Func(1 << 31); got != (Func{}) {
		t.Errorf("a function that there is not is %+v", got)
	}
	if table.Forwards() {
		t.Error("a program is taken for a shim")
	}
	if budget := MaxSteps; !table.HasLines(&budget) {
		t.Error("it has no lines")
	}
}
