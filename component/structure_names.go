package component

import (
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
)

// callings hold what the definitions of a component are called, by sort and index: by the
// names by which they were imported, or came out of an instance. Most have none.
type callings struct {
	counts [binary.SortInstance + 1]uint32
	names  map[calling]string
}

type calling struct {
	sort  binary.Sort
	index uint32
}

func (c *callings) count(sort binary.Sort) int { return int(c.counts[sort]) }

// longCalling bounds what a definition is called, since one is called after another.
const longCalling = 200

func (c *callings) add(sort binary.Sort, name string) {
	if len(name) > longCalling {
		name = strings.ToValidUTF8(name[:longCalling], "") // Names are UTF-8, but for a last character that is cut.
	}
	if name != "" {
		if c.names == nil {
			c.names = map[calling]string{}
		}
		c.names[calling{sort, c.counts[sort]}] = name
	}
	c.counts[sort]++
}

// of is what a definition is called; nothing has to be valid.
func (c *callings) of(sort binary.Sort, index uint32) string {
	if name := c.names[calling{sort, index}]; name != "" {
		return name
	}
	return sort.String() + " " + strconv.FormatUint(uint64(index), 10)
}

// define notes a definition that is no part, import, export or canonical one.
func (c *callings) define(d binary.Def) {
	switch d := d.(type) {
	case *binary.CoreInstance:
		if d.Inline {
			c.add(binary.SortCoreInstance, "")
			return
		}
		c.add(binary.SortCoreInstance, c.of(binary.SortCoreModule, d.Module))
	case *binary.Instance:
		if d.Inline {
			c.add(binary.SortInstance, "")
			return
		}
		c.add(binary.SortInstance, c.of(binary.SortComponent, d.Component))
	case *binary.Alias:
		c.add(d.Sort, c.alias(d))
	case *binary.CoreType:
		c.add(binary.SortCoreType, "")
	case *binary.TypeDef:
		c.add(binary.SortType, "")
	case *binary.Value:
		c.add(binary.SortValue, "")
	case *binary.Start:
		c.counts[binary.SortValue] += d.Results
	}
}

func (c *callings) alias(d *binary.Alias) string {
	switch d.Target {
	case binary.AliasExport:
		return c.of(binary.SortInstance, d.Instance) + "#" + d.Name
	case binary.AliasCoreExport:
		return d.Name + " of " + c.of(binary.SortCoreInstance, d.Instance)
	}
	return ""
}

// defineCanon notes a canonical definition, which defines a function. What is lifted is
// called by its core function, what is lowered by its own name.
func (c *callings) defineCanon(d *binary.Canon) {
	switch d.Op {
	case binary.CanonLift:
		c.add(binary.SortFunc, c.names[calling{binary.SortCoreFunc, d.Func}])
	case binary.CanonLower:
		c.add(binary.SortCoreFunc, c.names[calling{binary.SortFunc, d.Func}])
	default:
		c.add(binary.SortCoreFunc, "")
	}
}

// canon tells of a canonical definition.
func (c *callings) canon(d *binary.Canon) Canon {
	out := Canon{Op: d.Op.String(), Offset: d.At()}
	switch d.Op {
	case binary.CanonLift:
		out.Of = c.of(binary.SortCoreFunc, d.Func)
	case binary.CanonLower:
		out.Of = c.of(binary.SortFunc, d.Func)
	case binary.CanonResourceNew, binary.CanonResourceDrop, binary.CanonResourceRep:
		out.Of = c.of(binary.SortType, d.Type)
	}
	for _, o := range d.Opts {
		switch o.Kind {
		case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
			out.Encoding = encodings[o.Kind]
		case binary.OptMemory:
			out.Memory = c.of(binary.SortCoreMemory, o.Index)
		case binary.OptRealloc:
			out.Realloc = c.of(binary.SortCoreFunc, o.Index)
		case binary.OptPostReturn:
			out.PostReturn = c.of(binary.SortCoreFunc, o.Index)
		case binary.OptCallback:
			out.Callback = c.of(binary.SortCoreFunc, o.Index)
		case binary.OptAsync:
			out.Async = true
		}
	}
	return out
}

var encodings = map[binary.CanonOptKind]string{
	binary.OptUTF8:        "utf8",
	binary.OptUTF16:       "utf16",
	binary.OptLatin1UTF16: "latin1+utf16",
}
