package preview1

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// What tracers and replays know of the functions: for each, what its core parameters are,
// in their order, as name:kind. The kinds are
//
//	i l L   a u32, u64 or s64
//	s       two, the address and length of bytes that are given
//	w       two, the iovecs of bytes that are given
//	r b     two, iovecs or a buffer to fill; n says how far
//	f       two, a buffer that is filled to its end
//	n       the address for how many bytes of r or b were filled
//	2 4 8   the address for a u16, u32 or u64
//	F S P   the address for an fdstat, filestat or prestat
//	A       two, the addresses for pointers to strings and for the strings
//	q       four, the subscriptions and events of poll_oneoff
//
// What is given are the arguments; what is filled is, in the same order, the result.
var shapes = map[string]string{
	"args_get":                "strings:A",
	"args_sizes_get":          "count:4 bytes:4",
	"environ_get":             "strings:A",
	"environ_sizes_get":       "count:4 bytes:4",
	"clock_res_get":           "clock:i resolution:8",
	"clock_time_get":          "clock:i precision:l time:8",
	"fd_advise":               "fd:i offset:l len:l advice:i",
	"fd_allocate":             "fd:i offset:l len:l",
	"fd_close":                "fd:i",
	"fd_datasync":             "fd:i",
	"fd_fdstat_get":           "fd:i stat:F",
	"fd_fdstat_set_flags":     "fd:i flags:i",
	"fd_fdstat_set_rights":    "fd:i base:l inheriting:l",
	"fd_filestat_get":         "fd:i stat:S",
	"fd_filestat_set_size":    "fd:i size:l",
	"fd_filestat_set_times":   "fd:i accessed:l modified:l flags:i",
	"fd_pread":                "fd:i room:r offset:l read:n",
	"fd_prestat_get":          "fd:i stat:P",
	"fd_prestat_dir_name":     "fd:i room:f",
	"fd_pwrite":               "fd:i bytes:w offset:l written:4",
	"fd_read":                 "fd:i room:r read:n",
	"fd_readdir":              "fd:i room:b cookie:l used:n",
	"fd_renumber":             "fd:i to:i",
	"fd_seek":                 "fd:i offset:L whence:i position:8",
	"fd_sync":                 "fd:i",
	"fd_tell":                 "fd:i position:8",
	"fd_write":                "fd:i bytes:w written:4",
	"path_create_directory":   "fd:i path:s",
	"path_filestat_get":       "fd:i lookup:i path:s stat:S",
	"path_filestat_set_times": "fd:i lookup:i path:s accessed:l modified:l flags:i",
	"path_link":               "fd:i lookup:i path:s to-fd:i to-path:s",
	"path_open":               "fd:i lookup:i path:s open:i base:l inheriting:l flags:i opened:4",
	"path_readlink":           "fd:i path:s room:b used:n",
	"path_remove_directory":   "fd:i path:s",
	"path_rename":             "fd:i path:s to-fd:i to-path:s",
	"path_symlink":            "target:s fd:i path:s",
	"path_unlink_file":        "fd:i path:s",
	"poll_oneoff":             "subscriptions:q",
	"proc_exit":               "code:i",
	"proc_raise":              "signal:i",
	"sched_yield":             "",
	"random_get":              "room:f",
	"sock_accept":             "fd:i flags:i opened:4",
	"sock_recv":               "fd:i room:r flags:i read:n out-flags:2",
	"sock_send":               "fd:i bytes:w flags:i written:4",
	"sock_shutdown":           "fd:i how:i",
}

// A part is one of a shape; at is its first core parameter.
type part struct {
	name string
	kind byte
	at   int
}

// width is how many core parameters a kind has.
func width(kind byte) int {
	switch kind {
	case 's', 'w', 'r', 'b', 'f', 'A':
		return 2
	case 'q':
		return 4
	}
	return 1
}

// A reading is how one function is read and answered.
type reading struct {
	typ   *wit.Func
	parts []part
	old   bool
}

var readings = map[string]map[string]component.Reading{
	Module:   makeReadings(false),
	Unstable: makeReadings(true),
}

// Reading is how tracers read a function of a module that guests import from; its name
// has '-' for '_'. It is nil where there is no such function.
func Reading(module, name string) component.Reading { return readings[module][name] }

