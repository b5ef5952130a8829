// Without a use of __wasm_call_ctors wasm-ld wraps every export in a call of constructors and destructors,
// and brings libc's exit machinery along. The guests have neither, so this function is never called.
void __wasm_call_ctors(void);
void rt_ctors(void);
void rt_ctors(void) { __wasm_call_ctors(); }
