package validate

import (
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// A nameContext holds the names of the imports, or of the exports, of a scope.
type nameContext struct {
	what string // "import" or "export"
	// anonymous is set for inline exports: they introduce no types, so that no resource
	// can be named in an annotation.
	anonymous bool

	seen      map[string]string
	resources map[string]*wit.TypeDef
}

// checkName checks the name of an import or export with its attributes, that it is
// strongly unique, and that its type is what the name promises.
func (v *checker) checkName(c *nameContext, name binary.ExternName, t ExternType) {
	n, err := parseExternName(name.Name)
	if err != nil {
		v.invalid("%s %v", c.what, err)
	}
	if n.kind == dependencyName && c.what == "export" {
		v.invalid("export name %q: only an import can be a dependency", name.Name)
	}
	if old, dup := c.seen[n.unique]; dup {
		v.invalid("%s name %q conflicts with %q", c.what, name.Name, old)
	}
	if c.seen == nil {
		c.seen = map[string]string{}
	}
	c.seen[n.unique] = name.Name
	v.checkAttributes(c, name, n, t)
	v.checkAnnotation(c, name.Name, n, t)
	if def, ok := t.Type.(*wit.TypeDef); ok && n.kind == plainName && !c.anonymous && def.IsResource() {
		if c.resources == nil {
			c.resources = map[string]*wit.TypeDef{}
		}
		c.resources[n.unique] = def
	}
}

func (v *checker) checkAttributes(c *nameContext, name binary.ExternName, n externName, t ExternType) {
	if name.Implements != "" {
		if _, err := checkInterfaceName(name.Implements); err != nil {
			v.invalid("%s %q implements what is no interface: %v", c.what, name.Name, err)
		}
		if t.Sort != binary.SortInstance || n.kind != plainName {
			v.invalid("%s %q: only an instance with a plain name can implement an interface", c.what, name.Name)
		}
	}
	if name.VersionSuffix != "" {
		if n.kind != interfaceName || !isCanonVersion(n.version) || !isSemver(n.version+name.VersionSuffix) {
			v.invalid("%s %q: the version suffix %q does not make a semantic version of it", c.what, name.Name, name.VersionSuffix)
		}
	}
}

// checkAnnotation checks that a constructor, method or static function is a function
// that goes with the resource that it names.
func (v *checker) checkAnnotation(c *nameContext, name string, n externName, t ExternType) {
	switch n.kind {
	case constructorName, methodName, staticName:
	default:
		return
	}
	if t.Sort != binary.SortFunc {
		v.invalid("%s %q is %s, not a function", c.what, name, t.Sort.WithArticle())
	}
	resource := c.resources[strings.ToLower(n.resource)]
	if resource == nil {
		v.invalid("%s %q: there is no resource %q among the %ss before it", c.what, name, n.resource, c.what)
	}
	f := t.Func
	switch n.kind {
	case constructorName:
		if f.Async {
			v.invalid("%s %q: a constructor cannot be async", c.what, name)
		}
		result := wit.Structure(f.Result)
		if r, ok := result.(*wit.Result); ok {
			result = wit.Structure(r.OK)
		}
		if own, ok := result.(*wit.Own); !ok || own.Resource != resource {
			v.invalid("%s %q: a constructor returns own<%s>, or a result of it", c.what, name, n.resource)
		}
	case methodName:
		if len(f.Params) == 0 || f.Params[0].Name != "self" {
			v.invalid("%s %q: the first parameter of a method is named self", c.what, name)
		}
		if self, ok := wit.Structure(f.Params[0].Type).(*wit.Borrow); !ok || self.Resource != resource {
			v.invalid("%s %q: the first parameter of a method has type borrow<%s>", c.what, name, n.resource)
		}
	}
}
