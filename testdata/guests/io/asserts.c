// What holds of timers, polls and the standard streams, whatever they are connected to, and what traps.
#include "io-asserts.h"

static pollable_t after(uint64_t ns) { return wasi_clocks_monotonic_clock_subscribe_duration(ns); }
static pollable_t at(uint64_t ns) { return wasi_clocks_monotonic_clock_subscribe_instant(ns); }

static bool timers(void) {
  pollable_t past = at(0), zero = after(0), soon = after(20000000), never = after(UINT64_MAX), end = at(UINT64_MAX);
  holds(ready(past) && ready(zero) && !ready(never) && !ready(end));
  block(past);
  block(zero);
  pollable_t list[6] = {never, zero, end, past, zero, soon};
  bool is[6];
  holds(poll(list, 6, is) >= 3);  // every index of what is ready, twice the same, too
  holds(!is[0] && is[1] && !is[2] && is[3] && is[4]);
  pollable_t some[4] = {never, soon, end, soon};
  holds(poll(some, 4, is) == 2 && is[1] && is[3]);
  holds(ready(soon));  // it is not used up
  block(soon);
  holds(poll(&soon, 1, is) == 1 && is[0]);
  uint64_t before = wasi_clocks_monotonic_clock_now();
  block_and_drop(after(5000000));
  holds(wasi_clocks_monotonic_clock_now() - before >= 5000000);
  drop(past), drop(zero), drop(soon), drop(never), drop(end);
  return true;
}

static bool clocks(void) {
  wasi_clocks_wall_clock_datetime_t wall, tick;
  wasi_clocks_wall_clock_resolution(&tick);
  holds(tick.seconds == 0 && tick.nanoseconds > 0 && wasi_clocks_monotonic_clock_resolution() > 0);
  uint64_t last = 0;
  for (int i = 0; i < 1000; i++) {
    uint64_t now = wasi_clocks_monotonic_clock_now();
    holds(now >= last);
    last = now;
  }
  wasi_clocks_wall_clock_now(&wall);
  holds(wall.nanoseconds < 1000000000);
  return true;
}

static bool randoms(void) {
  guest_tuple2_u64_u64_t a, b;
  wasi_random_insecure_seed_insecure_seed(&a);
  wasi_random_insecure_seed_insecure_seed(&b);
  holds(a.f0 == b.f0 && a.f1 == b.f1);
  holds(wasi_random_random_get_random_u64() != wasi_random_random_get_random_u64());
  holds(wasi_random_insecure_get_insecure_random_u64() != wasi_random_insecure_get_insecure_random_u64());
  guest_list_u8_t bytes;
  wasi_random_random_get_random_bytes(0, &bytes);
  holds(bytes.len == 0);
  guest_list_u8_free(&bytes);
  wasi_random_insecure_get_insecure_random_bytes(1000, &bytes);
  holds(bytes.len == 1000);
  guest_list_u8_free(&bytes);
  return true;
}

static wasi_io_streams_own_output_stream_t stdout_;
static wasi_io_streams_borrow_output_stream_t to(void) { return wasi_io_streams_borrow_output_stream(stdout_); }

static bool output(void) {
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t none = {(uint8_t *)"", 0}, line = {(uint8_t *)"line\n", 5};
  uint64_t permit;
  stdout_ = wasi_cli_stdout_get_stdout();
  pollable_t p = wasi_io_streams_method_output_stream_subscribe(to());
  block(p);
  holds(wasi_io_streams_method_output_stream_check_write(to(), &permit, &e) && permit >= 10 && permit <= UINT32_MAX);
  holds(wasi_io_streams_method_output_stream_write(to(), &none, &e));
  holds(wasi_io_streams_method_output_stream_write(to(), &line, &e));
  holds(wasi_io_streams_method_output_stream_write(to(), &line, &e));  // the sum is within the permit
  holds(wasi_io_streams_method_output_stream_flush(to(), &e));
  holds(wasi_io_streams_method_output_stream_flush(to(), &e));
  block(p);
  holds(wasi_io_streams_method_output_stream_check_write(to(), &permit, &e) && permit > 0);
  holds(wasi_io_streams_method_output_stream_blocking_flush(to(), &e));
  holds(wasi_io_streams_method_output_stream_blocking_write_and_flush(to(), &none, &e));
  holds(wasi_io_streams_method_output_stream_blocking_write_zeroes_and_flush(to(), 0, &e));
  holds(wasi_io_streams_method_output_stream_splice(to(), wasi_io_streams_borrow_input_stream(in), 0, &permit, &e) && permit == 0);
  drop(p);
  wasi_io_streams_output_stream_drop_own(stdout_);
  return true;
}

