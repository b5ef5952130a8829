// A program for GOOS=wasip1: files, goroutines, timers and, with the argument serve, HTTP on
// the listener that it finds open; with the argument crash, a panic.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "serve":
			serve()
			return
		case "timers":
			timers()
			return
		case "crash":
			var m map[string]int
			m["x"]++
		}
	}
	start := time.Now()
	var group sync.WaitGroup
	for i := range 5 {
		group.Go(func() { time.Sleep(time.Duration(i) * 5 * time.Millisecond) })
	}
	group.Wait()
	fmt.Println("slept", time.Since(start) >= 20*time.Millisecond)

	must(os.WriteFile("/d/one", []byte("content"), 0o644))
	data, err := os.ReadFile("/d/one")
	must(err)
	fmt.Println(string(data), os.Getenv("A"), os.Args[1:])
	must(os.MkdirAll("/d/a/b", 0o755))
	must(os.Rename("/d/one", "/d/a/b/two"))
	must(fs.WalkDir(os.DirFS("/d"), ".", func(path string, _ fs.DirEntry, err error) error {
		fmt.Println("walk", path)
		return err
	}))
	must(os.RemoveAll("/d/a"))
	_, err = os.Stat("/d/a")
	fmt.Println("gone", errors.Is(err, fs.ErrNotExist))
	os.Exit(7)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// timers has goroutines that wait for each other and for the clock, in every way.
func timers() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	ticks := 0
	tick := time.NewTicker(5 * time.Millisecond)
	for waiting := true; waiting; {
		select {
		case <-tick.C:
			ticks++
		case <-ctx.Done():
			waiting = false
		}
	}
	tick.Stop()
	fmt.Println("ticked", ticks >= 1 && ticks <= 6, ctx.Err())

	fired := make(chan string, 2)
	never := time.AfterFunc(time.Hour, func() { fired <- "never" })
	time.AfterFunc(time.Millisecond, func() { fired <- "fired" })
	fmt.Println(<-fired, never.Stop())

	work, done := make(chan int), make(chan int)
	for range 100 {
		go func() {
			sum := 0
			for n := range work {
				time.Sleep(time.Microsecond)
				sum += n
			}
			done <- sum
		}()
	}
	for n := range 10_000 {
		work <- n
	}
	close(work)
	total := 0
	for range 100 {
		total += <-done
	}
	fmt.Println(total)
	select {
	case <-time.After(20 * time.Millisecond):
		fmt.Println("nothing came")
	case v := <-fired:
		fmt.Println(v)
	}
}

func serve() {
	const listener = 3 // The guest has no directories.
	must(syscall.SetNonblock(listener, true))
	l, err := net.FileListener(os.NewFile(listener, "listener"))
	must(err)
	fmt.Println("serving")
	server := &http.Server{}
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello", r.URL.RawQuery) })
	var busy atomic.Int32
	http.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Add(-1)
		body, err := io.ReadAll(r.Body)
		time.Sleep(20 * time.Millisecond) // The others go on meanwhile.
		fmt.Fprintln(w, len(body), err, busy.Load() > 1)
	})
	http.HandleFunc("/quit", func(w http.ResponseWriter, _ *http.Request) { go server.Close() })
	fmt.Println(server.Serve(l))
}
