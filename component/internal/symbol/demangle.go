package symbol

import (
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// maxSymbol bounds what is demangled: what a symbol stands for can be much longer than
// the symbol, and take as long.
const maxSymbol = 4 << 10

// demangled spells a symbol as its source does, without the types of parameters: C++ and
// both manglings of Rust. Any other stays as it is.
func demangled(symbol string) (name string) {
	if len(symbol) > maxSymbol || !mangled(symbol) {
		return Printable(symbol)
	}
	defer func() {
		if recover() != nil {
			name = Printable(symbol)
		}
	}()
	return Printable(demangle.Filter(symbol, demangle.NoParams, demangle.NoEnclosingParams, demangle.NoTemplateParams, demangle.MaxLength(10)))
}

func mangled(symbol string) bool {
	return strings.HasPrefix(symbol, "_Z") || strings.HasPrefix(symbol, "_R") || strings.HasPrefix(symbol, "__Z")
}
