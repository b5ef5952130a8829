package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/hostimpl/boltstore"
)

// services are the flags of wasi:config, keyvalue and logging.
type services struct {
	settings, buckets list
	level             string

	stores []storeFlag
}

// storeFlag is one --keyvalue: a bucket, and where it is.
type storeFlag struct {
	name, file string // no file means memory
	readOnly   bool
}

func (s *services) register(flags *flag.FlagSet) {
	flags.Var(&s.settings, "config", "")
	flags.Var(&s.buckets, "keyvalue", "")
	flags.StringVar(&s.level, "log", "", "")
}

// parse puts what needs nothing opened into c.
func (s *services) parse(c *hostimpl.Config) error {
	for _, kv := range s.settings {
		k, v, ok := strings.Cut(kv, "=")
		if !ok || k == "" {
			return usageError{fmt.Errorf("--config %s: want K=V", kv)}
		}
		if c.Settings == nil {
			c.Settings = map[string]string{}
		}
		c.Settings[k] = v
	}
	seen := map[string]bool{}
	for _, b := range s.buckets {
		f, err := parseStore(b)
		if err != nil {
			return err
		}
		if seen[f.name] {
			return usageError{fmt.Errorf("--keyvalue %s: %q is given twice", b, f.name)}
		}
		seen[f.name] = true
		s.stores = append(s.stores, f)
	}
	if _, ok := levels[s.level]; ok || s.level == "" {
		return nil
	}
	return usageError{fmt.Errorf("--log %s: want trace, debug, info, warn, error or critical", s.level)}
}

func parseStore(s string) (storeFlag, error) {
	name, where, ok := strings.Cut(s, "=")
	where, readOnly := strings.CutSuffix(where, ":ro")
	switch {
	case !ok || where == "":
		return storeFlag{}, usageError{fmt.Errorf("--keyvalue %s: want NAME=mem or NAME=FILE[:ro]", s)}
	case where == "mem" && readOnly:
		return storeFlag{}, usageError{fmt.Errorf("--keyvalue %s: a bucket in memory is empty, so there is nothing to read", s)}
	case where == "mem":
		return storeFlag{name: name}, nil
	case name == "":
		return storeFlag{}, usageError{fmt.Errorf("--keyvalue %s: a bucket without a name cannot be in a file", s)}
	}
	return storeFlag{name, where, readOnly}, nil
}

// open opens the buckets, and each file once, however many of them are in it.
func (s *services) open(c *hostimpl.Config) (closeAll func() error, err error) {
	written := s.written()
	files := map[string]*boltstore.Store{}
	closeAll = func() error {
		var errs []error
		for _, f := range files {
			errs = append(errs, f.Close())
		}
		return errors.Join(errs...)
	}
	c.KeyValue = map[string]hostimpl.Bucket{}
	for _, f := range s.stores {
		if f.file == "" {
			c.KeyValue[f.name] = hostimpl.NewMemoryBucket(nil)
			continue
		}
		b, err := openInFile(files, f, written[f.file])
		if err != nil {
			return nil, errors.Join(err, closeAll())
		}
		c.KeyValue[f.name] = b
	}
	return closeAll, nil
}

// written are the files that some bucket may change. One that is only read is opened so.
func (s *services) written() map[string]bool {
	written := map[string]bool{}
	for _, f := range s.stores {
		written[f.file] = written[f.file] || !f.readOnly
	}
	return written
}

func openInFile(files map[string]*boltstore.Store, f storeFlag, written bool) (hostimpl.Bucket, error) {
	if files[f.file] == nil {
		open := boltstore.OpenReadOnly
		if written {
			open = boltstore.Open
		}
		s, err := open(f.file)
		if err != nil {
			return nil, err
		}
		files[f.file] = s
	}
	b, err := files[f.file].Bucket(f.name)
	if err == nil && f.readOnly {
		b = hostimpl.ReadOnly(b)
	}
	return b, err
}

// levels are the words of wasi:logging, and how they are written in Go.
var levels = map[string]struct {
	level slog.Level
	code  string
}{
	"trace":    {hostimpl.LevelTrace, "hostimpl.LevelTrace"},
	"debug":    {slog.LevelDebug, "slog.LevelDebug"},
	"info":     {slog.LevelInfo, "slog.LevelInfo"},
	"warn":     {slog.LevelWarn, "slog.LevelWarn"},
	"error":    {slog.LevelError, "slog.LevelError"},
	"critical": {hostimpl.LevelCritical, "hostimpl.LevelCritical"},
}

// logger writes messages as lines to w, if they are asked for.
func (s *services) logger(w io.Writer) *slog.Logger {
	if s.level == "" {
		return nil
	}
	return hostimpl.NewLogger(w, levels[s.level].level)
}
