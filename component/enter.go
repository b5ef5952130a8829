package component

import (
	"github.com/tetratelabs/wazero/api"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// A componentInstance is what each component instance has for itself: its handle
// table, and whether it may be left or entered.
type componentInstance struct {
	table  cabi.Table
	parent *componentInstance // nil for the root
	depth  int                // of the root 0

	// stay counts the realloc and post-return calls under way, during which the
	// guest may not call out. Where core code calls other component instances without
	// the host, it is told by flags.
	stay  int
	flags []api.MutableGlobal

	// entered is set while a call is inside of this instance or of one that it
	// contains (the opposite of the specification's may_enter).
	entered bool
}

// hold keeps c from being left (may_leave of the specification is false); release
// ends what hold began.
func (c *componentInstance) hold() {
	c.stay++
	c.tell()
}

func (c *componentInstance) release() {
	c.stay--
	c.tell()
}

func (c *componentInstance) tell() {
	for _, f := range c.flags {
		f.Set(uint64(c.stay))
	}
}

// enterFrom notes that a call enters c from caller, which is nil for the host, and
// reports whether it may (may_enter_from and enter_from of the specification). To
// enter an instance is to enter all that contain it, but for those that the caller
// is in as well: so a child may call what its parent gave it.
func (c *componentInstance) enterFrom(caller *componentInstance) bool {
	may := true
	c.entering(caller, func(i *componentInstance) {
		may = may && !i.entered
		i.entered = true
	})
	return may
}

// leaveTo ends what enterFrom began.
func (c *componentInstance) leaveTo(caller *componentInstance) {
	c.entering(caller, func(i *componentInstance) { i.entered = false })
}

// entering goes through the instances that contain c, c included, and do not
// contain caller.
func (c *componentInstance) entering(caller *componentInstance, visit func(*componentInstance)) {
	for c != nil && c != caller {
		if caller != nil && caller.depth > c.depth {
			caller = caller.parent
			continue
		}
		visit(c)
		c = c.parent
	}
}
