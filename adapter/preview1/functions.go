package preview1

import (
	"context"
	"net/netip"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/wit"
)

// The module names that guests import from.
const (
	Module   = "wasi_snapshot_preview1"
	Unstable = "wasi_unstable"
)

// Config is what preview 1 has and WASI 0.2 has not.
type Config struct {
	// Listen are addresses to listen on. The guest finds the listeners open, by the
	// numbers after those of the directories; the policy of the host decides, when the
	// guest makes its first call, and what it denies traps.
	Listen []netip.AddrPort
}

// Server serves preview 1 and preview 0 from what a host implements. Any number of
// instances may share it; each has a file table of its own.
type Server struct {
	faces  hostimpl.Faces
	config Config
	start  func(context.Context) (component.Keeper, error)
}

// New makes a Server.
func New(faces hostimpl.Faces, config Config) *Server {
	s := &Server{faces: faces, config: config}
	s.start = s.newProcess
	return s
}

// Interfaces are what it offers, by the module names that guests import from.
func (s *Server) Interfaces() map[string]*component.Interface {
	return map[string]*component.Interface{
		Module:   s.offer(types[Module], false),
		Unstable: s.offer(types[Unstable], true),
	}
}

// Types are the types of what a Server offers, by the same names.
func Types() map[string]*wit.Interface {
	return map[string]*wit.Interface{Module: types[Module], Unstable: types[Unstable]}
}

// A function is one of preview 1: its core parameters, 'i' for i32 and 'l' for i64, and its
// code. All but proc_exit answer an errno.
type function struct {
	name   string
	params string
	run    func(*process) error
}

var functions = []function{
	{"args_get", "ii", (*process).argsGet},
	{"args_sizes_get", "ii", (*process).argsSizesGet},
	{"environ_get", "ii", (*process).environGet},
	{"environ_sizes_get", "ii", (*process).environSizesGet},
	{"clock_res_get", "ii", (*process).clockResGet},
	{"clock_time_get", "ili", (*process).clockTimeGet},
	{"fd_advise", "illi", (*process).fdAdvise},
	{"fd_allocate", "ill", (*process).fdAllocate},
	{"fd_close", "i", (*process).fdClose},
	{"fd_datasync", "i", (*process).fdDatasync},
	{"fd_fdstat_get", "ii", (*process).fdFdstatGet},
	{"fd_fdstat_set_flags", "ii", (*process).fdFdstatSetFlags},
	{"fd_fdstat_set_rights", "ill", (*process).fdFdstatSetRights},
	{"fd_filestat_get", "ii", (*process).fdFilestatGet},
	{"fd_filestat_set_size", "il", (*process).fdFilestatSetSize},
	{"fd_filestat_set_times", "illi", (*process).fdFilestatSetTimes},
	{"fd_pread", "iiili", (*process).fdPread},
	{"fd_prestat_get", "ii", (*process).fdPrestatGet},
	{"fd_prestat_dir_name", "iii", (*process).fdPrestatDirName},
	{"fd_pwrite", "iiili", (*process).fdPwrite},
	{"fd_read", "iiii", (*process).fdRead},
	{"fd_readdir", "iiili", (*process).fdReaddir},
	{"fd_renumber", "ii", (*process).fdRenumber},
	{"fd_seek", "ilii", (*process).fdSeek},
	{"fd_sync", "i", (*process).fdSync},
	{"fd_tell", "ii", (*process).fdTell},
	{"fd_write", "iiii", (*process).fdWrite},
	{"path_create_directory", "iii", (*process).pathCreateDirectory},
	{"path_filestat_get", "iiiii", (*process).pathFilestatGet},
	{"path_filestat_set_times", "iiiilli", (*process).pathFilestatSetTimes},
	{"path_link", "iiiiiii", (*process).pathLink},
	{"path_open", "iiiiillii", (*process).pathOpen},
	{"path_readlink", "iiiiii", (*process).pathReadlink},
	{"path_remove_directory", "iii", (*process).pathRemoveDirectory},
	{"path_rename", "iiiiii", (*process).pathRename},
	{"path_symlink", "iiiii", (*process).pathSymlink},
	{"path_unlink_file", "iii", (*process).pathUnlinkFile},
	{"poll_oneoff", "iiii", (*process).pollOneoff},
	{"proc_exit", "i", (*process).procExit},
	{"proc_raise", "i", (*process).procRaise},
	{"sched_yield", "", (*process).schedYield},
	{"random_get", "ii", (*process).randomGet},
	{"sock_accept", "iii", (*process).sockAccept},
	{"sock_recv", "iiiiii", (*process).sockRecv},
	{"sock_send", "iiiii", (*process).sockSend},
	{"sock_shutdown", "ii", (*process).sockShutdown},
}

// without are the functions that preview 0 does not have yet.
var without = map[string]bool{"sock_accept": true}

// exits is the one that does not return.
const exits = "proc_exit"

var types = map[string]*wit.Interface{
	Module:   {Funcs: signatures(nil)},
	Unstable: {Funcs: signatures(without)},
}

func label(name string) string { return strings.ReplaceAll(name, "_", "-") }

func signatures(without map[string]bool) (funcs []*wit.Func) {
	for _, f := range functions {
		if without[f.name] {
			continue
		}
		typ := &wit.Func{Name: label(f.name), Result: wit.U32}
		if f.name == exits {
			typ.Result = nil
		}
		for i, c := range f.params {
			p := wit.Param{Name: string(rune('a' + i)), Type: wit.U32}
			if c == 'l' {
				p.Type = wit.U64
			}
			typ.Params = append(typ.Params, p)
		}
		funcs = append(funcs, typ)
	}
	return funcs
}

func (s *Server) offer(typ *wit.Interface, old bool) *component.Interface {
	i := &component.Interface{Type: typ, Funcs: map[string]component.HostFunc{}, Readings: readings[Module]}
	if old {
		i.Readings = readings[Unstable]
	}
	for _, f := range functions {
		i.Funcs[label(f.name)] = func(c *cabi.Call, stack []uint64) {
			p := s.process(c)
			p.stack, p.old = stack, old
			err := f.run(p)
			if code := p.errno(err); f.name != exits {
				stack[0] = uint64(code)
			}
		}
	}
	return i
}

// process is that of the instance which calls, readied for the call.
func (s *Server) process(c *cabi.Call) *process {
	ctx := c.Context()
	kept, err := component.Local(ctx, s, s.start)
	if err != nil {
		c.Fail(err)
	}
	p := kept.(*process)
	p.Call, p.ctx = c, ctx
	return p
}
