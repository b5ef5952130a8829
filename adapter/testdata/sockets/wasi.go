package main

import "unsafe"

// The functions of WASI 0.2, as core functions: what the canonical ABI makes of them.

//go:wasmimport wasi:sockets/instance-network@0.2.12 instance-network
func instanceNetwork() int32

//go:wasmimport wasi:sockets/tcp-create-socket@0.2.12 create-tcp-socket
func createTCPSocket(family int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.start-bind
func startBind(self, network, family, port, a, b, c, d, e, f, g, h, i, j int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.finish-bind
func finishBind(self int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.start-listen
func startListen(self int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.finish-listen
func finishListen(self int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.accept
func accept(self int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.start-connect
func startConnect(self, network, family, port, a, b, c, d, e, f, g, h, i, j int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.finish-connect
func finishConnect(self int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.local-address
func localAddress(self int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.subscribe
func subscribeSocket(self int32) int32

//go:wasmimport wasi:sockets/tcp@0.2.12 [method]tcp-socket.shutdown
func shutdown(self, how int32, out unsafe.Pointer)

//go:wasmimport wasi:sockets/tcp@0.2.12 [resource-drop]tcp-socket
func dropSocket(self int32)

//go:wasmimport wasi:io/streams@0.2.12 [method]input-stream.read
func readStream(self int32, n int64, out unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.12 [method]input-stream.subscribe
func subscribeInput(self int32) int32

//go:wasmimport wasi:io/streams@0.2.12 [resource-drop]input-stream
func dropInput(self int32)

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.check-write
func checkWrite(self int32, out unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.write
func writeStream(self int32, data unsafe.Pointer, n int32, out unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.flush
func flushStream(self int32, out unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.subscribe
func subscribeOutput(self int32) int32

//go:wasmimport wasi:io/streams@0.2.12 [resource-drop]output-stream
func dropOutput(self int32)

//go:wasmimport wasi:io/poll@0.2.12 poll
func poll(list unsafe.Pointer, n int32, out unsafe.Pointer)

//go:wasmimport wasi:io/poll@0.2.12 [resource-drop]pollable
func dropPollable(self int32)

//go:wasmimport wasi:clocks/monotonic-clock@0.2.12 subscribe-duration
func subscribeDuration(ns int64) int32

// given is memory that the host has asked for and filled, by its address.
var given = map[uint32][]byte{}

// realloc is how the host gets memory for lists that it gives.
//
//go:wasmexport cabi_realloc
func realloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	b := make([]byte, size)
	copy(b, given[old])
	delete(given, old)
	p := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	given[p] = b
	return p
}

// take is a list that the host has given.
func take(p, n uint32) []byte {
	if n == 0 {
		return nil
	}
	b := given[p]
	delete(given, p)
	return b[:n]
}
