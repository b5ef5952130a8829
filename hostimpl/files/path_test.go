package files_test

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

var windowsNames = []string{
	"nul", "NUL", "con", "Con", "aux", "prn", "com1", "COM9", "lpt1", "LPT9", "com¹", "LPT²", "com³", "conin$", "CONOUT$",
	"nul.txt", "aux.c", "COM1.log", "con .txt", "nul ", "nul.", "con.tar.gz", "NUL .", "conout$.x",
	"a:b", "a::$DATA", "in:stream", "c:", "C:\\", "C:/in", "c:in", ":", "12:30.log",
	"dir\\in", "\\", "\\in", "..\\outside", "\\\\server\\share", "\\\\?\\C:\\in", "dir\\..\\..\\outside",
}

var plainNames = []string{
	"a", "con1", "com", "com0", "com10", "lpt", "nulls", "auxiliary", "x.con", "x.nul", "conin", "conin$$", "icon", "com1x",
	"...", "..a", "a..", " ", " nul", "ｎｕｌ", "comé", "com⁴", "a b", "~", "$x", "-", "日本", "a\nb", "con_", "co n",
}

func TestNamesAreTakenByCheckPathUnlessWindowsMeansSomethingElse(t *testing.T) {
	for _, name := range plainNames {
		for _, path := range []string{name, "x/" + name, name + "/x", name + "/", "./" + name} {
			if err := files.CheckPath(path); err != nil {
				t.Errorf("%q: %v", path, err)
			}
		}
	}
	for _, name := range windowsNames {
		for _, path := range []string{name, "x/" + name, name + "/x", name + "/", "./" + name} {
			wantCode(t, path, files.CheckPath(path), files.NotPermitted)
		}
	}
}

func TestAnyNamesLetsNamesThroughThatMeanSomethingOnlyToWindows(t *testing.T) {
	d, err := files.HostOptions{AnyNames: true}.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	strict, _ := host(t)
	for _, name := range windowsNames {
		if strings.Contains(name, "/") {
			continue
		}
		wantCode(t, name, files.CheckPathIn(strict, name), files.NotPermitted)
		err := files.CheckPathIn(d, name)
		if runtime.GOOS == "windows" {
			wantCode(t, name, err, files.NotPermitted)
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
		f, err := d.Open(name, files.OpenHow{Create: true, Write: true})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		f.Close()
		if list(t, d)[name] != files.RegularFile {
			t.Errorf("%q is not there", name)
		}
	}
	wantCode(t, "..", files.CheckPathIn(d, "/x"), files.NotPermitted)
	wantCode(t, "NUL", files.CheckPathIn(d, "x\x00"), files.Invalid)

	// A directory in it is of the same kind.
	if err := d.MakeDir("sub"); err != nil {
		t.Fatal(err)
	}
	sub, err := d.Open("sub", files.OpenHow{Directory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if runtime.GOOS != "windows" {
		if err := sub.(files.Dir).MakeDir("aux.c"); err != nil {
			t.Error(err)
		}
	}
}

// What CheckPath takes can be given to a directory: it does not panic, leads nowhere else, and stays within what a path
// is.
func FuzzPathsStayInside(f *testing.F) {
	for _, list := range [][]string{windowsNames, plainNames} {
		for _, name := range list {
			f.Add(name, name)
		}
	}
	for _, path := range []string{
		"", "/", ".", "..", "in", "dir", "dir/in", "dir/", "in/", "a/../in", "../in", "dir/../../in", "link", "link/", "link/x",
		"up", "up/x", "self", "self/", "\x00", "\xff", strings.Repeat("a", 300), strings.Repeat("dir/../", 600), "dir//in", "./in",
		"dir/.", "dir/..", "dir/./", "dir/../", "dir/up2/in",
	} {
		f.Add(path, "new")
		f.Add("in", path)
	}
	top := f.TempDir()
	put(f, top, "outside", "cage/in", "cage/dir/in")
	d := hostAt(f, top+"/cage")
	for name, target := range map[string]string{"link": "dir", "up": "..", "dir/up2": "..", "self": "self", "out": "../outside"} {
		if err := d.Symlink(target, name); err != nil {
			f.Skip(err)
		}
	}
	outside, err := hostAt(f, top).Stat("outside", true)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, to string) {
		checked := files.CheckPath(path)
		if checked == nil && (!utf8.ValidString(path) || strings.HasPrefix(path, "/") || strings.ContainsAny(path, "\x00:\\") || len(path) > 4095 || path == "") {
			t.Errorf("%q passes", path)
		}
		for _, follow := range []bool{false, true} {
			info, err := d.Stat(path, follow)
			if err == nil && (checked != nil || info.Inode == outside.Inode && info.Device == outside.Device) {
				t.Errorf("%q: %v", path, info)
			}
			if err != nil && files.CodeOf(err) == files.IO {
				t.Errorf("%q: %v", path, err)
			}
			if n, err := d.Open(path, files.OpenHow{Follow: follow, Read: true}); err == nil {
				info, err := n.Info()
				if err != nil || checked != nil || info.Inode == outside.Inode && info.Device == outside.Device {
					t.Errorf("%q: %v %v", path, info, err)
				}
				n.Close()
			}
		}
		d.Readlink(path)
		if d.MakeDir(path) == nil {
			if err := d.RemoveDir(path); err != nil {
				t.Errorf("%q was made, and then: %v", path, err)
			}
		}
		if d.Link("in", false, d, path) == nil {
			if err := d.Unlink(path); err != nil {
				t.Errorf("%q was linked, and then: %v", path, err)
			}
		}
		if d.Symlink(path, "new-link") == nil {
			if target, err := d.Readlink("new-link"); target != path || err != nil {
				t.Errorf("%q: %q, %v", path, target, err)
			}
			d.Stat("new-link/"+to, true)
			if n, err := d.Open("new-link", files.OpenHow{Follow: true, Read: true}); err == nil {
				info, _ := n.Info()
				if info.Inode == outside.Inode && info.Device == outside.Device {
					t.Errorf("%q leads out", path)
				}
				n.Close()
			}
			if err := d.Unlink("new-link"); err != nil {
				t.Error(err)
			}
		}
		if d.Rename("in", d, to) == nil && to != "in" {
			if err := d.Rename(to, d, "in"); err != nil {
				t.Fatalf("%q was moved to, and then: %v", to, err)
			}
		}
	})
}
