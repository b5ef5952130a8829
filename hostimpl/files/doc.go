// Package files is what wasi:filesystem 0.2 stands on: directories that are open, and what can be done relative to
// them. It knows nothing of WebAssembly and nothing of rights; package hostimpl adds both, once for all kinds of file
// systems.
//
// A [Dir] is an open directory of some file system, and a [File] an open file. [OpenHost] gives a directory of this
// machine, from which no path leads out; [NewMemory] gives one that exists only here, [FromFS] one that reads an
// [io/fs.FS], and [Overlay] one that keeps its changes apart from what lies below it.
//
// What a path means is decided once: path.go says which may be given to a Dir at all, and resolve.go walks them in
// those file systems that are no kernel's (memory*.go, fromfs*.go and overlay*.go). In a directory of the machine
// os.Root and the kernel walk (place_unix.go, host_unix.go, host_windows.go), which testdata/contract.txt holds to
// the same answers. [ToFS], [WriteFile] and [CopyFS] are for Go programs on the other side of a Dir (tofs.go).
//
// Errors that concern a guest are of type [ErrorCode], or of a kind that [CodeOf] knows: what package os and package
// syscall answer.
package files
