package files_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"runtime"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

func ExampleOpenHost() {
	path, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(path)
	dir, err := files.OpenHost(path)
	if err != nil {
		log.Fatal(err)
	}
	defer dir.Close()

	n, err := dir.Open("greeting", files.OpenHow{Create: true, Read: true, Write: true})
	if err != nil {
		log.Fatal(err)
	}
	defer n.Close()
	f := n.(files.File)
	if _, err := f.Append([]byte("hello")); err != nil {
		log.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 100))
	fmt.Printf("%s %v\n", b, err)

	// What leads out is refused.
	_, err = dir.Open("../greeting", files.OpenHow{Read: true})
	fmt.Println(err)
	// Output:
	// hello <nil>
	// not-permitted
}

func ExampleHostOptions() {
	path, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(path)
	strict, err := files.OpenHost(path)
	if err != nil {
		log.Fatal(err)
	}
	defer strict.Close()
	lenient, err := files.HostOptions{AnyNames: true}.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer lenient.Close()

	fmt.Println(strict.MakeDir("aux.c"), files.CheckPathIn(strict, "12:30.log"))
	if runtime.GOOS != "windows" {
		fmt.Println(lenient.MakeDir("aux.c"), files.CheckPathIn(lenient, "12:30.log"))
	}
	// Output:
	// not-permitted not-permitted
	// <nil> <nil>
}

func ExampleCheckPath() {
	for _, path := range []string{"a/b.txt", "../a", "/etc/passwd", "nul.txt", "C:/x", ""} {
		fmt.Printf("%q: %v\n", path, files.CheckPath(path))
	}
	// Output:
	// "a/b.txt": <nil>
	// "../a": <nil>
	// "/etc/passwd": not-permitted
	// "nul.txt": not-permitted
	// "C:/x": not-permitted
	// "": no-entry
}

func ExampleCodeOf() {
	_, err := os.Open("there/is/no/such/file")
	fmt.Println(files.CodeOf(err))
	fmt.Println(files.CodeOf(fmt.Errorf("saving: %w", files.InsufficientSpace)))
	// Output:
	// no-entry
	// insufficient-space
}
