package component

import (
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

const producersSection = "producers"

// A Producer is what had a hand in making a part: a tool, a language, an SDK.
type Producer struct {
	// Field is "language", "processed-by" or "sdk".
	Field   string `json:"field"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// maxProducers bounds what is told of one section.
const maxProducers = 100

// producers reads a producers section as far as it is well formed; nothing depends on it.
func producers(data []byte) (all []Producer) {
	read := func() (err error) {
		defer cursor.Catch(&err)
		c := cursor.New(data)
		for range c.Count() {
			field := c.Name()
			for range c.Count() {
				p := Producer{Field: field, Name: c.Name(), Version: c.Name()}
				if len(all) < maxProducers && !slices.Contains(all, p) {
					all = append(all, p)
				}
			}
		}
		return nil
	}
	_ = read()
	return all
}

// componentName reads the name of a component out of its name section: subsection 0.
func componentName(data []byte) (name string) {
	read := func() (err error) {
		defer cursor.Catch(&err)
		if c := cursor.New(data); c.Byte() == 0 {
			c.U32()
			name = c.Name()
		}
		return nil
	}
	_ = read()
	return name
}
