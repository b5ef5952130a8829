(component
  (core module $M (type $point (struct (field i32) (field i32)))
    (func (drop (struct.new_default $point))) (func (drop (struct.new_default $point))))
  (core instance (instantiate $M)))
