package hostimpl

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/hostimpl/files"
	"github.com/tenon-wasm/tenon/sockets"
)

// Config says all that a guest may see and do. The zero value grants nothing: no
// arguments, no variables, no directory, no network, no settings, no buckets, an empty
// standard input, and output and messages that go nowhere. Time and randomness are
// always there.
type Config struct {
	// Args are the arguments, the name of the program first.
	Args []string

	// Env is the environment, each "KEY=VALUE". Of two with one key the last holds.
	Env []string

	// Cwd is the initial working directory that the guest is told; empty means none.
	Cwd string

	// Stdin is read when the guest asks for input and not before; nil is empty. A file
	// (not on Windows) is read when it has something to read, and only what the guest
	// asks for. Any other Reader is read by a goroutine, 64 KiB at most per request of
	// the guest; if it waits when the guest ends, SetReadDeadline interrupts it where
	// it has one, else the goroutine stays until Read returns.
	Stdin io.Reader

	// Stdout and Stderr take what the guest writes, as it is written; nil discards.
	// They may be the same. A guest waits for a pipe or terminal (not on Windows)
	// before it writes, and can be interrupted there; within the Write of any other
	// Writer it cannot. A terminal is written to by a goroutine, which stays, if the
	// terminal is stopped, until Write returns. A program whose own standard output they are should handle
	// SIGPIPE, which otherwise ends it when the reader of a pipe goes away.
	Stdout, Stderr io.Writer

	// Dirs are the directories that the guest finds open, and with them all that is in
	// them: no path leads out. New opens those of this machine, and Close closes them;
	// all guests share them.
	Dirs []Dir

	// OnFileDenied hears of what was not permitted in Dirs, in the goroutine that runs the
	// guest.
	OnFileDenied func(FileDenial)

	// Network is what the guest may do with the network; the zero Policy denies it.
	Network sockets.Policy

	// Decide, where it is set, has the last word on all that Network is asked about:
	// its answer counts, whatever the rules say. It is called in the goroutine that
	// runs the guest. See sockets.Question.
	Decide func(sockets.Question) bool

	// OnDenied hears of what was denied, in the goroutine that runs the guest.
	OnDenied func(sockets.Denial)

	// OnSocket hears of every change of a socket's state, for a trace. It must not wait. See
	// sockets.Config.
	OnSocket func(sockets.Change)

	// NetworkLog is told of what was denied at level Warn, and of what was allowed at
	// level Debug; nil is no log. See sockets.Config.
	NetworkLog *slog.Logger

	// Resolver finds the addresses of names, a *net.Resolver for example; nil is the
	// system's. See sockets.Config.
	Resolver sockets.Resolver

	// Clock, where it is set, is the time for the guest, instead of Now and Monotonic,
	// which must then be nil.
	Clock *VirtualClock

	// Now is the wall clock; nil is time.Now.
	Now func() time.Time

	// Monotonic is a clock that never goes back; nil counts from New. When it
	// reaches an instant is found by asking again after that much real time.
	Monotonic func() time.Duration

	// Location is the time zone of wasi:clocks/timezone; nil is UTC.
	Location *time.Location

	// Random feeds wasi:random/random; nil is crypto/rand. See Seeded.
	Random io.Reader

	// Insecure feeds wasi:random/insecure and insecure-seed; nil is a generator with
	// a seed from Random.
	Insecure io.Reader

	// Settings are what wasi:config/store gives the guest.
	Settings map[string]string

	// KeyValue are the buckets that wasi:keyvalue/store opens, by their names. Any other
	// name is no-such-store. They are the caller's to close.
	KeyValue map[string]Bucket

	// Log takes the messages of wasi:logging, with their context as an attribute; nil
	// discards them. Trace and critical have the levels LevelTrace and LevelCritical.
	Log *slog.Logger

	// ForbiddenFields are names of HTTP fields that guests may not set or see, beside
	// those that are the host's business anyway (host, connection, transfer-encoding and
	// others that are between two neighbours).
	ForbiddenFields []string

	// Limits bound what a guest can make the host do.
	Limits Limits
}

// Dir grants a directory, of this machine or of a file system of the program's own.
type Dir struct {
	// Host is the path of a directory here. A symbolic link on the way to it is followed
	// once, by New: the guest gets the directory that it finds there.
	Host string

	// FS is a directory of any file system, in place of Host. It stays open when the Host
	// is closed.
	FS files.Dir

	// Guest is the path by which the guest knows it. Programs in C and Rust find a file
	// by the longest of these that its path begins with; "/" and "." serve them for all
	// absolute and all relative paths.
	Guest string

	// ReadOnly lets the guest look at everything and change nothing: whatever would is
	// not-permitted, before anything is opened.
	ReadOnly bool

	// AnyNames lets through names in Host that mean something else than a name to Windows;
	// see files.HostOptions, which is also how an FS of this machine has them.
	AnyNames bool
}

