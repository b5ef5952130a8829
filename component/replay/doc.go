// Package replay writes down what a host answers to a guest, and runs the guest again
// against what is written, without the host.
//
// A [Recorder] is a tracer: it records one instance, the first that it sees and that
// belongs to no other. A [Player] offers what the record holds to the same component, and
// watches, as a tracer, that the guest asks for the same things in the same order, down to
// the numbers of handles; where it does not, a [*Divergence] tells the first difference.
// Nothing of a host is touched: resources are empty, and drops are only compared.
//
// # The format, version 1
//
// A record begins with the line "tenon record 1". What follows are frames: the length of
// the payload as a uvarint, the payload, and its CRC-32 (Castagnoli), four bytes with the
// lowest first. A frame is written as a whole, so that of a recorder that was killed all
// frames but the last are good. The first is a [Header] in JSON; each other is an event:
// a byte that says which, and its fields.
//
//	1 import   function, arguments, room, outcome
//	2 call     function, arguments       an export is called
//	3 return   outcome                   and is over
//	4 drop     arguments, outcome        the guest drops a handle of the host, the argument
//	5 start                              the instance is made
//	6 started  outcome                   and has run its start functions
//	7 end                                the record was closed
//
// A number is a uvarint, a string its length and its bytes. A function is a number: that
// of its name among those that came before, from 0; the number of them means that the
// name follows. Arguments are values, with their number before them. Room is
// component.TracedCall.Room.
//
// An outcome is a byte: 0 returned nothing, 1 returned the value that follows, 2 trapped,
// with the code of the trap as a byte and its message as a string, 3 exited with the
// byte that follows. 4 stands for a result that was not readable.
//
// A call of the function without a name is the host's drop of a resource of the guest, the
// argument.
//
// An import stands where it was over. One that the guest's realloc calls, while another is
// answered, comes before that one; see component.Interface.AnyTime.
//
// A value says what it is by its first byte, see value.go; a resource is the number of
// its handle, and one of the guest's own is its rep. Neither types nor the names of
// resources are recorded: the guest has them.
package replay
