package cabi

// lowering is a seed of FuzzLower.
type lowering struct {
	shape    []byte
	encoding uint8
	value    []byte
	answers  []byte
}

// lowerings has, for each answer of a [liar], a string in each encoding and a list
// of lists that get it.
func lowerings() map[string]lowering {
	return map[string]lowering{}
}
