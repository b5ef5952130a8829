package doctor

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// drifts are the problems of one import with types.
type drifts struct {
	match   component.Match
	layouts cabi.Layouts
	found   []Finding
}

func newDrifts(m component.Match) *drifts { return &drifts{match: m} }

// maxUsers bounds the functions that are told to use a type that drifted.
const maxUsers = 12

// add adds a problem. One that follows from another is noted with that.
func (d *drifts) add(p component.Problem) {
	if p.Follows {
		for i := range d.found {
			if drift := d.found[i].Drift; drift != nil && strings.HasSuffix(p.Text, drift.Places[0].end()) {
				if len(drift.Users) < maxUsers {
					drift.Users = append(drift.Users, user(p, drift.Places[0]))
				} else {
					drift.More++
				}
				if p.Want != nil && drift.FlatWant == "" {
					d.flatten(drift, p)
				}
				return
			}
		}
		return
	}
	d.found = append(d.found, d.finding(p))
}

// user is a function or type that uses one that drifted, with where.
func user(p component.Problem, at Place) string {
	path := strings.TrimSuffix(strings.TrimSuffix(p.Text, at.end()), ": ")
	if path == "" {
		return p.Item
	}
	return p.Item + " (" + path + ")"
}

// end is how the texts of all problems end that differ at this place.
func (p Place) end() string { return p.Want + ", host has " + p.Have }

func (d *drifts) findings() []Finding { return d.found }

func (d *drifts) finding(p component.Problem) Finding {
	f := Finding{Severity: Error, Subject: d.match.Import, Code: TypeDrift, Cause: p.Text, Cure: d.cure()}
	switch {
	case p.Want != nil && p.Have != nil:
		f.Drift = d.funcs(p)
		f.Code = codeOf(p.Want, p.Have, f.Drift.Places)
	case p.WantType != nil && p.HaveType != nil && p.WantType.IsResource() && p.HaveType.IsResource():
		f.Code, f.Cure = OtherResource, cureResource
		return f
	case p.WantType != nil && p.HaveType != nil && !p.WantType.IsResource() && !p.HaveType.IsResource():
		f.Drift = d.types(p)
		f.Code = codeOfType(p.WantType, p.HaveType, f.Drift.Places[0].Path)
	case p.Want == nil && p.WantType == nil:
		f.Code, f.Cure = ModuleTypeDrift, "link one that was built for this component"
		return f
	default:
		return f
	}
	what, item := "func", p.Item
	if p.Want == nil {
		what = "type"
	}
	if item == "" {
		item = d.match.Import
	}
	f.Cause = fmt.Sprintf("%s %s drifted, %s", what, item, f.Drift.Places[0])
	if more := len(f.Drift.Places) - 1; more > 0 {
		f.Cause += fmt.Sprintf(" (and %s)", plural(more, "other place"))
	}
	if age := d.age(); age != "" {
		f.Cause += "; " + age
	}
	f.Drift.Newer, f.Drift.By = side(d.match), "host"
	if d.match.Guest {
		f.Drift.By = "linked"
	}
	if d.match.How != "" {
		f.Details = append(f.Details, "it is met "+d.match.How)
	}
	if f.Code == OtherResource {
		f.Cure = cureResource
	}
	return f
}

const cureResource = "take both interfaces from one provider, which says by `use` that the resource is the same"

// age says which side is newer.
func (d *drifts) age() string {
	want, have := versions(d.match)
	switch s := side(d.match); {
	case want.IsZero():
		return ""
	case s == newerComponent:
		return fmt.Sprintf("the component is newer, %s, the host %s", want, have)
	case s == newerHost:
		return fmt.Sprintf("the component is older, %s, the host %s", want, have)
	}
	return fmt.Sprintf("both say %s, so the WIT of one was changed and the version was not", want)
}

func (d *drifts) cure() string {
	m := d.match
	want, have := versions(m)
	switch {
	case m.Guest:
		return "build one of the two with the WIT of the other"
	case want.IsZero() && strings.HasPrefix(m.How, "by its alias"):
		return "correct the alias, or build it again with the WIT of " + m.Offer
	case want.IsZero():
		return "build it again with the WIT of the host"
	case want.Pre != "":
		return fmt.Sprintf("build it again with the WIT of %s", have)
	case side(m) == newerComponent:
		return fmt.Sprintf("build it with the WIT of %s: types must not change on one track, so one of the two WITs is wrong", have)
	case side(m) == newerHost:
		return fmt.Sprintf("build it again with the WIT of %s: types must not change on one track, so one of the two WITs is wrong", have)
	}
	return "build it again with the WIT of the host, and give changed WIT another version"
}

func (d *drifts) same(want, have *wit.TypeDef) bool {
	// By name: who links them has compared the run-time types, and told of those that differ.
	return want.Name == have.Name
}

