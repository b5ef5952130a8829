;; What `wasm-tools component wit --wasm` writes for an interface.
(component
  (type (component
    (type (instance (type (func)) (export "f" (func (type 0)))))
    (export "acme:kv/store@1.0.0" (instance (type 0)))))
  (export "store" (type 0)))
