package conform

import "time"

// A Test is one run of one guest, and what it must do.
type Test struct {
	// Suite and Name tell tests apart, with the Toolchain. Interface is what the test is
	// about, a row of the matrix; Toolchain is what made the guest, a column.
	Suite     string
	Name      string
	Interface string
	Toolchain string

	// Guest is the file: a component or a module on preview 1. A test of a
	// toolchain that lacks it is not run: its status is NoGuest.
	Guest string

	Args  []string // behind the name of the program
	Env   []string // each "KEY=VALUE"
	Stdin string
	Dirs  []Dir

	// Net are rules of the network, see sockets.ParseRule. Nothing else is granted.
	Net []string

	// Servers run beside the guest.
	Servers []Server

	// Buckets are names of buckets of wasi:keyvalue, which begin empty, Settings those of
	// wasi:config.
	Buckets  []string
	Settings map[string]string

	// Timeout and Memory, in bytes for each linear memory, are those of the [Options]
	// where they are 0.
	Timeout time.Duration
	Memory  uint64

	// Steps are done in order while the guest runs; then it is waited for.
	Steps []Step

	// Want is how it must end.
	Want Expectation

	// Unsupported says why the test cannot be run at all.
	Unsupported string
}

// ID names the test: "suite/name", and the toolchain in brackets where there is one.
func (t *Test) ID() string {
	id := t.Suite + "/" + t.Name
	if t.Toolchain != "" {
		id += " [" + t.Toolchain + "]"
	}
	return id
}

// A Dir is a directory that the guest finds open: a copy of From, or an empty one, with
// Files in it.
type Dir struct {
	Guest    string
	From     string
	Files    map[string]string
	ReadOnly bool
}

// A Server runs on loopback while the guest does. Its address stands for {Name} in the
// guest's arguments and in the values of its environment.
type Server struct {
	Name string

	// Kind is "tcp-echo", "udp-echo", or "closed": a port on which nobody listens.
	Kind string
}

// A StepKind is what a [Step] does.
type StepKind string

// Steps, by the words of wasi-testsuite.
const (
	StepRead    StepKind = "read"    // as many bytes of an output stream as Text has, which must be Text
	StepWrite   StepKind = "write"   // Text to standard input
	StepConnect StepKind = "connect" // to the address in the next line of standard output
	StepSend    StepKind = "send"    // Text to a connection
	StepRecv    StepKind = "recv"    // as many bytes of a connection as Text has, which must be Text
	StepClose   StepKind = "close"   // a connection; no word of wasi-testsuite
	StepKill    StepKind = "kill"    // end the guest, as a signal would
)

// A Step is something that is done while the guest runs.
type Step struct {
	Kind StepKind

	// ID is the stream, "stdout" or "stderr", or the name of the connection.
	ID   string
	Text string

	// Of a connection: "tcp" or "udp", and what stands before the address in its line.
	Protocol string
	Prefix   string
}

// An Expectation is how a guest must end.
type Expectation struct {
	Exit int

	// Trap, where it is not empty, must stand in the message of a trap, with which the
	// guest has to end.
	Trap string

	// Stdout and Stderr are what it must have written, all of it; nil takes anything.
	Stdout, Stderr *Match

	// Killed is set where a step ends the guest, which then ends anyhow.
	Killed bool
}

// A Match is what a text must be: Exact where that is not nil, and hold every part of
// Contains, and match the regular expression Matches.
type Match struct {
	Exact    *string
	Contains []string
	Matches  string
}
