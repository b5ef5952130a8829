// udp-ping ADDR:PORT COUNT BYTES EVERY [connected]: sends COUNT datagrams to a server that echoes them, one each EVERY
// milliseconds, and tells what became of them. What fails is counted, and it goes on.
//
// It ends when all have come back, or 0.3 s after the last was sent. "connected" gives the socket a peer.
#include "dgram.h"

enum { WOULD_BLOCK = WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK, MOST = 65536, CODES = 21 };

static uint8_t outgoing[MOST], *seen;
static uint64_t total, size, sent, back, send_errors[CODES], receive_errors[CODES];

static pollable_t timer(uint64_t ms) { return wasi_clocks_monotonic_clock_subscribe_duration(ms * 1000000); }

// make_ping begins with the number, so that each is different.
static void make_ping(uint64_t i) {
  fill(outgoing, size, i, 0);
  if (size >= sizeof i) memcpy(outgoing, &i, sizeof i);
}

static bool take_pong(const wasi_sockets_udp_incoming_datagram_t *d, const addr_t *to) {
  uint64_t i = 0;
  if (d->data.len != size) return fail("receive", "another size");
  if (!same_addr(&d->remote_address, to)) return fail("receive", "from somebody else");
  if (size >= sizeof i) memcpy(&i, d->data.ptr, sizeof i);
  if (i >= total) return fail("receive", "a number that was not sent");
  make_ping(i);
  if (memcmp(d->data.ptr, outgoing, size) != 0) return fail("receive", "other bytes");
  if (!seen[i] || size < sizeof i) back++;
  seen[i] = 1;
  return true;
}

// receive_until takes what comes until p is ready, or all have come back.
static bool receive_until(duo_t d, pollable_t readable, pollable_t p, const addr_t *to, bool all) {
  for (bool ready[2] = {false};;) {
    got_t got;
    int r;
    bool ok = true;
    while ((r = u_receive(d.rx, 16, &got)) == OK && got.len > 0) {
      for (size_t i = 0; i < got.len && ok; i++) ok = take_pong(&got.ptr[i], to);
      wasi_sockets_udp_list_incoming_datagram_free(&got);
      if (!ok) return false;
    }
    if (r != OK) {
      receive_errors[r]++;
      continue;  // an error is told once
    }
    if (ready[1] || (all && back == sent)) return true;
    pollable_t both[] = {readable, p};
    wait_any(both, 2, ready);
  }
}

static void report(const char *what, const uint64_t *errors) {
  for (code_t c = 0; c < CODES; c++) {
    if (!errors[c]) continue;
    put(&out, what);
    put(&out, " ");
    put(&out, code_name(c));
    put(&out, " ");
    put_u(&out, errors[c]);
    put(&out, "\n");
  }
}

static bool run(addr_t to, uint64_t every, bool connected) {
  usock_t s;
  duo_t d;
  addr_t any = {.tag = to.tag};
  int r = u_create(to.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6, &s);
  if (r != OK) return fail("create-udp-socket", u_name(r));
  if ((r = u_bind(s, any)) != OK) return fail("bind", u_name(r));
  if ((r = u_stream(s, connected ? &to : NULL, &d)) != OK) return fail("stream", u_name(r));
  pollable_t readable = wasi_sockets_udp_method_incoming_datagram_stream_subscribe(rx(d.rx));
  put(&out, "pinging\n");
  bool ok = true;
  for (uint64_t i = 0; i < total && ok; i++) {
    make_ping(i);
    if ((r = u_send_one(d.tx, outgoing, size, connected ? NULL : &to)) == OK)
      sent++;
    else
      send_errors[r]++;
    pollable_t next = timer(every);
    ok = receive_until(d, readable, next, &to, false);
    wasi_io_poll_pollable_drop_own(next);
  }
  pollable_t end = timer(300);
  ok = ok && receive_until(d, readable, end, &to, true);
  wasi_io_poll_pollable_drop_own(end);
  wasi_io_poll_pollable_drop_own(readable);
  u_drop(s, &d);
  put(&out, "sent ");
  put_u(&out, sent);
  put(&out, "\nback ");
  put_u(&out, back);
  put(&out, "\n");
  report("send", send_errors);
  report("receive", receive_errors);
  return ok;
}

static bool number(guest_string_t s, uint64_t *v) { return parse_u((char *)s.ptr, s.len, v); }

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  addr_t to;
  uint64_t every;
  wasi_cli_environment_get_arguments(&args);
  bool connected = args.len == 6 && is(args.ptr[5], "connected");
  bool ok = args.len == (connected ? 6 : 5) && parse_addr(args.ptr[1], &to) && number(args.ptr[2], &total) &&
            number(args.ptr[3], &size) && number(args.ptr[4], &every) && size <= MOST;
  if (ok) seen = calloc(1, total + 1);
  ok = ok ? run(to, every, connected) : fail("usage", "udp-ping ADDR:PORT COUNT BYTES EVERY [connected]");
  close_out();
  return ok;
}
