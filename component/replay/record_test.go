package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/bounds"
	"github.com/tenon-wasm/tenon/wit"
)

// stage is a guest that can be recorded and replayed.
type stage struct {
	runtime *component.Runtime
	guest   *component.Component
}

func newStage(t testing.TB, name string) *stage {
	t.Helper()
	ctx := context.Background()
	data, err := os.ReadFile("../../testdata/guests/" + name + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	c, err := r.Compile(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{r, c}
}

// recorded is a linker whose instances are recorded.
func (s *stage) recorded(t testing.TB, to io.Writer) (*component.Linker, *Recorder) {
	t.Helper()
	r, err := NewRecorder(to, Header{Guest: "sha256:0"})
	if err != nil {
		t.Fatal(err)
	}
	l := component.NewLinker(s.runtime)
	l.Trace(r)
	return l, r
}

// record records a run with arguments, and the error that it ends with.
func (s *stage) record(t testing.TB, args ...string) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	l, r := s.recorded(t, &b)
	ctx := context.Background()
	if err := hostimpl.Link(l, hostimpl.Config{Args: append([]string{"guest"}, args...)}); err != nil {
		t.Fatal(err)
	}
	in, err := l.Instantiate(ctx, s.guest)
	if err != nil {
		t.Fatal(err)
	}
	_, end := in.Call(ctx, "wasi:cli/run", "run")
	if err := errors.Join(in.Close(ctx), r.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), end
}

func (s *stage) replay(record []byte) error {
	p, err := NewPlayer(bytes.NewReader(record))
	if err != nil {
		return err
	}
	_, err = p.Run(context.Background(), s.runtime, s.guest)
	return err
}

// payloads are the frames of a record, the header first.
func payloads(t testing.TB, record []byte) (list [][]byte) {
	t.Helper()
	b, ok := bytes.CutPrefix(record, []byte(magic))
	if !ok {
		t.Fatal("no record")
	}
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		list = append(list, b[k:][:n])
		b = b[k+int(n)+4:]
	}
	return list
}

func recordOf(payloads [][]byte) []byte {
	b := []byte(magic)
	for _, p := range payloads {
		b = appendFrame(b, p)
	}
	return b
}

func TestARecordWithAnotherAnswerLeadsToAnotherGuest(t *testing.T) {
	s := newStage(t, "hello")
	record, err := s.record(t, "--show", "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.replay(record); err != nil {
		t.Fatal(err)
	}
	list := payloads(t, record)
	for i, p := range list {
		if bytes.Contains(p, []byte("get-arguments")) {
			list[i] = bytes.Replace(p, []byte("one"), []byte("two"), 1)
		}
	}
	err = s.replay(recordOf(list))
	var d *Divergence
	if !errors.As(err, &d) {
		t.Fatalf("got %v", err)
	}
	const want = `the guest diverges from the record at event 9: recorded ` +
		`wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1>, b"arg one\n"); now ` +
		`wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1>, b"arg two\n"); ` +
		`the first difference is in "contents", at byte 4 of 8, now of 8`
	if d.Error() != want {
		t.Errorf("got  %v\nwant %s", d, want)
	}
}

