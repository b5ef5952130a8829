//go:build !linux

package sockets

func (kernel) pipe() (pipe, error) { return nil, NotSupported }
