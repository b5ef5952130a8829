// Command basics is told of in ../../README.md. It uses the standard library alone.
package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func main() {
	arg := func(i int) string {
		if i < len(os.Args) {
			return os.Args[i]
		}
		return ""
	}
	var err error
	switch arg(1) {
	case "args":
		for _, a := range os.Args[2:] {
			fmt.Printf("[%s]\n", a)
		}
	case "env":
		v, ok := os.LookupEnv(arg(2))
		if !ok {
			v = "(unset)"
		}
		fmt.Println(v)
	case "stderr":
		fmt.Fprintln(os.Stderr, arg(2))
	case "exit":
		n, _ := strconv.Atoi(arg(2))
		os.Exit(n)
	case "cat":
		err = cat()
	case "read":
		err = show(arg(2))
	case "write":
		err = os.WriteFile(arg(2), []byte(arg(3)), 0o666)
	case "list":
		err = list(arg(2))
	case "files":
		err = files()
	case "clocks":
		clocks()
	case "random":
		random()
	default:
		fmt.Fprintln(os.Stderr, "usage: basics args|env|stderr|exit|cat|read|write|list|files|clocks|random")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cat() error {
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		os.Stdout.WriteString(line)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func show(path string) error {
	data, err := os.ReadFile(path)
	if err == nil {
		_, err = os.Stdout.Write(data)
	}
	return err
}

func list(path string) error {
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		slash := ""
		if e.IsDir() {
			slash = "/"
		}
		fmt.Println(e.Name() + slash)
	}
	return err
}

func files() error {
	steps := []func() error{
		func() error { return os.Mkdir("/data/sub", 0o777) },
		func() error { return os.WriteFile("/data/a.txt", []byte("hello"), 0o666) },
		func() error {
			f, err := os.OpenFile("/data/a.txt", os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString(" again")
			return err
		},
		func() error { return show("/data/a.txt") },
		func() error {
			info, err := os.Stat("/data/a.txt")
			if err == nil {
				fmt.Printf("\n%d bytes\n", info.Size())
			}
			return err
		},
		func() error { return list("/data") },
		func() error { return os.Rename("/data/a.txt", "/data/sub/b.txt") },
		func() error { return list("/data/sub") },
		func() error { return os.Remove("/data/sub/b.txt") },
		func() error { return os.Remove("/data/sub") },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if _, err := os.Stat("/data/sub"); err != nil {
		fmt.Println("gone")
	} else {
		fmt.Println("still there")
	}
	return nil
}

func clocks() {
	began := time.Now()
	time.Sleep(20 * time.Millisecond)
	slept := time.Since(began)
	if slept < 20*time.Millisecond || slept > 10*time.Second || began.Year() < 2024 {
		fmt.Println("slept", slept, "from", began)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func random() {
	a, b := make([]byte, 32), make([]byte, 32)
	rand.Read(a)
	rand.Read(b)
	if string(a) == string(b) || string(a) == string(make([]byte, 32)) {
		fmt.Println("not random")
		os.Exit(1)
	}
	fmt.Println("ok")
}
