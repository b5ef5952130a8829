;; Exports acme:missing/thing with another type.
(component
  (core module $M (func (export "lookup") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $M))
  (func $lookup (param "key" u32) (result u32) (canon lift (core func $m "lookup")))
  (instance $thing (export "lookup" (func $lookup)))
  (export "acme:missing/thing@1.2.3" (instance $thing)))
