package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/adapter/doctor"
	"github.com/tenon-wasm/tenon/component"
)

// A link is a flag --link: what is in a file meets an import.
type link struct{ name, path string }

func parseLink(s string) (link, error) {
	name, path, ok := strings.Cut(s, "=")
	if !ok || name == "" || path == "" {
		return link{}, usageError{fmt.Errorf("--link %s: want NAME=FILE", s)}
	}
	return link{name, path}, nil
}

// linked is a link whose file was read.
type linked struct {
	link
	component *component.Component // nil for a core module
	module    []byte
}

// A definition is one import that the file of a link meets.
type definition struct {
	name string
	linked
}

// defineLinks offers what the files of links hold to the app and to each other. It lists the
// components, the app first, and what all of them import.
func defineLinks(ctx context.Context, r *component.Runtime, l *component.Linker, app *component.Component, links []link) (components []*component.Component, imports []string, err error) {
	all, imports, err := resolveLinks(ctx, r, app, links)
	if err != nil {
		return nil, nil, err
	}
	components = []*component.Component{app}
	for _, d := range all {
		if d.component != nil {
			l.DefineComponent(d.name, d.component)
			if !slices.Contains(components, d.component) {
				components = append(components, d.component)
			}
		} else if err := l.DefineModule(d.name, d.module); err != nil {
			return nil, nil, refusal{fmt.Errorf("--link %s=%s: %w", d.link.name, d.path, err)}
		}
	}
	return components, imports, nil
}

// resolveLinks reads the files of links and finds what each of them meets, of all imports.
func resolveLinks(ctx context.Context, r *component.Runtime, app *component.Component, links []link) (found []definition, imports []string, err error) {
	all := []*component.Component{app}
	var files []linked
	for _, k := range links {
		f, err := readLink(ctx, r, k)
		if err != nil {
			return nil, nil, refusal{fmt.Errorf("--link %s=%s: %w", k.name, k.path, err)}
		}
		files = append(files, f)
		if f.component != nil {
			all = append(all, f.component)
		}
	}
	imports = importNames(all)
	for _, f := range files {
		names := doctor.MeantBy(f.name, imports)
		if names == nil {
			return nil, nil, refusal{fmt.Errorf("--link %s=%s: nothing imports %s; imports are %s", f.name, f.path, f.name, strings.Join(imports, ", "))}
		}
		for _, name := range names {
			found = append(found, definition{name, f})
		}
	}
	return found, imports, nil
}

func readLink(ctx context.Context, r *component.Runtime, k link) (linked, error) {
	data, err := os.ReadFile(k.path)
	if err != nil {
		return linked{}, withoutPath(err) // The flag names the file.
	}
	// A module that carries a world is the component that it stands for.
	kind := adapter.Identify(data)
	if component.KindOf(data) == component.KindModule && kind != adapter.Embedded && kind != adapter.Mixed {
		return linked{link: k, module: data}, nil
	}
	c, err := adapter.Compile(ctx, r, data)
	return linked{link: k, component: c}, err
}

// importNames lists what components import, each name once.
func importNames(components []*component.Component) []string {
	var names []string
	for _, c := range components {
		for _, name := range c.ImportNames() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
