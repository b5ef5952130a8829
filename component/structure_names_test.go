package component

import (
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
)

func TestALongNameIsCutBetweenCharacters(t *testing.T) {
	var c callings
	c.add(binary.SortFunc, strings.Repeat("a", longCalling-1)+"é")
	if got, want := c.of(binary.SortFunc, 0), strings.Repeat("a", longCalling-1); got != want {
		t.Errorf("it is called %q, want %q", got, want)
	}
}
