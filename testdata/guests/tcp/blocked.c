// blocked HOW [ADDR:PORT]: says "blocking in HOW" and then waits in one call of the host for what never comes.
// If it comes all the same, or the host ends the wait with an answer, it says "unblocked: WHY" and succeeds.
#include "net.h"

static const uint64_t year = 365ull * 24 * 3600 * 1000000000;

static void blocking(const char *how) {
  put(&out, "blocking in ");
  put(&out, how);
  put(&out, "\n");
}

static const char *in_poll(void) {
  pollable_t p[2] = {
      wasi_clocks_monotonic_clock_subscribe_duration(year),
      wasi_clocks_monotonic_clock_subscribe_instant(wasi_clocks_monotonic_clock_now() + 2 * year),
  };
  blocking("poll");
  wait_any(p, 2, NULL);
  wasi_io_poll_pollable_drop_own(p[0]);
  wasi_io_poll_pollable_drop_own(p[1]);
  return "a year went by";
}

static const char *in_sleep(void) {
  pollable_t p = wasi_clocks_monotonic_clock_subscribe_duration(year);
  blocking("sleep");
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(p));
  wasi_io_poll_pollable_drop_own(p);
  return "a year went by";
}

static const char *in_accept(void) {
  addr_t any = {.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4, .val.ipv4.address = {127, 0, 0, 1}}, at;
  sock_t listener;
  if (!listen_on(any, &listener, &at)) return NULL;
  put(&out, "listening on ");
  put_addr(&out, &at);
  put(&out, "\n");
  blocking("accept");
  wait_sock(listener);
  wasi_sockets_tcp_tcp_socket_drop_own(listener);
  return "a connection came";
}

static const char *in_read(addr_t to) {
  conn_t c;
  if (!connect_to(to, &c)) return NULL;
  blocking("read");
  guest_list_u8_t bytes;
  wasi_io_streams_stream_error_t e;
  const char *why = "bytes came";
  if (wasi_io_streams_method_input_stream_blocking_read(input(c.in), CHUNK, &bytes, &e))
    guest_list_u8_free(&bytes);
  else
    why = stream_error_name(&e);
  conn_drop(&c);
  return why;
}

static const char *in_write(addr_t to) {
  static uint8_t page[4096];
  conn_t c;
  if (!connect_to(to, &c)) return NULL;
  blocking("write");
  guest_list_u8_t bytes = {page, sizeof page};
  wasi_io_streams_stream_error_t e;
  while (wasi_io_streams_method_output_stream_blocking_write_and_flush(output(c.out), &bytes, &e)) {
  }
  const char *why = stream_error_name(&e);
  conn_drop(&c);
  return why;
}

static const char *in_stdin(void) {
  in_t in = wasi_cli_stdin_get_stdin();
  blocking("stdin");
  guest_list_u8_t bytes;
  wasi_io_streams_stream_error_t e;
  const char *why = "bytes came";
  if (wasi_io_streams_method_input_stream_blocking_read(input(in), CHUNK, &bytes, &e))
    guest_list_u8_free(&bytes);
  else
    why = stream_error_name(&e);
  wasi_io_streams_input_stream_drop_own(in);
  return why;
}

static const char *block(guest_list_string_t args) {
  addr_t to;
  bool have = args.len == 3 && parse_addr(args.ptr[2], &to);
  if (args.len == 2 && is(args.ptr[1], "poll")) return in_poll();
  if (args.len == 2 && is(args.ptr[1], "sleep")) return in_sleep();
  if (args.len == 2 && is(args.ptr[1], "accept")) return in_accept();
  if (args.len == 2 && is(args.ptr[1], "stdin")) return in_stdin();
  if (have && is(args.ptr[1], "read")) return in_read(to);
  if (have && is(args.ptr[1], "write")) return in_write(to);
  fail("usage", "blocked poll | sleep | accept | stdin | read ADDR:PORT | write ADDR:PORT");
  return NULL;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  const char *why = block(args);
  guest_list_string_free(&args);
  if (why) {
    put(&out, "unblocked: ");
    put(&out, why);
    put(&out, "\n");
  }
  close_out();
  return why != NULL;
}
