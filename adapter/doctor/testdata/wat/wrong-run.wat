;; Exports wasi:cli/run with a function that takes something.
(component
  (core module $M (func (export "run") (param i32)))
  (core instance $m (instantiate $M))
  (func $run (param "code" u8) (canon lift (core func $m "run")))
  (instance $i (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $i)))
