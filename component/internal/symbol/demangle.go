package symbol

import (
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// maxSymbol bounds what is demangled: what a symbol stands for can be much longer than
// the symbol, and take as long.
const maxSymbol = 4 << 10

// demangled spells a symbol as its source does, without the types of parameters: C++ and
// both manglings of Rust. Any other stays as it is, as do those that the linker has
// demangled, except for the hash at the end of a Rust name.
func demangled(symbol string) (name string) {
	if len(symbol) > maxSymbol || !mangled(symbol) {
		return Printable(withoutHash(symbol))
	}
	defer func() {
		if recover() != nil {
			name = Printable(symbol)
		}
	}()
	return Printable(withoutHash(demangle.Filter(symbol, demangle.NoParams, demangle.NoEnclosingParams, demangle.MaxLength(10))))
}

func mangled(symbol string) bool {
	return strings.HasPrefix(symbol, "_Z") || strings.HasPrefix(symbol, "_R") || strings.HasPrefix(symbol, "__Z")
}

// withoutHash cuts off what tells two functions of one name in Rust apart, `::h` and 16
// digits.
func withoutHash(name string) string {
	const digits = 16
	at := len(name) - digits - len("::h")
	if at <= 0 || name[at:at+3] != "::h" || strings.Trim(name[at+3:], "0123456789abcdef") != "" {
		return name
	}
	return name[:at]
}
