// attack NAME [ADDR:PORT]: takes without end, asks for too much, or uses handles that it does not have.
//
// Each attack says what it got. Those that hold something, or leave something pending, then block, so that it can be
// looked at from outside. Those that must trap must not come back.
#include "../udp/dgram.h"

enum { WOULD_BLOCK = WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK, HOUR = 3600 };

static pollable_t timer(uint64_t seconds) { return wasi_clocks_monotonic_clock_subscribe_duration(seconds * 1000000000); }
static bool ready(pollable_t p) { return wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(p)); }

static void say(const char *what, uint64_t n) {
  put_u(&out, n);
  put(&out, " ");
  put(&out, what);
  put(&out, "\n");
}

// A tally counts calls by their answers: those that succeeded, then the errors.
typedef struct {
  uint64_t ok, errors[WASI_SOCKETS_NETWORK_ERROR_CODE_PERMANENT_RESOLVER_FAILURE + 1];
} tally_t;

static void count(tally_t *t, bool ok, code_t c) {
  if (ok)
    t->ok++;
  else
    t->errors[c]++;
}

static void report(const tally_t *t) {
  say("ok", t->ok);
  for (code_t c = 0; c < sizeof t->errors / sizeof t->errors[0]; c++)
    if (t->errors[c]) say(code_name(c), t->errors[c]);
}

static bool block(void) {
  put(&out, "blocking\n");
  pollable_t p = timer(HOUR);
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(p));
  return fail("block", "it came back");
}

static bool pollables(addr_t at) {
  for (;;) timer(HOUR);
}

static bool socket_pollables(addr_t at) {
  sock_t s;
  code_t c;
  if (!wasi_sockets_tcp_create_socket_create_tcp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &s, &c))
    return fail_code("create-tcp-socket", c);
  for (;;) wasi_sockets_tcp_method_tcp_socket_subscribe(sock(s));
}

// sockets takes them until it is told that there are no more, of both kinds in turn.
static bool sockets(addr_t at) {
  tally_t t = {0};
  for (int refused = 0, i = 0; refused < 10; i++) {
    sock_t s;
    usock_t u;
    code_t c = 0;
    bool ok = i % 2 ? wasi_sockets_tcp_create_socket_create_tcp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &s, &c)
                    : wasi_sockets_udp_create_socket_create_udp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &u, &c);
    count(&t, ok, c);
    refused += !ok;
  }
  report(&t);
  return block();
}

// connects begins without end and finishes none. A socket that may not connect is dropped.
static bool connects(addr_t to) {
  tally_t t = {0};
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  for (int i = 0; i < 100000; i++) {
    sock_t s;
    code_t c = 0;
    bool ok = wasi_sockets_tcp_create_socket_create_tcp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &s, &c);
    if (ok) {
      ok = wasi_sockets_tcp_method_tcp_socket_start_connect(sock(s), wasi_sockets_network_borrow_network(net), &to, &c);
      if (!ok) wasi_sockets_tcp_tcp_socket_drop_own(s);
    }
    count(&t, ok, c);
  }
  report(&t);
  return block();
}

static bool lookups(addr_t at) {
  tally_t t = {0};
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  for (int i = 0; i < 100000; i++) {
    char text[] = "n00000.example";
    for (int d = 5, v = i; d > 0; d--, v /= 10) text[d] = '0' + v % 10;
    guest_string_t name = {(uint8_t *)text, strlen(text)};
    wasi_sockets_ip_name_lookup_own_resolve_address_stream_t s;
    code_t c = 0;
    count(&t, wasi_sockets_ip_name_lookup_resolve_addresses(wasi_sockets_network_borrow_network(net), &name, &s, &c), c);
  }
  report(&t);
  return block();
}

// poll_5000 has 4997 that are not ready, and three times the one that is.
static bool poll_5000(addr_t at) {
  enum { N = 5000 };
  static pollable_t p[N];
  static bool is_ready[N];
  for (int i = 0; i < N; i++) p[i] = timer(HOUR);
  p[7] = p[4999] = p[2500] = timer(0);
  wait_any(p, N, is_ready);
  for (int i = 0; i < N; i++)
    if (is_ready[i]) say("is ready", i);
  return true;
}

static bool random_bytes(addr_t at) {
  guest_list_u8_t got;
  wasi_random_random_get_random_bytes(UINT64_MAX, &got);
  return fail("get-random-bytes", "it came back");
}

