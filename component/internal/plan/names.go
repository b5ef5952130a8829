package plan

import (
	"strconv"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// names are what a component calls what it holds, by index. They are for messages, and
// whatever is wrong with them does no harm.
type names struct {
	modules, components, instances map[uint32]string
}

// maxWritten bounds how many names of a component are kept.
const maxWritten = 1 << 12

// namesOf reads the names of a component, once.
func (p *planner) namesOf(c *binary.Component) *names {
	if n := p.written[c]; n != nil {
		return n
	}
	n := &names{modules: map[uint32]string{}, components: map[uint32]string{}, instances: map[uint32]string{}}
	p.written[c] = n
	for _, s := range c.Custom {
		if s.Name == "component-name" {
			p.spend(0, 1+len(s.Data)/64)
			n.read(s.Data)
			break
		}
	}
	return n
}

// read reads subsections: that of a sort begins with the sort.
func (n *names) read(section []byte) {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(section)
	for c.Len() > 0 {
		id := c.Byte()
		body := c.Sub()
		if id != 1 {
			continue
		}
		var into map[uint32]string
		switch sort := body.Byte(); {
		case sort == 0 && body.Byte() == 0x11:
			into = n.modules
		case sort == 4:
			into = n.components
		case sort == 5:
			into = n.instances
		}
		for i := body.Count(); i > 0 && into != nil && len(into) < maxWritten; i-- {
			at := body.U32()
			into[at] = body.Name()
		}
	}
}

// instanceName is the name of the next component instance of a scope, which is made of a
// component; its number where neither has a name.
func (s *scope) instanceName(of *closure) string {
	at := len(s.instances)
	if s.names != nil {
		if name := s.names.instances[uint32(at)]; name != "" {
			return name
		}
	}
	if of.name != "" {
		return of.name
	}
	return strconv.Itoa(at)
}
