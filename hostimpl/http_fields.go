package hostimpl

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/net/http/httpguts"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

// A field is one line of a message: `Accept: text/html`.
type field struct {
	name  string
	value []byte
}

// fieldCost is what a field counts besides its bytes, as in HTTP/2 (RFC 9113, 10.5.1),
// so that empty ones are bounded, too.
const fieldCost = 32

func (f field) size() int { return len(f.name) + len(f.value) + fieldCost }

func (f field) is(name string) bool { return strings.EqualFold(f.name, name) }

// fieldList is the lines of a message, in order and as they were spelled. Once it belongs
// to a message it does not change, and several handles show it.
type fieldList struct {
	of      *webHost
	lines   []field
	size    int // what the lines count; held with of
	holders atomic.Int32
}

func (w *webHost) newFieldList() *fieldList {
	l := &fieldList{of: w}
	l.holders.Store(1)
	return l
}

func (l *fieldList) keep() *fieldList {
	l.holders.Add(1)
	return l
}

func (l *fieldList) drop() {
	if l.holders.Add(-1) == 0 {
		l.of.release(l.size)
	}
}

// replace puts lines in place of what there is, which they differ from by so many bytes,
// if there is room for them.
func (l *fieldList) replace(lines []field, more int) error {
	if l.size+more > l.of.limits.HTTPFieldBytes || !l.of.hold(more) {
		return http.HeaderErrorForbidden{}
	}
	l.lines, l.size = lines, l.size+more
	return nil
}

// add adds a line. It keeps value.
func (l *fieldList) add(name string, value []byte) error {
	f := field{name, value}
	if l.size+f.size() > l.of.limits.HTTPFieldBytes || !l.of.hold(f.size()) {
		return http.HeaderErrorForbidden{}
	}
	l.lines, l.size = append(l.lines, f), l.size+f.size()
	return nil
}

func (l *fieldList) values(name string) (values [][]byte) {
	for _, f := range l.lines {
		if f.is(name) {
			values = append(values, f.value)
		}
	}
	return values
}

// contentLength is the length that the lines promise for a body, or nil. It is no length
// if they say it twice and differently.
func (l *fieldList) contentLength() (promised *uint64, ok bool) {
	for _, value := range l.values(contentLength) {
		n, err := parseLength(value)
		if err != nil || promised != nil && *promised != n {
			return nil, false
		}
		promised = &n
	}
	return promised, true
}

const contentLength = "content-length"

// parseLength reads 1*DIGIT: strconv would also take a sign.
func parseLength(value []byte) (uint64, error) {
	for _, c := range value {
		if c < '0' || '9' < c {
			return 0, strconv.ErrSyntax
		}
	}
	return strconv.ParseUint(string(value), 10, 64)
}

// fields is the resource fields. Those of a message are fixed.
type fields struct {
	list   *fieldList
	fixed  bool
	parent any
}

// NewFields implements the constructor.
func (w *webHost) NewFields(context.Context) (http.Fields, error) {
	return &fields{list: w.newFieldList()}, nil
}

func (w *webHost) FieldsFromList(_ context.Context, entries []cabi.Tuple2[string, []byte]) (http.Fields, error) {
	f := &fields{list: w.newFieldList()}
	for _, e := range entries {
		if err := f.add(e.F0, e.F1); err != nil {
			f.list.drop()
			return nil, err
		}
	}
	return f, nil
}

// take is the lines of fields that become a message's.
func (w *webHost) take(v http.Fields) (*fieldList, error) {
	f, ok := v.(*fields)
	if !ok {
		return nil, stranger(v)
	}
	return f.list, nil
}

// show is a handle on the lines of a message, which is its parent.
func (l *fieldList) show(parent any) *fields {
	return &fields{list: l.keep(), fixed: true, parent: parent}
}

func (f *fields) Parent() any { return f.parent }

func (f *fields) Close(context.Context) error {
	f.list.drop()
	return nil
}

// Get answers nothing for what is no name, even if it looks like one: to fold the case of
// letters outside of ASCII may give one inside.
func (f *fields) Get(_ context.Context, name string) ([][]byte, error) {
	if !httpguts.ValidHeaderFieldName(name) {
		return nil, nil
	}
	return f.list.values(name), nil
}

func (f *fields) Has(ctx context.Context, name string) (bool, error) {
	values, err := f.Get(ctx, name)
	return len(values) > 0, err
}

// may checks what is said of a name, whatever the values are.
func (f *fields) may(name string) error {
	switch {
	case f.fixed:
		return http.HeaderErrorImmutable{}
	case !httpguts.ValidHeaderFieldName(name):
		return http.HeaderErrorInvalidSyntax{}
	case f.list.of.forbidden[strings.ToLower(name)]:
		return http.HeaderErrorForbidden{}
	}
	return nil
}

// copyValue is a value to keep: what the guest passed is its memory.
func (f *fields) copyValue(name string, value []byte) ([]byte, error) {
	if len(value) > f.list.of.limits.HTTPFieldBytes {
		return nil, http.HeaderErrorForbidden{}
	}
	if !httpguts.ValidHeaderFieldValue(string(value)) {
		return nil, http.HeaderErrorInvalidSyntax{}
	}
	if strings.EqualFold(name, contentLength) {
		if _, err := parseLength(value); err != nil {
			return nil, http.HeaderErrorInvalidSyntax{}
		}
	}
	return bytes.Clone(value), nil
}

// Set puts the values where the name stood first, or at the end. Without values the name
// is gone.
func (f *fields) Set(_ context.Context, name string, values [][]byte) error {
	if err := f.may(name); err != nil {
		return err
	}
	more := 0
	put := make([]field, 0, len(values))
	for _, v := range values {
		v, err := f.copyValue(name, v)
		if err != nil {
			return err
		}
		put = append(put, field{name, v})
		// No list has room for what is larger than a list.
		if more += put[len(put)-1].size(); more > f.list.of.limits.HTTPFieldBytes {
			return http.HeaderErrorForbidden{}
		}
	}
	var lines []field
	for _, l := range f.list.lines {
		if !l.is(name) {
			lines = append(lines, l)
			continue
		}
		more -= l.size()
		lines, put = append(lines, put...), nil
	}
	return f.list.replace(append(lines, put...), more)
}

func (f *fields) Delete(ctx context.Context, name string) error { return f.Set(ctx, name, nil) }

func (f *fields) Append(_ context.Context, name string, value []byte) error {
	return f.add(name, value)
}

func (f *fields) add(name string, value []byte) error {
	if err := f.may(name); err != nil {
		return err
	}
	v, err := f.copyValue(name, value)
	if err != nil {
		return err
	}
	return f.list.add(name, v)
}

func (f *fields) Entries(context.Context) ([]cabi.Tuple2[string, []byte], error) {
	entries := make([]cabi.Tuple2[string, []byte], len(f.list.lines))
	for i, l := range f.list.lines {
		entries[i] = cabi.Tuple2[string, []byte]{F0: l.name, F1: l.value}
	}
	return entries, nil
}

// Clone copies the lines; values never change, so they are shared. They count all the
// same: each copy may outlive the others.
func (f *fields) Clone(context.Context) (http.Fields, error) {
	w := f.list.of
	if !w.hold(f.list.size) {
		return nil, w.tooMuch(fmt.Sprintf("a copy of fields of %d bytes", f.list.size))
	}
	c := w.newFieldList()
	c.lines, c.size = slices.Clone(f.list.lines), f.list.size
	return &fields{list: c}, nil
}

var _ http.Fields = (*fields)(nil)
