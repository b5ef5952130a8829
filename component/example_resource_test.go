package component_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// knot is a host's resource; one that joins two others belongs to the first.
type knot struct {
	label  string
	parent *knot
}

// Parent implements [component.Child].
func (k *knot) Parent() any {
	if k.parent == nil {
		return nil
	}
	return k.parent
}

// A guest may not drop a resource while it holds another that was made from it.
func ExampleChild() {
	var _ component.Child = (*knot)(nil)
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, read("resources.wasm")))
	tokens := &component.Interface{
		Type:  c.World().Imports[0].Interface,
		Funcs: map[string]component.HostFunc{},
		Resources: map[string]*cabi.ResourceType{"token": {Name: "token", Drop: func(_ context.Context, rep any) error {
			fmt.Println(rep.(*knot).label, "ends")
			return nil
		}}},
	}
	for _, f := range tokens.Type.Funcs {
		tokens.Funcs[f.Name] = must(component.Dynamic(f, func(_ context.Context, args []any) (any, error) {
			switch f.Name {
			case "[constructor]token":
				return &knot{label: args[0].(string)}, nil
			case "[static]token.join":
				a, b := args[0].(*knot), args[1].(*knot)
				return &knot{a.label + b.label, a}, nil
			case "describe":
				return args[0].(*knot).label, nil
			}
			return nil, errors.New("not today")
		}))
	}
	l := component.NewLinker(r)
	if err := l.Define(tokens); err != nil {
		fmt.Println(err)
	}
	in := must(l.Instantiate(ctx, c))
	_, err := in.Call(ctx, "tenon:test/walks", "make-and-drop")
	var trap *component.Trap
	if errors.As(err, &trap) {
		fmt.Println(trap.Code)
	}
	fmt.Println("the instance is closed")
	fmt.Println(in.Close(ctx))
	// Output:
	// resource has children
	// the instance is closed
	// b ends
	// ab ends
	// a ends
	// <nil>
}
