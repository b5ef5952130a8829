package trace

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/component"
)

// A Line is what a [Printer] prints as JSON on each line.
type Line struct {
	// Event says what happened, Time when; Seconds are those since the first call.
	// The time of a call is that of its beginning.
	Event   string    `json:"event"`
	Time    time.Time `json:"time"`
	Seconds float64   `json:"at"`

	// Duration, in seconds, is that of a call that is over, or so far.
	Duration float64 `json:"duration"`

	// The rest is about a call: its number, and what component.TracedCall says of it.
	Number    uint64 `json:"n"`
	Kind      string `json:"kind"`
	Instance  uint64 `json:"instance"`
	Component int    `json:"component"`
	Func      string `json:"func"`
	Args      []Arg  `json:"args"`

	// One of these tells how the call ended; none where it has returned nothing. Result is
	// in WAVE, shortened as in text.
	Result string `json:"result"`
	Trap   string `json:"trap"`
	Exit   *uint8 `json:"exit"`

	// Note is what Printer.Note was told.
	Note string `json:"note"`
}

// The events of a [Line].
const (
	EventCall  = "call"  // a call that is over
	EventBegin = "begin" // one in which others nest begins
	EventWait  = "wait"  // one takes long
	EventNote  = "note"  // see Printer.Note
)

// Arg is an argument in a [Line], in WAVE.
type Arg struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// callJSON appends the fields of a call that are known before it is made.
func (p *Printer) callJSON(b []byte, call *pending, c *component.TracedCall, args []any, unreadable string) []byte {
	b = strconv.AppendUint(append(b, `,"n":`...), call.number, 10)
	b = append(append(b, `,"kind":"`...), c.Kind.String()...)
	b = strconv.AppendUint(append(b, `","instance":`...), c.Instance, 10)
	b = strconv.AppendInt(append(b, `,"component":`...), int64(c.Component), 10)
	b = appendJSON(append(b, `,"func":`...), c.Func)
	if unreadable != "" {
		b = appendJSON(append(b, `,"args":[{"name":"","value":`...), unreadable)
		return append(b, `}]`...)
	}
	if len(args) == 0 {
		return b
	}
	b = append(b, `,"args":[`...)
	for i := range args {
		if i > 0 {
			b = append(b, ',')
		}
		name := "self"
		if c.Kind != component.CallDrop {
			name = c.Type.Params[i].Name
		}
		b = appendJSON(append(b, `{"name":`...), name)
		p.result = p.values.arg(p.result[:0], c, args, i)
		b = append(appendJSON(append(b, `,"value":`...), p.result), '}')
	}
	return append(b, ']')
}

// json begins a line; fields are more of it, each with its comma.
func (p *Printer) json(event string, at time.Time, fields []byte, took time.Duration) {
	b := append(append(p.buf, `{"event":"`...), event...)
	b = at.AppendFormat(append(b, `","time":"`...), time.RFC3339Nano)
	b = appendSeconds(append(b, `","at":`...), at.Sub(p.began), 0)
	b = append(b, fields...)
	if took >= 0 {
		b = strconv.AppendFloat(append(b, `,"duration":`...), took.Seconds(), 'f', -1, 64)
	}
	p.buf = b
}

func (p *Printer) endJSON() {
	p.buf = append(p.buf, '}')
	p.newline()
}

// appendJSON appends a string as JSON has it; what is not UTF-8 is replaced.
func appendJSON[T string | []byte](b []byte, text T) []byte {
	b = append(b, '"')
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c < ' ' || c == 0x7f:
				b = append(b, `\u00`...)
				b = append(b, hex[c>>4], hex[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(string(text[i:min(len(text), i+utf8.UTFMax)]))
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}

const hex = "0123456789abcdef"
