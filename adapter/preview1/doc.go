// Package preview1 serves wasi_snapshot_preview1, and wasi_unstable before it, over the
// values that hostimpl has for WASI 0.2: the same streams, clocks, directories and rights.
//
// A [Server] offers both as interfaces of scalar functions (functions.go). Each instance has
// a process (process.go): its file table, and the call under way. A function looks its
// descriptor up, then at the guest's memory (memory.go), and then does its work: files and
// streams (fd.go, transfer.go, readdir.go, stat.go), paths (path.go), waiting (poll.go),
// sockets (sock.go), and the rest (misc.go). What it returns becomes an errno in one place
// (errno.go); an error that has none traps.
//
// A pointer that is not in memory is EFAULT, never a trap. No call runs guest code, so
// views of the memory are good until it returns. What one call does is bounded, but for
// waiting, which ends with the context of the call.
package preview1
