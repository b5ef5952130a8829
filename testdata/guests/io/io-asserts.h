// What the files of io-asserts share. A claim that does not hold says where it stands, and ends the program.
#ifndef IO_ASSERTS_H
#define IO_ASSERTS_H

#include "rt.h"

typedef wasi_io_poll_own_pollable_t pollable_t;
typedef wasi_cli_stdin_own_input_stream_t input_t;

static const uint64_t minute = 60ull * 1000000000;

extern input_t in;  // the one handle on standard input

bool asserts(void);

// mistake makes one for which the host must trap, and is false if it comes back.
bool mistake(guest_string_t name);

// This is not the holds of rt/asserts.h: nothing is counted, and what is printed is the claim alone.
#define holds(truth)                                           \
  do {                                                         \
    if (!(truth)) return untrue(__FILE__, __LINE__, #truth);   \
  } while (0)

bool untrue(const char *file, int line, const char *claim);

static inline void drop(pollable_t p) { wasi_io_poll_pollable_drop_own(p); }
static inline bool ready(pollable_t p) { return wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(p)); }
static inline void block(pollable_t p) { wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(p)); }

static inline void block_and_drop(pollable_t p) {
  block(p);
  drop(p);
}

// poll says which of n, at most 8, are ready, and how many indices were told.
static inline size_t poll(pollable_t *p, size_t n, bool *is_ready) {
  wasi_io_poll_borrow_pollable_t list[8];
  for (size_t i = 0; i < n; i++) {
    list[i] = wasi_io_poll_borrow_pollable(p[i]);
    is_ready[i] = false;
  }
  wasi_io_poll_list_borrow_pollable_t all = {list, n};
  guest_list_u32_t told;
  wasi_io_poll_poll(&all, &told);
  for (size_t i = 0; i < told.len; i++) is_ready[told.ptr[i]] = true;
  size_t count = told.len;
  guest_list_u32_free(&told);
  return count;
}

#endif
