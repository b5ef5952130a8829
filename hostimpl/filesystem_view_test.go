package hostimpl_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// beforeMain is what CPython says where it does not find its library.
const beforeMain = `Could not find platform independent libraries <prefix>
Python path configuration:
  PYTHONHOME = %s
  sys.prefix = '/usr/local'
  sys.path = [
    '/usr/local/lib/python312.zip',
    '/usr/local/lib/python3.12',
  ]
Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding
ModuleNotFoundError: No module named 'encodings'
`

// look asks about paths as a guest does, in the directories by their numbers, and says
// something on standard error.
func look(t *testing.T, h *hostimpl.Host, looks []string, says string) {
	t.Helper()
	ctx, faces := context.Background(), h.Faces()
	dirs, err := faces.Preopens.GetDirectories(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range looks {
		dir, rest, _ := strings.Cut(path, ":")
		for _, d := range dirs {
			if d.F1 != dir {
				continue
			}
			if i%2 == 0 {
				_, _ = d.F0.StatAt(ctx, types.PathFlagsSymlinkFollow, rest)
			} else if f, err := d.F0.OpenAt(ctx, 0, rest, 0, types.DescriptorFlagsRead); err == nil {
				f.Close(ctx)
			}
		}
	}
	out, err := faces.Stderr.GetStderr(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for piece := range slices.Chunk([]byte(says), 1000) {
		if _, err := out.CheckWrite(ctx); err != nil {
			t.Fatal(err)
		}
		if err := out.Write(ctx, piece); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAViewTellsWhatAGuestLooksForInVain(t *testing.T) {
	const silent = ""
	for _, c := range []struct {
		name  string
		dirs  []string // guest names
		ro    bool
		env   []string
		args  []string
		looks []string
		says  string
		want  string // empty where nothing is amiss
		wants string
	}{
		{"nothing happened", []string{"/d"}, false, nil, nil, nil, silent, "", ""},
		{"a path where nothing is mounted", []string{"/d"}, false, nil, nil, nil, "open('/data/x'): No such file or directory\n",
			"the guest looks for /data/x, where nothing is mounted; it sees /d (a file system of the program's own)", "/data"},
		{"nothing is mounted at all", nil, false, nil, nil, nil, "x: cannot open \"/a b/c\"\n", `the guest looks for "/a b/c", where nothing is mounted; it sees no directory`, "/a b"},
		{"a library that is nowhere", nil, false, nil, nil, nil, fmt.Sprintf(beforeMain, "(not set)"),
			"the guest looks for /usr/local/lib/python312.zip and another, where nothing is mounted; it sees no directory", "/usr/local/lib"},
		{"a variable that leads nowhere", nil, false, []string{"A=/x", "HOME=/root"}, nil, nil, "A = '/x'\nfailed\n", "A=/x leads to nothing; it sees no directory", "/x"},
		{"a variable that leads to something", []string{"/x"}, false, []string{"A=/x"}, nil, []string{"/x:there"}, "A = '/x'\nno such file\n", "", ""},
		{"a variable into a directory where nothing is found", []string{"/w"}, true, []string{"PYTHONHOME=/w/py"}, nil, []string{"/w:py/lib/a", "/w:py/lib/b"}, fmt.Sprintf(beforeMain, "'/w/py'"),
			"the guest looks for /usr/local/lib/python312.zip and another, where nothing is mounted; nothing that the guest looks for in /w is there (py/lib/a and another); PYTHONHOME=/w/py leads to nothing; it sees /w (a file system of the program's own, read-only)", "/usr/local/lib"},
		{"a variable that nobody speaks of", nil, false, []string{"HOME=/root"}, nil, nil, "it is Monday\n", "", ""},
		{"the wrong directory", []string{"/usr/local"}, false, nil, nil, []string{"/usr/local:lib/python3.12/os.py"}, fmt.Sprintf(beforeMain, "(not set)"),
			"nothing that the guest looks for in /usr/local is there (lib/python3.12/os.py); it sees /usr/local (a file system of the program's own)", ""},
		{"the wrong directory, with something of the name", []string{"/usr/local"}, false, nil, nil, []string{"/usr/local:there", "/usr/local:x", "/usr/local:lib/python3.12"}, fmt.Sprintf(beforeMain, "(not set)"),
			"not all that the guest looks for in /usr/local is there (lib/python3.12 and another); it sees /usr/local (a file system of the program's own)", ""},
		{"the directory itself is no find", []string{"/d"}, false, nil, nil, []string{"/d:.", "/d:gone"}, "no such file\n",
			"nothing that the guest looks for in /d is there (gone); it sees /d (a file system of the program's own)", ""},
		{"a file that is missing among others", []string{"/d"}, false, nil, nil, []string{"/d:gone", "/d:there"}, "/d/gone: No such file or directory\n", "", ""},
		{"a look that nobody complains of", []string{"/d"}, false, nil, nil, []string{"/d:.config"}, "it is Monday\n", "", ""},
		{"an argument beside the mount", []string{"/d"}, false, nil, []string{"p", "data.txt"}, nil, "p: data.txt: No such file or directory\n",
			"the guest looks for data.txt, where nothing is mounted; it sees /d (a file system of the program's own)", "."},
		{"an argument in the working directory", []string{"."}, false, nil, []string{"p", "data.txt"}, []string{".:there"}, "p: data.txt: No such file or directory\n", "", ""},
		{"an argument that the complaint has among its words", []string{"/d"}, false, nil, []string{"p", "file", "or", "directory"}, []string{"/d:there"}, "/d/x: No such file or directory\n", "", ""},
		{"places in a source", []string{"/d"}, false, nil, nil, nil, `Traceback:
  File "/usr/local/lib/python3.12/pathlib.py", line 1013, in open
thread 'main' panicked at /rustc/abc/library/core/src/result.rs:1732:5:
	/usr/lib/go/src/os/file.go:12 +0x1
FileNotFoundError: [Errno 44] No such file or directory: '/d/none'
`, "", ""},
		{"an address and a fraction", nil, false, nil, nil, nil, "cannot open http://host/path and/or 1 / 2: no such file\n", "", ""},
		{"the words of Rust", nil, false, nil, nil, nil, `failed to find a pre-opened file descriptor through which "/etc/x" could be opened`,
			"the guest looks for /etc/x, where nothing is mounted; it sees no directory", "/etc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := hostimpl.Config{Env: c.env, Args: c.args}
			for _, d := range c.dirs {
				fs := files.NewMemory(files.MemoryConfig{}).Root()
				f, err := fs.Open("there", files.OpenHow{Create: true, Write: true})
				if err != nil {
					t.Fatal(err)
				}
				f.Close()
				config.Dirs = append(config.Dirs, hostimpl.Dir{FS: fs, Guest: d, ReadOnly: c.ro})
			}
			h, err := hostimpl.New(config)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			look(t, h, c.looks, c.says)
			v := h.FileView()
			got := ""
			if v.Amiss() {
				got = v.String()
			}
			if got != c.want || v.Amiss() && v.Wants() != c.wants {
				t.Errorf("it says %q, wants %q; want %q, %q\n%+v", got, v.Wants(), c.want, c.wants, v)
			}
		})
	}
}

// What is kept has a bound, whatever guests look for and say.
func TestAViewIsBounded(t *testing.T) {
	fs := files.NewMemory(files.MemoryConfig{}).Root()
	args := make([]string, 100_000)
	for i := range args {
		args[i] = fmt.Sprint("arg", i)
	}
	h, err := hostimpl.New(hostimpl.Config{Args: args, Dirs: []hostimpl.Dir{{FS: fs, Guest: "/d"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	var looks []string
	for i := range 1000 {
		looks = append(looks, fmt.Sprintf("/d:%d%s", i, strings.Repeat("x", 200)+"/"+strings.Repeat("é", 60)))
	}
	begin := time.Now()
	look(t, h, looks, strings.Repeat("'/a/b' \"/c ({[</d/e: no such file ", 30_000)+"\n"+strings.Repeat("/x/y no such file\n/z", 10_000))
	v := h.FileView()
	d := v.Dirs[0]
	if len(d.Missing) != hostimpl.MaxMissing || len(d.Missing)+int(d.More) != len(looks) || len(d.Missing[0]) > 256 {
		t.Errorf("%d paths are missing, of which the first has %d bytes, and %d more", len(d.Missing), len(d.Missing[0]), d.More)
	}
	if n := len(v.Outside); n == 0 || n > hostimpl.MaxOutside {
		t.Errorf("%d paths are outside", n)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAViewIsTakenWhileGuestsRun(t *testing.T) {
	fs := files.NewMemory(files.MemoryConfig{}).Root()
	h, err := hostimpl.New(hostimpl.Config{Dirs: []hostimpl.Dir{{FS: fs, Guest: "/d"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	done := make(chan bool)
	for i := range 4 {
		go func() {
			for range 50 {
				look(t, h, []string{fmt.Sprintf("/d:%d", i), "/d:x"}, "/d/x: no such file\n")
			}
			done <- true
		}()
	}
	for range 4 {
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
				_ = h.FileView().String()
			}
		}
	}
	if v := h.FileView(); !v.Amiss() || v.Dirs[0].Found {
		t.Errorf("it says %v", v)
	}
}
