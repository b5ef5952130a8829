//go:build race

package component_test

// slow is how much slower the race detector makes a test, about.
const slow = 10
