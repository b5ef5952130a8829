package hostimpl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/files"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

const (
	opensToRead  = filesystem.DescriptorFlagsRead
	opensToWrite = filesystem.DescriptorFlagsWrite
	creates      = filesystem.OpenFlagsCreate
)

// granted is a Host with one directory of this machine, and the guest's descriptor of it.
func granted(t testing.TB, c Config) (dir string, h *Host, d filesystem.Descriptor) {
	t.Helper()
	dir = t.TempDir()
	c.Dirs = append(c.Dirs, Dir{Host: dir, Guest: "/dir"})
	h = host(t, c)
	all := must(h.files.GetDirectories(context.Background()))
	equal(t, "name", all[len(all)-1].F1, "/dir")
	return dir, h, all[len(all)-1].F0
}

func TestWhatGuestsHaveOpenIsCounted(t *testing.T) {
	ctx := context.Background()
	dir, h, d := granted(t, Config{Limits: Limits{Files: 4}})
	check(t, os.WriteFile(filepath.Join(dir, "f"), []byte("x"), 0o644))
	open := func() (filesystem.Descriptor, error) { return d.OpenAt(ctx, 0, "f", 0, opensToRead) }
	f := must(open())
	in := must(f.ReadViaStream(ctx, 0))
	list := must(d.ReadDirectory(ctx))
	for _, c := range []struct {
		what string
		err  error
	}{
		{"a file", second(open())},
		{"a stream", second(f.ReadViaStream(ctx, 0))},
		{"a list", second(d.ReadDirectory(ctx))},
	} {
		wantError(t, c.what+" too many", c.err, filesystem.ErrorCodeInsufficientMemory)
	}
	if _, err := h.files.GetDirectories(ctx); err == nil || !strings.Contains(err.Error(), "Limits.Files") {
		t.Errorf("directories too many: %v", err)
	}
	for _, c := range []interface{ Close(context.Context) error }{in, list, f, d} {
		check(t, c.Close(ctx))
	}
	equal(t, "open at the end", h.files.open.Load(), 0)
	// What could not be opened does not count.
	d = must(h.files.GetDirectories(ctx))[0].F0
	for range 10 {
		_, err := d.OpenAt(ctx, 0, "nothing", 0, opensToRead)
		wantError(t, "nothing", err, filesystem.ErrorCodeNoEntry)
	}
	check(t, d.Close(ctx))
	equal(t, "open at the end", h.files.open.Load(), 0)
}

func second[T any](_ T, err error) error { return err }

func TestClosingAHostClosesItsDirectories(t *testing.T) {
	ctx := context.Background()
	leaks.None(t)
	dir := t.TempDir()
	own := must(files.OpenHost(t.TempDir()))
	t.Cleanup(func() { own.Close() })
	h := must(New(Config{Dirs: []Dir{{Host: dir, Guest: "/a"}, {FS: own, Guest: "/b"}}}))
	all := must(h.files.GetDirectories(ctx))
	a, b := all[0].F0, all[1].F0
	f := must(a.OpenAt(ctx, 0, "f", creates, opensToWrite))
	check(t, h.Close())
	check(t, h.Close())
	_, err := a.Stat(ctx)
	wantError(t, "a directory that New opened", err, filesystem.ErrorCodeBadDescriptor)
	check(t, second(b.Stat(ctx)))
	check(t, second(f.Write(ctx, []byte("x"), 0)))
	for _, d := range []filesystem.Descriptor{a, b, f} {
		check(t, d.Close(ctx))
	}
	check(t, second(own.Info()))
}

