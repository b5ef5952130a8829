//go:build race

package validate

// slow is how much slower the race detector makes a test, about.
const slow = 10
