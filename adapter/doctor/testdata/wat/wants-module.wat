;; Imports a core module and makes an instance of it.
(component
  (import "plugin" (core module $P (export "twice" (func (param i32) (result i32)))))
  (core instance (instantiate $P)))
