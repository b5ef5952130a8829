// provider: values by itself, with UTF-16 strings. It moves what it takes into what it gives, and counts the calls.
// In composed.wasm it serves values-utf8, so that every string is transcoded on its way between two guests.
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define EXPORT(fn) exports_tenon_test_values_##fn

static uint64_t calls;
static guest_string_t last;

#define SCALAR(fn, T) \
  T EXPORT(fn)(T v) { return calls++, v; }

#define MOVE(fn, T)               \
  void EXPORT(fn)(T * v, T * ret) { \
    calls++;                      \
    *ret = *v;                    \
  }

#define OPTION(fn, T)                           \
  bool EXPORT(fn)(T * maybe_v, T * ret) {       \
    calls++;                                    \
    if (maybe_v) *ret = *maybe_v;               \
    return maybe_v != NULL;                     \
  }

SCALAR(echo_bool, bool)
SCALAR(echo_u8, uint8_t)
SCALAR(echo_s8, int8_t)
SCALAR(echo_u16, uint16_t)
SCALAR(echo_s16, int16_t)
SCALAR(echo_u32, uint32_t)
SCALAR(echo_s32, int32_t)
SCALAR(echo_u64, uint64_t)
SCALAR(echo_s64, int64_t)
SCALAR(echo_f32, float)
SCALAR(echo_f64, double)
SCALAR(echo_char, uint32_t)
SCALAR(echo_colour, uint8_t)
SCALAR(echo_few, uint8_t)
SCALAR(echo_some, uint16_t)
SCALAR(echo_many, uint32_t)

void EXPORT(ping)(void) { calls++; }

static guest_string_t copy(guest_string_t s) {
  guest_string_t r = {NULL, s.len};
  if (s.len) {
    r.ptr = malloc(2 * s.len);
    memcpy(r.ptr, s.ptr, 2 * s.len);
  }
  return r;
}

void EXPORT(echo_string)(guest_string_t *v, guest_string_t *ret) {
  calls++;
  guest_string_free(&last);
  last = copy(*v);
  *ret = *v;
}

MOVE(echo_bytes, guest_list_u8_t)
MOVE(echo_numbers, guest_list_u64_t)
MOVE(echo_chars, guest_list_char32_t)
MOVE(echo_strings, guest_list_string_t)
MOVE(echo_nested, guest_list_list_string_t)
MOVE(echo_tuple, guest_tuple3_u8_string_s64_t)
MOVE(echo_point, EXPORT(point_t))
MOVE(echo_place, EXPORT(place_t))
MOVE(echo_places, EXPORT(list_place_t))
MOVE(echo_colours, EXPORT(list_colour_t))
MOVE(echo_mixed, EXPORT(mixed_t))
MOVE(echo_mixeds, EXPORT(list_mixed_t))

OPTION(echo_option, uint32_t)
OPTION(echo_option_string, guest_string_t)
OPTION(echo_option_option, guest_option_u8_t)

bool EXPORT(echo_result)(EXPORT(result_void_void_t) * v) { return calls++, !v->is_err; }

bool EXPORT(echo_result_ok)(EXPORT(result_u32_void_t) * v, uint32_t *ret) {
  calls++;
  if (!v->is_err) *ret = v->val.ok;
  return !v->is_err;
}

bool EXPORT(echo_result_err)(EXPORT(result_void_string_t) * v, guest_string_t *err) {
  calls++;
  if (v->is_err) *err = v->val.err;
  return !v->is_err;
}

bool EXPORT(echo_result_both)(EXPORT(result_string_colour_t) * v, guest_string_t *ret, uint8_t *err) {
  calls++;
  if (v->is_err)
    *err = v->val.err;
  else
    *ret = v->val.ok;
  return !v->is_err;
}

void EXPORT(spill)(uint8_t a, int8_t b, uint16_t c, int16_t d, uint32_t e, int32_t f, uint64_t g, int64_t h, float i,
                   double j, bool k, uint32_t l, guest_string_t *m, guest_list_u8_t *n, EXPORT(point_t) * o, uint8_t p,
                   uint8_t q, uint16_t *maybe_r, EXPORT(result_u8_s8_t) * s, guest_string_t *t, EXPORT(twenty_t) * ret) {
  calls++;
  *ret = (EXPORT(twenty_t)){a, b, c, d, e, f, g, h, i, j, k, l, *m, *n, *o, p, q, {maybe_r != NULL, maybe_r ? *maybe_r : 0}, *s, *t};
}

// Traps unless the numbers are 1 to 14 in order; only the string goes back.
void EXPORT(sixteen)(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h,
                     uint64_t i, uint64_t j, uint64_t k, uint64_t l, uint64_t m, uint64_t n, guest_string_t *s,
                     guest_string_t *ret) {
  calls++;
  uint64_t all[] = {a, b, c, d, e, f, g, h, i, j, k, l, m, n};
  for (unsigned x = 0; x < sizeof all / sizeof all[0]; x++)
    if (all[x] != x + 1) __builtin_trap();
  *ret = *s;
}

uint64_t exports_tenon_test_tally_calls(void) { return calls; }
void exports_tenon_test_tally_last(guest_string_t *ret) { *ret = copy(last); }
