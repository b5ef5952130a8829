;; A core module that does not fit where open.wat imports one.
(module (func (export "halve") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 2))))
