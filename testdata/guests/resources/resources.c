// resources: a resource of the guest, counted so that destructors show, and walks of a host's resource through the guest.
#include <stdlib.h>
#include <string.h>

#include "guest.h"

// --- counters: the guest's own resource

typedef exports_tenon_test_counters_counter_t counter_t;
typedef exports_tenon_test_counters_own_counter_t own_t;

struct exports_tenon_test_counters_counter_t {
  guest_string_t name;
  uint32_t n;
};

static uint32_t live, dropped;

static guest_string_t copy(guest_string_t s) {
  guest_string_t r;
  guest_string_dup_n(&r, (const char *)s.ptr, s.len);
  return r;
}

static own_t new_counter(guest_string_t name, uint32_t n) {
  counter_t *c = malloc(sizeof *c);
  c->name = name;
  c->n = n;
  live++;
  return exports_tenon_test_counters_counter_new(c);
}

static counter_t *rep(own_t c) { return exports_tenon_test_counters_counter_rep(c); }
static void drop(own_t c) { exports_tenon_test_counters_counter_drop_own(c); }

void exports_tenon_test_counters_counter_destructor(counter_t *c) {
  live--;
  dropped++;
  guest_string_free(&c->name);
  free(c);
}

own_t exports_tenon_test_counters_constructor_counter(guest_string_t *name, uint32_t start) {
  return new_counter(*name, start);  // takes the string
}

void exports_tenon_test_counters_method_counter_name(counter_t *c, guest_string_t *ret) { *ret = copy(c->name); }
uint32_t exports_tenon_test_counters_method_counter_get(counter_t *c) { return c->n; }
void exports_tenon_test_counters_method_counter_add(counter_t *c, uint32_t n) { c->n += n; }
own_t exports_tenon_test_counters_method_counter_clone(counter_t *c) { return new_counter(copy(c->name), c->n); }

own_t exports_tenon_test_counters_static_counter_merge(own_t a, own_t b) {
  own_t merged = new_counter(copy(rep(a)->name), rep(a)->n + rep(b)->n);
  drop(a);
  drop(b);
  return merged;
}

bool exports_tenon_test_counters_method_counter_checked_sub(counter_t *c, uint32_t n, uint32_t *ret, guest_string_t *err) {
  if (n > c->n) return guest_string_dup(err, "below zero"), false;
  *ret = c->n -= n;
  return true;
}

uint32_t exports_tenon_test_counters_live(void) { return live; }
uint32_t exports_tenon_test_counters_dropped(void) { return dropped; }

uint32_t exports_tenon_test_counters_sum(exports_tenon_test_counters_list_borrow_counter_t *all) {
  uint32_t sum = 0;
  for (size_t i = 0; i < all->len; i++) sum += all->ptr[i]->n;
  exports_tenon_test_counters_list_borrow_counter_free(all);
  return sum;
}

own_t exports_tenon_test_counters_pass(own_t c) { return c; }

void exports_tenon_test_counters_make(uint32_t n, exports_tenon_test_counters_list_own_counter_t *ret) {
  ret->len = n;
  ret->ptr = n ? malloc(n * sizeof *ret->ptr) : NULL;
  for (uint32_t i = 0; i < n; i++) {
    guest_string_t name;
    guest_string_dup(&name, "made");
    ret->ptr[i] = new_counter(name, i);
  }
}

uint32_t exports_tenon_test_counters_consume(exports_tenon_test_counters_list_own_counter_t *all) {
  uint32_t n = all->len;
  for (size_t i = 0; i < all->len; i++) drop(all->ptr[i]);
  exports_tenon_test_counters_list_own_counter_free(all);  // the memory; free functions drop no handles
  return n;
}

bool exports_tenon_test_counters_maybe(own_t *maybe_c, own_t *ret) {
  if (maybe_c) *ret = *maybe_c;
  return maybe_c != NULL;
}

static own_t kept;
static bool keeping;

void exports_tenon_test_counters_keep(own_t c) {
  if (keeping) drop(kept);
  kept = c;
  keeping = true;
}

bool exports_tenon_test_counters_take(own_t *ret) {
  bool had = keeping;
  *ret = kept;
  keeping = false;
  return had;
}

// --- walks: the host's resource

typedef tenon_test_tokens_own_token_t token_t;
typedef tenon_test_tokens_borrow_token_t borrowed_t;

static token_t new_token(const char *label) {
  guest_string_t s;
  guest_string_set(&s, label);
  return tenon_test_tokens_constructor_token(&s);
}

static borrowed_t lend(token_t t) { return tenon_test_tokens_borrow_token(t); }

void exports_tenon_test_walks_make_and_drop(guest_string_t *ret) {
  token_t a = new_token("a"), b = new_token("b");
  token_t both = tenon_test_tokens_static_token_join(lend(a), lend(b));
  tenon_test_tokens_token_drop_own(a);
  tenon_test_tokens_describe(lend(both), ret);
  tenon_test_tokens_token_drop_own(b);
  tenon_test_tokens_token_drop_own(both);
}

void exports_tenon_test_walks_lend(borrowed_t t, guest_string_t *ret) {
  tenon_test_tokens_method_token_label(t, ret);
  tenon_test_tokens_token_drop_borrow(t);
}

token_t exports_tenon_test_walks_pass(token_t t) { return t; }

uint32_t exports_tenon_test_walks_round(uint32_t n) {
  tenon_test_tokens_list_own_token_t all;
  tenon_test_tokens_issue(n, &all);
  uint32_t collected = tenon_test_tokens_collect(&all);  // the handles are gone now, the memory is not
  if (all.len > 0) free(all.ptr);
  return collected;
}

void exports_tenon_test_walks_swallow(token_t t) { tenon_test_tokens_token_drop_own(t); }

void exports_tenon_test_walks_use_after_drop(guest_string_t *ret) {
  token_t t = new_token("gone");
  tenon_test_tokens_token_drop_own(t);
  tenon_test_tokens_method_token_label(lend(t), ret);
}

void exports_tenon_test_walks_drop_twice(void) {
  token_t t = new_token("gone");
  tenon_test_tokens_token_drop_own(t);
  tenon_test_tokens_token_drop_own(t);
}

void exports_tenon_test_walks_forged(guest_string_t *ret) {
  tenon_test_tokens_method_token_label((borrowed_t){12345}, ret);
}

void exports_tenon_test_walks_keep_borrow(borrowed_t t) { (void)t; }
