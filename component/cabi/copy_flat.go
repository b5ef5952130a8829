package cabi

import "github.com/tenon-wasm/tenon/wit"

// flatCopy is a copy program from flat values to flat values. Both sides flatten a
// type alike, so that its slots are the same, too.
type flatCopy struct {
	slots uint32
	steps []flatStep
}

// flatStep moves the slots of a part that begin at slot.
type flatStep struct {
	kind  kind
	slot  uint32
	codec *Codec
	elem  *memCopy    // of a list
	arms  []*flatCopy // the payloads of a variant; nil for a case without
	path  *valuePath
}

// flat copies a value. Every slot that is not a value's own is left zero.
func (x *copying) flat(f *flatCopy, in, out []uint64) {
	pc := 0
	defer f.trace(x.from, &pc)
	for ; pc < len(f.steps); pc++ {
		st := &f.steps[pc]
		v, d := in[st.slot], out[st.slot:]
		switch st.kind {
		case kind(wit.Bool):
			d[0] = LowerBool(LiftBool(v))
		case kind(wit.U8):
			d[0] = uint64(uint8(v))
		case kind(wit.S8):
			d[0] = uint64(uint32(int8(v)))
		case kind(wit.U16):
			d[0] = uint64(uint16(v))
		case kind(wit.S16):
			d[0] = uint64(uint32(int16(v)))
		case kind(wit.U32), kind(wit.S32), kind(wit.F32):
			d[0] = uint64(uint32(v))
		case kind(wit.U64), kind(wit.S64), kind(wit.F64):
			d[0] = v
		case kind(wit.Char):
			d[0] = uint64(LiftChar(v))
		case kind(wit.String):
			ptr, n := x.text(uint32(v), uint32(in[st.slot+1]))
			d[0], d[1] = uint64(ptr), uint64(n)
		case bytesKind, listKind:
			n := uint32(in[st.slot+1])
			d[0], d[1] = uint64(x.list(st.elem, uint32(v), n)), uint64(n)
		case flagsKind:
			d[0] = uint64(uint32(v) & (1<<len(st.codec.cases) - 1))
		case ownKind:
			d[0] = uint64(x.own(st.codec, uint32(v)))
		case borrowKind:
			d[0] = uint64(x.borrow(st.codec, uint32(v)))
		default:
			i := Discriminant(v, uint32(len(st.codec.cases)))
			d[0] = uint64(i)
			used := uint32(1)
			if st.arms != nil && st.arms[i] != nil {
				x.flatPayload(st, i, in[st.slot+1:], d[1:])
				used += st.arms[i].slots
			}
			clear(d[used:st.codec.slots])
		}
	}
	pc = -1
}

func (x *copying) flatPayload(st *flatStep, which uint32, in, out []uint64) {
	i := int(which)
	defer st.codec.trace(x.from, &i)
	x.flat(st.arms[which], in, out)
	i = -1
}
