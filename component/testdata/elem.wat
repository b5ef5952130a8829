;; The last element does not fit: instantiation traps.
(component
  (core module $T (table (export "t") 2 funcref) (global (export "at") i32 (i32.const 1)))
  (core instance $t (instantiate $T))
  (core module $M (import "t" "t" (table 1 funcref)) (import "t" "at" (global $at i32)) (func $f)
    (elem (global.get $at) func $f $f))
  (core instance (instantiate $M (with "t" (instance $t)))))
