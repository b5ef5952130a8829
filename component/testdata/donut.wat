;; A parent P whose child C calls back into P: allowed (donut wrapping). When P then calls C again, C is entered
;; twice, which must trap.
(component
  (component $C
    (import "f" (func $f))
    (core func $lowered (canon lower (func $f)))
    (core module $M (import "" "f" (func $f)) (func (export "g") (call $f)))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $lowered))))))
    (func (export "g") (canon lift (core func $m "g"))))

  (core module $P
    (type $void (func))
    (table (export "t") 1 funcref)
    (global $again (export "again") (mut i32) (i32.const 0))
    (func (export "f") (if (global.get $again) (then (call_indirect (type $void) (i32.const 0))))))
  (core instance $p (instantiate $P))
  (func $f (canon lift (core func $p "f")))
  (instance $c (instantiate $C (with "f" (func $f))))
  (core func $g (canon lower (func $c "g")))
  (core module $Q
    (import "" "g" (func $g))
    (import "p" "t" (table 1 funcref))
    (import "p" "again" (global $again (mut i32)))
    (elem (i32.const 0) func $g)
    (func (export "run") (call $g))
    (func (export "reenter") (global.set $again (i32.const 1)) (call $g)))
  (core instance $q (instantiate $Q (with "" (instance (export "g" (func $g)))) (with "p" (instance $p))))
  (func (export "run") (canon lift (core func $q "run")))
  (func (export "reenter") (canon lift (core func $q "reenter")))
  (export "child" (func $c "g")))
