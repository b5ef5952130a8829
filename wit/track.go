package wit

// Pick chooses among names the one that can stand for want: the exact name
// first, else the one with the highest version on the same track, whether newer
// or older than want. A bare track (`wasi:io@0.2`) is met by any version on it.
// All but versions must be equal.
func Pick(want Name, have []Name) (Name, bool) {
	var best Name
	found := false
	track := want.Version.Track()
	for _, n := range have {
		if n == want {
			return n, true
		}
		if track == "" || n.Unversioned() != want.Unversioned() || n.Version.Track() != track {
			continue
		}
		if !found || n.Version.Compare(best.Version) > 0 {
			best, found = n, true
		}
	}
	return best, found
}
