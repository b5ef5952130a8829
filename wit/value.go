package wit

// VariantValue is a value of a variant. Value is nil where the case carries nothing.
type VariantValue struct {
	Case  string
	Value any
}

// ResultValue is a value of a result. Value is nil where that side carries nothing.
type ResultValue struct {
	IsErr bool
	Value any
}

// SomeValue is an option that is there. It is needed where the value inside is
// itself an option, and allowed elsewhere.
type SomeValue struct{ Value any }