func TestNewClosesWhatItHasOpenedWhenItFails(t *testing.T) {
	leaks.None(t)
	_, err := New(Config{Dirs: []Dir{{Host: t.TempDir(), Guest: "/a"}, {Host: "nowhere", Guest: "/b"}}})
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnreadableDirectoryIsOneLine(t *testing.T) {
	const as = "TENON_TEST_UNREADABLE"
	if dir := os.Getenv(as); dir != "" {
		_, err := New(Config{Dirs: []Dir{{Host: dir, Guest: "/"}}})
		fmt.Println(err)
		return
	}
	if runtime.GOOS == "windows" {
		t.Skip("permissions are another matter on Windows")
	}
	outer := t.TempDir()
	// Whoever the test runs as, nobody shall reach the directory, and be refused there.
	for at := outer; len(at) >= len(os.TempDir()); at = filepath.Dir(at) {
		_ = os.Chmod(at, must(os.Stat(at)).Mode().Perm()|0o055)
	}
	dir := filepath.Join(outer, "closed")
	check(t, os.Mkdir(dir, 0))
	self := filepath.Join(outer, "test")
	check(t, os.WriteFile(self, must(os.ReadFile(must(os.Executable()))), 0o755))
	cmd := exec.Command(self, "-test.run", "^TestAnUnreadableDirectoryIsOneLine$")
	cmd.Env, cmd.Dir = append(os.Environ(), as+"="+dir), outer
	if os.Geteuid() == 0 {
		asNobody(cmd)
	}
	said, err := cmd.CombinedOutput()
	line, _, _ := strings.Cut(string(said), "\n")
	if want := "hostimpl: directory " + dir + ": permission denied"; err != nil || line != want {
		t.Errorf("%v\n%s\nwant %s", err, said, want)
	}
}

func TestAStreamOutlivesItsDescriptor(t *testing.T) {
	ctx := context.Background()
	dir, _, d := granted(t, Config{})
	check(t, os.WriteFile(filepath.Join(dir, "f"), []byte("content"), 0o644))
	f := must(d.OpenAt(ctx, 0, "f", 0, opensToRead))
	one, two := must(f.ReadViaStream(ctx, 0)), must(f.ReadViaStream(ctx, 3))
	check(t, f.Close(ctx))
	check(t, d.Close(ctx))
	equal(t, "one", string(must(one.Read(ctx, 3))), "con")
	check(t, one.Close(ctx))
	equal(t, "two", string(must(two.Read(ctx, 100))), "tent")
	_, err := two.Read(ctx, 1)
	wantError(t, "at the end", err, closed)
	check(t, two.Close(ctx))
}

// broken is a directory of an embedder, whose files fail as they please.
type broken struct {
	files.Dir
	err error
}

type brokenFile struct {
	files.File
	err error
}

func (b broken) Open(string, files.OpenHow) (files.Node, error) { return brokenFile{err: b.err}, nil }
func (b broken) ReadDir() (files.Entries, error)                { return new(oddNames), nil }
func (b broken) Readlink(path string) (string, error)           { return path, nil }

func (f brokenFile) Info() (files.Info, error) {
	return files.Info{Kind: files.RegularFile, Size: 100}, nil
}
func (f brokenFile) ReadAt([]byte, int64) (int, error)            { return 0, f.err }
func (f brokenFile) WriteAt(p []byte, _ int64) (int, error)       { return len(p) / 2, f.err }
func (f brokenFile) Append(p []byte) (int, error)                 { return len(p) / 2, f.err }
func (f brokenFile) Truncate(uint64) error                        { return f.err }
func (f brokenFile) Close() error                                 { return f.err }
func (f brokenFile) SetTimes(accessed, modified files.Time) error { return f.err }

// oddNames are two names, of which one is no text.
type oddNames struct{ told int }

func (o *oddNames) Next() (files.Entry, error) {
	if o.told == 2 {
		return files.Entry{}, io.EOF
	}
	o.told++
	return files.Entry{Name: []string{"a\xff", "b"}[o.told-1]}, nil
}

func (*oddNames) Close() error { return nil }

func TestErrorsOfAFileSystemReachTheGuestAsCodes(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		err  error
		code filesystem.ErrorCode
	}{
		{files.Quota, filesystem.ErrorCodeQuota},
		{fmt.Errorf("disk: %w", syscall.ENOSPC), filesystem.ErrorCodeInsufficientSpace},
		{fmt.Errorf("wrapped: %w", filesystem.ErrorCodeBusy), filesystem.ErrorCodeBusy},
		{errors.New("the embedder's own"), filesystem.ErrorCodeIO},
		{os.ErrClosed, filesystem.ErrorCodeBadDescriptor},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			h := host(t, Config{Dirs: []Dir{{FS: broken{err: c.err}, Guest: "/"}}})
			d := must(h.files.GetDirectories(ctx))[0].F0
			f := must(d.OpenAt(ctx, 0, "f", 0, opensToRead|opensToWrite))
			_, _, err := f.Read(ctx, 10, 0)
			wantError(t, "read", err, c.code)
			wantError(t, "set-size", f.SetSize(ctx, 1), c.code)
			n, err := f.Write(ctx, []byte("four"), 0)
			check(t, err)
			equal(t, "written before it failed", n, 2)

			in := must(f.ReadViaStream(ctx, 0))
			_, err = in.Read(ctx, 1)
			failure := lastFailure(t, err)
			equal(t, "filesystem-error-code", *must(fileErrors{}.FilesystemErrorCode(ctx, failure)), c.code)
			equal(t, "network-error-code", must(networkErrors{}.NetworkErrorCode(ctx, failure)), nil)
			_, err = in.Read(ctx, 1)
			wantError(t, "read again", err, closed)

			for _, out := range []func() error{
				func() error { return must(f.WriteViaStream(ctx, 0)).BlockingWriteAndFlush(ctx, []byte("four")) },
				func() error { return must(f.AppendViaStream(ctx)).BlockingWriteAndFlush(ctx, []byte("four")) },
			} {
				failure := lastFailure(t, out())
				equal(t, "filesystem-error-code", *must(fileErrors{}.FilesystemErrorCode(ctx, failure)), c.code)
			}
			check(t, f.Close(ctx))
		})
	}
}

