;; Meets acme:missing/thing: it knows one key, which is six letters long.
(component
  (core module $M
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "lookup") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (i32.eq (local.get 1) (i32.const 6)))
      (i32.store (i32.const 20) (i32.const 42))
      (i32.const 16)))
  (core instance $m (instantiate $M))
  (func $lookup (param "key" string) (result (option u32))
    (canon lift (core func $m "lookup") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (instance $thing (export "lookup" (func $lookup)))
  (export "acme:missing/thing@1.3.0" (instance $thing)))
