// Package trace shows what guests do: it has tracers for [component.Linker.Trace].
//
// A [Printer] writes a line for each call, as text or JSON, like strace for WIT; a [Summary]
// counts and measures; [Recent] keeps the last calls, for who wants to know what came before
// a trap; [Tee] joins several. A [Filter] says which calls are meant.
//
// What a function is called and which filters let it through is found out once
// (function.go), handles are followed from the call that made them to the one that gave
// them away (births.go), and the rest is printing.
package trace
