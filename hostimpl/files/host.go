package files

// OpenHost opens a directory of this machine. No path that a guest gives leads out of it, and what is refused is the
// same on all platforms; see [HostOptions] for names.
//
// A directory that it gives has two descriptors open, which Close closes, and so has each directory that is opened in
// it. An error is of package os, and names path.
func OpenHost(path string) (Dir, error) { return HostOptions{}.Open(path) }

// HostOptions are what can be chosen for a directory of this machine.
type HostOptions struct {
	// AnyNames lets through names that mean something else than a name to Windows, such as aux.c and 12:30.log, which
	// are names like any other elsewhere. On Windows it has no effect.
	AnyNames bool
}

// Open is OpenHost with options.
func (o HostOptions) Open(path string) (Dir, error) {
	d, err := openHost(path, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// How many times an operation starts anew when names change under it, before it gives up with Busy.
const maxAttempts = 64

// hostLinks is how many symbolic links the last name of a path may lead through, as on Linux. Those before it are
// followed by os.Root, which takes eight.
const hostLinks = 40
