package wit

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// ParseFS loads the packages of folders and resolves them together; see
// [Resolver.AddFS] for how folders are read, and for errors.
func ParseFS(fsys fs.FS, dirs ...string) ([]*Package, error) {
	var r Resolver
	if err := r.AddFS(fsys, dirs...); err != nil {
		return nil, err
	}
	return r.Resolve()
}

// AddFS adds the packages of folders. The .wit files of a folder are one
// package, and its folder `deps` holds what that package needs: a folder or a
// file for each. A folder without .wit files of its own is a collection of
// packages, one in each folder and file within. A name of a file is allowed in
// place of that of a folder. An error that concerns the text is a *[ParseError]; any
// other is of the file system, or says that a folder has no .wit file.
func (r *Resolver) AddFS(fsys fs.FS, dirs ...string) error {
	for _, dir := range dirs {
		info, err := fs.Stat(fsys, dir)
		if err != nil {
			return fmt.Errorf("wit: %w", err)
		}
		if !info.IsDir() {
			err = r.addFiles(fsys, dir)
		} else {
			err = r.addDir(fsys, dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Resolver) addDir(fsys fs.FS, dir string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return fmt.Errorf("wit: %w", err)
	}
	var files []string
	for _, e := range entries {
		if isWitFile(e) {
			files = append(files, path.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return r.addCollection(fsys, dir)
	}
	if err := r.addFiles(fsys, files...); err != nil {
		return err
	}
	err = r.addCollection(fsys, path.Join(dir, "deps"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// addCollection adds each folder and file of dir as a package.
func (r *Resolver) addCollection(fsys fs.FS, dir string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return fmt.Errorf("wit: %w", err)
	}
	found := false
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			files, err := fs.Glob(fsys, path.Join(escapeGlob(name), "*.wit"))
			if err != nil {
				return fmt.Errorf("wit: %w", err)
			}
			if len(files) == 0 {
				continue
			}
			err = r.addDir(fsys, name)
			if err != nil {
				return err
			}
			found = true
		case isWitFile(e):
			if err := r.addFiles(fsys, name); err != nil {
				return err
			}
			found = true
		}
	}
	if !found {
		return fmt.Errorf("wit: no .wit file in %s nor in the folders within", dir)
	}
	return nil
}

func (r *Resolver) addFiles(fsys fs.FS, names ...string) error {
	var files []File
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("wit: %w", err)
		}
		files = append(files, File{Name: name, Text: string(text)})
	}
	return r.Add(files...)
}

// isWitFile does not ask whether e is a plain file: it may be a link to one.
func isWitFile(e fs.DirEntry) bool {
	return !e.IsDir() && strings.HasSuffix(e.Name(), ".wit")
}

var globEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func escapeGlob(name string) string { return globEscaper.Replace(name) }
