;; Passes a call on to the host, where it may wait.
(component
  (import "wait" (func $wait (param "who" u32)))
  (core func $wait (canon lower (func $wait)))
  (core module $M
    (import "" "wait" (func $wait (param i32)))
    (func (export "pass") (param i32) (result i32) (call $wait (local.get 0)) (local.get 0)))
  (core instance $m (instantiate $M (with "" (instance (export "wait" (func $wait))))))
  (func (export "pass") (param "who" u32) (result u32) (canon lift (core func $m "pass"))))
