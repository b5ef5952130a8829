;; An instance that is not there is exported.
(component (export "a:b/c" (instance 3)))