func makeReadings(old bool) map[string]component.Reading {
	all := map[string]component.Reading{}
	for name, shape := range shapes {
		all[label(name)] = newReading(name, shape, old)
	}
	return all
}

func newReading(name, shape string, old bool) *reading {
	r := &reading{typ: &wit.Func{Name: label(name)}, old: old}
	at := 0
	var results []wit.Type
	for _, word := range strings.Fields(shape) {
		title, kind, _ := strings.Cut(word, ":")
		p := part{title, kind[0], at}
		at += width(p.kind)
		r.parts = append(r.parts, p)
		if t := argType(p.kind); t != nil {
			r.typ.Params = append(r.typ.Params, wit.Param{Name: title, Type: t})
		}
		if t := resultType(p.kind); t != nil {
			results = append(results, t)
		}
	}
	result := &wit.Result{Err: errnoType}
	switch len(results) {
	case 0:
	case 1:
		result.OK = results[0]
	default:
		result.OK = &wit.Tuple{Elems: results}
	}
	if name != exits {
		r.typ.Result = result
	}
	return r
}

var (
	bytesType  = &wit.List{Elem: wit.U8}
	errnoType  = &wit.Enum{Labels: errnoNames[:]}
	fdstat     = newStruct(24, "filetype:1:0 flags:2:2 base:8:8 inheriting:8:16")
	prestat    = newStruct(8, "tag:1:0 name-len:4:4")
	filestat   = newStruct(64, "device:8:0 inode:8:8 filetype:1:16 links:8:24 size:8:32 accessed:8:40 modified:8:48 changed:8:56")
	filestat0  = newStruct(56, "device:8:0 inode:8:8 filetype:1:16 links:4:20 size:8:24 accessed:8:32 modified:8:40 changed:8:48")
	eventShape = newStruct(eventSize, "userdata:8:0 error:2:8 kind:1:10 bytes:8:16 flags:2:24")
	// Timeout and flags are those of a clock; fd is its number or that of a file.
	subscriptionType = &wit.Record{Fields: []wit.Field{
		{Name: "userdata", Type: wit.U64}, {Name: "kind", Type: wit.U8}, {Name: "fd", Type: wit.U32},
		{Name: "timeout", Type: wit.U64}, {Name: "absolute", Type: wit.Bool},
	}}
)

// argType is the type of what is given, nil for what is not.
func argType(kind byte) wit.Type {
	switch kind {
	case 'i', 'b', 'f':
		return wit.U32
	case 'l':
		return wit.U64
	case 'L':
		return wit.S64
	case 's':
		return bytesType
	case 'w':
		return &wit.List{Elem: bytesType}
	case 'r':
		return &wit.List{Elem: wit.U32}
	case 'q':
		return &wit.List{Elem: subscriptionType}
	}
	return nil
}

// resultType is the type of what is filled, nil for what is not.
func resultType(kind byte) wit.Type {
	switch kind {
	case 'n', 'f':
		return bytesType
	case '2':
		return wit.U16
	case '4':
		return wit.U32
	case '8':
		return wit.U64
	case 'F':
		return fdstat.typ
	case 'S':
		return filestat.typ
	case 'P':
		return prestat.typ
	case 'A':
		return &wit.List{Elem: bytesType}
	case 'q':
		return &wit.List{Elem: eventShape.typ}
	}
	return nil
}

func (r *reading) Type() *wit.Func { return r.typ }

// view is memory that must be there.
func view(c *cabi.Call, ptr, n uint32) []byte {
	b, ok := c.View(ptr, n)
	if !ok {
		cabi.Throw(cabi.OutOfBounds, "%d bytes at %#x", n, ptr)
	}
	return b
}

func pieces(c *cabi.Call, ptr, n uint32) [][]byte {
	list, err := appendPieces(c, nil, ptr, n)
	if err != nil {
		cabi.Throw(cabi.OutOfBounds, "%d iovecs at %#x", n, ptr)
	}
	return list
}

