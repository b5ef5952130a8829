;; The parent makes and drops a resource of its child B, whose destructor counts.
(component
  (component $B
    (core module $M
      (global $dropped (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $m (instantiate $M))
    (type $r' (resource (rep i32) (dtor (core func $m "dtor"))))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $N (import "" "new" (func $new (param i32) (result i32))) (func (export "make") (result i32) (call $new (i32.const 5))))
    (core instance $n (instantiate $N (with "" (instance (export "new" (func $new))))))
    (func (export "make") (result (own $r)) (canon lift (core func $n "make")))
    (func (export "dropped") (result u32) (canon lift (core func $m "dropped"))))
  (instance $b (instantiate $B))
  (alias export $b "r" (type $r))
  (alias export $b "make" (func $make))
  (core func $make (canon lower (func $make)))
  (core func $drop (canon resource.drop $r))
  (core module $A
    (import "" "make" (func $make (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "run") (call $drop (call $make))))
  (core instance $a (instantiate $A (with "" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $a "run")))
  (export "dropped" (func $b "dropped")))
