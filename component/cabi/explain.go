package cabi

import "strings"

// Rule is the rule that a guest has broken, nearly in the words of the specification.
func (c Code) Rule() string {
	if int(c) < len(rules) {
		return rules[c].rule
	}
	return ""
}

// rules are the rules behind the codes, and what helps who broke them.
var rules = [...]struct{ rule, help string }{
	Unaligned: {
		"a pointer must be a multiple of the alignment of its type",
		"it was made by other code than generated bindings, or realloc does not honour the alignment that it is asked for",
	},
	OutOfBounds: {
		"all bytes of a value must lie in the memory that its function names",
		"a pointer or a length is wrong: look at what the program passes here, and at what was freed before",
	},
	TooLong: {
		"a string or list takes less than 2^28 bytes, and the values of a call no more than the host allows",
		"pass less at a time, in pieces",
	},
	BadChar: {
		"a char is a Unicode scalar value: up to 0x10ffff, and no surrogate",
		"check what the program makes chars of; a byte or a UTF-16 code unit is none",
	},
	BadDiscriminant: {
		"a discriminant must be less than the number of cases",
		"the value was not written, or the program was built against another version of the type; tenon diff compares two",
	},
	BadEncoding: {
		"a string must be well-formed in the encoding that its function names",
		"pass bytes that are no text as list<u8>; a string must not be cut in the middle of a character",
	},
	BadHandle: {
		"a handle must be live, of the type that is asked for, and owned and not lent where it is given away or dropped",
		"a handle ends when it is dropped or given away as own<T>; the last host calls tell where, see tenon run --trace",
	},
	HasChildren: {
		"a resource must be dropped after those that were made from it",
		"drop streams, pollables and other children before their parent",
	},
	TableFull: {
		"a table holds no more handles than its limit",
		"the program makes handles without dropping them; or raise Config.HandleLimit",
	},
	BorrowLeak: {
		"what was borrowed for a call must be dropped before the call returns",
		"drop the handle before the return, or take own<T> to keep it",
	},
	CannotLeave: {
		"realloc and post-return must not call imports",
		"an allocator that logs, asks for the time or for random numbers calls the host; so does a destructor that runs in post-return",
	},
	CannotEnter: {
		"a component instance must not be entered again while a call of it is under way",
		"a component was called back by what it called; call it after the return",
	},
	HostFailed: {
		"a host function answers what its type allows; for other failures there is no answer",
		"the fault is the host's, or that of what it depends on: the cause stands in the message",
	},
	ContractBroken: {
		"what the documentation of an interface forbids must trap",
		"the message says which; a write beyond what check-write has permitted is the most common",
	},
	Dead: {
		"an instance is not called after a trap or an exit",
		"make a new instance; what is named here is the first trap",
	},
	Interrupted: {
		"a call ends when its context does, or when its instance is closed",
		"",
	},
}

// engineTraps are the engine's words for why core code cannot go on, and what they mean.
var engineTraps = []struct{ says, means string }{
	{"unreachable", "the program has given up: an abort, a failed assertion or a panic; what it has to say is usually on stderr"},
	{"out of bounds memory access", "a pointer leads out of the program's memory: often one that is null, freed or never set, or an index that is too large"},
	{"integer divide by zero", "a division or a remainder by zero"},
	{"integer overflow", "the smallest integer divided by -1, or a number too large for the integer that it is converted to"},
	{"invalid conversion to integer", "NaN is converted to an integer"},
	{"indirect call type mismatch", "a function is called through a pointer of another type: a cast, or declarations of it that differ"},
	{"invalid table access", "a function pointer is null, freed or never set"},
	{"out of bounds table access", "a function pointer is null, freed or never set"},
	{"stack overflow", "calls go too deep, most often a recursion that does not end"},
	{"an element segment lies outside of its table", "the module wants a larger table than it was given"},
}

// Help is what helps who reads the trap to mend its cause; empty where nothing is known.
func (t *Trap) Help() string {
	if t.Code == GuestTrapped {
		for _, e := range engineTraps {
			if strings.HasPrefix(t.Msg, e.says) {
				return e.means
			}
		}
	}
	if int(t.Code) < len(rules) {
		return rules[t.Code].help
	}
	return ""
}
