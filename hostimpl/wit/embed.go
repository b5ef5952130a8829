// Package witfiles holds the WIT of WASI 0.2.12, and of the drafts of wasi:config,
// keyvalue and logging: the declarations that hostimpl implements and that its bindings
// are generated from, one folder per package.
package witfiles

import "embed"

// FS holds the folders cli, clocks, config, filesystem, http, io, keyvalue, logging,
// random and sockets.
// Give it to wit.ParseFS with the folder "." to load them all.
//
//go:embed cli clocks config filesystem http io keyvalue logging random sockets
var FS embed.FS
