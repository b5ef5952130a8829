// traps: a preview 1 module that writes a line and traps, some calls deep. It keeps its debugging information.
#include <stdint.h>
#include <wasi/api.h>

static const char line[] = "before\n";

__attribute__((noinline)) static void say(void) {
  __wasi_ciovec_t out = {(const uint8_t *)line, sizeof line - 1};
  __wasi_size_t n;
  if (__wasi_fd_write(1, &out, 1, &n) != 0) __builtin_trap();
}

__attribute__((noinline)) static int fall(volatile int *depth) {
  *depth += 1;
  if (*depth > 2) __builtin_trap();
  return fall(depth) + 1;
}

void _start(void) {
  int depth = 0;
  say();
  fall(&depth);
}