// input expects "abc" and the end.
static bool input(void) {
  wasi_io_streams_borrow_input_stream_t src = wasi_io_streams_borrow_input_stream(in);
  pollable_t p = wasi_io_streams_method_input_stream_subscribe(src), q = wasi_io_streams_method_input_stream_subscribe(src);
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t bytes;
  bool is[2];
  pollable_t both[2] = {p, q};
  block(p);
  holds(wasi_io_streams_method_input_stream_read(src, 0, &bytes, &e) && bytes.len == 0);
  holds(poll(both, 2, is) == 2);
  holds(wasi_io_streams_method_input_stream_read(src, 1, &bytes, &e) && bytes.len == 1 && bytes.ptr[0] == 'a');
  guest_list_u8_free(&bytes);
  holds(ready(p) && ready(q));
  holds(wasi_io_streams_method_input_stream_blocking_read(src, UINT64_MAX, &bytes, &e) && bytes.len == 2);
  guest_list_u8_free(&bytes);
  block(q);
  uint64_t n;
  for (int i = 0; i < 2; i++) {
    holds(!wasi_io_streams_method_input_stream_read(src, 1, &bytes, &e) && e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED);
    holds(!wasi_io_streams_method_input_stream_read(src, 0, &bytes, &e) && e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED);
    holds(!wasi_io_streams_method_input_stream_blocking_read(src, 0, &bytes, &e) && e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED);
    holds(!wasi_io_streams_method_input_stream_blocking_skip(src, 1, &n, &e) && e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED);
    holds(poll(both, 2, is) == 2);
  }
  drop(p);
  drop(q);
  return true;
}

bool asserts(void) {
  if (!timers() || !clocks() || !randoms() || !output() || !input()) return false;
  put(&out, "ok\n");
  return true;
}

static const uint8_t much[4097];
static guest_list_u8_t all = {(uint8_t *)much, sizeof much}, one = {(uint8_t *)much, 1};
static wasi_io_streams_stream_error_t e;
static uint64_t permit;

static void permitted(void) { wasi_io_streams_method_output_stream_check_write(to(), &permit, &e); }

static void poll_nothing(void) {
  wasi_io_poll_list_borrow_pollable_t none = {NULL, 0};
  guest_list_u32_t told;
  wasi_io_poll_poll(&none, &told);
}

static void drop_input_with_pollable(void) {
  wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(in));
  wasi_io_streams_input_stream_drop_own(in);
}

static void drop_output_with_pollable(void) {
  wasi_io_streams_method_output_stream_subscribe(to());
  wasi_io_streams_output_stream_drop_own(stdout_);
}

static void write_without_permit(void) { wasi_io_streams_method_output_stream_write(to(), &one, &e); }

static void write_beyond_permit(void) {
  permitted();
  guest_list_u8_t beyond = {calloc(1, permit + 1), permit + 1};
  wasi_io_streams_method_output_stream_write(to(), &beyond, &e);
}

static void zeroes_beyond_permit(void) {
  permitted();
  wasi_io_streams_method_output_stream_write_zeroes(to(), permit + 1, &e);
}

static void zeroes_without_end(void) {
  permitted();
  wasi_io_streams_method_output_stream_write_zeroes(to(), UINT64_MAX, &e);
}

static void blocking_write_too_much(void) { wasi_io_streams_method_output_stream_blocking_write_and_flush(to(), &all, &e); }

static void blocking_zeroes_too_much(void) {
  wasi_io_streams_method_output_stream_blocking_write_zeroes_and_flush(to(), sizeof much, &e);
}

static void use_dropped_pollable(void) {
  pollable_t p = after(0);
  drop(p);
  ready(p);
}

static void drop_pollable_twice(void) {
  pollable_t p = after(0);
  drop(p);
  drop(p);
}

static void pollable_for_stream(void) {
  pollable_t p = after(0);
  wasi_io_streams_method_input_stream_subscribe((wasi_io_streams_borrow_input_stream_t){p.__handle});
}

static void random_without_end(void) {
  guest_list_u8_t bytes;
  wasi_random_random_get_random_bytes(UINT64_MAX, &bytes);
}

static void pollables_without_end(void) {
  for (;;) after(0);
}

static const struct {
  const char *name;
  void (*make)(void);
} mistakes[] = {
    {"poll-nothing", poll_nothing},
    {"drop-input-with-pollable", drop_input_with_pollable},
    {"drop-output-with-pollable", drop_output_with_pollable},
    {"write-without-permit", write_without_permit},
    {"write-beyond-permit", write_beyond_permit},
    {"zeroes-beyond-permit", zeroes_beyond_permit},
    {"zeroes-without-end", zeroes_without_end},
    {"blocking-write-too-much", blocking_write_too_much},
    {"blocking-zeroes-too-much", blocking_zeroes_too_much},
    {"use-dropped-pollable", use_dropped_pollable},
    {"drop-pollable-twice", drop_pollable_twice},
    {"pollable-for-stream", pollable_for_stream},
    {"random-without-end", random_without_end},
    {"pollables-without-end", pollables_without_end},
};

bool mistake(guest_string_t name) {
  stdout_ = wasi_cli_stdout_get_stdout();
  for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
    if (!is(name, mistakes[i].name)) continue;
    mistakes[i].make();
    return untrue(__FILE__, __LINE__, "the host does not let it pass");
  }
  return untrue(__FILE__, __LINE__, "there is such a mistake");
}
