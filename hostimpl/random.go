package hostimpl

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"sync"
)

// randomness is a reader of random bytes that several instances may use.
type randomness struct {
	limit uint64

	mu   sync.Mutex
	from io.Reader
	word [8]byte
}

func newRandomness(from io.Reader, limit uint64) *randomness {
	if from == nil {
		from = rand.Reader
	}
	return &randomness{from: from, limit: limit}
}

// Seeded gives bytes that follow from seed alone, the same in each run, for a Config's
// Random. They look random and are no secret: nothing that they protect is safe. The
// generator is ChaCha8 of math/rand/v2, whose key is the seed in 8 bytes, the lowest
// first, and 24 zeroes. What Insecure gives, unless it is set, then follows as well.
func Seeded(seed uint64) io.Reader {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return mathrand.NewChaCha8(key)
}

// newInsecure is a fast generator unless the caller has another. It takes its seed
// when it is first used, so that a guest that does not use it costs nothing.
func newInsecure(from io.Reader, seed *randomness, limit uint64) *randomness {
	if from == nil {
		from = &seeded{seed: seed}
	}
	return newRandomness(from, limit)
}

// seeded is a generator that is not there before it is used.
type seeded struct {
	seed *randomness
	gen  *mathrand.ChaCha8
}

func (s *seeded) Read(p []byte) (int, error) {
	if s.gen == nil {
		var key [32]byte
		if err := s.seed.fill(key[:]); err != nil {
			return 0, err
		}
		s.gen = mathrand.NewChaCha8(key)
	}
	return s.gen.Read(p)
}

func (r *randomness) fill(p []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read(p)
}

// read assumes the lock, which is what makes any reader safe to share.
func (r *randomness) read(p []byte) error {
	if _, err := io.ReadFull(r.from, p); err != nil {
		return fmt.Errorf("random bytes: %w", err)
	}
	return nil
}

func (r *randomness) bytes(n uint64) ([]byte, error) {
	if n > r.limit {
		return nil, fmt.Errorf("%d random bytes, the limit is %d (Limits.RandomBytes)", n, r.limit)
	}
	p := make([]byte, n)
	return p, r.fill(p)
}

func (r *randomness) uint64() (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.read(r.word[:])
	return binary.LittleEndian.Uint64(r.word[:]), err
}

// secureFace is wasi:random/random.
type secureFace struct{ from *randomness }

func (f secureFace) GetRandomBytes(_ context.Context, n uint64) ([]byte, error) {
	return f.from.bytes(n)
}

func (f secureFace) GetRandomU64(context.Context) (uint64, error) { return f.from.uint64() }

// insecureFace is wasi:random/insecure.
type insecureFace struct{ from *randomness }

func (f insecureFace) GetInsecureRandomBytes(_ context.Context, n uint64) ([]byte, error) {
	return f.from.bytes(n)
}

func (f insecureFace) GetInsecureRandomU64(context.Context) (uint64, error) {
	return f.from.uint64()
}

// seedFace is wasi:random/insecure-seed: one seed for what is linked together, drawn
// when it is first asked for, as if it were the value import that its WIT says it may become.
type seedFace struct{ draw func() ([2]uint64, error) }

func newSeed(from *randomness) seedFace {
	return seedFace{sync.OnceValues(func() (seed [2]uint64, err error) {
		for i := range seed {
			if seed[i], err = from.uint64(); err != nil {
				return seed, err
			}
		}
		return seed, nil
	})}
}

func (f seedFace) InsecureSeed(context.Context) (a, b uint64, err error) {
	seed, err := f.draw()
	return seed[0], seed[1], err
}