// Limits bound what a guest can make the host do in one call or keep open. A zero
// field means the default. How many handles a guest may have is the linker's
// business: component.Config.
type Limits struct {
	Sockets     int    // open at once; beyond: new-socket-limit. Default sockets.DefaultMaxSockets
	Connecting  int    // connects in progress; beyond: out-of-memory. Default sockets.DefaultMaxConnecting
	Lookups     int    // look-ups under way; beyond: they wait. Default sockets.DefaultMaxLookups
	Files       int    // descriptors, and streams of files, open at once; beyond: insufficient-memory. Default DefaultFiles
	PollList    int    // pollables in one poll; beyond: trap. Default DefaultPollList
	RandomBytes uint64 // bytes of one call for random bytes; beyond: trap. Default DefaultRandomBytes

	// HTTPFieldBytes bounds the fields of one HTTP message: names, values, and 32 for
	// each field, as HTTP/2 counts; beyond: forbidden. Default DefaultHTTPFieldBytes.
	HTTPFieldBytes int

	// HTTPBytes bounds the fields and addresses of all HTTP messages that guests hold;
	// beyond: forbidden, or a trap where a function has no error. Default
	// DefaultHTTPBytes.
	HTTPBytes int

	// HTTPBodies bounds the HTTP bodies that wait to be sent, each with 64 KiB at most;
	// beyond: no body. Default DefaultHTTPBodies.
	HTTPBodies int

	// Of wasi:keyvalue; beyond: an error that names the limit. A bucket is measured by its
	// keys and values. No more than BucketBytes are given at once, either.
	KeyBytes    int   // of one key. Default DefaultKeyBytes
	ValueBytes  int   // of one value. Default DefaultValueBytes
	BucketKeys  int   // keys that a bucket has. Default DefaultBucketKeys
	BucketBytes int64 // bytes that a bucket has. Default DefaultBucketBytes

	// LogBytes is how much of a message of wasi:logging, and of its context, is told.
	// Default DefaultLogBytes.
	LogBytes int
}

// Defaults of Limits.
const (
	DefaultFiles       = 4096
	DefaultPollList    = 16 << 10
	DefaultRandomBytes = 64 << 20

	DefaultHTTPFieldBytes = 128 << 10
	DefaultHTTPBytes      = 64 << 20
	DefaultHTTPBodies     = 1024

	DefaultKeyBytes    = 1 << 10
	DefaultValueBytes  = 1 << 20
	DefaultBucketKeys  = 100_000
	DefaultBucketBytes = 64 << 20

	DefaultLogBytes = 64 << 10
)

func (l Limits) withDefaults() Limits {
	if l.Sockets == 0 {
		l.Sockets = sockets.DefaultMaxSockets
	}
	if l.Connecting == 0 {
		l.Connecting = sockets.DefaultMaxConnecting
	}
	if l.Lookups == 0 {
		l.Lookups = sockets.DefaultMaxLookups
	}
	if l.Files == 0 {
		l.Files = DefaultFiles
	}
	if l.PollList == 0 {
		l.PollList = DefaultPollList
	}
	if l.RandomBytes == 0 {
		l.RandomBytes = DefaultRandomBytes
	}
	if l.HTTPFieldBytes == 0 {
		l.HTTPFieldBytes = DefaultHTTPFieldBytes
	}
	if l.HTTPBytes == 0 {
		l.HTTPBytes = DefaultHTTPBytes
	}
	if l.HTTPBodies == 0 {
		l.HTTPBodies = DefaultHTTPBodies
	}
	if l.KeyBytes == 0 {
		l.KeyBytes = DefaultKeyBytes
	}
	if l.ValueBytes == 0 {
		l.ValueBytes = DefaultValueBytes
	}
	if l.BucketKeys == 0 {
		l.BucketKeys = DefaultBucketKeys
	}
	if l.BucketBytes == 0 {
		l.BucketBytes = DefaultBucketBytes
	}
	if l.LogBytes == 0 {
		l.LogBytes = DefaultLogBytes
	}
	return l
}

// check finds what cannot be offered to any guest.
func (c Config) check() error {
	if err := checkDirs(c.Dirs); err != nil {
		return err
	}
	if l := c.Limits; min(l.Sockets, l.Connecting, l.Lookups, l.Files, l.PollList, l.HTTPFieldBytes, l.HTTPBytes, l.HTTPBodies,
		l.KeyBytes, l.ValueBytes, l.BucketKeys, l.LogBytes) < 0 || l.BucketBytes < 0 {
		return errors.New("hostimpl: a limit is negative")
	}
	if c.Clock != nil && (c.Now != nil || c.Monotonic != nil) {
		return errors.New("hostimpl: Clock takes the place of Now and Monotonic, which must be nil beside it")
	}
	for k, v := range c.Settings {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return fmt.Errorf("hostimpl: setting %q: %q is not valid UTF-8", k, v)
		}
	}
	for name, b := range c.KeyValue {
		if b == nil {
			return fmt.Errorf("hostimpl: bucket %q is nil", name)
		}
	}
	for i, a := range c.Args {
		if err := checkText(a); err != nil {
			return fmt.Errorf("hostimpl: argument %d: %q %w", i, a, err)
		}
	}
	for _, v := range c.Env {
		if err := checkText(v); err != nil {
			return fmt.Errorf("hostimpl: environment: %q %w", v, err)
		}
		if _, _, ok := cutVariable(v); !ok {
			return fmt.Errorf("hostimpl: environment: %q is not of the form KEY=VALUE", v)
		}
	}
	if err := checkText(c.Cwd); err != nil {
		return fmt.Errorf("hostimpl: working directory: %q %w", c.Cwd, err)
	}
	return nil
}

// checkText says what keeps s from being a WIT string that C programs can take.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		return errors.New("contains a zero byte")
	}
	return nil
}

// cutVariable splits KEY=VALUE. A key may begin with '=', as Windows has it in
// what os.Environ returns.
func cutVariable(s string) (key, value string, ok bool) {
	if s == "" {
		return "", "", false
	}
	i := strings.IndexByte(s[1:], '=')
	if i < 0 {
		return "", "", false
	}
	return s[:i+1], s[i+2:], true
}