func TestNamesThatAreNoTextAreToldOneByOne(t *testing.T) {
	ctx := context.Background()
	h := host(t, Config{Dirs: []Dir{{FS: broken{}, Guest: "/"}}})
	d := must(h.files.GetDirectories(ctx))[0].F0
	list := must(d.ReadDirectory(ctx))
	_, err := list.ReadDirectoryEntry(ctx)
	wantError(t, "the first", err, filesystem.ErrorCodeIllegalByteSequence)
	equal(t, "the second", must(list.ReadDirectoryEntry(ctx)).Name, "b")
	equal(t, "the end", must(list.ReadDirectoryEntry(ctx)), nil)
	equal(t, "a link inside", must(d.ReadlinkAt(ctx, "inside")), "inside")
}

func TestDenialsInADirectoryAreHeard(t *testing.T) {
	ctx := context.Background()
	var heard []string
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "f"), []byte("x"), 0o644))
	h := host(t, Config{
		Dirs:         []Dir{{Host: dir, Guest: "/ro", ReadOnly: true}},
		OnFileDenied: func(d FileDenial) { heard = append(heard, d.String()) },
	})
	d := must(h.files.GetDirectories(ctx))[0].F0
	f := must(d.OpenAt(ctx, 0, "f", 0, opensToRead))
	wantError(t, "mkdir", d.CreateDirectoryAt(ctx, "new"), filesystem.ErrorCodeNotPermitted)
	wantError(t, "set-size", f.SetSize(ctx, 0), filesystem.ErrorCodeNotPermitted)
	wantError(t, "out", second(d.StatAt(ctx, 0, "../x")), filesystem.ErrorCodeNotPermitted)
	wantError(t, "absolute", second(d.OpenAt(ctx, 0, "/x", 0, opensToRead)), filesystem.ErrorCodeNotPermitted)
	wantError(t, "a name of Windows", second(d.StatAt(ctx, 0, "aux.txt")), filesystem.ErrorCodeNotPermitted)
	wantError(t, "nothing", second(d.OpenAt(ctx, 0, "x", 0, opensToRead)), filesystem.ErrorCodeNoEntry)
	check(t, f.Close(ctx))
	want := []string{
		`a change of "new" in /ro, which is read-only`,
		`a change of an open file in /ro, which is read-only`,
		`"../x" in /ro: it leads out of there`,
		`"/x" in /ro: it leads out of there`,
		`"aux.txt" in /ro: Windows would take that for something else than a name`,
	}
	equal(t, "heard", strings.Join(heard, "\n"), strings.Join(want, "\n"))
}

