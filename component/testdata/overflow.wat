;; A function calls one that returns, and then itself, without end.
(component
  (core module $deep
    (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $dive (export "dive") (param i32) (result i32)
      (i32.add (call $dive (call $leaf (local.get 0))) (i32.const 1))))
  (core instance $d (instantiate $deep))
  (func (export "dive") (param "n" u32) (result u32) (canon lift (core func $d "dive"))))
