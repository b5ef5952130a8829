(component
  (core module $M (type $f (func)) (type $c (cont $f)) (func (param (ref $f)) (drop (cont.new $c (local.get 0)))))
  (core instance (instantiate $M)))
