package doctor

import (
	"encoding/json"
)

// A Report is what Examine found. It prints as text (String) and marshals to JSON.
type Report struct {
	// Name is what the file is called in the text.
	Name string `json:"name"`

	// Runs tells whether it would run here, with what is granted: no finding is an error.
	Runs bool `json:"runs"`

	File     File      `json:"file"`
	World    Fit       `json:"world"`
	Imports  []Import  `json:"imports"`
	Exports  []string  `json:"exports"`
	Uses     []Use     `json:"uses"`
	Needs    []Need    `json:"needs"`
	Findings []Finding `json:"findings"`
	More     int       `json:"moreFindings,omitempty"` // that were left out

	failed bool // there is an error among the findings or those left out
}

// File is what kind of file it is and who made it.
type File struct {
	Kind      string   `json:"kind"` // "a component"
	Size      int      `json:"size"`
	Modules   int      `json:"modules"`
	Nested    int      `json:"nested"` // components within
	Languages []string `json:"languages,omitempty"`
	Tools     []string `json:"tools,omitempty"`
	Toolchain string   `json:"toolchain,omitempty"` // "componentize-js", if it can be told
	Adapter   string   `json:"adapter,omitempty"`
}

// Fit is the world that a component comes nearest to, by what it exports and imports.
type Fit struct {
	Name string `json:"name,omitempty"` // wasi:cli/command@0.2.12

	// Missing are exports that the world asks for, Beyond are imports that it does not have.
	Missing []string `json:"missing,omitempty"`
	Beyond  []string `json:"beyond,omitempty"`
}

// An Import is a row of the table of imports.
type Import struct {
	Wanted string `json:"wanted"`
	Items  int    `json:"items"` // functions that it lists

	// By is what provides it, Rule how that was found: exact, track, alias, shim, link,
	// stub, or "types only" where nothing is asked for; empty where nothing is found.
	By   string `json:"by,omitempty"`
	Rule string `json:"rule,omitempty"`

	OK      bool   `json:"ok"`
	Verdict string `json:"verdict"`
}

// A Use is a feature of core WebAssembly that the core modules use.
type Use struct {
	Feature   string `json:"feature"`
	Supported bool   `json:"supported"`
	Module    string `json:"module"`           // the first that uses it
	Offset    int    `json:"offset,omitempty"` // in the file, of the first function that does
	Functions int    `json:"functions"`
}

// A Need is something that the imports show the guest may do, and that is its to do only if
// it is granted.
type Need struct {
	What    string   `json:"what"`
	From    []string `json:"from"`  // the imports that show it
	Flags   []string `json:"flags"` // of tenon run
	Granted bool     `json:"granted"`
}

// report is Report without its methods.
type report Report

// MarshalJSON writes lists that are empty as such.
func (r Report) MarshalJSON() ([]byte, error) {
	if r.Imports == nil {
		r.Imports = []Import{}
	}
	if r.Exports == nil {
		r.Exports = []string{}
	}
	if r.Uses == nil {
		r.Uses = []Use{}
	}
	if r.Needs == nil {
		r.Needs = []Need{}
	}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	return json.Marshal(report(r))
}

// Errors are the findings for which it does not run.
func (r Report) Errors() []Finding {
	var found []Finding
	for _, f := range r.Findings {
		if f.Severity == Error {
			found = append(found, f)
		}
	}
	return found
}

// maxFindings bounds what a report tells.
const maxFindings = 500

func (r *Report) find(f ...Finding) {
	for _, f := range f {
		r.failed = r.failed || f.Severity == Error
	}
	room := min(len(f), maxFindings-len(r.Findings))
	r.Findings = append(r.Findings, f[:room]...)
	r.More += len(f) - room
}
