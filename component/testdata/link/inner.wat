;; Instantiates the core module and the component that an imported instance exports.
(component
  (import "parts" (instance $p
    (export "doubler" (core module (export "double" (func (param i32) (result i32)))))
    (export "tripler" (component (export "triple" (func (param "n" u32) (result u32)))))))
  (alias export $p "doubler" (core module $D))
  (alias export $p "tripler" (component $T))
  (core instance $d (instantiate $D))
  (instance $t (instantiate $T))
  (func (export "double") (param "n" u32) (result u32) (canon lift (core func $d "double")))
  (export "triple" (func $t "triple")))
