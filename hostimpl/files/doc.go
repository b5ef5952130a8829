// Package files is what wasi:filesystem 0.2 stands on: directories that are open, and what can be done relative to
// them. It knows nothing of WebAssembly and nothing of rights; package hostimpl adds both, once for all kinds of file
// systems.
//
// A [Dir] is an open directory of some file system, and a [File] an open file. [OpenHost] gives a directory of this
// machine, from which no path leads out; [NewMemory] gives one that exists only here, [FromFS] one that reads an
// [io/fs.FS], and [Overlay] one that keeps its changes apart from what lies below it.
//
// Errors that concern a guest are of type [ErrorCode], or of a kind that [CodeOf] knows: what package os and package
// syscall answer.
package files
