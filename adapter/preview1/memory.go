package preview1

import (
	"encoding/binary"

	"github.com/tenon-wasm/tenon/component/cabi"
)

var le = binary.LittleEndian

// u32 and u64 are parameters of the call.
func (p *process) u32(i int) uint32 { return uint32(p.stack[i]) }
func (p *process) u64(i int) uint64 { return p.stack[i] }

// at is n bytes of memory at a pointer.
func (p *process) at(ptr, n uint32) ([]byte, error) {
	b, ok := p.View(ptr, n)
	if !ok {
		return nil, eFAULT
	}
	return b, nil
}

// out is where parameter i points to, n bytes for a result.
func (p *process) out(i int, n uint32) ([]byte, error) { return p.at(p.u32(i), n) }

const (
	iovecSize = 8

	// maxIovecs is how many are looked at, as on other systems. There may be more: reads
	// and writes may always be short.
	maxIovecs = 1024

	// maxTransfer is the most that one call moves.
	maxTransfer = 16 << 20
)

// iovecs are the pieces of memory that parameters i and i+1 list, none of them empty and
// together no more than maxTransfer. They are good until the next call.
func (p *process) iovecs(i int) ([][]byte, error) {
	var err error
	p.pieces, err = appendPieces(p.Call, p.pieces[:0], p.u32(i), p.u32(i+1))
	return p.pieces, err
}

// appendPieces appends those that n iovecs at ptr list.
func appendPieces(c *cabi.Call, pieces [][]byte, ptr, n uint32) ([][]byte, error) {
	list, ok := c.View(ptr, min(n, maxIovecs)*iovecSize)
	if !ok {
		return nil, eFAULT
	}
	left := uint32(maxTransfer)
	for ; len(list) > 0; list = list[iovecSize:] {
		b, ok := c.View(le.Uint32(list), le.Uint32(list[4:]))
		if !ok {
			return nil, eFAULT
		}
		b = b[:min(uint32(len(b)), left)]
		if len(b) > 0 {
			pieces = append(pieces, b)
			left -= uint32(len(b))
		}
	}
	return pieces, nil
}

// maxPath is the longest path that is looked at.
const maxPath = 1 << 16

// path is the text that parameters i and i+1 give. The host says what a path may be.
func (p *process) path(i int) (string, error) {
	n := p.u32(i + 1)
	b, err := p.at(p.u32(i), n)
	if err != nil {
		return "", err
	}
	if n > maxPath {
		return "", eNAMETOOLONG
	}
	return text(b)
}
