package wit

// measure bounds what a type means once all names in it are replaced.
type measure struct {
	size   int  // types in it, itself included
	depth  int  // levels, names counted
	borrow bool // whether a borrow<r> is in it
}

// maxTypeSize keeps layouts and flattened forms finite: without it forty lines
// of `tuple<a, a>` describe more memory than there is.
const maxTypeSize = 1 << 20

func (m *measure) add(n measure) {
	m.size = min(m.size+n.size, maxTypeSize+1)
	m.depth = max(m.depth, n.depth+1)
	m.borrow = m.borrow || n.borrow
}

func (x *resolution) measureOf(t Type) measure {
	m := measure{size: 1, depth: 1}
	add := func(t Type) {
		if t != nil {
			m.add(x.measureOf(t))
		}
	}
	switch t := t.(type) {
	case *TypeDef:
		m = x.types[t]
		m.depth++
	case *List:
		add(t.Elem)
	case *FixedList:
		add(t.Elem)
	case *Option:
		add(t.Elem)
	case *Result:
		add(t.OK)
		add(t.Err)
	case *Tuple:
		for _, e := range t.Elems {
			add(e)
		}
	case *Record:
		for _, f := range t.Fields {
			add(f.Type)
		}
	case *Variant:
		for _, c := range t.Cases {
			add(c.Type)
		}
	case *Borrow:
		m.borrow = true
	case *Stream:
		add(t.Elem)
	case *Future:
		add(t.Elem)
	}
	return m
}

func (x *resolution) checkMeasure(m measure, id ident) error {
	if m.depth > maxDepth {
		return id.at.errorf("`%s` is nested more than %d deep", id.name, maxDepth)
	}
	if m.size > maxTypeSize {
		return id.at.errorf("`%s` holds more than %d types once its names are replaced", id.name, maxTypeSize)
	}
	return nil
}

// resolveType gives the type of an entry its structure; at is who asks.
func (s *scope) resolveType(e *entry, at pos) error {
	switch e.state {
	case resolved:
		return nil
	case underway:
		return at.errorf("type `%s` depends on itself; a type cannot be recursive", e.id.name)
	}
	if err := s.x.enter(at); err != nil {
		return err
	}
	defer s.x.leave()
	e.state = underway
	t, err := s.structure(e.decl)
	if err != nil {
		return err
	}
	e.def.Type = t
	m := s.x.measureOf(t)
	s.x.types[e.def] = m
	e.state = resolved
	return s.x.checkMeasure(m, e.id)
}

func (s *scope) structure(d *astTypeDef) (Type, error) {
	switch d.kind {
	case "type":
		return s.alias(d.alias)
	case "resource":
		return &Resource{}, nil
	}
	if err := distinct(d.parts, d.kind, d.name.name); err != nil {
		return nil, err
	}
	switch d.kind {
	case "enum":
		labels, docs := labelsOf(d.parts)
		return &Enum{Labels: labels, LabelDocs: docs}, nil
	case "flags":
		labels, docs := labelsOf(d.parts)
		return &Flags{Labels: labels, LabelDocs: docs}, nil
	case "record":
		r := &Record{}
		for _, p := range d.parts {
			t, err := s.typ(p.ty)
			if err != nil {
				return nil, err
			}
			r.Fields = append(r.Fields, Field{Name: p.name.name, Type: t, Docs: p.docs})
		}
		return r, nil
	}
	v := &Variant{}
	for _, p := range d.parts {
		t, err := s.typ(p.ty)
		if err != nil {
			return nil, err
		}
		v.Cases = append(v.Cases, Case{Name: p.name.name, Type: t, Docs: p.docs})
	}
	return v, nil
}

func labelsOf(parts []astField) (labels, docs []string) {
	for i, p := range parts {
		labels = append(labels, p.name.name)
		if p.docs != "" && docs == nil {
			docs = make([]string, len(parts))
		}
		if p.docs != "" {
			docs[i] = p.docs
		}
	}
	return labels, docs
}

// distinct checks that no two names of a list are equal but for case.
func distinct(parts []astField, kind, of string) error {
	seen := map[string]bool{}
	for _, p := range parts {
		if seen[fold(p.name.name)] {
			return p.name.at.errorf("%s `%s` has `%s` twice", kind, of, p.name.name)
		}
		seen[fold(p.name.name)] = true
	}
	return nil
}

// alias resolves what stands behind `type a =`. A name stays a name here, also
// that of a resource.
func (s *scope) alias(t *astType) (Type, error) {
	if t.op != "" {
		return s.typ(t)
	}
	return s.named(t)
}

