;; A start function traps, after another core instance was made.
(component
  (core module $A (memory 1))
  (core instance (instantiate $A))
  (core module $B (func $f unreachable) (start $f))
  (core instance (instantiate $B)))
