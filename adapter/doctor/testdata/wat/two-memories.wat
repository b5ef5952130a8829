(component
  (core module $M (memory 1) (memory 1) (func (drop (i32.load 1 (i32.const 0)))))
  (core instance (instantiate $M)))
