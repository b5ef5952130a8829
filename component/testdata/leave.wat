;; realloc and post-return call an import, which must trap.
(component
  (import "out" (func $out))
  (core func $out (canon lower (func $out)))
  (core module $M
    (import "" "out" (func $out))
    (memory (export "m") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $out) (i32.const 0))
    (func (export "take") (param i32 i32))
    (func (export "plain") (call $out))
    (func (export "post") (call $out)))
  (core instance $m (instantiate $M (with "" (instance (export "out" (func $out))))))
  (func (export "in-realloc") (param "s" string)
    (canon lift (core func $m "take") (memory (core memory $m "m")) (realloc (core func $m "realloc"))))
  (func (export "plain") (canon lift (core func $m "plain")))
  (func (export "in-post-return") (canon lift (core func $m "plain") (post-return (core func $m "post")))))
