//go:build !race

package wit

const raced = false
