package hostimpl

import (
	"github.com/tenon-wasm/tenon/component"
	configstore "github.com/tenon-wasm/tenon/hostimpl/bind/config/store"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/atomics"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/batch"
	"github.com/tenon-wasm/tenon/hostimpl/bind/keyvalue/store"
	"github.com/tenon-wasm/tenon/hostimpl/bind/logging/logging"
	olderatomics "github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/atomics"
	olderbatch "github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/batch"
	olderstore "github.com/tenon-wasm/tenon/hostimpl/internal/draft/keyvalue/store"
	"github.com/tenon-wasm/tenon/wit"
)

// drafts are the interfaces that have no release. A prerelease is matched only by its
// exact name, so each is offered by all names that guests have for the same declarations.
func (h *Host) drafts() []*component.Interface {
	older := &olderKeyValue{h.keyValue}
	config := configstore.Interface(h.settings)
	messages := logging.Interface(h.messages)
	return []*component.Interface{
		config,                             // wasmCloud 1, Golem
		renamed(config, before020("rc.1")), // wasmtime, jco, wasmCloud 2
		renamed(config, before020("draft-2024-09-27")), // Spin

		store.Interface(&h.keyValue), // Spin
		atomics.Interface(&h.keyValue),
		batch.Interface(&h.keyValue),
		olderstore.Interface(older), // wasmtime, wasmCloud
		olderatomics.Interface(older),
		olderbatch.Interface(older),

		messages,
		renamed(messages, wit.Version{}), // wasmCloud 1
	}
}

// renamed is an interface without resources in another version.
func renamed(i *component.Interface, v wit.Version) *component.Interface {
	t := *i.Type
	t.Name.Version = v
	return &component.Interface{Type: &t, Funcs: i.Funcs}
}

func before020(pre string) wit.Version {
	v := wit.V(0, 2, 0)
	v.Pre = pre
	return v
}
