package hostimpl

import (
	"context"
	"io"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// descriptor is the resource of that name: a file, a directory, or something else that is
// open, and what its owner may do with it. Rights are kept here and nowhere below.
type descriptor struct {
	*opened
	file files.File // nil if it is something else
	dir  files.Dir  // nil if it is something else

	flags filesystem.DescriptorFlags
	under *preopen // whose rights it has

	// buf is what the last Read answered with: the guest gets its copy before it can call
	// again.
	buf *readBuffer
}

func newDescriptor(o *opened, flags filesystem.DescriptorFlags, under *preopen) *descriptor {
	d := &descriptor{opened: o, flags: flags, under: under}
	switch n := o.node.(type) {
	case files.Dir:
		d.dir = n
	case files.File:
		d.file = n
	}
	return d
}

// change is nil if the preopen grants changes. Path is what would be changed; empty is what
// is open.
func (d *descriptor) change(path string) error {
	if d.under.readOnly {
		return d.deny(path, DeniedChange)
	}
	return nil
}

func (d *descriptor) deny(path string, why FileDenialReason) error {
	if d.in.onDenied != nil {
		d.in.onDenied(FileDenial{Dir: d.under.guest, Path: path, Why: why})
	}
	return filesystem.ErrorCodeNotPermitted
}

// readable is nil for a file that was opened for reading.
func (d *descriptor) readable() error {
	if d.file == nil || !d.flags.Has(filesystem.DescriptorFlagsRead) {
		return filesystem.ErrorCodeBadDescriptor
	}
	return nil
}

// writable is nil for a file that was opened for writing. What was never granted is
// not-permitted, what was only not asked for bad-descriptor.
func (d *descriptor) writable() error {
	if d.file == nil {
		return filesystem.ErrorCodeBadDescriptor
	}
	if err := d.change(""); err != nil {
		return err
	}
	if !d.flags.Has(filesystem.DescriptorFlagsWrite) {
		return filesystem.ErrorCodeBadDescriptor
	}
	return nil
}

func (d *descriptor) Close(context.Context) error {
	if d.buf != nil {
		readBuffers.Put(d.buf)
		d.buf = nil
	}
	// That something written is lost is told by sync; here nobody could be told.
	_ = d.opened.close()
	return nil
}

// ReadViaStream has one code of its own: is-directory, which is what a program is told
// that reads one.
func (d *descriptor) ReadViaStream(_ context.Context, offset uint64) (streams.InputStream, error) {
	if d.dir != nil {
		return nil, filesystem.ErrorCodeIsDirectory
	}
	if err := d.readable(); err != nil {
		return nil, err
	}
	o, err := d.another()
	if err != nil {
		return nil, err
	}
	return newInputStream(&fileSource{of: o, file: d.file, at: offset}, nil), nil
}

func (d *descriptor) WriteViaStream(_ context.Context, offset uint64) (streams.OutputStream, error) {
	return d.outputStream(fileSink{at: offset})
}

func (d *descriptor) AppendViaStream(context.Context) (streams.OutputStream, error) {
	return d.outputStream(fileSink{append: true})
}

func (d *descriptor) outputStream(to fileSink) (streams.OutputStream, error) {
	if err := d.writable(); err != nil {
		return nil, err
	}
	o, err := d.another()
	if err != nil {
		return nil, err
	}
	to.of, to.file = o, d.file
	s := newOutputStream(&to, nil)
	s.through = true
	return s, nil
}

// Read gives at most maxRead bytes, however many are asked for. The end is told with the
// last of them, where the file is known to end there, and with none.
func (d *descriptor) Read(ctx context.Context, length, offset uint64) ([]byte, bool, error) {
	if err := d.readable(); err != nil {
		return nil, false, err
	}
	if offset > maxOffset {
		return nil, false, filesystem.ErrorCodeInvalid
	}
	info, err := d.file.Info()
	if err != nil {
		return nil, false, fileError(err)
	}
	n := min(length, maxRead, maxOffset-offset)
	if info.Kind == files.RegularFile && info.Size > offset {
		n = min(n, info.Size-offset)
	}
	if n == 0 {
		return nil, info.Kind == files.RegularFile && offset >= info.Size, nil
	}
	if d.buf == nil {
		d.buf = readBuffers.Get().(*readBuffer)
	}
	p := d.buf[:n]
	k, err := d.file.ReadAt(p, int64(offset))
	if k == 0 && err != nil && err != io.EOF {
		return nil, false, fileError(err)
	}
	ends := info.Kind == files.RegularFile && uint64(k) < length && offset+uint64(k) == info.Size
	return p[:k], err == io.EOF || ends, nil
}

func (d *descriptor) Write(_ context.Context, p []byte, offset uint64) (uint64, error) {
	if err := d.writable(); err != nil {
		return 0, err
	}
	if offset > maxOffset-uint64(len(p)) {
		return 0, filesystem.ErrorCodeFileTooLarge
	}
	n, err := d.file.WriteAt(p, int64(offset))
	if n > 0 {
		return uint64(n), nil // what kept it from writing the rest meets the next call, too
	}
	return 0, fileError(err)
}

func (d *descriptor) Advise(_ context.Context, offset, length uint64, a filesystem.Advice) error {
	if d.file == nil {
		return filesystem.ErrorCodeBadDescriptor
	}
	return fileError(d.file.Advise(offset, length, files.Advice(a)))
}

// SetSize calls a file that is not open for writing invalid, as ftruncate does.
func (d *descriptor) SetSize(_ context.Context, size uint64) error {
	if err := d.writable(); err != nil {
		if d.file != nil && err == filesystem.ErrorCodeBadDescriptor {
			return filesystem.ErrorCodeInvalid
		}
		return err
	}
	return fileError(d.file.Truncate(size))
}

func (d *descriptor) SyncData(context.Context) error { return d.sync(true) }
func (d *descriptor) Sync(context.Context) error     { return d.sync(false) }

// sync has nothing to do for what is not open for writing.
func (d *descriptor) sync(dataOnly bool) error {
	const changes = filesystem.DescriptorFlagsWrite | filesystem.DescriptorFlagsMutateDirectory
	if d.flags&changes == 0 {
		return nil
	}
	return fileError(d.node.Sync(dataOnly))
}

func (d *descriptor) GetFlags(context.Context) (filesystem.DescriptorFlags, error) {
	return d.flags, nil
}

func (d *descriptor) GetType(context.Context) (filesystem.DescriptorType, error) {
	if d.dir != nil {
		return filesystem.DescriptorTypeDirectory, nil
	}
	info, err := d.node.Info()
	return filesystem.DescriptorType(info.Kind), fileError(err)
}

func (d *descriptor) Stat(context.Context) (filesystem.DescriptorStat, error) {
	info, err := d.node.Info()
	return statOf(info), fileError(err)
}

func (d *descriptor) MetadataHash(context.Context) (filesystem.MetadataHashValue, error) {
	info, err := d.node.Info()
	return metadataHash(info), fileError(err)
}

func (d *descriptor) SetTimes(_ context.Context, accessed, modified filesystem.NewTimestamp) error {
	if err := d.change(""); err != nil {
		return err
	}
	a, m, err := newTimes(accessed, modified)
	if err != nil {
		return err
	}
	return fileError(d.node.SetTimes(a, m))
}

// IsSameObject has no error to answer: what cannot be told apart for sure is not the same.
func (d *descriptor) IsSameObject(_ context.Context, other filesystem.Descriptor) (bool, error) {
	o, err := ours(other)
	if err != nil {
		return false, err
	}
	if d.opened == o.opened {
		return true, nil
	}
	a, errA := d.node.Info()
	b, errB := o.node.Info()
	return errA == nil && errB == nil && a.Device == b.Device && a.Inode == b.Inode, nil
}

func (d *descriptor) ReadDirectory(context.Context) (filesystem.DirectoryEntryStream, error) {
	if d.dir == nil {
		return nil, filesystem.ErrorCodeNotDirectory
	}
	if err := d.in.enter(); err != nil {
		return nil, err
	}
	list, err := d.dir.ReadDir()
	if err != nil {
		d.in.leave()
		return nil, fileError(err)
	}
	return &entries{list: list, in: d.in}, nil
}

var _ filesystem.Descriptor = (*descriptor)(nil)
