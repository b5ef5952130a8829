;; Imports an instance that holds an instance, which holds another, and core modules at
;; two levels.
(component
  (import "parts" (instance $parts
    (export "inner" (instance $inner
      (export "third" (instance
        (export "plus" (func (param "n" u32) (result u32)))))
      (export "doubler" (core module (export "double" (func (param i32) (result i32)))))))
    (export "doubler" (core module (export "double" (func (param i32) (result i32)))))))
  (alias export $parts "inner" (instance $inner))
  (alias export $inner "third" (instance $third))
  (alias export $inner "doubler" (core module $D1))
  (alias export $parts "doubler" (core module $D2))
  (core instance $d1 (instantiate $D1))
  (core instance $d2 (instantiate $D2))
  (core func $plus (canon lower (func $third "plus")))
  (core module $M
    (import "one" "double" (func $one (param i32) (result i32)))
    (import "two" "double" (func $two (param i32) (result i32)))
    (import "host" "plus" (func $plus (param i32) (result i32)))
    (func (export "go") (param i32) (result i32) (call $two (call $one (call $plus (local.get 0))))))
  (core instance $m (instantiate $M
    (with "one" (instance $d1)) (with "two" (instance $d2)) (with "host" (instance (export "plus" (func $plus))))))
  (func (export "go") (param "n" u32) (result u32) (canon lift (core func $m "go")))
  (export "again" (instance $inner)))
