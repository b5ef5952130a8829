package cabi

import "math/bits"

// DefaultHostBytes is the bound where Options.HostBytes is zero.
const DefaultHostBytes = 256 << 20

func (o *Options) hostBytes() uint64 {
	if o.HostBytes == 0 {
		return DefaultHostBytes
	}
	return o.HostBytes
}

// charge takes n bytes from what the call's values may cost the host, in memory
// or, where they are copied to another guest, in work.
func (c *Call) charge(n uint64) {
	left, borrow := bits.Sub64(c.budget, n, 0)
	if borrow != 0 {
		Throw(TooLong, "the values of one call take more than %d bytes (the limit HostBytes)", c.opts.hostBytes())
	}
	c.budget = left
}

// chargeEach is charge for n things of that cost.
func (c *Call) chargeEach(n uint32, cost uint64) {
	hi, lo := bits.Mul64(uint64(n), cost)
	if hi != 0 {
		lo = 1<<64 - 1
	}
	c.charge(lo)
}
