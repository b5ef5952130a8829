(component
  (core module $M (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))
  (core instance (instantiate $M)))
