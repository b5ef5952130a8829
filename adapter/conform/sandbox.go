package conform

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A sandbox is what one run of a test has for itself: copies of its directories, and
// servers. It is gone when it is closed.
type sandbox struct {
	root    string
	dirs    []jobDir
	replace *strings.Replacer // addresses of servers, for their names in braces
	closers []io.Closer
}

func newSandbox(t *Test) (s *sandbox, err error) {
	s = &sandbox{}
	if s.root, err = os.MkdirTemp("", "tenon-conform-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for i, d := range t.Dirs {
		host := filepath.Join(s.root, strconv.Itoa(i))
		if err := fill(host, d); err != nil {
			return nil, fmt.Errorf("directory %s: %w", d.Guest, err)
		}
		s.dirs = append(s.dirs, jobDir{Host: host, Guest: d.Guest, ReadOnly: d.ReadOnly})
	}
	var pairs []string
	for _, server := range t.Servers {
		addr, err := s.serve(server)
		if err != nil {
			return nil, fmt.Errorf("server %s: %w", server.Name, err)
		}
		pairs = append(pairs, "{"+server.Name+"}", addr)
	}
	s.replace = strings.NewReplacer(pairs...)
	return s, nil
}

// fill makes a directory of a guest. What an earlier run of wasi-testsuite may have left in
// the original, names that end with .cleanup, is no part of it.
func fill(host string, d Dir) error {
	if err := os.Mkdir(host, 0o777); err != nil {
		return err
	}
	if d.From != "" {
		if err := os.CopyFS(host, os.DirFS(d.From)); err != nil {
			return err
		}
		if err := removeLeftovers(host); err != nil {
			return err
		}
	}
	for name, text := range d.Files {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("the file %q does not lie in it", name)
		}
		path := filepath.Join(host, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func removeLeftovers(host string) error {
	return filepath.WalkDir(host, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".cleanup") {
			return err
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
}

// Close ends the servers and removes the directories, also those that the guest has made
// unreadable.
func (s *sandbox) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	err := os.RemoveAll(s.root)
	if errors.Is(err, fs.ErrPermission) {
		_ = filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() {
				_ = os.Chmod(path, 0o700)
			}
			return nil
		})
		err = os.RemoveAll(s.root)
	}
	return errors.Join(append(errs, err)...)
}

var serverKinds = []string{"tcp-echo", "udp-echo", "closed"}

// serve starts a server on a port of loopback that nobody has.
func (s *sandbox) serve(server Server) (addr string, err error) {
	if server.Kind == "udp-echo" {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		s.closers = append(s.closers, c)
		go echoDatagrams(c)
		return c.LocalAddr().String(), nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr = l.Addr().String()
	if server.Kind == "closed" {
		return addr, l.Close()
	}
	s.closers = append(s.closers, l)
	go echoStreams(l)
	return addr, nil
}

// longest is how long a connection of a server lives if nobody ends it.
const longest = 5 * time.Minute

func echoStreams(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(longest))
			_, _ = io.Copy(c, c)
		}()
	}
}

func echoDatagrams(c net.PacketConn) {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		_, _ = c.WriteTo(buf[:n], from)
	}
}