func (d *drifts) funcs(p component.Problem) *Drift {
	drift := &Drift{Item: p.Item, Want: signature(p.Want), Have: signature(p.Have)}
	for _, m := range wit.Mismatches(p.Want, p.Have, d.same) {
		drift.Places = append(drift.Places, d.place(m, p.Want, p.Have))
	}
	if drift.Places == nil {
		// Only who links them knows why: resources of the same name.
		_, text, _ := strings.Cut(p.Text, " has another type: ")
		path, rest, _ := strings.Cut(text, ": ")
		want, have, _ := strings.Cut(rest, ", host has ")
		drift.Places = []Place{{Path: path, Want: want, Have: have}}
	}
	d.flatten(drift, p)
	return drift
}

// flatten notes the core signatures of a function, where they differ.
func (d *drifts) flatten(drift *Drift, p component.Problem) {
	if !d.laidOut(p.Want) || !d.laidOut(p.Have) {
		return
	}
	want, have := flat(d.layouts.FlattenFunc(p.Want, cabi.Lower)), flat(d.layouts.FlattenFunc(p.Have, cabi.Lower))
	if want != have {
		drift.FlatOf, drift.FlatWant, drift.FlatHave = p.Item, want, have
	}
}

func (d *drifts) types(p component.Problem) *Drift {
	drift := &Drift{Item: p.Item, Want: declaration(p.WantType), Have: declaration(p.HaveType)}
	for _, m := range wit.TypeMismatches(p.WantType, p.HaveType, d.same) {
		place := Place{Path: m.Path, Want: m.Want, Have: m.Have}
		place.Effects = d.effects(p.Item, splitPath(m.Path), p.WantType, p.HaveType)
		drift.Places = append(drift.Places, place)
	}
	if drift.Places == nil {
		drift.Places = []Place{{Want: p.Text, Have: "another type"}}
	}
	return drift
}

// laidOut reports whether the types of a function have layouts.
func (d *drifts) laidOut(f *wit.Func) bool {
	for _, p := range f.Params {
		if _, err := d.layouts.Of(p.Type); err != nil {
			return false
		}
	}
	if f.Result == nil {
		return true
	}
	_, err := d.layouts.Of(f.Result)
	return err == nil
}

func flat(s cabi.CoreSignature) string {
	list := func(types []cabi.CoreType) string {
		names := make([]string, len(types))
		for i, t := range types {
			names[i] = t.String()
		}
		return "(" + strings.Join(names, ", ") + ")"
	}
	return list(s.Params) + " -> " + list(s.Results)
}

// place is where functions part, with the effects.
func (d *drifts) place(m *wit.Mismatch, want, have *wit.Func) Place {
	p := Place{Path: m.Path, Want: m.Want, Have: m.Have}
	steps := splitPath(m.Path)
	if len(steps) == 0 {
		return p
	}
	if w, h := rootOf(steps[0], want), rootOf(steps[0], have); w != nil && h != nil {
		p.Effects = d.effects(steps[0], steps[1:], w, h)
	}
	return p
}

// rootOf is the parameter or result that a path begins with.
func rootOf(step string, f *wit.Func) wit.Type {
	if step == "result" {
		return f.Result
	}
	name, err := strconv.Unquote(strings.TrimPrefix(step, "param "))
	if err != nil {
		return nil
	}
	for _, p := range f.Params {
		if p.Name == name {
			return p.Type
		}
	}
	return nil
}

// splitPath splits `param "addr".ipv4.port[]`: names hold no dots and no brackets.
func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
}

// effects tell how values stand in memory on both sides: what differs itself, and what it
// makes differ further out.
func (d *drifts) effects(root string, steps []string, want, have wit.Type) []Effect {
	path := root
	w, h := walker{layouts: &d.layouts, typ: want}, walker{layouts: &d.layouts, typ: have}
	var all []Effect
	for _, s := range append([]string{""}, steps...) {
		if s != "" && (!w.step(s) || !h.step(s)) {
			break
		}
		switch s {
		case "":
		case "[]":
			path += "[]"
		default:
			path += "." + s
		}
		wc, wok := w.cell()
		hc, hok := h.cell()
		if !wok || !hok {
			break
		}
		if wc != hc || len(all) == 0 || s == steps[len(steps)-1] {
			all = append(all, Effect{path, wc, hc})
		}
	}
	var told []Effect
	for i := len(all) - 1; i >= 0; i-- {
		if e := all[i]; e.Want != e.Have || i == len(all)-1 {
			told = append(told, e)
		}
	}
	return told
}

// A walker follows a path into a type.
type walker struct {
	layouts *cabi.Layouts
	typ     wit.Type
	offset  int64
}

func (w *walker) cell() (Cell, bool) {
	if w.typ == nil {
		return Cell{Offset: w.offset}, true
	}
	lay, err := w.layouts.Of(w.typ)
	if err != nil {
		return Cell{}, false
	}
	return Cell{w.offset, lay.Size, lay.Align}, true
}

