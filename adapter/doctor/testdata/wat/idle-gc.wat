;; A core module that nothing instantiates, and that the engine could not run.
(component
  (core module $M (type $point (struct (field i32))) (func (drop (struct.new_default $point)))))
