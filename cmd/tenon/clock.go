package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// repeatable are the flags with which a run can be repeated.
type repeatable struct {
	clock, seed, zone string // empty: not given

	start  time.Time
	number uint64
}

// grant puts what the flags say into c.
func (r *repeatable) grant(c *hostimpl.Config) (err error) {
	if r.clock != "" {
		if r.start, err = parseTime(r.clock); err != nil {
			return fmt.Errorf("--clock %s: %w", r.clock, err)
		}
		c.Clock = hostimpl.NewVirtualClock(r.start)
	}
	if r.seed != "" {
		if r.number, err = strconv.ParseUint(r.seed, 0, 64); err != nil {
			return fmt.Errorf("--seed %s: want a number from 0 to 2^64-1", r.seed)
		}
		c.Random = hostimpl.Seeded(r.number)
	}
	if r.zone != "" {
		if c.Location, err = time.LoadLocation(r.zone); err != nil {
			return fmt.Errorf("--tz %s: want a time zone that this machine knows, such as Europe/Berlin", r.zone)
		}
	}
	return nil
}

// parseTime reads a time, or a date, which begins at midnight in UTC.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, s); err != nil {
			return t, errors.New("want a time as 2026-01-02T03:04:05Z, or a date")
		}
	}
	if t.Unix() < 0 {
		return t, errors.New("wasi:clocks has no time before 1970")
	}
	return t.UTC(), nil
}
