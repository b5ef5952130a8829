;; Uses a built-in of WASI 0.3.
(component
  (type $bytes (stream u8))
  (core func (canon stream.new $bytes)))
