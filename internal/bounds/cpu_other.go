//go:build !unix

package bounds

import "time"

var began = time.Now()

// cpu is the time that has passed, for want of a better clock.
func cpu() time.Duration { return time.Since(began) }
