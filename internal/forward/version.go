package forward

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/tenon-wasm/tenon/wit"
)

// since are the gates that name a version, which must not be above that of the package.
var since = regexp.MustCompile(`@(since|deprecated)\([^)]*\)`)

// Packages parses the WIT in dirs with the packages of one version under another, without
// the gates that name a version. Edit then changes the text of each file; nil changes
// nothing.
func Packages(fsys fs.FS, from, to string, edit func(string) string, dirs ...string) ([]*wit.Package, error) {
	files := fstest.MapFS{}
	for _, dir := range dirs {
		names, err := fs.Glob(fsys, path.Join(dir, "*.wit"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, err
			}
			text := strings.ReplaceAll(string(data), "@"+from, "@"+to)
			text = since.ReplaceAllString(text, "")
			if edit != nil {
				text = edit(text)
			}
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return wit.ParseFS(files, dirs...)
}
