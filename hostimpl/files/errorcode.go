package files

import "strconv"

// ErrorCode is wasi:filesystem/types.error-code. The values are the discriminants of the WIT enum.
type ErrorCode uint8

// The error codes, in the order of the WIT enum.
const (
	Access              ErrorCode = iota // the system says no (EACCES)
	WouldBlock                           // not now (EAGAIN)
	Already                              // it is under way (EALREADY)
	BadDescriptor                        // closed, or not open for this (EBADF)
	Busy                                 // in use (EBUSY)
	Deadlock                             // (EDEADLK)
	Quota                                // the user's share of the disk is used up (EDQUOT)
	Exist                                // there is something of that name (EEXIST)
	FileTooLarge                         // (EFBIG)
	IllegalByteSequence                  // not text (EILSEQ)
	InProgress                           // (EINPROGRESS)
	Interrupted                          // (EINTR)
	Invalid                              // an argument that makes no sense (EINVAL)
	IO                                   // the medium failed, or an error without a code of its own (EIO)
	IsDirectory                          // (EISDIR)
	Loop                                 // too many symbolic links, or one where none is followed (ELOOP)
	TooManyLinks                         // names of one file (EMLINK)
	MessageSize                          // (EMSGSIZE)
	NameTooLong                          // (ENAMETOOLONG)
	NoDevice                             // (ENODEV)
	NoEntry                              // no such name (ENOENT)
	NoLock                               // (ENOLCK)
	InsufficientMemory                   // (ENOMEM)
	InsufficientSpace                    // the disk is full (ENOSPC)
	NotDirectory                         // (ENOTDIR)
	NotEmpty                             // (ENOTEMPTY)
	NotRecoverable                       // (ENOTRECOVERABLE)
	Unsupported                          // the platform, or this file system, cannot do it (ENOTSUP)
	NoTTY                                // (ENOTTY)
	NoSuchDevice                         // (ENXIO)
	Overflow                             // a number that does not fit (EOVERFLOW)
	NotPermitted                         // it was not granted (EPERM)
	Pipe                                 // nobody reads (EPIPE)
	ReadOnly                             // a file system that is not written to (EROFS)
	InvalidSeek                          // it has no positions (ESPIPE)
	TextFileBusy                         // a program that runs (ETXTBSY)
	CrossDevice                          // another file system (EXDEV)
)

var codeNames = [...]string{
	"access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
	"illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
	"message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
	"not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow",
	"not-permitted", "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device",
}

// String gives the name that the WIT has for the code, as in "no-entry".
func (c ErrorCode) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "error-code(" + strconv.Itoa(int(c)) + ")"
}

// Error is String, so that a code is an error.
func (c ErrorCode) Error() string { return c.String() }
