;; Goes through the gate of another component.
(component
  (import "gate" (instance $gate (export "pass" (func (param "who" u32) (result u32)))))
  (core func $pass (canon lower (func $gate "pass")))
  (core module $M
    (import "" "pass" (func $pass (param i32) (result i32)))
    (func (export "visit") (param i32) (result i32) (call $pass (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "pass" (func $pass))))))
  (func (export "visit") (param "who" u32) (result u32) (canon lift (core func $m "visit"))))
