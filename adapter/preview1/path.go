package preview1

import filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"

// at is what most functions of a path begin with: the directory of parameter dir, and the
// path of parameter path and the one after it.
func (p *process) dirPath(dir, path int, need rights) (filesystem.Descriptor, string, error) {
	d, err := p.dir(dir, need)
	if err != nil {
		return nil, "", err
	}
	text, err := p.path(path)
	return d.node, text, err
}

// lookup are the lookupflags of parameter i.
func (p *process) lookup(i int) (filesystem.PathFlags, error) {
	flags := p.u32(i)
	if flags&^uint32(filesystem.PathFlagsSymlinkFollow) != 0 {
		return 0, eINVAL
	}
	return filesystem.PathFlags(flags), nil
}

func (p *process) pathCreateDirectory() error {
	d, path, err := p.dirPath(0, 1, rightPathCreateDirectory)
	if err != nil {
		return err
	}
	return d.CreateDirectoryAt(p.ctx, path)
}

func (p *process) pathFilestatGet() error {
	d, path, err := p.dirPath(0, 2, rightPathFilestatGet)
	if err != nil {
		return err
	}
	how, err := p.lookup(1)
	if err != nil {
		return err
	}
	b, err := p.out(4, p.filestatSize())
	if err != nil {
		return err
	}
	stat, err := d.StatAt(p.ctx, how, path)
	if err != nil {
		return err
	}
	hash, err := d.MetadataHashAt(p.ctx, how, path)
	if err == nil {
		p.putFilestat(b, hash.Lower, fileType(stat.Type), stat)
	}
	return err
}

func (p *process) pathFilestatSetTimes() error {
	d, path, err := p.dirPath(0, 2, rightPathFilestatSetTimes)
	if err != nil {
		return err
	}
	how, err := p.lookup(1)
	if err != nil {
		return err
	}
	accessed, modified, err := p.times(4)
	if err != nil {
		return err
	}
	return d.SetTimesAt(p.ctx, how, path, accessed, modified)
}

func (p *process) pathLink() error {
	from, path, err := p.dirPath(0, 2, rightPathLinkSource)
	if err != nil {
		return err
	}
	how, err := p.lookup(1)
	if err != nil {
		return err
	}
	to, newPath, err := p.dirPath(4, 5, rightPathLinkTarget)
	if err != nil {
		return err
	}
	return from.LinkAt(p.ctx, how, path, to, newPath)
}

func (p *process) pathRename() error {
	from, path, err := p.dirPath(0, 1, rightPathRenameSource)
	if err != nil {
		return err
	}
	to, newPath, err := p.dirPath(3, 4, rightPathRenameTarget)
	if err != nil {
		return err
	}
	return from.RenameAt(p.ctx, path, to, newPath)
}

func (p *process) pathSymlink() error {
	d, path, err := p.dirPath(2, 3, rightPathSymlink)
	if err != nil {
		return err
	}
	target, err := p.path(0)
	if err != nil {
		return err
	}
	return d.SymlinkAt(p.ctx, target, path)
}

// pathReadlink cuts off what there is no room for, and does not say so.
func (p *process) pathReadlink() error {
	d, path, err := p.dirPath(0, 1, rightPathReadlink)
	if err != nil {
		return err
	}
	to, err := p.at(p.u32(3), p.u32(4))
	if err != nil {
		return err
	}
	used, err := p.out(5, 4)
	if err != nil {
		return err
	}
	target, err := d.ReadlinkAt(p.ctx, path)
	if err == nil {
		le.PutUint32(used, uint32(copy(to, target)))
	}
	return err
}

func (p *process) pathRemoveDirectory() error {
	d, path, err := p.dirPath(0, 1, rightPathRemoveDirectory)
	if err != nil {
		return err
	}
	return d.RemoveDirectoryAt(p.ctx, path)
}

func (p *process) pathUnlinkFile() error {
	d, path, err := p.dirPath(0, 1, rightPathUnlinkFile)
	if err != nil {
		return err
	}
	return d.UnlinkFileAt(p.ctx, path)
}

// oflags.
const (
	openCreate    = 1 << 0
	openDirectory = 1 << 1
	openExclusive = 1 << 2
	openTruncate  = 1 << 3
	openAll       = openCreate | openDirectory | openExclusive | openTruncate
)

// pathOpen opens for reading and for writing what rights to read and to write are asked
// for. All else that can be asked for is given.
func (p *process) pathOpen() error {
	parent, err := p.dir(0, rightPathOpen)
	if err != nil {
		return err
	}
	how, err := p.lookup(1)
	if err != nil {
		return err
	}
	path, err := p.path(2)
	if err != nil {
		return err
	}
	number, err := p.out(8, 4)
	if err != nil {
		return err
	}
	open, asked, flags := p.u32(4), rights(p.u64(5)), p.u32(7)
	if open&^openAll != 0 || flags&^flagsAll != 0 {
		return eINVAL
	}
	if open&openCreate != 0 && parent.given(rightPathCreateFile) || open&openTruncate != 0 && parent.given(rightPathFilestatSetSize) {
		return eNOTCAPABLE
	}
	asked &^= rightsFile &^ parent.inheriting
	read, write := asked&rightFdRead != 0, asked&rightFdWrite != 0
	node, err := parent.node.OpenAt(p.ctx, how, path, filesystem.OpenFlags(open), descriptorFlags(read, write, flags))
	if err != nil {
		return err
	}
	typ, err := node.GetType(p.ctx)
	if err != nil {
		_ = node.Close(p.ctx)
		return err
	}
	d := &descriptor{node: node, filetype: fileType(typ)}
	if d.filetype == typeDirectory {
		d.begin(rightsDirectory, parent)
		d.inheriting = parent.inheriting
	} else {
		d.readable, d.writable, d.flags = read, write, uint16(flags)
		d.begin(rightsFile, parent)
		if !read {
			d.base &^= rightFdRead
		}
		if !write {
			d.base &^= rightFdWrite | rightFdAllocate | rightFdFilestatSetSize
		}
	}
	le.PutUint32(number, p.add(d))
	return nil
}

// begin gives a descriptor the rights of its kind that the directory, from which it was
// opened, passes on.
func (d *descriptor) begin(kind rights, parent *descriptor) {
	d.base, d.dropped = kind&parent.inheriting, kind&^parent.inheriting
}

func descriptorFlags(read, write bool, flags uint32) (f filesystem.DescriptorFlags) {
	for _, c := range []struct {
		set  bool
		flag filesystem.DescriptorFlags
	}{
		{read, filesystem.DescriptorFlagsRead},
		{write, filesystem.DescriptorFlagsWrite},
		{flags&flagSync != 0, filesystem.DescriptorFlagsFileIntegritySync},
		{flags&flagDsync != 0, filesystem.DescriptorFlagsDataIntegritySync},
		{flags&flagRsync != 0, filesystem.DescriptorFlagsRequestedWriteSync},
	} {
		if c.set {
			f |= c.flag
		}
	}
	return f
}
