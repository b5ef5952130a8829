//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreBrokenPipes lets a guest see that the reader of its output has gone, as an
// error of the stream, where the signal would end the process.
func ignoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }
