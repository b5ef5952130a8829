;; A start function with a parameter.
(module (func $f (param i32)) (start $f))
