//go:build !race

package validate

const slow = 1
