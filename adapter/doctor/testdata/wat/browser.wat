(module
  (import "wbg" "__wbindgen_throw" (func (param i32 i32)))
  (func (export "main")))
