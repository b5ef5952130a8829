// p1-asserts: what a module may count on from preview 1, and must not get out of it. `p1-asserts PROGRAM` runs one; the
// rest wait, serve or end, for tests of the host. It uses no libc, so that nothing stands between it and the functions.
#include "asserts.h"

uint64_t asserted;
static char text[1 << 16];
static ptr argv[64];
static uint32_t argc;

// The compiler makes calls of these.
void *memset(void *p, int c, size_t n) {
  for (uint8_t *b = p; n > 0; n--) *b++ = (uint8_t)c;
  return p;
}

void *memcpy(void *to, const void *from, size_t n) {
  const uint8_t *f = from;
  for (uint8_t *b = to; n > 0; n--) *b++ = *f++;
  return to;
}

uint32_t length(const char *s) {
  uint32_t n = 0;
  while (s[n]) n++;
  return n;
}

bool same(const void *a, const void *b, uint32_t n) {
  const uint8_t *x = a, *y = b;
  for (uint32_t i = 0; i < n; i++)
    if (x[i] != y[i]) return false;
  return true;
}

static void put_to(uint32_t fd, const char *s) {
  uint32_t n, left = length(s);
  while (left > 0) {
    iovec v = {AT(s), left};
    if (fd_write(fd, AT(&v), 1, AT(&n)) != OK) proc_exit(99);
    s += n;
    left -= n;
  }
}

static void put_i_to(uint32_t fd, int64_t v) {
  char digits[24];
  int i = sizeof digits - 1;
  uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
  digits[i] = 0;
  do {
    digits[--i] = (char)('0' + u % 10);
    u /= 10;
  } while (u);
  if (v < 0) digits[--i] = '-';
  put_to(fd, digits + i);
}

void put(const char *s) { put_to(1, s); }
void put_i(int64_t v) { put_i_to(1, v); }

_Noreturn void unwanted(const char *file, int line, const char *what, int64_t got, int64_t wanted) {
  put_to(2, file);
  put_to(2, ":");
  put_i_to(2, line);
  put_to(2, ": ");
  put_to(2, what);
  put_to(2, " is ");
  put_i_to(2, got);
  put_to(2, ", want ");
  put_i_to(2, wanted);
  put_to(2, "\n");
  proc_exit(1);
}

const char *arg(uint32_t i) { return i < argc ? (const char *)(uintptr_t)argv[i] : NULL; }

uint32_t number(const char *s) {
  uint32_t v = 0;
  while (s && *s >= '0' && *s <= '9') v = 10 * v + (uint32_t)(*s++ - '0');
  return v;
}

uint32_t opened(uint32_t dir, const char *path, uint32_t oflags, uint64_t rights, uint32_t fdflags) {
  uint32_t fd;
  want(path_open(dir, 1, TEXT(path), oflags, rights, 0, fdflags, AT(&fd)), OK);
  return fd;
}

void wrote(uint32_t fd, const char *s) {
  uint32_t n;
  iovec v = {AT(s), length(s)};
  want(fd_write(fd, AT(&v), 1, AT(&n)), OK);
  want(n, v.len);
}

void reads(uint32_t fd, const char *s) {
  static char got[4096];
  uint32_t n, at = 0;
  do {
    iovec v = {AT(got + at), sizeof got - at};
    want(fd_read(fd, AT(&v), 1, AT(&n)), OK);
    at += n;
  } while (n > 0);
  want(at, length(s));
  holds(same(got, s, at));
}

void waits(const char *how);
void serves(void);

static const struct { const char *name; void (*run)(void); } programs[] = {
    {"aliases", aliases}, {"appending", appending}, {"clocks", clocks}, {"directories", directories}, {"flags", flags},
    {"levels", levels}, {"lists", lists}, {"numbers", numbers}, {"paths", paths}, {"places", places},
    {"pointers", pointers}, {"polls", polls}, {"random", random_bytes}, {"renumbering", renumbering}, {"rights", rights},
    {"signals", signals}, {"sockets", sockets}, {"streams", streams},
};

__attribute__((export_name("_start"))) void _start(void) {
  uint32_t size;
  if (args_sizes_get(AT(&argc), AT(&size)) != OK || size > sizeof text || argc > 64) proc_exit(98);
  if (args_get(AT(argv), AT(text)) != OK) proc_exit(98);
  const char *what = arg(1) ? arg(1) : "";
  uint32_t n = length(what) + 1;
  for (uint32_t i = 0; i < sizeof programs / sizeof *programs; i++) {
    if (!same(what, programs[i].name, n)) continue;
    programs[i].run();
    put("ok ");
    put(what);
    put(", ");
    put_i((int64_t)asserted);
    put(" assertions\n");
    return;
  }
  if (same(what, "exit", 5)) proc_exit(number(arg(2)));
  if (same(what, "trap", 5)) __builtin_trap();
  if (same(what, "wait", 5)) waits(arg(2));
#ifndef UNSTABLE
  if (same(what, "serve", 6)) {
    serves();
    return;
  }
#endif
  proc_exit(97);
}
