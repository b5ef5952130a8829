(module
  (import "wasi:cli/environment@0.2.3" "get-environment" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
  (func (export "wasi:cli/run@0.2.3#run") (result i32) (i32.const 0)))
