(component
  (core module $M (type (shared (func))))
  (core instance (instantiate $M)))
