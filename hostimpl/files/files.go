package files

import (
	"io"
	"time"
)

// A Node is something open: a [Dir], a [File], or neither, such as a device of which only Info can be told. A Node can be
// used by many goroutines at once. After Close all calls answer [BadDescriptor].
type Node interface {
	// Info tells what is known now.
	Info() (Info, error)

	// SetTimes sets the times of access and of modification. One that no file system keeps, after the year 9999, is
	// Overflow.
	SetTimes(accessed, modified Time) error

	// Sync waits until content, and metadata unless dataOnly, are where a crash of the machine does not take them.
	Sync(dataOnly bool) error

	// Close ends the use of what is open. What was opened from it stays.
	Close() error
}

// A File is an open regular file, or something else that has bytes. How it was opened decides whether it can be read
// and written; otherwise a call answers BadDescriptor.
type File interface {
	Node

	// ReadAt is as io.ReaderAt says, with io.EOF at the end. What has no positions, such as a pipe, answers
	// InvalidSeek, and one that would make the caller wait, WouldBlock.
	io.ReaderAt

	// WriteAt is as io.WriterAt says. What lies between the end of the file and off reads as zeros.
	io.WriterAt

	// Append writes at the end of the file as it is at that moment, as one step.
	Append(p []byte) (n int, err error)

	// Truncate sets the size. What is added reads as zeros.
	Truncate(size uint64) error

	// Advise says how size bytes from off on will be used; 0 is all that follows. It is a hint.
	Advise(off, size uint64, a Advice) error
}

// A Dir is an open directory. Each path that it is given has passed [CheckPathIn] and is relative to the directory; no
// path leads out of it, neither by .. nor by a symbolic link, however the names under it change meanwhile: the answer is
// then NotPermitted.
//
// A path that ends with a slash means a directory. Open, Stat, SetTimesAt, Readlink and the first path of Link follow a
// link before the slash. What makes, moves or removes the name itself does not, as on Linux: RemoveDir, Unlink and Rename
// answer NotDirectory, and what makes a name, Exist.
type Dir interface {
	Node

	// Open opens what path names, or makes it.
	Open(path string, how OpenHow) (Node, error)

	// Stat tells what is known about what path names, which need not be something that can be opened.
	Stat(path string, follow bool) (Info, error)

	// SetTimesAt is SetTimes of what path names.
	SetTimesAt(path string, follow bool, accessed, modified Time) error

	// MakeDir makes a directory.
	MakeDir(path string) error

	// RemoveDir removes an empty directory, and nothing else.
	RemoveDir(path string) error

	// Unlink removes a name of anything but a directory.
	Unlink(path string) error

	// Link gives what path names another name, newPath in to. If to belongs to another file system, the answer is
	// CrossDevice.
	Link(path string, follow bool, to Dir, newPath string) error

	// Rename moves what path names to newPath in to, in place of what is there, as one step.
	Rename(path string, to Dir, newPath string) error

	// Symlink makes a symbolic link. Its target is what Readlink will say; it is relative, but where it leads is only
	// looked at when it is followed.
	Symlink(target, path string) error

	// Readlink gives the target of a symbolic link: NotPermitted if it is absolute, IllegalByteSequence if it is no text,
	// Invalid if there is no link.
	Readlink(path string) (string, error)

	// ReadDir gives what is in the directory, without "." and "..", in any order. What changes meanwhile may be in it or
	// not; all else is in it once.
	ReadDir() (Entries, error)
}

// Entries reads a directory from its beginning to its end.
type Entries interface {
	// Next gives one entry; after the last, io.EOF. In place of an entry whose name is no text it answers
	// IllegalByteSequence, and goes on with the next.
	Next() (Entry, error)
	Close() error
}

// An Entry is a name in a directory.
type Entry struct {
	Name string
	Kind Kind
}

// OpenHow says how to open.
type OpenHow struct {
	Follow    bool // a symbolic link at the end of the path; otherwise the answer is Loop
	Create    bool // what does not exist, as a regular file
	Exclusive bool // with Create: Exist if there is something, a link that leads nowhere included
	Directory bool // NotDirectory if it is something else; Invalid with Create, Exclusive or Truncate
	Truncate  bool // to size 0, also without Write; IsDirectory for a directory

	Read, Write bool // a regular file; a directory is always opened for both, and Write for a directory is IsDirectory

	SyncFile, SyncData, SyncRead bool // O_SYNC, O_DSYNC, O_RSYNC, where the system has them
}

// Info is what is known about something in a file system.
type Info struct {
	Kind  Kind
	Links uint64 // how many names it has
	Size  uint64 // bytes of a file, or of a link's target

	// The times of the last access, of the last change of content, and of the last change at all. The zero Time means
	// that it is not known.
	Accessed, Modified, Changed time.Time

	// Device and Inode together tell it from everything else that is open in this process.
	Device, Inode uint64
}

// Kind is wasi:filesystem/types.descriptor-type. The values are the discriminants of the WIT enum.
type Kind uint8

// The kinds, in the order of the WIT enum.
const (
	UnknownKind Kind = iota
	BlockDevice
	CharacterDevice
	Directory
	FIFO
	SymbolicLink
	RegularFile
	Socket
)

// Time is what to set a time to. The zero Time leaves it as it is.
type Time struct {
	Set bool
	At  time.Time // with Set: the zero time.Time is now
}

// Advice is wasi:filesystem/types.advice. The values are the discriminants of the WIT enum.
type Advice uint8

// The kinds of advice, in the order of the WIT enum.
const (
	Normal Advice = iota
	Sequential
	Random
	WillNeed
	DontNeed
	NoReuse
)
