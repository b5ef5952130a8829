package wit

// waveIndex finds names of fields, cases and labels. It costs the same for a type of
// many names.
type waveIndex map[any]map[string]int

// find is the place of a name among those of a type, or -1.
func (x *waveIndex) find(of any, names func() []string, name string) int {
	m, ok := (*x)[of]
	if !ok {
		m = map[string]int{}
		for i, s := range names() {
			m[s] = i
		}
		if *x == nil {
			*x = waveIndex{}
		}
		(*x)[of] = m
	}
	if i, ok := m[name]; ok {
		return i
	}
	return -1
}
