(component
  (core module $M (memory 32768))
  (core instance (instantiate $M)))
