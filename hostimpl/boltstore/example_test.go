package boltstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/hostimpl/boltstore"
)

// What guests put into the bucket is there when the file is opened again.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "boltstore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 2 {
		s, err := boltstore.Open(filepath.Join(dir, "data.db"))
		if err != nil {
			log.Fatal(err)
		}
		sessions, err := s.Bucket("sessions")
		if err != nil {
			log.Fatal(err)
		}
		host, err := hostimpl.New(hostimpl.Config{KeyValue: map[string]hostimpl.Bucket{"sessions": sessions}})
		if err != nil {
			log.Fatal(err)
		}
		err = sessions.Update(ctx, func(p hostimpl.Pairs) error {
			last, ok := p.Get("last")
			fmt.Printf("last: %q %v\n", last, ok)
			return p.Put("last", []byte("today"))
		})
		if err != nil {
			log.Fatal(err)
		}
		host.Close()
		s.Close()
	}
	// Output:
	// last: "" false
	// last: "today" true
}
