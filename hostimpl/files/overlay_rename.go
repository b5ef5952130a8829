package files

// other is the other directory of a call that needs two of one overlay.
func (d *overDir) other(to Dir) (*overDir, error) {
	o, ok := to.(*overDir)
	switch {
	case !ok || o.n.o != d.n.o:
		return nil, CrossDevice
	case o.closed.Load():
		return nil, BadDescriptor
	}
	return o, nil
}

func (d *overDir) Link(path string, follow bool, to Dir, newPath string) error {
	return d.find(path, following(follow), func(from overSpot) error {
		o, err := d.other(to)
		if err != nil {
			return err
		}
		return o.vacant(newPath, func(into overSpot) error {
			if !from.found || from.at.kind() == Directory {
				return NotPermitted
			}
			if err := from.at.copy(true); err != nil {
				return err
			}
			return from.dir.upper.Link(from.name, false, into.dir.upper, into.name)
		})
	})
}

func (d *overDir) Rename(path string, to Dir, newPath string) error {
	return d.call(func() error {
		o, err := d.other(to)
		if err != nil {
			return err
		}
		return d.spot(path, func(from overSpot) error {
			return o.spot(newPath, func(into overSpot) error {
				if from.name == "" || into.name == "" {
					return Busy
				}
				if err := overLook(&from); err != nil {
					return err
				}
				if !from.found {
					return NoEntry
				}
				if err := overLook(&into); err != nil {
					return err
				}
				return overRename(from, into)
			})
		})
	})
}

// overRename moves what from has in place of what into has. The order of the checks is that of Linux.
func overRename(from, into overSpot) error {
	isDir := from.at.kind() == Directory
	replaces := into.found && into.at.kind() == Directory // a directory
	switch {
	case !isDir && (from.slash || into.slash):
		return NotDirectory
	case from.dir != into.dir && isDir && into.dir.isIn(from.at.dir()):
		return Invalid
	case from.dir != into.dir && replaces && from.dir.isIn(into.at.dir()):
		return NotEmpty
	case into.found && from.at.inode() == into.at.inode():
		return nil
	case into.found && isDir && !replaces:
		return NotDirectory
	case replaces && !isDir:
		return IsDirectory
	case replaces:
		n := into.at.dir().hold()
		defer n.release()
		if err := n.empty(); err != nil {
			return err
		}
	}
	if isDir && from.at.inLower {
		return CrossDevice
	}
	if err := from.at.copy(true); err != nil {
		return err
	}
	if err := into.dir.copyDir(); err != nil {
		return err
	}
	return overMove(from, into)
}

// overMove moves what upper has, and hides what lower has of both names.
func overMove(from, into overSpot) error {
	_, fromBelow, err := from.dir.below(from.name)
	if err != nil {
		return err
	}
	_, intoBelow, err := into.dir.below(into.name)
	if err != nil {
		return err
	}
	if err := from.dir.upper.Rename(from.name, into.dir.upper, into.name); err != nil {
		return err
	}
	if fromBelow {
		from.dir.hide(from.name)
	}
	if intoBelow {
		into.dir.hide(into.name)
	}
	if into.found {
		into.at.lost()
	}
	if n, ok := into.dir.kids[into.name]; ok {
		n.cutOff()
	}
	if n, ok := from.dir.kids[from.name]; ok {
		delete(from.dir.kids, from.name)
		if into.dir.kids == nil {
			into.dir.kids = map[string]*overNode{}
		}
		into.dir.kids[into.name] = n
		n.up, n.name = into.dir, into.name
	}
	return nil
}
