package cabi

// own moves an owned handle from one table to the other.
func (x *copying) own(t *Codec, h uint32) uint32 {
	rt := x.resourceType(t)
	if from, to := x.tables(rt); from != nil {
		return to.NewOwnRep(rt, from.takeOwnRep(h, rt))
	}
	return x.to.handles.NewOwn(rt, x.from.handles.TakeOwn(h, rt))
}

// borrow lends a handle until the giver's call ends.
func (x *copying) borrow(t *Codec, h uint32) uint32 {
	rt := x.resourceType(t)
	if from, to := x.tables(rt); from != nil {
		rep := from.lendRep(h, rt)
		x.from.lent = append(x.from.lent, h)
		return to.newBorrowRep(rt, rep)
	}
	return x.to.handles.NewBorrow(rt, x.from.Lend(h, rt))
}

// resourceType asks the callee, in whose terms the program's types are spelled.
// The run-time type that it answers is the caller's as well.
func (x *copying) resourceType(t *Codec) *ResourceType {
	if x.from.handles == nil || x.to.handles == nil {
		Throw(HostFailed, "no handle tables are bound, want %s", t.resource.Name)
	}
	return t.resourceType(x.callee)
}

// tables are both sides' tables where the resource needs no boxing, or nil.
func (x *copying) tables(rt *ResourceType) (from, to *Table) {
	if rt.Home == nil {
		return nil, nil
	}
	from, ok := x.from.handles.(*Table)
	if !ok {
		return nil, nil
	}
	to, ok = x.to.handles.(*Table)
	if !ok {
		return nil, nil
	}
	return from, to
}
