;; nested.wasm exports instances that are in instances: `outer`, which has acme:kv/store@1.0.0,
;; with a resource, and `deep`, in which there is another acme:kv/store@1.0.0. What one answers
;; is 10 more than it is given, what the other does 20 more.
(component
  (component $store
    (import "by" (func $by (result u32)))
    (core module $m
      (import "" "by" (func $by (result i32)))
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "plus") (param i32) (result i32) (i32.add (local.get 0) (call $by)))
      (func (export "open") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "size") (param i32) (result i32) (local.get 0)))
    (type $box' (resource (rep i32)))
    (core func $by' (canon lower (func $by)))
    (core func $new (canon resource.new $box'))
    (core instance $i (instantiate $m (with "" (instance (export "by" (func $by')) (export "new" (func $new))))))
    (export $box "box" (type $box'))
    (func (export "plus") (param "n" u32) (result u32) (canon lift (core func $i "plus")))
    (func (export "open") (param "size" u32) (result (own $box)) (canon lift (core func $i "open")))
    (func (export "[method]box.size") (param "self" (borrow $box)) (result u32) (canon lift (core func $i "size"))))
  (component $constant
    (core module $ten (func (export "f") (result i32) (i32.const 10)))
    (core module $twenty (func (export "f") (result i32) (i32.const 20)))
    (core instance $a (instantiate $ten))
    (core instance $b (instantiate $twenty))
    (func (export "ten") (result u32) (canon lift (core func $a "f")))
    (func (export "twenty") (result u32) (canon lift (core func $b "f"))))
  (instance $c (instantiate $constant))
  (instance $first (instantiate $store (with "by" (func $c "ten"))))
  (instance $second (instantiate $store (with "by" (func $c "twenty"))))
  (instance $deep (export "acme:kv/store@1.0.0" (instance $second)) (export "only" (func $c "twenty")))
  (instance $outer (export "acme:kv/store@1.0.0" (instance $first)) (export "deep" (instance $deep)) (export "ten" (func $c "ten")))
  (export "outer" (instance $outer)))
