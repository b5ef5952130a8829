//go:build race

package wit

const raced = true