// Args implements component.Reading.
func (r *reading) Args(c *cabi.Call, stack []uint64, dst []any) []any {
	for _, p := range r.parts {
		at := stack[p.at:]
		switch p.kind {
		case 'i':
			dst = append(dst, uint32(at[0]))
		case 'l':
			dst = append(dst, at[0])
		case 'L':
			dst = append(dst, int64(at[0]))
		case 'b', 'f':
			dst = append(dst, uint32(at[1]))
		case 's':
			dst = append(dst, slices.Clone(view(c, uint32(at[0]), min(uint32(at[1]), maxPath))))
		case 'w':
			dst = append(dst, each(pieces(c, uint32(at[0]), uint32(at[1])), func(b []byte) any { return slices.Clone(b) }))
		case 'r':
			dst = append(dst, each(pieces(c, uint32(at[0]), uint32(at[1])), func(b []byte) any { return uint32(len(b)) }))
		case 'q':
			dst = append(dst, r.subscriptions(c, uint32(at[0]), uint32(at[2])))
		}
	}
	return dst
}

func each(list [][]byte, f func([]byte) any) []any {
	values := make([]any, len(list))
	for i, b := range list {
		values[i] = f(b)
	}
	return values
}

func (r *reading) subscriptions(c *cabi.Call, ptr, n uint32) []any {
	p := process{old: r.old}
	list := view(c, ptr, min(n, maxSubscriptions)*p.subscriptionSize())
	var values []any
	for ; len(list) > 0; list = list[p.subscriptionSize():] {
		s := p.subscription(list)
		v := map[string]any{"userdata": s.userdata, "kind": s.kind, "fd": s.fd, "timeout": uint64(0), "absolute": false}
		if s.kind == eventClock {
			v["fd"], v["timeout"], v["absolute"] = s.clock, s.timeout, s.absolute
		}
		values = append(values, v)
	}
	return values
}

// Result implements component.Reading.
func (r *reading) Result(c *cabi.Call, called, stack []uint64) any {
	if r.typ.Result == nil {
		return nil
	}
	if code := errno(stack[0]); code != success {
		return wit.ResultValue{IsErr: true, Value: code.name()}
	}
	var values []any
	var filled [][]byte // what r or b lists
	for _, p := range r.parts {
		at := called[p.at:]
		ptr := uint32(at[0])
		switch p.kind {
		case 'r':
			filled = pieces(c, ptr, uint32(at[1]))
		case 'b':
			filled = [][]byte{view(c, ptr, uint32(at[1]))}
		case 'n':
			values = append(values, head(filled, le.Uint32(view(c, ptr, 4))))
		case 'f':
			values = append(values, slices.Clone(view(c, ptr, uint32(at[1]))))
		case '2':
			values = append(values, le.Uint16(view(c, ptr, 2)))
		case '4':
			values = append(values, le.Uint32(view(c, ptr, 4)))
		case '8':
			values = append(values, le.Uint64(view(c, ptr, 8)))
		case 'F', 'S', 'P':
			s := r.structOf(p.kind)
			values = append(values, s.read(view(c, ptr, s.size)))
		case 'A':
			values = append(values, stringsAt(c, ptr, uint32(at[1])))
		case 'q':
			values = append(values, events(c, uint32(at[1]), le.Uint32(view(c, uint32(at[3]), 4))))
		}
	}
	switch len(values) {
	case 0:
		return wit.ResultValue{}
	case 1:
		return wit.ResultValue{Value: values[0]}
	}
	return wit.ResultValue{Value: values}
}

func (r *reading) structOf(kind byte) *structure {
	switch {
	case kind == 'F':
		return fdstat
	case kind == 'P':
		return prestat
	case r.old:
		return filestat0
	}
	return filestat
}

// head are the first n bytes of pieces.
func head(pieces [][]byte, n uint32) []byte {
	b := []byte{}
	for _, p := range pieces {
		k := min(uint32(len(p)), n)
		b = append(b, p[:k]...)
		n -= k
	}
	return b
}

