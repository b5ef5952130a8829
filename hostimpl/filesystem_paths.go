package hostimpl

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// at is what every function of a path begins with: the directory that the path starts
// from. The path is one that a file system may be given.
func (d *descriptor) at(path string) (files.Dir, error) {
	if d.dir == nil {
		return nil, filesystem.ErrorCodeNotDirectory
	}
	switch err := files.CheckPathIn(d.dir, path); {
	case err == nil:
		return d.dir, nil
	case err == files.NotPermitted && !strings.HasPrefix(path, "/"):
		return nil, d.deny(path, DeniedName)
	default:
		return nil, d.pathError(path, err)
	}
}

// pathError is fileError of a look at a path.
func (d *descriptor) pathError(path string, err error) error {
	err = fileError(err)
	if err == filesystem.ErrorCodeNotPermitted {
		return d.deny(path, DeniedOut)
	}
	return err
}

// changeAt is at for a function that changes something.
func (d *descriptor) changeAt(path string) (files.Dir, error) {
	dir, err := d.at(path)
	if err != nil {
		return nil, err
	}
	return dir, d.change(path)
}

// between is changeAt for two paths, of which the second may start from another directory.
func (d *descriptor) between(path string, to filesystem.Descriptor, newPath string) (from, into files.Dir, err error) {
	o, err := ours(to)
	if err != nil {
		return nil, nil, err
	}
	if from, err = d.changeAt(path); err != nil {
		return nil, nil, err
	}
	if into, err = o.changeAt(newPath); err != nil {
		return nil, nil, err
	}
	return from, into, nil
}

// ours is a descriptor that another function of this interface has made.
func ours(d filesystem.Descriptor) (*descriptor, error) {
	o, ok := d.(*descriptor)
	if !ok {
		return nil, fmt.Errorf("a %T is not a descriptor of hostimpl", d)
	}
	return o, nil
}

func follow(f filesystem.PathFlags) bool { return f.Has(filesystem.PathFlagsSymlinkFollow) }

// OpenAt opens for reading what is opened for nothing: a program that wants to know of a
// file, and no more, opens it so.
func (d *descriptor) OpenAt(_ context.Context, how filesystem.PathFlags, path string, open filesystem.OpenFlags, flags filesystem.DescriptorFlags) (filesystem.Descriptor, error) {
	dir, err := d.at(path)
	if err != nil {
		return nil, err
	}
	const makes = filesystem.OpenFlagsCreate | filesystem.OpenFlagsExclusive | filesystem.OpenFlagsTruncate
	if open.Has(filesystem.OpenFlagsDirectory) && open&makes != 0 {
		return nil, filesystem.ErrorCodeInvalid
	}
	if open&(filesystem.OpenFlagsCreate|filesystem.OpenFlagsTruncate) != 0 ||
		flags&(filesystem.DescriptorFlagsWrite|filesystem.DescriptorFlagsMutateDirectory) != 0 {
		if err := d.change(path); err != nil {
			return nil, err
		}
	}
	if !flags.Has(filesystem.DescriptorFlagsWrite) {
		flags |= filesystem.DescriptorFlagsRead
	}
	if err := d.in.enter(); err != nil {
		return nil, err
	}
	node, err := dir.Open(path, files.OpenHow{
		Follow:    follow(how),
		Create:    open.Has(filesystem.OpenFlagsCreate),
		Exclusive: open.Has(filesystem.OpenFlagsExclusive),
		Directory: open.Has(filesystem.OpenFlagsDirectory),
		Truncate:  open.Has(filesystem.OpenFlagsTruncate),
		Read:      flags.Has(filesystem.DescriptorFlagsRead),
		Write:     flags.Has(filesystem.DescriptorFlagsWrite),
		SyncFile:  flags.Has(filesystem.DescriptorFlagsFileIntegritySync),
		SyncData:  flags.Has(filesystem.DescriptorFlagsDataIntegritySync),
		SyncRead:  flags.Has(filesystem.DescriptorFlagsRequestedWriteSync),
	})
	d.looked(path, err)
	if err != nil {
		d.in.leave()
		return nil, d.pathError(path, err)
	}
	o := newDescriptor(&opened{node: node, in: d.in}, flags&^filesystem.DescriptorFlagsMutateDirectory, d.under)
	if o.dir != nil {
		o.flags = directoryFlags(d.under.readOnly)
	}
	return o, nil
}

func (d *descriptor) StatAt(_ context.Context, how filesystem.PathFlags, path string) (filesystem.DescriptorStat, error) {
	info, err := d.infoAt(how, path)
	return statOf(info), err
}

func (d *descriptor) MetadataHashAt(_ context.Context, how filesystem.PathFlags, path string) (filesystem.MetadataHashValue, error) {
	info, err := d.infoAt(how, path)
	return metadataHash(info), err
}

func (d *descriptor) infoAt(how filesystem.PathFlags, path string) (files.Info, error) {
	dir, err := d.at(path)
	if err != nil {
		return files.Info{}, err
	}
	info, err := dir.Stat(path, follow(how))
	d.looked(path, err)
	return info, d.pathError(path, err)
}

func (d *descriptor) SetTimesAt(_ context.Context, how filesystem.PathFlags, path string, accessed, modified filesystem.NewTimestamp) error {
	dir, err := d.changeAt(path)
	if err != nil {
		return err
	}
	a, m, err := newTimes(accessed, modified)
	if err != nil {
		return err
	}
	return fileError(dir.SetTimesAt(path, follow(how), a, m))
}

func (d *descriptor) CreateDirectoryAt(_ context.Context, path string) error {
	dir, err := d.changeAt(path)
	if err != nil {
		return err
	}
	return fileError(dir.MakeDir(path))
}

func (d *descriptor) RemoveDirectoryAt(_ context.Context, path string) error {
	dir, err := d.changeAt(path)
	if err != nil {
		return err
	}
	return fileError(dir.RemoveDir(path))
}

func (d *descriptor) UnlinkFileAt(_ context.Context, path string) error {
	dir, err := d.changeAt(path)
	if err != nil {
		return err
	}
	return fileError(dir.Unlink(path))
}

// LinkAt follows no link: the suites of wasmtime and of WASI want invalid for a request to.
func (d *descriptor) LinkAt(_ context.Context, how filesystem.PathFlags, path string, to filesystem.Descriptor, newPath string) error {
	from, into, err := d.between(path, to, newPath)
	if err != nil {
		return err
	}
	if follow(how) {
		return filesystem.ErrorCodeInvalid
	}
	return fileError(from.Link(path, false, into, newPath))
}

func (d *descriptor) RenameAt(_ context.Context, path string, to filesystem.Descriptor, newPath string) error {
	from, into, err := d.between(path, to, newPath)
	if err != nil {
		return err
	}
	return fileError(from.Rename(path, into, newPath))
}

func (d *descriptor) SymlinkAt(_ context.Context, target, path string) error {
	dir, err := d.changeAt(path)
	if err != nil {
		return err
	}
	if strings.HasPrefix(target, "/") {
		return filesystem.ErrorCodeNotPermitted
	}
	return fileError(dir.Symlink(target, path))
}

func (d *descriptor) ReadlinkAt(_ context.Context, path string) (string, error) {
	dir, err := d.at(path)
	if err != nil {
		return "", err
	}
	target, err := dir.Readlink(path)
	switch {
	case err != nil:
		return "", fileError(err)
	case !utf8.ValidString(target):
		return "", filesystem.ErrorCodeIllegalByteSequence
	case strings.HasPrefix(target, "/"):
		return "", filesystem.ErrorCodeNotPermitted
	}
	return target, nil
}
