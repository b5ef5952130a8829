;; Imports what an instance of parts.wasm exports: a function, and an instance with an
;; instance and a core module in it, which parts.wasm has from elsewhere itself.
(component
  (import "deep" (instance $deep
    (export "again" (instance $again
      (export "third" (instance
        (export "plus" (func (param "n" u32) (result u32)))))
      (export "doubler" (core module (export "double" (func (param i32) (result i32)))))))
    (export "go" (func (param "n" u32) (result u32)))))
  (alias export $deep "again" (instance $again))
  (alias export $again "third" (instance $third))
  (alias export $again "doubler" (core module $D))
  (core instance $d (instantiate $D))
  (core func $plus (canon lower (func $third "plus")))
  (core func $go (canon lower (func $deep "go")))
  (core module $M
    (import "d" "double" (func $double (param i32) (result i32)))
    (import "" "plus" (func $plus (param i32) (result i32)))
    (import "" "go" (func $go (param i32) (result i32)))
    (func (export "dive") (param i32) (result i32) (call $double (call $plus (call $go (local.get 0))))))
  (core instance $m (instantiate $M
    (with "d" (instance $d)) (with "" (instance (export "plus" (func $plus)) (export "go" (func $go))))))
  (func (export "dive") (param "n" u32) (result u32) (canon lift (core func $m "dive"))))