// stringsAt are the strings that args_get and environ_get have written: how many there are
// only their pointers tell, each of which is that of the end of the one before. What the
// guest has left behind them may go on like that.
func stringsAt(c *cabi.Call, pointers, at uint32) []any {
	list := []any{}
	for len(list) < maxStrings {
		p, ok := c.View(pointers, 4)
		if !ok || le.Uint32(p) != at {
			return list
		}
		s := []byte{}
		for {
			b, ok := c.View(at, 1)
			if !ok {
				return list
			}
			at++
			if b[0] == 0 {
				break
			}
			s = append(s, b[0])
		}
		list = append(list, s)
		pointers += 4
	}
	return list
}

// maxStrings is how many arguments or variables are read back.
const maxStrings = 1 << 20

func events(c *cabi.Call, ptr, n uint32) []any {
	list := []any{}
	for b := view(c, ptr, min(n, maxSubscriptions)*eventSize); len(b) > 0; b = b[eventSize:] {
		list = append(list, eventShape.read(b[:eventSize]))
	}
	return list
}

// Answer implements component.Reading.
func (r *reading) Answer(c *cabi.Call, result any, stack []uint64) {
	v, ok := result.(wit.ResultValue)
	if !ok || r.typ.Result == nil {
		c.Fail(fmt.Errorf("%s: a %T is no answer", r.typ.Name, result))
	}
	if v.IsErr {
		code, ok := errnoOf(v.Value)
		if !ok {
			c.Fail(fmt.Errorf("%s: there is no errno %v", r.typ.Name, v.Value))
		}
		stack[0] = uint64(code)
		return
	}
	w := answer{c: c, r: r, values: []any{v.Value}}
	if t, ok := r.typ.Result.(*wit.Result).OK.(*wit.Tuple); ok {
		w.values, _ = v.Value.([]any)
		if len(w.values) != len(t.Elems) {
			c.Fail(fmt.Errorf("%s: %d values, want %d", r.typ.Name, len(w.values), len(t.Elems)))
		}
	}
	called := slices.Clone(stack)
	for _, p := range r.parts {
		w.put(p.kind, called[p.at:])
	}
	stack[0] = uint64(success)
}

// An answer is written part by part.
type answer struct {
	c      *cabi.Call
	r      *reading
	values []any    // those that are left
	room   [][]byte // what r or b lists
}

// next is the next value, which must be a T.
func next[T any](w *answer) T {
	v, ok := w.values[0].(T)
	if !ok {
		w.c.Fail(fmt.Errorf("%s: a %T in its answer, want %T", w.r.typ.Name, w.values[0], v))
	}
	w.values = w.values[1:]
	return v
}

func (w *answer) put(kind byte, at []uint64) {
	ptr := uint32(at[0])
	switch kind {
	case 'r':
		w.room = pieces(w.c, ptr, uint32(at[1]))
	case 'b':
		w.room = [][]byte{view(w.c, ptr, uint32(at[1]))}
	case 'n':
		le.PutUint32(view(w.c, ptr, 4), scatter(w.room, next[[]byte](w)))
	case 'f':
		copy(view(w.c, ptr, uint32(at[1])), next[[]byte](w))
	case '2':
		le.PutUint16(view(w.c, ptr, 2), next[uint16](w))
	case '4':
		le.PutUint32(view(w.c, ptr, 4), next[uint32](w))
	case '8':
		le.PutUint64(view(w.c, ptr, 8), next[uint64](w))
	case 'F', 'S', 'P':
		s := w.r.structOf(kind)
		s.write(w, view(w.c, ptr, s.size), next[map[string]any](w))
	case 'A':
		w.strings(ptr, uint32(at[1]))
	case 'q':
		list := next[[]any](w)
		to := view(w.c, uint32(at[1]), uint32(min(len(list), maxSubscriptions))*eventSize)
		for i, e := range list[:len(to)/eventSize] {
			m, _ := e.(map[string]any)
			eventShape.write(w, to[i*eventSize:][:eventSize], m)
		}
		le.PutUint32(view(w.c, uint32(at[3]), 4), uint32(len(to)/eventSize))
	}
}

func (w *answer) strings(pointers, at uint32) {
	for _, v := range next[[]any](w) {
		s, _ := v.([]byte)
		le.PutUint32(view(w.c, pointers, 4), at)
		n := uint32(len(s))
		b := view(w.c, at, n+1)
		copy(b, s)
		b[n] = 0
		pointers += 4
		at += n + 1
	}
}