func TestADivergenceSaysWhatIsRecordedAndWhatIsNow(t *testing.T) {
	s := newStage(t, "hello")
	record, err := s.record(t, "--show")
	if err != nil {
		t.Fatal(err)
	}
	whole := payloads(t, record)
	kinds := func(k kind) (at []int) {
		for i, p := range whole[1:] {
			if kind(p[0]) == k {
				at = append(at, i+1)
			}
		}
		return at
	}
	without := func(i int) [][]byte { return append(append([][]byte(nil), whole[:i]...), whole[i+1:]...) }
	imports, last := kinds(kindImport), len(whole)-1
	for what, try := range map[string]struct {
		record [][]byte
		want   string
	}{
		"a call that is missing":     {without(imports[3]), "recorded wasi:io/streams#output-stream.blocking-write-and-flush(<output-stream 1>, b\"arg --show\\n\"); now wasi:io/streams"},
		"the drop that is missing":   {without(kinds(kindDrop)[0]), "recorded the guest returns a value; now wasi:io/streams#output-stream.drop(<output-stream 1>)"},
		"a call that is too many":    {append(append(append([][]byte(nil), whole[:imports[3]]...), whole[imports[3]]), whole[imports[3]:]...), "now wasi:io/streams#output-stream"},
		"the return that is missing": {without(kinds(kindReturn)[0]), "recorded the end of the record; now the guest returns ok"},
		"the result that is another": {append(append([][]byte(nil), whole[:last-1]...), []byte{byte(kindReturn), returned, tagErr, tagNil}, whole[last]), "recorded the guest returns err; now the guest returns ok"},
		"a trap that is no more":     {append(append([][]byte(nil), whole[:last-1]...), []byte{byte(kindReturn), trapped, byte(cabi.GuestTrapped), 0}, whole[last]), "recorded the guest traps: guest trapped; now the guest returns ok"},
		"the start that is missing":  {without(1), "recorded the start of the instance; now the start of the instance"},
	} {
		err := s.replay(recordOf(try.record))
		var d *Divergence
		if !errors.As(err, &d) || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: got %v, want %s", what, err, try.want)
		}
	}
}

func TestEveryPrefixOfARecordIsGoodAsFarAsItGoes(t *testing.T) {
	s := newStage(t, "hello")
	record, end := s.record(t, "exit", "3")
	if end == nil {
		t.Fatal("it does not exit")
	}
	head := len(magic) + len(appendFrame(nil, payloads(t, record)[0]))
	for n := 0; n < len(record); n++ {
		err := s.replay(record[:n])
		var format *FormatError
		var cut *CutError
		switch {
		case n < head && errors.As(err, &format):
		case n >= head && errors.As(err, &cut):
		default:
			t.Fatalf("%d of %d bytes: %v", n, len(record), err)
		}
	}
	var exit *component.ExitError
	if err := s.replay(record); !errors.As(err, &exit) || exit.Code != 3 {
		t.Errorf("the whole: %v", err)
	}
}

// TestNoRecordHarmsTheHost: each bit of each frame is turned, with a checksum that is
// right.
func TestNoRecordHarmsTheHost(t *testing.T) {
	s := newStage(t, "hello")
	record, err := s.record(t, "--show", "one")
	if err != nil {
		t.Fatal(err)
	}
	whole := payloads(t, record)
	agrees := 0
	end := time.Now().Add(20 * time.Second)
	for i := 1; i < len(whole); i++ {
		for at := range whole[i] {
			for bit := range 8 {
				if time.Now().After(end) {
					t.Skip("it takes long here")
				}
				list := append([][]byte(nil), whole...)
				list[i] = bytes.Clone(list[i])
				list[i][at] ^= 1 << bit
				if s.replay(recordOf(list)) == nil {
					agrees++
				}
			}
		}
	}
	// What is changed without a consequence: results that the guest does not look at.
	if agrees > 60 {
		t.Errorf("%d changes were not noticed", agrees)
	}
}

func TestValuesAreReadAsTheyWereWritten(t *testing.T) {
	for _, v := range []any{
		nil, true, false, uint8(255), uint16(65535), uint32(math.MaxUint32), uint64(math.MaxUint64), int8(-128),
		int16(math.MinInt16), int32(math.MinInt32), int64(math.MinInt64), 'é', float32(1.5), math.Inf(-1), "", "text",
		[]byte{}, []byte{0, 255}, []any{}, []any{uint8(1), nil, []any{"x"}}, map[string]any{}, map[string]any{"b": "1", "a": nil},
		wit.VariantValue{Case: "c", Value: int8(1)}, wit.VariantValue{Case: "c"}, wit.ResultValue{}, wit.ResultValue{IsErr: true, Value: "e"},
		wit.SomeValue{}, wit.SomeValue{Value: wit.SomeValue{Value: true}}, []string{}, []string{"read", "write"},
		component.Handle{Number: 7, Owned: true, Foreign: true}, component.Handle{Number: math.MaxUint32, Foreign: true},
		component.Handle{Rep: 9},
	} {
		b := appendValue(nil, v)
		d := &decoder{b: b}
		if got := d.value(0); d.err != nil || len(d.b) > 0 || !reflect.DeepEqual(got, v) {
			t.Errorf("%#v is read as %#v, %v, %d bytes left", v, got, d.err, len(d.b))
		}
	}
	if !bytes.Equal(appendValue(nil, math.NaN()), appendValue(nil, math.Float64frombits(0xfff8000000000001))) {
		t.Error("there are two NaNs")
	}
}

