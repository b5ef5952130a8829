// hello: a command on WASI 0.2 alone. See README.md for what its arguments do.
#include "rt.h"

// The three functions below exist for their names: a trap in the innermost shows them all in a trace.
__attribute__((noinline)) static int sink_that_traps(volatile int *depth) {
  if (*depth > 2) __builtin_trap();
  return *depth;
}

__attribute__((noinline)) static int middle_of_the_trace(volatile int *depth) {
  *depth += 1;
  int r = sink_that_traps(depth);
  *depth -= 1;
  return r;
}

__attribute__((noinline)) static int start_of_the_trace(volatile int *depth) {
  *depth += 1;
  int r = middle_of_the_trace(depth);
  *depth -= 1;
  return r;
}

static bool cat(void) {
  wasi_io_streams_own_input_stream_t in = wasi_cli_stdin_get_stdin();
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t bytes;
  while (wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(in), 4096, &bytes, &e)) {
    put_n(&out, bytes.ptr, bytes.len);
    guest_list_u8_free(&bytes);
  }
  flush(&out);
  bool ended = e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
  if (!ended) {
    guest_string_t why;
    wasi_io_error_method_error_to_debug_string(wasi_io_error_borrow_error(e.val.last_operation_failed), &why);
    put(&err, "stdin: ");
    put_str(&err, why);
    put(&err, "\n");
    guest_string_free(&why);
  }
  drop_error(&e);
  wasi_io_streams_input_stream_drop_own(in);
  return ended;
}

static void files(void) {
  wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t dirs;
  wasi_filesystem_preopens_get_directories(&dirs);
  put_u(&out, dirs.len);
  put(&out, " preopened\n");
  for (size_t i = 0; i < dirs.len; i++) {
    put(&out, "dir ");
    put_str(&out, dirs.ptr[i].f1);
    put(&out, "\n");
    wasi_filesystem_types_descriptor_drop_own(dirs.ptr[i].f0);
  }
  wasi_filesystem_preopens_list_tuple2_own_descriptor_string_free(&dirs);
}

static bool clocks(void) {
  uint64_t before = wasi_clocks_monotonic_clock_now();
  wasi_clocks_wall_clock_datetime_t wall;
  wasi_clocks_wall_clock_now(&wall);
  uint64_t after = wasi_clocks_monotonic_clock_now();
  put(&out, "wall ");
  put_u(&out, wall.seconds);
  put(&out, " s ");
  put_u(&out, wall.nanoseconds);
  put(&out, " ns\nmonotonic ");
  put_u(&out, before);
  put(&out, " ns, then ");
  put_u(&out, after);
  put(&out, " ns, resolution ");
  put_u(&out, wasi_clocks_monotonic_clock_resolution());
  put(&out, " ns\n");
  return after >= before && wall.nanoseconds < 1000000000;
}

static bool random_values(void) {
  guest_list_u8_t bytes;
  wasi_random_random_get_random_bytes(8, &bytes);
  bool whole = bytes.len == 8;
  uint64_t first = 0;
  if (whole) memcpy(&first, bytes.ptr, 8);
  guest_list_u8_free(&bytes);
  put(&out, "bytes ");
  put_hex(&out, first);
  put(&out, "\nu64 ");
  put_hex(&out, wasi_random_random_get_random_u64());
  put(&out, "\n");
  return whole;
}

static void show(guest_list_string_t args) {
  for (size_t i = 0; i < args.len; i++) {
    put(&out, "arg ");
    put_str(&out, args.ptr[i]);
    put(&out, "\n");
  }
  guest_list_tuple2_string_string_t env;
  wasi_cli_environment_get_environment(&env);
  for (size_t i = 0; i < env.len; i++) {
    put(&out, "env ");
    put_str(&out, env.ptr[i].f0);
    put(&out, "=");
    put_str(&out, env.ptr[i].f1);
    put(&out, "\n");
  }
  guest_list_tuple2_string_string_free(&env);
}

static bool run(guest_list_string_t args) {
  guest_string_t what = args.len > 1 ? args.ptr[1] : (guest_string_t){(uint8_t *)"", 0};
  if (is(what, "cat")) return cat();  // nothing but the copy on stdout

  put(&out, "hello from C\n");
  if (what.len == 0) return true;
  if (is(what, "--show")) return show(args), true;
  if (is(what, "files")) return files(), true;
  if (is(what, "clocks")) return clocks();
  if (is(what, "random")) return random_values();
  if (is(what, "fail")) return false;
  if (is(what, "trap")) {
    volatile int depth = 1;
    return start_of_the_trace(&depth) == 0;
  }
  uint64_t code;
  if (is(what, "exit") && args.len > 2 && parse_u((char *)args.ptr[2].ptr, args.ptr[2].len, &code) && code < 256) {
    wasi_cli_exit_exit_with_code((uint8_t)code);
    put(&err, "hello: exit-with-code returned\n");
    return false;
  }
  put(&err, "usage: hello [--show | cat | files | clocks | random | exit N | fail | trap]\n");
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