// read_everything asks for all there can be until the end of the stream, and tells the largest answer. Every
// other time it waits.
static bool read_everything(addr_t to) {
  conn_t c;
  if (!connect_to(to, &c)) return false;
  uint64_t most = 0, total = 0;
  for (bool wait = false;; wait = !wait) {
    guest_list_u8_t got;
    wasi_io_streams_stream_error_t e;
    bool ok = wait ? wasi_io_streams_method_input_stream_blocking_read(input(c.in), UINT64_MAX, &got, &e)
                   : wasi_io_streams_method_input_stream_read(input(c.in), UINT64_MAX, &got, &e);
    if (!ok) {
      const char *why = stream_error_name(&e);
      if (strcmp(why, "closed") != 0) return fail("read", why);
      break;
    }
    if (got.len > most) most = got.len;
    total += got.len;
    guest_list_u8_free(&got);
  }
  say("read", total);
  say("at most", most);
  conn_drop(&c);
  return true;
}

static bool zeroes(addr_t to) {
  conn_t c;
  uint64_t permit;
  wasi_io_streams_stream_error_t e;
  if (!connect_to(to, &c)) return false;
  if (!wasi_io_streams_method_output_stream_check_write(output(c.out), &permit, &e)) return fail("check-write", stream_error_name(&e));
  wasi_io_streams_method_output_stream_write_zeroes(output(c.out), UINT64_MAX, &e);
  return fail("write-zeroes", "it came back");
}

// flood writes what it may until it may no more, and waits until it may again. Then it writes no more.
static bool flood(addr_t to) {
  conn_t c;
  uint64_t permit, total = 0;
  wasi_io_streams_stream_error_t e;
  if (!connect_to(to, &c)) return false;
  for (;;) {
    if (!wasi_io_streams_method_output_stream_check_write(output(c.out), &permit, &e))
      return fail("check-write", stream_error_name(&e));
    if (permit == 0) {
      say("written", total);
      flush(&out);
      if (ready(c.out_ready)) return fail("check-write", "0, and the pollable is ready");
      break;
    }
    if (!wasi_io_streams_method_output_stream_write_zeroes(output(c.out), permit, &e)) return fail("write-zeroes", stream_error_name(&e));
    total += permit;
  }
  wait_any(&c.out_ready, 1, NULL);
  if (!wasi_io_streams_method_output_stream_check_write(output(c.out), &permit, &e)) return fail("check-write", stream_error_name(&e));
  say("permitted again", permit > 0);
  conn_drop(&c);
  return true;
}

static pollable_t forged(int32_t index) { return (pollable_t){index}; }

static bool handle_zero(addr_t at) { return ready(forged(0)) || true; }
static bool handle_out_of_range(addr_t at) { return ready(forged(1000)) || true; }
static bool handle_largest(addr_t at) { return ready(forged(-1)) || true; }

static bool handle_freed(addr_t at) {
  pollable_t p = timer(0);
  wasi_io_poll_pollable_drop_own(p);
  return ready(p) || true;
}

static bool handle_of_another_type(addr_t at) {
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  return ready(forged(net.__handle)) || true;
}

static bool handle_in_a_list(addr_t at) {
  pollable_t p[] = {timer(0), forged(77)};
  wait_any(p, 2, NULL);
  return true;
}

static bool drop_twice(addr_t at) {
  pollable_t p = timer(0);
  wasi_io_poll_pollable_drop_own(p);
  wasi_io_poll_pollable_drop_own(p);
  return true;
}

static bool drop_as_another_type(addr_t at) {
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  wasi_io_poll_pollable_drop_own(forged(net.__handle));
  return true;
}

static bool poll_nothing(addr_t at) {
  pollable_t none = {0};
  wait_any(&none, 0, NULL);
  return true;
}

// handles holds some, and blocks.
static bool handles(addr_t at) {
  for (int i = 0; i < 100; i++) timer(HOUR);
  return block();
}

static const struct {
  const char *name;
  bool (*make)(addr_t at);
} attacks[] = {
    {"pollables", pollables},
    {"socket-pollables", socket_pollables},
    {"sockets", sockets},
    {"connects", connects},
    {"lookups", lookups},
    {"poll-5000", poll_5000},
    {"random-bytes", random_bytes},
    {"read-everything", read_everything},
    {"zeroes", zeroes},
    {"flood", flood},
    {"handles", handles},
    // These must trap.
    {"handle-zero", handle_zero},
    {"handle-out-of-range", handle_out_of_range},
    {"handle-largest", handle_largest},
    {"handle-freed", handle_freed},
    {"handle-of-another-type", handle_of_another_type},
    {"handle-in-a-list", handle_in_a_list},
    {"drop-twice", drop_twice},
    {"drop-as-another-type", drop_as_another_type},
    {"poll-nothing", poll_nothing},
};

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  addr_t at = {0};
  wasi_cli_environment_get_arguments(&args);
  bool ok = args.len == 2 || (args.len == 3 && parse_addr(args.ptr[2], &at));
  if (!ok) return fail("usage", "attack NAME [ADDR:PORT]");
  for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
    if (!is(args.ptr[1], attacks[i].name)) continue;
    ok = attacks[i].make(at);
    close_out();
    return ok;
  }
  return fail("usage", "no such attack");
}
