package files

import (
	"sync"
	"sync/atomic"
	"time"
)

// MemoryConfig bounds a Memory. The zero value stands for the defaults.
type MemoryConfig struct {
	// Bytes is how much content may be stored, names and targets of links included; beyond it the answer is
	// InsufficientSpace. No file is longer than that, its holes included: FileTooLarge. Default DefaultMemoryBytes.
	Bytes uint64

	// Entries is how many files, directories and links there may be, and further names of files; beyond it the answer
	// is InsufficientSpace. What is removed counts while it is open. Default DefaultMemoryEntries.
	Entries int

	// Now is the clock of the file system; nil is time.Now.
	Now func() time.Time
}

// Defaults of MemoryConfig.
const (
	DefaultMemoryBytes   = 256 << 20
	DefaultMemoryEntries = 256 << 10
)

// A Memory is a file system that exists only here, and ends with the last reference to it. It behaves as a file system of
// Linux does, sparse files, hard links and files that outlive their names included. It can be used by many goroutines,
// and by many guests, at once.
//
// [WriteFile] and [CopyFS] fill it, and [ToFS] reads it.
type Memory struct {
	now    func() time.Time
	device uint64
	space  space

	names sync.RWMutex // all that says which names there are: parent, list, links, opens
	root  *memNode
	inode uint64
}

// NewMemory makes a file system that has an empty directory and nothing else.
func NewMemory(c MemoryConfig) *Memory {
	if c.Bytes == 0 {
		c.Bytes = DefaultMemoryBytes
	}
	if c.Entries == 0 {
		c.Entries = DefaultMemoryEntries
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	m := &Memory{now: c.Now, device: newDevice()}
	m.space.bytes.limit = int64(min(c.Bytes, 1<<62))
	m.space.entries.limit = int64(max(c.Entries, 1))
	m.root, _ = m.newNode(Directory)
	m.root.links = 1
	return m
}

// Root opens the directory that all others are in. Each call gives one of its own to close.
func (m *Memory) Root() Dir {
	m.names.RLock()
	defer m.names.RUnlock()
	return m.root.openDir()
}

// Used tells how much of MemoryConfig.Bytes and MemoryConfig.Entries is used up.
func (m *Memory) Used() (bytes uint64, entries int) {
	return uint64(m.space.bytes.used.Load()), int(m.space.entries.used.Load())
}

// space is what is used, and how much of it may be.
type space struct {
	bytes, entries quota
}

type quota struct {
	used  atomic.Int64
	limit int64
}

// take reports whether n more could be taken.
func (q *quota) take(n int64) bool {
	if q.used.Add(n) > q.limit && n > 0 {
		q.used.Add(-n)
		return false
	}
	return true
}

func (q *quota) give(n int64) { q.used.Add(-n) }

var devices atomic.Uint64

// newDevice gives a file system that is not the kernel's a device number that is nothing else's.
func newDevice() uint64 { return 1<<63 | devices.Add(1) }
