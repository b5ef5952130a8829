// A program for GOOS=wasip1: files, goroutines, timers and, with the argument serve, HTTP on
// the listener that it finds open.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		serve()
		return
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

func serve() {
	const listener = 3 // The guest has no directories.
	must(syscall.SetNonblock(listener, true))
	l, err := net.FileListener(os.NewFile(listener, "listener"))
	must(err)
	fmt.Println("serving")
	server := &http.Server{}
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello", r.URL.RawQuery) })
	http.HandleFunc("/quit", func(w http.ResponseWriter, _ *http.Request) { go server.Close() })
	fmt.Println(server.Serve(l))
}
