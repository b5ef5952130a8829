;; Imports an interface that its world spells out in place, and so has a plain name.
(component
  (import "store" (instance $store
    (export "put" (func (param "value" u32)))
    (export "get" (func (result u32)))))
  (core func $put (canon lower (func $store "put")))
  (core func $get (canon lower (func $store "get")))
  (core module $M
    (import "" "put" (func $put (param i32)))
    (import "" "get" (func $get (result i32)))
    (func (export "add") (param i32) (result i32)
      (call $put (i32.add (call $get) (local.get 0)))
      (call $get)))
  (core instance $m (instantiate $M (with "" (instance (export "put" (func $put)) (export "get" (func $get))))))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $m "add"))))
