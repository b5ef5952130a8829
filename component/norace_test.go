//go:build !race

package component_test

const slow = 1
