// An assertion that fails says where it stands and what was seen, and ends the program. rt/asserts.h has nothing for these
// modules: it prints through wasi:cli and returns false, while they have no bindings, and assert in functions of any type.
#ifndef ASSERTS_H
#define ASSERTS_H

#include "calls.h"

#define want(call, answer)                                             \
  do {                                                                 \
    int64_t got_ = (int64_t)(call), wanted_ = (int64_t)(answer);       \
    asserted++;                                                        \
    if (got_ != wanted_) unwanted(__FILE__, __LINE__, #call, got_, wanted_); \
  } while (0)
#define holds(truth) want(!!(truth), 1)

extern uint64_t asserted;

_Noreturn void unwanted(const char *file, int line, const char *what, int64_t got, int64_t wanted);
void put(const char *s);
void put_i(int64_t v);
uint32_t length(const char *s);
bool same(const void *a, const void *b, uint32_t n);

// arg is an argument, or NULL. number reads one.
const char *arg(uint32_t i);
uint32_t number(const char *s);

// With text, as most calls are wanted.
#define TEXT(s) AT(s), length(s)
uint32_t opened(uint32_t dir, const char *path, uint32_t oflags, uint64_t rights, uint32_t fdflags);
void wrote(uint32_t fd, const char *s);
void reads(uint32_t fd, const char *s);

// The programs.
void aliases(void), appending(void), clocks(void), directories(void), flags(void), levels(void), lists(void), numbers(void),
    paths(void), places(void), pointers(void), polls(void), random_bytes(void), renumbering(void), rights(void), signals(void),
    sockets(void), streams(void);

#endif
