package embed

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

const (
	// encodingSection is the custom section, within the component, which has a version
	// and the encoding of strings.
	encodingSection = "wit-component-encoding"
	version         = 4

	// olderVersion begins a section of the older form: the encoding of strings, the
	// name of the world and a component with a whole package follow.
	olderVersion = 3
)

// readSection reads one section.
func readSection(data []byte, work int) (*wit.World, cabi.Encoding, error) {
	older, encoding, world, data, err := readOlder(data)
	if err != nil {
		return nil, 0, err
	}
	c, err := binary.Decode(data)
	if err != nil {
		return nil, 0, fmt.Errorf("holds no component: %w", err)
	}
	if !older {
		if encoding, err = encodingOf(c); err != nil {
			return nil, 0, err
		}
	}
	if _, err := validate.ComponentWithin(c, work); err != nil {
		return nil, 0, fmt.Errorf("holds a component that is not valid: %w", err)
	}
	t, name, err := worldType(c, world)
	if err != nil {
		return nil, 0, err
	}
	w, err := plan.WorldOf(t, work)
	if err != nil {
		return nil, 0, fmt.Errorf("holds a world that cannot be read: %w", err)
	}
	w.Name, _ = wit.ParseName(name)
	return w, encoding, nil
}

// readOlder reads what comes before the component in the older form, if it is that.
func readOlder(data []byte) (older bool, encoding cabi.Encoding, world string, rest []byte, err error) {
	if len(data) == 0 || data[0] != olderVersion {
		return false, 0, "", data, nil
	}
	defer cursor.Catch(&err)
	c := cursor.New(data)
	c.Byte()
	encoding, err = readEncoding(c.Byte())
	return true, encoding, c.Name(), c.Rest(), err
}

func encodingOf(c *binary.Component) (cabi.Encoding, error) {
	for _, s := range c.Custom {
		switch {
		case s.Name != encodingSection:
		case len(s.Data) == 0:
			return 0, fmt.Errorf("has an empty %s", encodingSection)
		case s.Data[0] != version || len(s.Data) != 2:
			return 0, fmt.Errorf("has the format %d, which is not known; %d is", s.Data[0], version)
		default:
			return readEncoding(s.Data[1])
		}
	}
	return 0, fmt.Errorf("has no %s", encodingSection)
}

func readEncoding(b byte) (cabi.Encoding, error) {
	if e := cabi.Encoding(b); e <= cabi.Latin1UTF16 {
		return e, nil
	}
	return 0, fmt.Errorf("has an encoding of strings, %#x, which is not known", b)
}

var errNoWorld = errors.New("holds a component that exports no world")

// worldType finds the world, and its name. Of a whole package, its name says which.
func worldType(c *binary.Component, world string) (*binary.ComponentType, string, error) {
	if i := strings.LastIndexByte(world, '/'); i >= 0 {
		world, _, _ = strings.Cut(world[i+1:], "@")
	}
	var types []binary.Type
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *binary.TypeDef:
			types = append(types, d.Type)
		case *binary.Alias:
			if d.Sort == binary.SortType {
				types = append(types, nil)
			}
		case *binary.Import:
			if d.Type.Sort == binary.SortType {
				types = append(types, nil)
			}
		case *binary.Export:
			if d.Sort != binary.SortType {
				continue
			}
			t, _ := types[d.Index].(*binary.ComponentType)
			if t != nil && (world == "" || d.Name.Name == world) {
				return declaredWorld(t)
			}
			types = append(types, t)
		}
	}
	return nil, "", errNoWorld
}

// declaredWorld looks into what a package is: a component that exports it.
func declaredWorld(t *binary.ComponentType) (*binary.ComponentType, string, error) {
	var types []binary.Type
	for _, d := range t.Decls {
		switch d := d.(type) {
		case *binary.TypeDef:
			types = append(types, d.Type)
		case *binary.Alias:
			if d.Sort == binary.SortType {
				types = append(types, nil)
			}
		case *binary.ImportDecl:
			if d.Type.Sort == binary.SortType {
				types = append(types, nil)
			}
		case *binary.ExportDecl:
			switch d.Type.Sort {
			case binary.SortComponent:
				if w, ok := types[d.Type.Index].(*binary.ComponentType); ok {
					return w, d.Name.Name, nil
				}
				return nil, "", errNoWorld
			case binary.SortType:
				types = append(types, nil)
			}
		}
	}
	return nil, "", errNoWorld
}
