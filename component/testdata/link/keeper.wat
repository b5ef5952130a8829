;; Keeps tokens of the host until it is told to drop them.
(component
  (import "test:link/tokens" (instance $tokens (export "token" (type $token (sub resource)))))
  (alias export $tokens "token" (type $token))
  (core func $drop (canon resource.drop $token))
  (core module $M
    (import "" "drop" (func $drop (param i32)))
    (func (export "keep") (param i32) (result i32) (local.get 0))
    (func (export "drop") (param i32) (call $drop (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "drop" (func $drop))))))
  (func (export "keep") (param "t" (own $token)) (result u32) (canon lift (core func $m "keep")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $m "drop"))))
