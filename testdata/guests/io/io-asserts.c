// io-asserts HOW...: what a guest may count on from wasi:io, clocks, random and the standard streams. See README.md.
#include "io-asserts.h"

input_t in;

bool untrue(const char *file, int line, const char *claim) {
  put(&err, file);
  put(&err, ":");
  put_u(&err, line);
  put(&err, ": ");
  put(&err, claim);
  put(&err, "\n");
  return false;
}

// put_error says what a stream error was, with the code of a file's, and drops it.
static void put_error(const char *where, wasi_io_streams_stream_error_t *e) {
  put(&err, where);
  if (e->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) {
    put(&err, ": closed\n");
    return;
  }
  wasi_io_error_borrow_error_t b = wasi_io_error_borrow_error(e->val.last_operation_failed);
  wasi_filesystem_types_error_code_t code;
  guest_string_t why;
  wasi_io_error_method_error_to_debug_string(b, &why);
  put(&err, ": last-operation-failed: ");
  put_str(&err, why);
  guest_string_free(&why);
  if (wasi_filesystem_types_filesystem_error_code(b, &code)) {
    put(&err, ", filesystem code ");
    put_u(&err, code);
  }
  put(&err, "\n");
  drop_error(e);
}

// ends is whether an error of a stream is its regular end.
static bool ends(const char *where, wasi_io_streams_stream_error_t *e) {
  if (e->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return true;
  put_error(where, e);
  return false;
}

typedef wasi_io_streams_borrow_input_stream_t src_t;
typedef wasi_io_streams_borrow_output_stream_t sink_t;

// copy_polling uses the calls that do not block.
static bool copy_polling(src_t src, pollable_t readable, sink_t sink, pollable_t writable) {
  wasi_io_streams_stream_error_t e;
  for (;;) {
    uint64_t permit;
    block(writable);
    if (!wasi_io_streams_method_output_stream_check_write(sink, &permit, &e)) return put_error("check-write", &e), false;
    holds(permit > 0);
    block(readable);
    guest_list_u8_t bytes;
    if (!wasi_io_streams_method_input_stream_read(src, permit, &bytes, &e)) break;
    holds(bytes.len > 0 && bytes.len <= permit);
    if (!wasi_io_streams_method_output_stream_write(sink, &bytes, &e)) return put_error("write", &e), false;
    guest_list_u8_free(&bytes);
  }
  if (!ends("read", &e)) return false;
  return wasi_io_streams_method_output_stream_blocking_flush(sink, &e) || (put_error("flush", &e), false);
}

static bool splice(src_t src, pollable_t readable, sink_t sink, pollable_t writable) {
  wasi_io_streams_stream_error_t e;
  for (;;) {
    uint64_t n;
    block(writable);
    block(readable);
    if (!wasi_io_streams_method_output_stream_splice(sink, src, UINT64_MAX, &n, &e)) return ends("splice", &e);
    holds(n > 0);
  }
}

static bool splice_blocking(src_t src, pollable_t readable, sink_t sink, pollable_t writable) {
  wasi_io_streams_stream_error_t e;
  for (;;) {
    uint64_t n;
    if (!wasi_io_streams_method_output_stream_blocking_splice(sink, src, UINT64_MAX, &n, &e)) return ends("splice", &e);
    holds(n > 0);
  }
}

// copy moves standard input to standard output until the end of either.
static bool copy(guest_string_t how) {
  wasi_io_streams_own_output_stream_t to = wasi_cli_stdout_get_stdout();
  src_t src = wasi_io_streams_borrow_input_stream(in);
  sink_t sink = wasi_io_streams_borrow_output_stream(to);
  pollable_t readable = wasi_io_streams_method_input_stream_subscribe(src);
  pollable_t writable = wasi_io_streams_method_output_stream_subscribe(sink);
  bool ok = is(how, "splice")            ? splice(src, readable, sink, writable)
            : is(how, "blocking-splice") ? splice_blocking(src, readable, sink, writable)
                                         : copy_polling(src, readable, sink, writable);
  drop(readable);
  drop(writable);
  wasi_io_streams_output_stream_drop_own(to);
  return ok;
}

static void put_terminal(const char *name, bool is) {
  put(&out, name);
  put(&out, is ? ": a terminal\n" : ": no terminal\n");
}

static bool terminals(void) {
  wasi_cli_terminal_stdin_own_terminal_input_t i;
  wasi_cli_terminal_stdout_own_terminal_output_t o;
  bool is = wasi_cli_terminal_stdin_get_terminal_stdin(&i);
  if (is) wasi_cli_terminal_input_terminal_input_drop_own(i);
  put_terminal("stdin", is);
  is = wasi_cli_terminal_stdout_get_terminal_stdout(&o);
  if (is) wasi_cli_terminal_output_terminal_output_drop_own(o);
  put_terminal("stdout", is);
  is = wasi_cli_terminal_stderr_get_terminal_stderr(&o);
  if (is) wasi_cli_terminal_output_terminal_output_drop_own(o);
  put_terminal("stderr", is);
  return true;
}

static void put_time(const char *what) {
  wasi_clocks_wall_clock_datetime_t wall;
  wasi_clocks_wall_clock_now(&wall);
  put(&out, what);
  put(&out, ": wall ");
  put_u(&out, wall.seconds);
  put(&out, " s ");
  put_u(&out, wall.nanoseconds);
  put(&out, " ns, monotonic ");
  put_u(&out, wasi_clocks_monotonic_clock_now());
  put(&out, " ns\n");
}

static void put_bytes(const char *what, guest_list_u8_t bytes) {
  put(&out, what);
  for (size_t i = 0; i < bytes.len; i++) {
    put(&out, " ");
    put_u(&out, bytes.ptr[i]);
  }
  put(&out, "\n");
  guest_list_u8_free(&bytes);
}

static void put_word(const char *what, uint64_t v) {
  put(&out, what);
  put_hex(&out, v);
  put(&out, "\n");
}

// record prints all that clocks and generators give, with waits in between: two runs with equal ones print the same.
static bool record(void) {
  put_time("at first");
  block_and_drop(wasi_clocks_monotonic_clock_subscribe_duration(90 * minute));
  put_time("after 90 minutes");
  pollable_t timers[3] = {
      wasi_clocks_monotonic_clock_subscribe_duration(3 * minute),
      wasi_clocks_monotonic_clock_subscribe_duration(2 * minute),
      wasi_clocks_monotonic_clock_subscribe_instant(wasi_clocks_monotonic_clock_now() + minute),
  };
  for (size_t n = 3; n > 0; n--) {
    bool ready[3];
    holds(poll(timers, n, ready) == 1 && ready[n - 1]);
    put_time("a timer");
  }
  for (int i = 0; i < 3; i++) drop(timers[i]);
  guest_list_u8_t bytes;
  guest_tuple2_u64_u64_t seed;
  wasi_random_random_get_random_bytes(11, &bytes);
  put_bytes("random:", bytes);
  put_word("random: ", wasi_random_random_get_random_u64());
  wasi_random_insecure_get_insecure_random_bytes(11, &bytes);
  put_bytes("insecure:", bytes);
  put_word("insecure: ", wasi_random_insecure_get_insecure_random_u64());
  wasi_random_insecure_seed_insecure_seed(&seed);
  put_word("seed: ", seed.f0);
  put_word("seed: ", seed.f1);
  return true;
}

// limited waits for input, but no longer than so many milliseconds.
static bool limited(uint64_t ms) {
  uint64_t begin = wasi_clocks_monotonic_clock_now();
  pollable_t p[2] = {
      wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(in)),
      wasi_clocks_monotonic_clock_subscribe_duration(ms * 1000000),
  };
  bool ready[2];
  poll(p, 2, ready);
  uint64_t took = wasi_clocks_monotonic_clock_now() - begin;
  drop(p[0]);
  drop(p[1]);
  put(&out, ready[0] ? "input" : "no input");
  put(&out, took < ms * 1000000 ? " before the limit\n" : " after the limit\n");
  return true;
}

