package doctor

import (
	"fmt"
	"strings"
)

// Severity tells what a finding means for a run.
type Severity uint8

const (
	Note    Severity = iota // worth knowing
	Warning                 // it runs, and may not do what was meant
	Error                   // it does not run
)

func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// MarshalText writes the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Finding is one thing that was found, with what to do about it.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`

	// Subject is what it is about, an import for example; empty for the file.
	Subject string `json:"subject,omitempty"`

	// Cause says in a few words what is wrong, and Cure what to do, in the imperative.
	Cause string `json:"cause"`
	Cure  string `json:"cure"`

	// Drift is the difference of types behind it.
	Drift *Drift `json:"drift,omitempty"`

	// Details are lines that say more.
	Details []string `json:"details,omitempty"`
}

// String is the finding in one line: code, subject, cause and cure.
func (f Finding) String() string { return string(f.Code) + " " + f.Words() }

// Words is the finding in one line without its code.
func (f Finding) Words() string {
	s := f.Cause + "; " + f.Cure
	if f.Subject != "" {
		s = f.Subject + ": " + s
	}
	return s
}

// A Drift is a function or type that the component has otherwise than what would meet it.
type Drift struct {
	// By is whose the other side is: the host's, or that of what is linked.
	By string `json:"by"`

	// Item is the function or type, and Want and Have its WIT on either side, the component's first.
	Item string `json:"item"`
	Want string `json:"want"`
	Have string `json:"have"`

	// Places are where they part, each with the effect on the ABI.
	Places []Place `json:"places"`

	// Newer is the newer side: component, host, or empty where the versions do not say.
	Newer string `json:"newer,omitempty"`

	// FlatWant and FlatHave are the core signatures of the function FlatOf, where they
	// differ: of Item, or of the first function that uses it.
	FlatOf   string `json:"flatOf,omitempty"`
	FlatWant string `json:"flatWant,omitempty"`
	FlatHave string `json:"flatHave,omitempty"`

	// Users are functions that differ for no other reason.
	Users []string `json:"users,omitempty"`
	More  int      `json:"moreUsers,omitempty"`
}

// A Place is where two types part.
type Place struct {
	Path string `json:"path"` // `param "addr".ipv4.port`
	Want string `json:"want"`
	Have string `json:"have"`

	// Effects tell what that does to the memory of values, from the inside out.
	Effects []Effect `json:"effects,omitempty"`
}

func (p Place) String() string {
	if p.Path == "" {
		return p.Want + ", host has " + p.Have
	}
	return p.Path + ": " + p.Want + ", host has " + p.Have
}

// An Effect is how a value stands in memory on either side.
type Effect struct {
	Path string `json:"path"`
	Want Cell   `json:"want"`
	Have Cell   `json:"have"`
}

// A Cell is where a value stands and what it takes, in bytes.
type Cell struct {
	Offset int64  `json:"offset"` // in the parameter, result or list element that it is in
	Size   uint32 `json:"size"`
	Align  uint32 `json:"align"`
}

func (e Effect) String() string {
	var parts []string
	part := func(what string, want, have any) {
		if want != have {
			parts = append(parts, fmt.Sprintf("%s %v, host %v", what, want, have))
		}
	}
	part("offset", e.Want.Offset, e.Have.Offset)
	part("size", e.Want.Size, e.Have.Size)
	part("alignment", e.Want.Align, e.Have.Align)
	if len(parts) == 0 {
		parts = []string{fmt.Sprintf("the same %s at offset %d, with another meaning", plural(int(e.Want.Size), "byte"), e.Want.Offset)}
	}
	return e.Path + ": " + strings.Join(parts, "; ")
}
