(component
  (core module $M (memory i64 1) (func (drop (i32.load (i64.const 0)))))
  (core instance (instantiate $M)))
