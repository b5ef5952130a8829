// Program sockets is a guest of the Go toolchain, built for preview 1, which imports the
// sockets of WASI 0.2 itself: a server that echoes, and its clients, all goroutines of one
// program.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

func main() {
	go pump()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sockets:", err)
		os.Exit(1)
	}
}

func run() error {
	network := ask(instanceNetwork)
	switch {
	case len(os.Args) == 4 && os.Args[1] == "echo":
		port, _ := strconv.ParseUint(os.Args[2], 10, 16)
		clients, _ := strconv.Atoi(os.Args[3])
		return serve(network, uint16(port), clients)
	case len(os.Args) == 4 && os.Args[1] == "self":
		clients, _ := strconv.Atoi(os.Args[2])
		size, _ := strconv.Atoi(os.Args[3])
		return selfTest(network, clients, size)
	}
	return errors.New("usage: sockets echo PORT CLIENTS | self CLIENTS BYTES")
}

// serve echoes to that many clients at once, and ends with the last.
func serve(network int32, port uint16, clients int) error {
	listener, at, err := listen(network, port)
	if err != nil {
		return err
	}
	fmt.Println("listening on", at)
	return echoAll(listener, clients)
}

func echoAll(listener int32, clients int) error {
	var all sync.WaitGroup
	for range clients {
		c, err := acceptConn(listener)
		if err != nil {
			return err
		}
		all.Go(func() {
			if _, err := io.Copy(c, c); err != nil {
				fmt.Fprintln(os.Stderr, "echo:", err)
			}
			c.closeWrite()
			c.close()
		})
	}
	all.Wait()
	host(func() { dropSocket(listener) })
	return nil
}

// selfTest has clients of its own, while other goroutines sleep.
func selfTest(network int32, clients, size int) error {
	listener, at, err := listen(network, 0)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- echoAll(listener, clients) }()
	ticks := 0
	stop := make(chan struct{})
	go func() {
		for range time.Tick(time.Millisecond) {
			select {
			case <-stop:
				return
			default:
				ticks++
			}
		}
	}()
	errs := make(chan error, clients)
	for i := range clients {
		go func() { errs <- talk(network, at, i, size) }()
	}
	for range clients {
		if err := <-errs; err != nil {
			return err
		}
	}
	if err := <-served; err != nil {
		return err
	}
	for ticks == 0 {
		time.Sleep(time.Millisecond)
	}
	close(stop)
	fmt.Printf("%d clients, %d bytes each way, ok\n", clients, size)
	return nil
}

// talk sends and receives at the same time.
func talk(network int32, at uint16, i, size int) error {
	c, err := dial(network, at)
	if err != nil {
		return err
	}
	defer c.close()
	sent := bytes.Repeat([]byte{byte(i), 'x', byte(i >> 8)}, size/3+1)[:size]
	failed := make(chan error, 1)
	go func() {
		_, err := c.Write(sent)
		c.closeWrite()
		failed <- err
	}()
	got, err := io.ReadAll(c)
	if err := errors.Join(err, <-failed); err != nil {
		return fmt.Errorf("client %d: %w", i, err)
	}
	if !bytes.Equal(got, sent) {
		return fmt.Errorf("client %d: %d bytes came back, not what it sent", i, len(got))
	}
	return nil
}
