package binary

import (
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// A Gate is what the specification marks as added since WASI 0.2. Its text is what
// the list of gated features calls it.
type Gate string

const (
	GateAsync         Gate = "async, WASI 0.3"
	GateMoreAsync     Gate = "more options on async built-ins"
	GateStackful      Gate = "stackful async"
	GateErrorContext  Gate = "error contexts"
	GateThreads       Gate = "threads"
	GateSharedThreads Gate = "shared-everything threads"
	GateValues        Gate = "values"
	GateFixedLists    Gate = "fixed-length lists"
	GateMap           Gate = "maps"
	GateAttributes    Gate = "implements and external-id"
	GateVersions      Gate = "canonical interface names"
	GateNestedNames   Gate = "nested namespaces and packages"
	GateMemory64      Gate = "memory64"
	// GateGC is not in the specification's list yet.
	GateGC Gate = "the garbage-collected canonical ABI"
)

// A Feature is a production behind a gate. Offset is that of the definition or
// declaration that it is in.
type Feature struct {
	Offset int
	Gate   Gate
	Name   string
}

// Gated lists every production of a component that is behind a gate, nested
// components and the outside of core modules included, in binary order. A
// definition has each feature once.
func Gated(c *Component) []Feature {
	g := &gated{}
	g.component(c)
	return g.features
}

type gated struct {
	at       int
	begin    int // of the features of the definition at at
	features []Feature
}

func (g *gated) enter(at int) { g.at, g.begin = at, len(g.features) }

func (g *gated) found(gate Gate, name string) {
	f := Feature{g.at, gate, name}
	for _, other := range g.features[g.begin:] {
		if other == f {
			return
		}
	}
	g.features = append(g.features, f)
}

func (g *gated) foundIf(is bool, gate Gate, name string) {
	if is {
		g.found(gate, name)
	}
}

func (g *gated) component(c *Component) {
	for _, d := range c.Defs {
		g.enter(d.At())
		g.def(d)
	}
}

func (g *gated) def(d Def) {
	switch d := d.(type) {
	case *CoreModule:
		g.coreModule(d)
	case *CoreType:
		g.coreType(d)
	case *Nested:
		g.component(d.Component)
	case *Instance:
		for _, a := range d.Args {
			g.sort(a.Sort)
		}
		for _, e := range d.Exports {
			g.externName(e.Name)
			g.sort(e.Sort)
		}
	case *Alias:
		g.sort(d.Sort)
	case *TypeDef:
		g.typ(d.Type)
	case *Canon:
		g.canon(d)
	case *Start:
		g.found(GateValues, "a start definition")
	case *Import:
		g.externName(d.Name)
		g.externType(d.Type)
	case *Export:
		g.externName(d.Name)
		g.sort(d.Sort)
		if d.Type != nil {
			g.externType(*d.Type)
		}
	case *Value:
		g.found(GateValues, "a value definition")
		g.valType(&d.Type)
	}
}

func (g *gated) sort(s Sort) {
	g.foundIf(s == SortValue, GateValues, "a value")
}

// coreModule looks for 64-bit memories and tables. A module that is malformed has
// none that count.
func (g *gated) coreModule(d *CoreModule) {
	m, err := core.Read(d.Bytes)
	if err != nil {
		return
	}
	for _, t := range m.Memories {
		g.coreExtern(t)
	}
	for _, t := range m.Tables {
		g.coreExtern(t)
	}
}

func (g *gated) coreExtern(t core.ExternType) {
	g.foundIf(t.Kind == core.Memory && t.Limits.Addr64, GateMemory64, "a 64-bit memory")
	g.foundIf(t.Kind == core.Table && t.Limits.Addr64, GateMemory64, "a 64-bit table")
}

func (g *gated) coreType(t *CoreType) {
	if t.Module == nil {
		return
	}
	for _, d := range t.Module.Decls {
		g.enter(d.At())
		if d.Kind == CoreDeclImport || d.Kind == CoreDeclExport {
			g.coreExtern(d.Type.Extern)
		}
	}
}

func (g *gated) externName(n ExternName) {
	for _, a := range n.Attributes {
		gate := GateAttributes
		if a == AttributeVersionSuffix {
			gate = GateVersions
		}
		g.found(gate, "the attribute "+a.String())
	}
	path, _, _ := strings.Cut(n.Name, "@")
	nested := strings.Count(path, ":") > 1 || strings.Count(path, "/") > 1
	g.foundIf(nested && !strings.ContainsAny(path, "<=[ "), GateNestedNames, "a nested name")
}

func (g *gated) externType(t ExternType) {
	g.sort(t.Sort)
	g.valType(t.Value)
}

func (g *gated) valType(t *ValType) {
	g.foundIf(t != nil && t.Prim == wit.ErrorContext, GateErrorContext, "the type error-context")
}

func (g *gated) labelTypes(ls []LabelType) {
	for _, l := range ls {
		g.valType(l.Type)
	}
}

func (g *gated) typ(t Type) {
	switch t := t.(type) {
	case *Prim:
		g.valType(&ValType{Prim: t.Prim})
	case *Record:
		g.labelTypes(t.Fields)
	case *Variant:
		g.labelTypes(t.Cases)
	case *List:
		g.foundIf(t.Len != nil, GateFixedLists, "a list of fixed length")
		g.valType(&t.Elem)
	case *Tuple:
		for i := range t.Elems {
			g.valType(&t.Elems[i])
		}
	case *Option:
		g.valType(&t.Elem)
	case *Result:
		g.valType(t.OK)
		g.valType(t.Err)
	case *Stream:
		g.found(GateAsync, "the type stream")
		g.valType(t.Elem)
	case *Future:
		g.found(GateAsync, "the type future")
		g.valType(t.Elem)
	case *Map:
		g.found(GateMap, "the type map")
		g.valType(&t.Key)
		g.valType(&t.Value)
	case *Func:
		g.foundIf(t.Async, GateAsync, "an async function type")
		g.labelTypes(t.Params)
		g.valType(t.Result)
	case *ComponentType:
		g.decls(t.Decls)
	case *InstanceType:
		g.decls(t.Decls)
	case *Resource:
		g.foundIf(t.Rep == core.I64, GateMemory64, "a resource that is represented by an i64")
	}
}

func (g *gated) decls(decls []Decl) {
	for _, d := range decls {
		g.enter(d.At())
		switch d := d.(type) {
		case *ImportDecl:
			g.externName(d.Name)
			g.externType(d.Type)
		case *ExportDecl:
			g.externName(d.Name)
			g.externType(d.Type)
		case Def:
			g.def(d)
		}
	}
}

func (g *gated) canon(d *Canon) {
	if gate := d.Op.gate(); gate != "" {
		g.found(gate, "the built-in "+d.Op.String())
	}
	async, callback := false, false
	for _, o := range d.Opts {
		switch o.Kind {
		case OptAsync:
			async = true
			g.found(GateAsync, "the canonical option async")
		case OptCallback:
			callback = true
			g.found(GateAsync, "the canonical option callback")
		case OptCoreType, OptGC:
			g.found(GateGC, "the canonical option "+o.Kind.String())
		}
	}
	switch d.Op {
	case CanonLift:
		g.foundIf(async && !callback, GateStackful, "an async lift without a callback")
	case CanonTaskReturn:
		g.valType(d.Result.Type)
	case CanonContextGet, CanonContextSet:
		g.foundIf(d.Imm[0] == uint32(core.I64), GateMemory64, d.Op.String()+" of an i64")
	case CanonSubtaskCancel, CanonStreamCancelRead, CanonStreamCancelWrite, CanonFutureCancelRead, CanonFutureCancelWrite:
		g.foundIf(d.Flag, GateMoreAsync, d.Op.String()+" async")
	case CanonStreamRead, CanonStreamWrite, CanonFutureRead, CanonFutureWrite:
		g.foundIf(!async, GateMoreAsync, d.Op.String()+" without async")
	}
}

// gate answers the gate of a canonical definition, or "".
func (op CanonOp) gate() Gate {
	switch {
	case op <= CanonResourceRep:
		return ""
	case CanonErrorContextNew <= op && op <= CanonErrorContextDrop:
		return GateErrorContext
	case CanonThreadIndex <= op && op <= CanonThreadYieldThenPromote:
		return GateThreads
	case CanonThreadSpawnRef <= op:
		return GateSharedThreads
	}
	return GateAsync
}
