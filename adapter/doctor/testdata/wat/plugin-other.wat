;; A core module whose function has another type than wants-module asks for.
(module (func (export "twice") (param i64) (result i64) (local.get 0)))