// spin looks at the clock until so many milliseconds have passed.
static bool spin(uint64_t ms) {
  uint64_t end = wasi_clocks_monotonic_clock_now() + ms * 1000000;
  while (wasi_clocks_monotonic_clock_now() < end) {
  }
  put(&out, "spun\n");
  return true;
}

static bool run(guest_list_string_t args) {
  guest_string_t none = {(uint8_t *)"", 0};
  guest_string_t what = args.len > 1 ? args.ptr[1] : none, more = args.len > 2 ? args.ptr[2] : none;
  uint64_t n;
  bool number = parse_u((char *)more.ptr, more.len, &n);
  if (is(what, "asserts")) return asserts();
  if (is(what, "mistake")) return mistake(more);
  if (is(what, "copy")) return copy(more);
  if (is(what, "terminals")) return terminals();
  if (is(what, "record")) return record();
  if (is(what, "limited") && number) return limited(n);
  if (is(what, "spin") && number) return spin(n);
  put(&err, "usage: io-asserts asserts | mistake NAME | copy [splice | blocking-splice] | terminals | record | limited MS | spin MS\n");
  return false;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  in = wasi_cli_stdin_get_stdin();
  bool ok = run(args);
  if (ok) wasi_io_streams_input_stream_drop_own(in);  // a claim that does not hold leaves pollables
  guest_list_string_free(&args);
  close_out();
  return ok;
}