func TestTimesThatThereAreNot(t *testing.T) {
	for at, known := range map[time.Time]bool{
		{}:                        false,
		time.Unix(-1, 0):          false,
		time.Unix(-1<<40, 0):      false,
		time.Unix(0, 0):           true,
		time.Unix(1<<40, 5):       true,
		time.Unix(0, 999_999_999): true,
	} {
		got := datetime(at)
		if (got != nil) != known {
			t.Errorf("%v: %v", at, got)
		}
		if got != nil && (got.Seconds != uint64(at.Unix()) || got.Nanoseconds != uint32(at.Nanosecond())) {
			t.Errorf("%v: %+v", at, got)
		}
	}
}

// Nothing that is read stays in the memory of the host, however long the file is.
func TestAGibibyteTakesNoMemory(t *testing.T) {
	ctx := context.Background()
	dir, _, d := granted(t, Config{})
	check(t, os.WriteFile(filepath.Join(dir, "f"), nil, 0o644))
	check(t, os.Truncate(filepath.Join(dir, "f"), 1<<30))
	f := must(d.OpenAt(ctx, 0, "f", 0, opensToRead))
	in := must(f.ReadViaStream(ctx, 0))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	total := 0
	for {
		b, err := in.BlockingRead(ctx, 1<<40)
		if err != nil {
			wantError(t, "the end", err, closed)
			break
		}
		total += len(b)
	}
	runtime.ReadMemStats(&after)
	equal(t, "bytes", total, 1<<30)
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
		t.Errorf("%d bytes allocated", n)
	}
	check(t, in.Close(ctx))
	check(t, f.Close(ctx))
}

func TestTheNumbersOfFilesAreThoseOfTheWIT(t *testing.T) {
	last := files.CrossDevice
	for c := range last + 2 {
		if got, want := c.String(), filesystem.ErrorCode(c).Error(); got != want {
			t.Errorf("error-code %d: %s, want %s", c, got, want)
		}
	}
	for kind, want := range map[files.Kind]filesystem.DescriptorType{
		files.UnknownKind:     filesystem.DescriptorTypeUnknown,
		files.BlockDevice:     filesystem.DescriptorTypeBlockDevice,
		files.CharacterDevice: filesystem.DescriptorTypeCharacterDevice,
		files.Directory:       filesystem.DescriptorTypeDirectory,
		files.FIFO:            filesystem.DescriptorTypeFIFO,
		files.SymbolicLink:    filesystem.DescriptorTypeSymbolicLink,
		files.RegularFile:     filesystem.DescriptorTypeRegularFile,
		files.Socket:          filesystem.DescriptorTypeSocket,
	} {
		equal(t, want.String(), filesystem.DescriptorType(kind), want)
	}
	for advice, want := range map[files.Advice]filesystem.Advice{
		files.Normal:     filesystem.AdviceNormal,
		files.Sequential: filesystem.AdviceSequential,
		files.Random:     filesystem.AdviceRandom,
		files.WillNeed:   filesystem.AdviceWillNeed,
		files.DontNeed:   filesystem.AdviceDontNeed,
		files.NoReuse:    filesystem.AdviceNoReuse,
	} {
		equal(t, want.String(), filesystem.Advice(advice), want)
	}
}

// An embedder may replace an interface, but not hand us descriptors of its own.
func TestADescriptorOfSomebodyElseTraps(t *testing.T) {
	ctx := context.Background()
	_, _, d := granted(t, Config{})
	other := struct{ filesystem.Descriptor }{d}
	for what, err := range map[string]error{
		"is-same-object": second(d.IsSameObject(ctx, other)),
		"link-at":        d.LinkAt(ctx, 0, "a", other, "b"),
		"rename-at":      d.RenameAt(ctx, "a", other, "b"),
	} {
		var code filesystem.ErrorCode
		if err == nil || errors.As(err, &code) {
			t.Errorf("%s: %v, want an error that traps", what, err)
		}
	}
	check(t, d.Close(ctx))
}