// typ resolves a type as written where values have it. The nil type stays nil.
func (s *scope) typ(t *astType) (Type, error) {
	if t == nil {
		return nil, nil
	}
	if p, ok := primByName[t.op]; ok {
		return p, nil
	}
	switch t.op {
	case "":
		def, err := s.named(t)
		if err == nil && def.IsResource() {
			return &Own{Resource: def}, nil
		}
		if err != nil {
			return nil, err
		}
		return def, nil
	case "own", "borrow":
		def, err := s.handle(t)
		if err != nil {
			return nil, err
		}
		if t.op == "own" {
			return &Own{Resource: def}, nil
		}
		return &Borrow{Resource: def}, nil
	}
	args := make([]Type, max(2, len(t.args)))
	for i, a := range t.args {
		arg, err := s.typ(a)
		if err != nil {
			return nil, err
		}
		args[i] = arg
	}
	switch t.op {
	case "list":
		if t.n > 0 {
			return &FixedList{Elem: args[0], Len: t.n}, nil
		}
		return &List{Elem: args[0]}, nil
	case "option":
		return &Option{Elem: args[0]}, nil
	case "result":
		return &Result{OK: args[0], Err: args[1]}, nil
	case "tuple":
		return &Tuple{Elems: args[:len(t.args)]}, nil
	case "stream":
		return &Stream{Elem: args[0]}, nil
	}
	return &Future{Elem: args[0]}, nil
}

// named finds the type of a name.
func (s *scope) named(t *astType) (*TypeDef, error) {
	e := s.names[fold(t.name)]
	switch {
	case e == nil || e.id.name != t.name:
		var have []string
		for _, e := range s.order {
			if !e.fn && !e.left {
				have = append(have, e.id.name)
			}
		}
		if hint, ok := oldNames[t.name]; ok {
			return nil, t.at.errorf("unknown type `%s`; it is called `%s` now", t.name, hint)
		}
		return nil, t.at.errorf("unknown type `%s`%s", t.name, instead(t.name, have, primNames[1:]...))
	case e.left:
		return nil, t.at.errorf("type `%s` is left out because of its gate%s", t.name, gateHint(e.gate))
	case e.fn:
		return nil, t.at.errorf("`%s` is a function, not a type", t.name)
	}
	if err := s.resolveType(e, t.at); err != nil {
		return nil, err
	}
	return e.def, nil
}

// oldNames are types that were renamed before WASI 0.2.
var oldNames = map[string]string{"float32": "f32", "float64": "f64"}

// handle finds the resource that own<r> or borrow<r> names.
func (s *scope) handle(t *astType) (*TypeDef, error) {
	def, err := s.named(t.args[0])
	if err != nil {
		return nil, err
	}
	if !def.IsResource() {
		return nil, t.args[0].at.errorf("%s<%s>: `%[2]s` is not a resource", t.op, def.Name)
	}
	return def, nil
}

// function resolves a function; resource is nil for a freestanding one.
func (s *scope) function(d *astFunc, resource *TypeDef) (*Func, error) {
	f := &Func{Name: d.name.name, Kind: d.kind, Resource: resource, Async: d.async, Docs: d.docs, Gate: d.gate}
	f.Name = f.nameFor(d.name.name)
	if d.kind == Method {
		f.Params = []Param{{Name: "self", Type: &Borrow{Resource: resource}}}
	}
	if err := distinct(d.params, "function", d.name.name); err != nil {
		return nil, err
	}
	var all measure
	for _, p := range d.params {
		if d.kind == Method && fold(p.name.name) == "self" {
			return nil, p.name.at.errorf("a method has a parameter `self` of its own; choose another name")
		}
		t, err := s.typ(p.ty)
		if err != nil {
			return nil, err
		}
		all.add(s.x.measureOf(t))
		f.Params = append(f.Params, Param{Name: p.name.name, Type: t, Docs: p.docs})
	}
	result, err := s.result(d, resource)
	if err != nil {
		return nil, err
	}
	f.Result = result
	if result != nil {
		m := s.x.measureOf(result)
		if m.borrow {
			return nil, d.result.at.errorf("function `%s` returns a borrow<...>: what is lent for a call cannot be returned; return the resource itself", d.name.name)
		}
		all.add(m)
	}
	return f, s.x.checkMeasure(all, d.name)
}

// nameFor is the name in the binary of a function called base in the text.
func (f *Func) nameFor(base string) string {
	switch f.Kind {
	case Constructor:
		return "[constructor]" + f.Resource.Name
	case Method:
		return "[method]" + f.Resource.Name + "." + base
	case Static:
		return "[static]" + f.Resource.Name + "." + base
	}
	return base
}

func (s *scope) result(d *astFunc, resource *TypeDef) (Type, error) {
	if d.kind != Constructor {
		return s.typ(d.result)
	}
	if d.result == nil {
		return &Own{Resource: resource}, nil
	}
	t, err := s.typ(d.result)
	if err != nil {
		return nil, err
	}
	r, ok := t.(*Result)
	if !ok {
		return nil, d.result.at.errorf("a constructor returns nothing, which means `%s`, or result<%[1]s, ...>", resource.Name)
	}
	if own, ok := r.OK.(*Own); !ok || own.Resource != resource {
		return nil, d.result.at.errorf("constructor of `%s`: want result<%[1]s, ...>, found %s", resource.Name, t)
	}
	return t, nil
}
