package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component"
)

// debugInfo is the flag --debug-info.
type debugInfo component.DebugInfo

// debugInfos are its values, and how they are written in Go.
var debugInfos = [...]struct{ text, code string }{
	component.DebugInfoAuto: {"auto", "component.DebugInfoAuto"},
	component.DebugInfoKeep: {"keep", "component.DebugInfoKeep"},
	component.DebugInfoDrop: {"drop", "component.DebugInfoDrop"},
}

func (d *debugInfo) String() string { return debugInfos[*d].text }

func (d *debugInfo) Set(s string) error {
	for i, v := range debugInfos {
		if v.text == s {
			*d = debugInfo(i)
			return nil
		}
	}
	return errors.New("want auto, keep or drop")
}

// engine is how the guest is compiled.
func (o *runOptions) engine() component.Config {
	return component.Config{Cache: cacheDir(o.cache), DebugInfo: component.DebugInfo(o.debug), OverflowStacks: o.fullTrace}
}

// goEngine is the same in Go, in a program that has the user's directory as cache.
func (o *runOptions) goEngine() string {
	var fields []string
	switch dir := cacheDir(o.cache); {
	case o.cache == "":
		fields = append(fields, "Cache: cache")
	case dir != "":
		fields = append(fields, fmt.Sprintf("Cache: %q", dir))
	}
	if o.debug != 0 {
		fields = append(fields, "DebugInfo: "+debugInfos[o.debug].code)
	}
	if o.fullTrace {
		fields = append(fields, "OverflowStacks: true")
	}
	return "component.Config{" + strings.Join(fields, ", ") + "}"
}
