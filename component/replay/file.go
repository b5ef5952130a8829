package replay

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// magic begins every record.
const magic = "tenon record 1\n"

// maxFrame bounds what is read at once: a call cannot have larger values.
const maxFrame = 1 << 30

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Header says what was recorded.
type Header struct {
	// Guest is the hash of the file, see HashOf; Path is where it was.
	Guest string `json:"guest"`
	Path  string `json:"path,omitempty"`

	// Made is when, and By what made the record.
	Made time.Time `json:"made"`
	By   string    `json:"by,omitempty"`
}

// HashOf names the bytes of a guest: "sha256:" and hexadecimal digits.
func HashOf(guest []byte) string {
	sum := sha256.Sum256(guest)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// A FormatError tells that a file is no record, or is damaged.
type FormatError struct {
	Offset int64 // where the frame begins
	Err    error
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("not a record: offset %d: %v", e.Offset, e.Err)
}

// Unwrap returns what is wrong.
func (e *FormatError) Unwrap() error { return e.Err }

// errCut tells that the record ends within a frame or without its last event.
var errCut = errors.New("the record was cut off")

func appendFrame(b, payload []byte) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(payload))), payload...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, castagnoli))
}

// A reader reads frames.
type reader struct {
	in     *bufio.Reader
	offset int64 // of the next frame
	frame  bytes.Buffer
	names  names
}

func newReader(r io.Reader) (*reader, Header, error) {
	in := &reader{in: bufio.NewReader(r), offset: int64(len(magic))}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(in.in, head); err != nil || string(head) != magic {
		if bytes.HasPrefix(head, []byte("tenon record ")) {
			line, _, _ := bytes.Cut(head, []byte("\n"))
			return nil, Header{}, &FormatError{0, fmt.Errorf("it is of another version, %q; this is %q", line, magic[:len(magic)-1])}
		}
		return nil, Header{}, &FormatError{0, errors.New("it does not begin as one")}
	}
	frame, err := in.read()
	if err != nil {
		return nil, Header{}, err
	}
	var h Header
	if err := json.Unmarshal(frame, &h); err != nil {
		return nil, Header{}, &FormatError{int64(len(magic)), err}
	}
	return in, h, nil
}

// read reads the next frame, which is good until the one after. The error is errCut or a
// *FormatError.
func (r *reader) read() ([]byte, error) {
	n, err := binary.ReadUvarint(r.in)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errCut
	case err != nil:
		return nil, &FormatError{r.offset, err}
	case n > maxFrame:
		return nil, &FormatError{r.offset, fmt.Errorf("a frame of %d bytes, the limit is %d", n, maxFrame)}
	}
	// Memory is taken as bytes come, not as the length says.
	r.frame.Reset()
	got, err := io.CopyN(&r.frame, r.in, int64(n)+4)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errCut
	case err != nil:
		return nil, &FormatError{r.offset, err}
	}
	b := r.frame.Bytes()
	payload, sum := b[:n], binary.LittleEndian.Uint32(b[n:])
	if crc32.Checksum(payload, castagnoli) != sum {
		return nil, &FormatError{r.offset, errors.New("the checksum of a frame is wrong")}
	}
	r.offset += got + int64(len(binary.AppendUvarint(nil, n)))
	return payload, nil
}

// next reads the next event.
func (r *reader) next() (event, error) {
	at := r.offset
	frame, err := r.read()
	if err != nil {
		return event{}, err
	}
	e, err := readEvent(bytes.Clone(frame), &r.names)
	if err != nil {
		return event{}, &FormatError{at, err}
	}
	return e, nil
}
