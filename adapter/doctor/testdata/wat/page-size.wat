(component
  (core module $M (memory 1 (pagesize 1)))
  (core instance (instantiate $M)))
