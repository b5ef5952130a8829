// stores: settings, buckets and messages. See README.md for what its arguments do. With OLDER it speaks the older drafts.
#include "rt.h"

typedef wasi_keyvalue_store_error_t error_t;
typedef wasi_keyvalue_store_own_bucket_t bucket_t;

#define B wasi_keyvalue_store_borrow_bucket

#ifdef OLDER
typedef uint64_t cursor_t, number_t;
#else
typedef guest_string_t cursor_t;
typedef int64_t number_t;
#endif

static guest_string_t str(const char *s) { return (guest_string_t){(uint8_t *)s, strlen(s)}; }
static guest_list_u8_t bytes(guest_string_t s) { return (guest_list_u8_t){s.ptr, s.len}; }

static void say_number(number_t n) {
#ifndef OLDER
  if (n < 0) {
    put(&out, "-");
    n = -n;
  }
#endif
  put_u(&out, (uint64_t)n);
}

// failed says what a store answered, and is false.
static bool failed(const char *call, error_t e) {
  flush(&out);
  put(&err, call);
  put(&err, ": ");
  switch (e.tag) {
    case WASI_KEYVALUE_STORE_ERROR_NO_SUCH_STORE: put(&err, "no-such-store"); break;
    case WASI_KEYVALUE_STORE_ERROR_ACCESS_DENIED: put(&err, "access-denied"); break;
    default: put_str(&err, e.val.other);
  }
  put(&err, "\n");
  return false;
}

static bool untrue(const char *what) {
  flush(&out);
  put(&err, what);
  put(&err, " is not so\n");
  return false;
}

