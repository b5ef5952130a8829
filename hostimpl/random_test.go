package hostimpl

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
)

func TestRandom(t *testing.T) {
	ctx := context.Background()
	t.Run("bytes are as many as asked for, up to the limit", func(t *testing.T) {
		h := host(t, Config{Limits: Limits{RandomBytes: 1000}})
		secure, insecure := secureFace{h.random}, insecureFace{h.insecure}
		for _, n := range []uint64{0, 1, 1000} {
			equal(t, "random", len(must(secure.GetRandomBytes(ctx, n))), int(n))
			equal(t, "insecure", len(must(insecure.GetInsecureRandomBytes(ctx, n))), int(n))
		}
		for _, n := range []uint64{1001, math.MaxUint64} {
			_, err := secure.GetRandomBytes(ctx, n)
			if err == nil || !strings.Contains(err.Error(), "Limits.RandomBytes") {
				t.Errorf("random: %v", err)
			}
			_, err = insecure.GetInsecureRandomBytes(ctx, n)
			if err == nil || !strings.Contains(err.Error(), "Limits.RandomBytes") {
				t.Errorf("insecure: %v", err)
			}
		}
	})
	t.Run("the default limit is finite", func(t *testing.T) {
		_, err := secureFace{host(t, Config{}).random}.GetRandomBytes(ctx, DefaultRandomBytes+1)
		equal(t, "error", err != nil, true)
	})
	t.Run("two hosts do not say the same", func(t *testing.T) {
		a, b := host(t, Config{}), host(t, Config{})
		equal(t, "random", must(secureFace{a.random}.GetRandomU64(ctx)) == must(secureFace{b.random}.GetRandomU64(ctx)), false)
		equal(t, "insecure", must(insecureFace{a.insecure}.GetInsecureRandomU64(ctx)) == must(insecureFace{b.insecure}.GetInsecureRandomU64(ctx)), false)
		seed := newSeed(a.insecure)
		x, y, err := seed.InsecureSeed(ctx)
		check(t, err)
		equal(t, "seed", x == y, false)
		again, _, err := seed.InsecureSeed(ctx)
		check(t, err)
		equal(t, "asked again", again, x)
	})
	t.Run("the caller's readers decide", func(t *testing.T) {
		h := host(t, Config{Random: strings.NewReader("abcdefgh1"), Insecure: strings.NewReader("12")})
		equal(t, "word", must(secureFace{h.random}.GetRandomU64(ctx)), 0x6867666564636261)
		equal(t, "bytes", string(must(secureFace{h.random}.GetRandomBytes(ctx, 1))), "1")
		if _, err := (secureFace{h.random}).GetRandomBytes(ctx, 1); err == nil {
			t.Error("a reader at its end gives random bytes")
		}
		equal(t, "insecure", string(must(insecureFace{h.insecure}.GetInsecureRandomBytes(ctx, 2))), "12")
	})
	t.Run("the insecure generator follows from the random one", func(t *testing.T) {
		seed := bytes.Repeat([]byte{7}, 32)
		words := func() uint64 {
			h := host(t, Config{Random: bytes.NewReader(seed)})
			return must(insecureFace{h.insecure}.GetInsecureRandomU64(ctx))
		}
		equal(t, "two runs", words(), words())
	})
}
