//go:build !race

package plan

const slow = 1