#define sure(what) \
  do { \
    asserted++; \
    if (!(what)) return untrue(#what); \
  } while (0)

static uint64_t asserted;

static bool holds(bucket_t b, const char *key, const char *want) {
  guest_string_t k = str(key);
  guest_option_list_u8_t v;
  error_t e;
  if (!wasi_keyvalue_store_method_bucket_get(B(b), &k, &v, &e)) return failed("get", e);
  bool same = v.is_some == (want != NULL) && (!v.is_some || (v.val.len == strlen(want) && memcmp(v.val.ptr, want, v.val.len) == 0));
  guest_option_list_u8_free(&v);
  return same;
}

static bool put_value(bucket_t b, const char *key, const char *value) {
  guest_string_t k = str(key);
  guest_list_u8_t v = bytes(str(value));
  error_t e;
  return wasi_keyvalue_store_method_bucket_set(B(b), &k, &v, &e) || failed("set", e);
}

static bool delete(bucket_t b, const char *key) {
  guest_string_t k = str(key);
  error_t e;
  return wasi_keyvalue_store_method_bucket_delete(B(b), &k, &e) || failed("delete", e);
}

static bool exists(bucket_t b, const char *key) {
  guest_string_t k = str(key);
  error_t e;
  bool there;
  return wasi_keyvalue_store_method_bucket_exists(B(b), &k, &there, &e) && there;
}

// add says whether there is a sum, and which.
static bool add(bucket_t b, const char *key, number_t delta, number_t *sum) {
  guest_string_t k = str(key);
  error_t e;
  return wasi_keyvalue_atomics_increment(B(b), &k, delta, sum, &e);
}

static bool print_keys(bucket_t b, size_t *n) {
  cursor_t cursor, *at = NULL;
  *n = 0;
  for (;;) {
    wasi_keyvalue_store_key_response_t r;
    error_t e;
    if (!wasi_keyvalue_store_method_bucket_list_keys(B(b), at, &r, &e)) return failed("list-keys", e);
    for (size_t i = 0; i < r.keys.len; i++) {
      put_str(&out, r.keys.ptr[i]);
      put(&out, "\n");
    }
    *n += r.keys.len;
    if (!r.cursor.is_some) return true;
    cursor = r.cursor.val;
    at = &cursor;
  }
}

static bool batches(bucket_t b) {
  guest_tuple2_string_list_u8_t three[] = {
      {str("a1"), bytes(str("v1"))}, {str("b1"), bytes(str("v2"))}, {str("c1"), bytes(str(""))}};
  guest_list_tuple2_string_list_u8_t all = {three, 3};
  error_t e;
  sure(wasi_keyvalue_batch_set_many(B(b), &all, &e));
  guest_string_t names[] = {str("a1"), str("c1"), str("never")};
  guest_list_string_t gone = {names, 3};
  sure(wasi_keyvalue_batch_delete_many(B(b), &gone, &e));
  guest_string_t asked[] = {str("b1"), str("a1"), str("b1")};
  guest_list_string_t keys = {asked, 3};
  guest_list_option_tuple2_string_list_u8_t got;
  sure(wasi_keyvalue_batch_get_many(B(b), &keys, &got, &e));
  sure(got.len == 3);
  sure(got.ptr[0].is_some && !got.ptr[1].is_some && got.ptr[2].is_some);
  sure(is(got.ptr[0].val.f0, "b1") && got.ptr[0].val.f1.len == 2 && memcmp(got.ptr[0].val.f1.ptr, "v2", 2) == 0);
  guest_list_option_tuple2_string_list_u8_free(&got);
  sure(delete (b, "b1"));
  return true;
}

#ifndef OLDER
static bool swaps(bucket_t b) {
  guest_string_t k = str("cas");
  error_t e;
  wasi_keyvalue_atomics_cas_error_t ce;
  wasi_keyvalue_atomics_own_cas_t c;
  guest_option_list_u8_t v;
  sure(wasi_keyvalue_atomics_static_cas_new(B(b), &k, &c, &e));
  sure(wasi_keyvalue_atomics_method_cas_current(wasi_keyvalue_atomics_borrow_cas(c), &v, &e));
  sure(!v.is_some);
  guest_list_u8_t one = bytes(str("one")), two = bytes(str("two"));
  sure(wasi_keyvalue_atomics_swap(c, &one, &ce));
  sure(holds(b, "cas", "one"));
  sure(wasi_keyvalue_atomics_static_cas_new(B(b), &k, &c, &e));
  sure(put_value(b, "cas", "other"));
  sure(!wasi_keyvalue_atomics_swap(c, &two, &ce));
  sure(ce.tag == WASI_KEYVALUE_ATOMICS_CAS_ERROR_CAS_FAILED);
  sure(holds(b, "cas", "other"));
  c = ce.val.cas_failed;
  sure(wasi_keyvalue_atomics_method_cas_current(wasi_keyvalue_atomics_borrow_cas(c), &v, &e));
  sure(v.is_some && v.val.len == 5);
  guest_option_list_u8_free(&v);
  sure(wasi_keyvalue_atomics_swap(c, &two, &ce));
  sure(holds(b, "cas", "two"));
  sure(wasi_keyvalue_atomics_static_cas_new(B(b), &k, &c, &e));
  wasi_keyvalue_atomics_cas_drop_own(c);
  sure(delete (b, "cas"));
  return true;
}
#endif

// pages lists more keys than are listed at once.
static bool pages(bucket_t b) {
  enum { N = 2500 };
  static uint8_t names[N][4];
  static guest_tuple2_string_list_u8_t pairs[N];
  static guest_string_t keys[N];
  for (size_t i = 0; i < N; i++) {
    for (size_t d = 4, n = i; d-- > 0; n /= 10) names[i][d] = (uint8_t)('0' + n % 10);
    keys[i] = (guest_string_t){names[i], 4};
    pairs[i] = (guest_tuple2_string_list_u8_t){keys[i], {names[i], 0}};
  }
  guest_list_tuple2_string_list_u8_t all = {pairs, N};
  error_t e;
  sure(wasi_keyvalue_batch_set_many(B(b), &all, &e));
  size_t found = 0, requests = 0;
  cursor_t cursor, *at = NULL;
  for (;; at = &cursor) {
    wasi_keyvalue_store_key_response_t r;
    sure(wasi_keyvalue_store_method_bucket_list_keys(B(b), at, &r, &e));
    requests++;
    for (size_t i = 0; i < r.keys.len; i++) found += r.keys.ptr[i].len == 4;
    if (!r.cursor.is_some) break;
    cursor = r.cursor.val;
  }
  sure(found == N);
  sure(requests > 1);
  guest_list_string_t list = {keys, N};
  sure(wasi_keyvalue_batch_delete_many(B(b), &list, &e));
  return true;
}

// check asserts what every bucket must do, and leaves it as it was.
static bool check(bucket_t b) {
  sure(holds(b, "hello", NULL));
  sure(!exists(b, "hello"));
  sure(put_value(b, "hello", "world"));
  sure(holds(b, "hello", "world"));
  sure(put_value(b, "hello", ""));
  sure(holds(b, "hello", ""));
  sure(exists(b, "hello"));
  sure(delete (b, "hello"));
  sure(delete (b, "hello"));
  sure(!exists(b, "hello"));
  number_t sum;
  sure(add(b, "n", 5, &sum) && sum == 5);
  sure(add(b, "n", 1, &sum) && sum == 6);
  sure(holds(b, "n", "6"));
#ifdef OLDER
  sure(!add(b, "n", UINT64_MAX, &sum));
#else
  sure(add(b, "n", -7, &sum) && sum == -1);
  sure(!add(b, "n", INT64_MIN, &sum));
#endif
  sure(put_value(b, "n", "no number"));
  sure(!add(b, "n", 1, &sum));
  sure(delete (b, "n"));
  if (!batches(b)) return false;
#ifndef OLDER
  if (!swaps(b)) return false;
#endif
  return pages(b);
}

static bool checked(bucket_t b) {
  if (!check(b)) return false;
  put(&out, "ok, ");
  put_u(&out, asserted);
  put(&out, " assertions\n");
  return true;
}

static bool with_bucket(guest_list_string_t args) {
  bucket_t b;
  error_t e;
  if (!wasi_keyvalue_store_open(&args.ptr[2], &b, &e)) return failed("open", e);
  bool ok = false;
  size_t n;
  number_t sum;
  uint64_t delta;
  if (is(args.ptr[1], "check")) {
    ok = checked(b);
  } else if (is(args.ptr[1], "keys")) {
    ok = print_keys(b, &n);
  } else if (is(args.ptr[1], "get") && args.len == 4) {
    guest_option_list_u8_t v;
    ok = wasi_keyvalue_store_method_bucket_get(B(b), &args.ptr[3], &v, &e) || failed("get", e);
    if (ok) {
      if (v.is_some) put_n(&out, v.val.ptr, v.val.len);
      put(&out, v.is_some ? "\n" : "(none)\n");
    }
  } else if (is(args.ptr[1], "set") && args.len == 5) {
    guest_list_u8_t v = bytes(args.ptr[4]);
    ok = wasi_keyvalue_store_method_bucket_set(B(b), &args.ptr[3], &v, &e) || failed("set", e);
  } else if (is(args.ptr[1], "add") && args.len == 5 && parse_u((char *)args.ptr[4].ptr, args.ptr[4].len, &delta)) {
    ok = wasi_keyvalue_atomics_increment(B(b), &args.ptr[3], (number_t)delta, &sum, &e) || failed("increment", e);
    if (ok) say_number(sum), put(&out, "\n");
  } else {
    put(&err, "no such command\n");
  }
  wasi_keyvalue_store_bucket_drop_own(b);
  return ok;
}

static bool settings(guest_list_string_t args) {
  wasi_config_store_error_t e;
  if (args.len == 3) {
    guest_option_string_t v;
    if (!wasi_config_store_get(&args.ptr[2], &v, &e)) return untrue("get");
    if (v.is_some) put_str(&out, v.val);
    put(&out, v.is_some ? "\n" : "(none)\n");
    return true;
  }
  guest_list_tuple2_string_string_t all;
  if (!wasi_config_store_get_all(&all, &e)) return untrue("get-all");
  for (size_t i = 0; i < all.len; i++) {
    put_str(&out, all.ptr[i].f0);
    put(&out, "=");
    put_str(&out, all.ptr[i].f1);
    put(&out, "\n");
  }
  return true;
}

static bool tell(guest_list_string_t args) {
  static const char *const levels[] = {"trace", "debug", "info", "warn", "error", "critical"};
  for (uint8_t i = 0; i < 6; i++) {
    if (is(args.ptr[2], levels[i])) {
      wasi_logging_logging_log(i, &args.ptr[3], &args.ptr[4]);
      return true;
    }
  }
  put(&err, "no such level\n");
  return false;
}

static bool run(guest_list_string_t args) {
  if (args.len > 1 && is(args.ptr[1], "settings")) return settings(args);
  if (args.len == 5 && is(args.ptr[1], "log")) return tell(args);
  if (args.len > 2) return with_bucket(args);
  put(&err, "no such command\n");
  return false;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  bool ok = run(args);
  guest_list_string_free(&args);
  close_out();
  return ok;
}
