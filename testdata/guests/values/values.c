// values: each exported function calls the imported one of its name, frees what it was given, and gives back what it got.
// Compiled once for each string encoding; only raw looks inside a string.
#include <stdlib.h>
#include <string.h>

#include "guest.h"

// The types of the import and of the export differ in name alone, hence the casts (and -fno-strict-aliasing).
#define IMPORT(fn) tenon_test_values_##fn
#define EXPORT(fn) exports_tenon_test_values_##fn

#define SCALAR(fn, T) \
  T EXPORT(fn)(T v) { return IMPORT(fn)(v); }

#define SHARED(fn, T)                       \
  void EXPORT(fn)(T##_t * v, T##_t * ret) { \
    IMPORT(fn)(v, ret);                     \
    T##_free(v);                            \
  }

#define NAMED(fn, T)                                                       \
  void EXPORT(fn)(EXPORT(T##_t) * v, EXPORT(T##_t) * ret) {                \
    _Static_assert(sizeof(IMPORT(T##_t)) == sizeof(EXPORT(T##_t)), "types"); \
    IMPORT(fn)((IMPORT(T##_t) *)v, (IMPORT(T##_t) *)ret);                  \
    EXPORT(T##_free)(v);                                                   \
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

void EXPORT(ping)(void) { IMPORT(ping)(); }

SHARED(echo_string, guest_string)
SHARED(echo_bytes, guest_list_u8)
SHARED(echo_numbers, guest_list_u64)
SHARED(echo_chars, guest_list_char32)
SHARED(echo_strings, guest_list_string)
SHARED(echo_nested, guest_list_list_string)
SHARED(echo_tuple, guest_tuple3_u8_string_s64)

NAMED(echo_place, place)
NAMED(echo_places, list_place)
NAMED(echo_colours, list_colour)
NAMED(echo_mixed, mixed)
NAMED(echo_mixeds, list_mixed)

void EXPORT(echo_point)(EXPORT(point_t) * v, EXPORT(point_t) * ret) {
  IMPORT(echo_point)((IMPORT(point_t) *)v, (IMPORT(point_t) *)ret);
}

bool EXPORT(echo_option)(uint32_t *maybe_v, uint32_t *ret) { return IMPORT(echo_option)(maybe_v, ret); }

bool EXPORT(echo_option_string)(guest_string_t *maybe_v, guest_string_t *ret) {
  bool some = IMPORT(echo_option_string)(maybe_v, ret);
  if (maybe_v) guest_string_free(maybe_v);
  return some;
}

bool EXPORT(echo_option_option)(guest_option_u8_t *maybe_v, guest_option_u8_t *ret) {
  return IMPORT(echo_option_option)(maybe_v, ret);
}

bool EXPORT(echo_result)(EXPORT(result_void_void_t) * v) { return IMPORT(echo_result)((IMPORT(result_void_void_t) *)v); }

bool EXPORT(echo_result_ok)(EXPORT(result_u32_void_t) * v, uint32_t *ret) {
  return IMPORT(echo_result_ok)((IMPORT(result_u32_void_t) *)v, ret);
}

bool EXPORT(echo_result_err)(EXPORT(result_void_string_t) * v, guest_string_t *err) {
  bool ok = IMPORT(echo_result_err)((IMPORT(result_void_string_t) *)v, err);
  EXPORT(result_void_string_free)(v);
  return ok;
}

bool EXPORT(echo_result_both)(EXPORT(result_string_colour_t) * v, guest_string_t *ret, uint8_t *err) {
  bool ok = IMPORT(echo_result_both)((IMPORT(result_string_colour_t) *)v, ret, err);
  EXPORT(result_string_colour_free)(v);
  return ok;
}

void EXPORT(spill)(uint8_t a, int8_t b, uint16_t c, int16_t d, uint32_t e, int32_t f, uint64_t g, int64_t h, float i,
                   double j, bool k, uint32_t l, guest_string_t *m, guest_list_u8_t *n, EXPORT(point_t) * o, uint8_t p,
                   uint8_t q, uint16_t *maybe_r, EXPORT(result_u8_s8_t) * s, guest_string_t *t, EXPORT(twenty_t) * ret) {
  IMPORT(spill)(a, b, c, d, e, f, g, h, i, j, k, l, m, n, (IMPORT(point_t) *)o, p, q, maybe_r,
                (IMPORT(result_u8_s8_t) *)s, t, (IMPORT(twenty_t) *)ret);
  guest_string_free(m);
  guest_list_u8_free(n);
  guest_string_free(t);
}

void EXPORT(sixteen)(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h,
                     uint64_t i, uint64_t j, uint64_t k, uint64_t l, uint64_t m, uint64_t n, guest_string_t *s,
                     guest_string_t *ret) {
  IMPORT(sixteen)(a, b, c, d, e, f, g, h, i, j, k, l, m, n, s, ret);
  guest_string_free(s);
}

#ifdef STRINGS_LATIN1
// Normally in the object file with the component type, which this encoding gets afterwards (see build.sh).
void __component_type_object_force_link_guest(void);
void __component_type_object_force_link_guest(void) {}
#endif

// How many bytes a string of this length takes.
static size_t size_of(uint32_t length) {
#if defined STRINGS_UTF8
  return length;
#elif defined STRINGS_UTF16
  return 2 * (size_t)length;
#elif defined STRINGS_LATIN1
  const uint32_t utf16_tag = 0x80000000;
  return length & utf16_tag ? 2 * (size_t)(length ^ utf16_tag) : length;
#endif
}

void exports_tenon_test_raw_bytes_of(guest_string_t *s, exports_tenon_test_raw_memory_t *ret) {
  ret->length = s->len;
  ret->bytes = (guest_list_u8_t){(uint8_t *)s->ptr, size_of(s->len)};  // the string goes on as the list
}

void exports_tenon_test_raw_string_of(exports_tenon_test_raw_memory_t *m, guest_string_t *ret) {
  void *p = malloc(m->bytes.len + 2);
  memset(p, 0, m->bytes.len + 2);
  memcpy(p, m->bytes.ptr, m->bytes.len);
  guest_list_u8_free(&m->bytes);
  ret->ptr = p;
  ret->len = m->length;
}
