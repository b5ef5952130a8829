;; Imports as a function what the host offers as an interface.
(component
  (import "wasi:cli/environment@0.2.12" (instance))
  (import "wall-clock" (func $f (result u32)))
  (core func (canon lower (func $f))))
