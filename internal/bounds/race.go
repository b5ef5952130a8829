//go:build race

package bounds

// slow is how much slower the race detector makes a test, about.
const slow = 10
