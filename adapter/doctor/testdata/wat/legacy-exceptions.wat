(component
  (core module $M (tag $t) (func try (throw $t) catch_all end))
  (core instance (instantiate $M)))
