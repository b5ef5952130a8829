//go:build !linux

package files

import "errors"

func makeFIFO(string) error { return errors.ErrUnsupported }
