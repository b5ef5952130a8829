package files

import "io"

// pageSize is how much of a file is stored together; a page is at most that long. What is not stored is zeros.
const pageSize = 64 << 10

// pages is the content of a file, of which holes take no space. What a page has beyond its length is zero.
type pages struct {
	size   int64
	stored map[int64][]byte
	space  *quota
}

func (c *pages) readAt(p []byte, off int64) (n int, err error) {
	if off >= c.size {
		return 0, io.EOF
	}
	if rest := c.size - off; int64(len(p)) > rest {
		p, err = p[:rest], io.EOF
	}
	for n < len(p) {
		at := off + int64(n)
		begin := int(at % pageSize)
		piece := p[n:min(len(p), n+pageSize-begin)]
		k := 0
		if page := c.stored[at/pageSize]; begin < len(page) {
			k = copy(piece, page[begin:])
		}
		clear(piece[k:])
		n += len(piece)
	}
	return n, err
}

// writeAt writes as much as there is space for.
func (c *pages) writeAt(p []byte, off int64) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	rest := c.space.limit - off
	if rest <= 0 {
		return 0, FileTooLarge
	}
	if int64(len(p)) > rest {
		p, err = p[:rest], FileTooLarge
	}
	for n < len(p) {
		at := off + int64(n)
		begin := int(at % pageSize)
		piece := p[n:min(len(p), n+pageSize-begin)]
		page, ok := c.grown(at/pageSize, begin+len(piece))
		if !ok {
			err = InsufficientSpace
			break
		}
		n += copy(page[begin:], piece)
	}
	if n > 0 {
		c.size = max(c.size, off+int64(n))
	}
	return n, err
}

// grown gives a page that is at least that long.
func (c *pages) grown(number int64, length int) ([]byte, bool) {
	page := c.stored[number]
	if length <= len(page) {
		return page, true
	}
	if length > cap(page) {
		size := 512
		for size < length {
			size *= 2
		}
		if !c.space.take(int64(size - cap(page))) {
			return nil, false
		}
		longer := make([]byte, len(page), size)
		copy(longer, page)
		page = longer
	}
	if c.stored == nil {
		c.stored = map[int64][]byte{}
	}
	page = page[:length]
	c.stored[number] = page
	return page, true
}

func (c *pages) truncate(size int64) {
	if size < c.size {
		for number, page := range c.stored {
			if keep := size - number*pageSize; keep < int64(len(page)) {
				c.cut(number, page, int(max(keep, 0)))
			}
		}
	}
	c.size = size
}

// cut shortens a page.
func (c *pages) cut(number int64, page []byte, keep int) {
	if keep == 0 {
		delete(c.stored, number)
		c.space.give(int64(cap(page)))
		return
	}
	clear(page[keep:])
	c.stored[number] = page[:keep]
}
