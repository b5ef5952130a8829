;; Keeps tokens of the host as keeper.wat does, or gives them to one that does.
(component
  (import "test:link/tokens" (instance $tokens (export "token" (type $token (sub resource)))))
  (alias export $tokens "token" (type $token))
  (import "keeper" (instance $keeper
    (export "keep" (func (param "t" (own $token)) (result u32)))
    (export "drop" (func (param "handle" u32)))))
  (core func $drop (canon resource.drop $token))
  (core func $give (canon lower (func $keeper "keep")))
  (core func $end (canon lower (func $keeper "drop")))
  (core module $M
    (import "" "drop" (func $drop (param i32)))
    (import "" "give" (func $give (param i32) (result i32)))
    (import "" "end" (func $end (param i32)))
    (func (export "keep") (param i32) (result i32) (local.get 0))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "give") (param i32) (result i32) (call $give (local.get 0)))
    (func (export "end") (param i32) (call $end (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance
    (export "drop" (func $drop)) (export "give" (func $give)) (export "end" (func $end))))))
  (func (export "keep") (param "t" (own $token)) (result u32) (canon lift (core func $m "keep")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $m "drop")))
  (func (export "give") (param "t" (own $token)) (result u32) (canon lift (core func $m "give")))
  (func (export "end") (param "handle" u32) (canon lift (core func $m "end"))))
