package hostimpl

import (
	"context"
	"maps"
	"slices"

	"github.com/tenon-wasm/tenon/hostimpl/bind/config/store"
)

// settings is wasi:config/store.
type settings map[string]string

func (s settings) Get(_ context.Context, key string) (*string, error) {
	v, ok := s[key]
	if !ok {
		return nil, nil
	}
	return &v, nil
}

// GetAll gives the settings in the order of their keys.
func (s settings) GetAll(context.Context) ([][2]string, error) {
	all := make([][2]string, 0, len(s))
	for _, k := range slices.Sorted(maps.Keys(s)) {
		all = append(all, [2]string{k, s[k]})
	}
	return all, nil
}

var _ store.Host = settings{}
