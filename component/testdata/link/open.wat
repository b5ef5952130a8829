;; Instantiates a core module and a component that it imports.
(component
  (import "doubler" (core module $D (export "double" (func (param i32) (result i32)))))
  (import "tripler" (component $T (export "triple" (func (param "n" u32) (result u32)))))
  (core instance $d (instantiate $D))
  (instance $t (instantiate $T))
  (func (export "double") (param "n" u32) (result u32) (canon lift (core func $d "double")))
  (core func $triple (canon lower (func $t "triple")))
  (core module $M
    (import "t" "triple" (func $triple (param i32) (result i32)))
    (import "d" "double" (func $double (param i32) (result i32)))
    (func (export "six") (param i32) (result i32) (call $double (call $triple (local.get 0)))))
  (core instance $m (instantiate $M (with "d" (instance $d)) (with "t" (instance (export "triple" (func $triple))))))
  (func (export "six") (param "n" u32) (result u32) (canon lift (core func $m "six")))
  (export "triple" (func $t "triple")))