// TestAHostileRecordTakesLittle: a length alone takes no memory, and values that nest are
// refused.
func TestAHostileRecordTakesLittle(t *testing.T) {
	head := appendFrame([]byte(magic), []byte(`{"guest":""}`))
	nested := append([]byte{byte(kindImport), 0, 1, 'f', 1}, bytes.Repeat([]byte{tagSome}, 1<<20)...)
	wide := append([]byte{byte(kindImport), 0, 1, 'f', 1}, binary.AppendUvarint([]byte{tagList}, 1<<20)...)
	for range 1 << 19 {
		wide = append(wide, tagRecord, 0)
	}
	for what, record := range map[string][]byte{
		"a frame that is said to be long": binary.AppendUvarint(bytes.Clone(head), maxFrame),
		"a frame that is too long":        binary.AppendUvarint(bytes.Clone(head), math.MaxUint64),
		"values that nest":                appendFrame(bytes.Clone(head), nested),
		"a million empty records":         appendFrame(bytes.Clone(head), wide),
		"a list that is said to be long":  appendFrame(bytes.Clone(head), []byte{byte(kindCall), 0, 1, 'f', 1, tagList, 0xff, 0xff, 0xff, 0x7f}),
	} {
		bounds.Check(t, what, func() error {
			in, _, err := newReader(bytes.NewReader(record))
			if err == nil {
				_, err = in.next()
			}
			if err == nil {
				t.Errorf("%s is read", what)
			}
			return err
		})
	}
}

func FuzzRecord(f *testing.F) {
	record, _ := newStage(f, "hello").record(f, "--show")
	f.Add(record)
	for _, p := range payloads(f, record) {
		f.Add(appendFrame(appendFrame([]byte(magic), []byte("{}")), p))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in, _, err := newReader(bytes.NewReader(b))
		if err == nil {
			var e event
			for err == nil {
				e, err = in.next()
				check(t, e.args)
			}
		}
		// What stands in a frame, without the checksum.
		var n names
		if e, err := readEvent(b, &n); err == nil {
			check(t, e.args)
			again, err := readEvent(e.append(nil, new(names)), new(names))
			if err != nil || again.kind != e.kind || again.fn != e.fn || !bytes.Equal(again.args, e.args) {
				t.Fatalf("%+v is read again as %+v, %v", e, again, err)
			}
		}
	})
}

// check looks whether arguments that were read can be written and read again.
func check(t *testing.T, args []byte) {
	if args == nil {
		return
	}
	d := &decoder{b: args}
	first := appendArgs(nil, d.args())
	d = &decoder{b: first}
	if again := appendArgs(nil, d.args()); d.err != nil || !bytes.Equal(first, again) {
		t.Fatalf("%x is written as %x, then as %x; %v", args, first, again, d.err)
	}
}

// written is a Writer that others look at.
type written struct {
	mu sync.Mutex
	n  int
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n += len(b)
	return len(b), nil
}

func (w *written) len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

func TestWhatWasRecordedIsWrittenThoughTheGuestWaits(t *testing.T) {
	var w written
	r, err := NewRecorder(&w, Header{})
	if err != nil {
		t.Fatal(err)
	}
	head := w.len()
	start := &component.TracedCall{Kind: component.CallStart, Instance: 1}
	r.Begin(start)
	for end := time.Now().Add(10 * time.Second); w.len() == head; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is not")
		}
	}
	r.End(start)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	whole := w.len()
	time.Sleep(2 * flushEvery)
	if err := r.Close(); err != nil || w.len() != whole {
		t.Errorf("after Close %d bytes, %v, before %d", w.len(), err, whole)
	}
}
