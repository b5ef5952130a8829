;; A component to be given where open.wat imports one.
(component
  (core module $T (func (export "triple") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))
  (core instance $t (instantiate $T))
  (func (export "triple") (param "n" u32) (result u32) (canon lift (core func $t "triple")))
  (func (export "more") (param "n" u32) (result u32) (canon lift (core func $t "triple"))))
