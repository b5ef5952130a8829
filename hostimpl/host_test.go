package hostimpl

import (
	"context"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

func TestLink(t *testing.T) {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)

	t.Run("every function of every interface has code, unstable ones too", func(t *testing.T) {
		h := host(t, Config{})
		check(t, h.Link(component.NewLinker(r)))
		offered := map[string]bool{}
		for _, i := range h.Interfaces() {
			for name := range i.Funcs {
				offered[i.Type.Name.String()+"#"+name] = true
			}
		}
		for _, name := range []string{
			"wasi:cli/exit@0.2.12#exit-with-code",
			"wasi:clocks/timezone@0.2.12#utc-offset",
			"wasi:sockets/network@0.2.12#network-error-code",
			"wasi:filesystem/types@0.2.12#[method]descriptor.open-at",
			"wasi:sockets/udp@0.2.12#[method]udp-socket.stream",
		} {
			equal(t, name, offered[name], true)
		}
	})
	t.Run("a Config that cannot be granted does not link", func(t *testing.T) {
		err := Link(component.NewLinker(r), Config{Dirs: []Dir{{Host: "nowhere", Guest: "/"}}})
		if err == nil || !strings.Contains(err.Error(), "directory nowhere: no such file") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a host that nobody uses has nothing open", func(t *testing.T) {
		leaks.None(t)
		check(t, Link(component.NewLinker(r), Config{Stdin: strings.NewReader("x"), Network: open("all").Network}))
	})
}