// step follows one step of a path.
func (w *walker) step(s string) bool {
	lay, err := w.layouts.Of(w.typ)
	if err != nil {
		return false
	}
	switch t := wit.Structure(w.typ).(type) {
	case *wit.Record:
		for i, f := range t.Fields {
			if f.Name == s {
				w.typ, w.offset = f.Type, w.offset+int64(lay.Offsets[i])
				return true
			}
		}
	case *wit.Tuple:
		if i, err := strconv.Atoi(s); err == nil && 0 <= i && i < len(t.Elems) {
			w.typ, w.offset = t.Elems[i], w.offset+int64(lay.Offsets[i])
			return true
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			if c.Name == s {
				w.typ, w.offset = c.Type, w.offset+int64(lay.PayloadOffset)
				return true
			}
		}
	case *wit.Option:
		w.typ, w.offset = t.Elem, w.offset+int64(lay.PayloadOffset)
		return s == "some"
	case *wit.Result:
		w.typ, w.offset = t.OK, w.offset+int64(lay.PayloadOffset)
		if s == "err" {
			w.typ = t.Err
		}
		return true
	case *wit.List:
		w.typ, w.offset = t.Elem, 0
		return s == "[]"
	case *wit.FixedList:
		w.typ = t.Elem
		return s == "[]"
	}
	return false
}

// codeOf is the code for functions that differ at places.
func codeOf(want, have *wit.Func, places []Place) Code {
	steps := splitPath(places[0].Path)
	switch {
	case want.Async != have.Async:
		return AsyncDiffers
	case len(steps) == 0:
		return TypeDrift
	}
	w, h := rootOf(steps[0], want), rootOf(steps[0], have)
	if steps[0] != "result" && (w == nil || h == nil) {
		return ParamsDiffer
	}
	code := ParamDrift
	if steps[0] == "result" {
		code = ResultDrift
	}
	return within(code, steps[1:], w, h)
}

func codeOfType(want, have *wit.TypeDef, path string) Code {
	return within(TypeDrift, splitPath(path), want, have)
}

// within is the code for types that differ at the end of a path: that of the innermost type
// with fields, cases or labels.
func within(code Code, steps []string, want, have wit.Type) Code {
	w, h := walker{layouts: new(cabi.Layouts), typ: want}, walker{layouts: new(cabi.Layouts), typ: have}
	for i := 0; ; i++ {
		switch a, b := wit.Structure(w.typ), wit.Structure(h.typ); a.(type) {
		case *wit.Record:
			if _, same := b.(*wit.Record); same {
				code = RecordDrift
			}
		case *wit.Variant:
			if _, same := b.(*wit.Variant); same {
				code = VariantDrift
			}
		case *wit.Enum:
			if _, same := b.(*wit.Enum); same {
				code = EnumDrift
			}
		case *wit.Flags:
			if _, same := b.(*wit.Flags); same {
				code = FlagsDrift
			}
		case *wit.Own, *wit.Borrow:
			switch b.(type) {
			case *wit.Own, *wit.Borrow:
				code = OtherResource
			}
		}
		if i == len(steps) || w.typ == nil || h.typ == nil || !w.step(steps[i]) || !h.step(steps[i]) {
			return code
		}
	}
}

// signature is a function as WIT has it. Types of a binary may have no end as text, so they
// are cut.
func signature(f *wit.Func) string {
	var b strings.Builder
	b.WriteString(short(f.Name) + ": ")
	if f.Async {
		b.WriteString("async ")
	}
	b.WriteString("func(")
	for i, p := range f.Params {
		if i == few {
			fmt.Fprintf(&b, ", and %d more", len(f.Params)-few)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(short(p.Name) + ": " + wit.Brief(p.Type))
	}
	b.WriteString(")")
	if f.Result != nil {
		b.WriteString(" -> " + wit.Brief(f.Result))
	}
	return b.String()
}

// declaration is a declared type as WIT has it, cut where it is long.
func declaration(t *wit.TypeDef) string {
	word := "type"
	var parts []string
	more := 0
	part := func(s string) {
		if len(parts) == few {
			more++
			return
		}
		parts = append(parts, short(s))
	}
	payload := func(t wit.Type) string {
		if t == nil {
			return ""
		}
		return "(" + wit.Brief(t) + ")"
	}
	switch s := wit.Structure(t).(type) {
	case *wit.Record:
		word = "record"
		for _, f := range s.Fields {
			part(f.Name + ": " + wit.Brief(f.Type))
		}
	case *wit.Variant:
		word = "variant"
		for _, c := range s.Cases {
			part(c.Name + payload(c.Type))
		}
	case *wit.Enum:
		word = "enum"
		for _, l := range s.Labels {
			part(l)
		}
	case *wit.Flags:
		word = "flags"
		for _, l := range s.Labels {
			part(l)
		}
	default:
		return "type " + t.Name + " = " + wit.Brief(s)
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return word + " " + t.Name + " { " + strings.Join(parts, ", ") + " }"
}
