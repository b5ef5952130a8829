package preview1

// rights are what a descriptor may be used for. Guests ask for them at random, so that
// only two decide how a file is opened; what a guest gives up by fd_fdstat_set_rights it
// cannot use any more.
type rights uint64

const (
	rightFdDatasync rights = 1 << iota
	rightFdRead
	rightFdSeek
	rightFdFdstatSetFlags
	rightFdSync
	rightFdTell
	rightFdWrite
	rightFdAdvise
	rightFdAllocate
	rightPathCreateDirectory
	rightPathCreateFile
	rightPathLinkSource
	rightPathLinkTarget
	rightPathOpen
	rightFdReaddir
	rightPathReadlink
	rightPathRenameSource
	rightPathRenameTarget
	rightPathFilestatGet
	rightPathFilestatSetSize
	rightPathFilestatSetTimes
	rightFdFilestatGet
	rightFdFilestatSetSize
	rightFdFilestatSetTimes
	rightPathSymlink
	rightPathRemoveDirectory
	rightPathUnlinkFile
	rightPollFdReadwrite
	rightSockShutdown
	rightSockAccept
)

// What descriptors of each kind begin with.
const (
	rightsStdin  = rightFdRead | rightPollFdReadwrite
	rightsStdout = rightFdWrite | rightPollFdReadwrite

	rightsFile = rightFdDatasync | rightFdRead | rightFdSeek | rightFdFdstatSetFlags | rightFdSync | rightFdTell |
		rightFdWrite | rightFdAdvise | rightFdAllocate | rightFdFilestatGet | rightFdFilestatSetSize |
		rightFdFilestatSetTimes | rightPollFdReadwrite

	rightsDirectory = rightFdDatasync | rightFdSync | rightFdReaddir | rightFdFdstatSetFlags | rightFdAdvise |
		rightFdFilestatGet | rightFdFilestatSetTimes | rightPathCreateDirectory | rightPathCreateFile |
		rightPathLinkSource | rightPathLinkTarget | rightPathOpen | rightPathReadlink | rightPathRenameSource |
		rightPathRenameTarget | rightPathFilestatGet | rightPathFilestatSetSize | rightPathFilestatSetTimes |
		rightPathSymlink | rightPathRemoveDirectory | rightPathUnlinkFile

	rightsListener   = rightFdRead | rightFdFdstatSetFlags | rightFdFilestatGet | rightPollFdReadwrite | rightSockAccept
	rightsConnection = rightFdRead | rightFdWrite | rightFdFdstatSetFlags | rightFdFilestatGet | rightPollFdReadwrite |
		rightSockShutdown
)

// given reports whether the guest gave up a right that a descriptor of this kind begins
// with. One that the kind never has is another error, which who asks tells.
func (d *descriptor) given(need rights) bool { return d.dropped&need != 0 }

// fdFdstatSetRights gives rights up.
func (p *process) fdFdstatSetRights() error {
	d, err := p.fd(0)
	if err != nil {
		return err
	}
	base, inheriting := rights(p.u64(1)), rights(p.u64(2))
	if base&^d.base != 0 || inheriting&^d.inheriting != 0 {
		return eNOTCAPABLE
	}
	d.dropped |= d.base &^ base
	d.base, d.inheriting = base, inheriting
	return nil
}
