;; Imports what it exports.
(component
  (import "acme:missing/thing@1.2.3" (instance $in (export "lookup" (func (param "key" string) (result (option u32))))))
  (export "acme:missing/thing@1.2.3" (instance $in)))
