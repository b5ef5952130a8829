// udp-dns SERVER:PORT NAME: asks a name server for the IPv4 addresses of NAME, and prints "address A.B.C.D" for each.
//
// It binds to the unspecified address and sends to one server, so that a rule for sending is all that it needs. What
// is no answer to its question is passed over; after half a second it asks again, three times in all.
#include "dgram.h"

enum { TYPE_A = 1, CLASS_IN = 1, ID = 0x5157 };

static uint16_t word16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

// question writes a query and returns its length, or 0 if the name cannot be asked for.
static size_t question(uint8_t *q, guest_string_t name) {
  static const uint8_t head[12] = {ID >> 8, ID & 255, 1, 0, 0, 1};  // recursion desired, one question
  memcpy(q, head, sizeof head);
  size_t n = sizeof head, start = n++;
  if (name.len == 0 || name.len > 253) return 0;
  for (size_t i = 0; i < name.len; i++) {
    if (name.ptr[i] != '.') {
      q[n++] = name.ptr[i];
      continue;
    }
    if (n - start - 1 == 0 || n - start - 1 > 63) return 0;
    q[start] = (uint8_t)(n - start - 1);
    start = n++;
  }
  if (n - start - 1 > 63) return 0;
  q[start] = (uint8_t)(n - start - 1);  // 0 behind a dot at the end, which is the root already
  if (q[start] != 0) q[n++] = 0;
  static const uint8_t tail[4] = {0, TYPE_A, 0, CLASS_IN};
  memcpy(q + n, tail, sizeof tail);
  return n + sizeof tail;
}

// skip_name returns what follows the name at p, or NULL.
static const uint8_t *skip_name(const uint8_t *p, const uint8_t *end) {
  while (p < end) {
    if (*p >= 0xc0) return end - p >= 2 ? p + 2 : NULL;
    if (*p == 0) return p + 1;
    p += 1 + *p;
  }
  return NULL;
}

// answers prints the addresses. It is false for what does not answer the question.
static bool answers(const uint8_t *p, size_t n, const uint8_t *q, size_t asked) {
  if (n < asked || word16(p) != ID || !(p[2] & 0x80) || word16(p + 4) != 1 || memcmp(p + 12, q + 12, asked - 12) != 0) return false;
  const uint8_t *end = p + n, *r = p + asked;
  for (int left = word16(p + 6); left > 0; left--) {
    r = skip_name(r, end);
    if (!r || end - r < 10) return false;
    uint16_t type = word16(r), class = word16(r + 2), size = word16(r + 8);
    r += 10;
    if (end - r < size) return false;
    if (type == TYPE_A && class == CLASS_IN && size == 4) {
      put(&out, "address ");
      for (int i = 0; i < 4; i++) {
        if (i) put(&out, ".");
        put_u(&out, r[i]);
      }
      put(&out, "\n");
    }
    r += size;
  }
  put(&out, "rcode ");
  put_u(&out, p[3] & 15);
  put(&out, "\n");
  return true;
}

// listen is true once the answer has come, and false when the time is over.
static bool listen(duo_t *d, const uint8_t *q, size_t asked) {
  pollable_t p[2] = {
      wasi_sockets_udp_method_incoming_datagram_stream_subscribe(rx(d->rx)),
      wasi_clocks_monotonic_clock_subscribe_duration(500000000),
  };
  bool answered = false, late = false;
  while (!answered && !late) {
    bool ready[2] = {false};
    wait_any(p, 2, ready);
    late = ready[1];
    got_t got;
    int r = u_receive(d->rx, 16, &got);
    if (r != OK) {
      fail("receive", u_name(r));
      continue;
    }
    for (size_t i = 0; i < got.len && !answered; i++) answered = answers(got.ptr[i].data.ptr, got.ptr[i].data.len, q, asked);
    wasi_sockets_udp_list_incoming_datagram_free(&got);
  }
  wasi_io_poll_pollable_drop_own(p[0]);
  wasi_io_poll_pollable_drop_own(p[1]);
  return answered;
}

static bool look_up(addr_t server, guest_string_t name) {
  uint8_t q[512];
  size_t asked = question(q, name);
  if (asked == 0) return fail("name", "cannot be asked for");
  bool v6 = server.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6;
  addr_t anywhere = {.tag = server.tag};
  usock_t s;
  duo_t d;
  int r = u_create(v6, &s);
  if (r != OK) return fail("create-udp-socket", u_name(r));
  if ((r = u_bind(s, anywhere)) != OK) return fail("bind", u_name(r));
  if ((r = u_stream(s, NULL, &d)) != OK) return fail("stream", u_name(r));
  bool answered = false;
  for (int tries = 0; tries < 3 && !answered; tries++) {
    if ((r = u_send_one(d.tx, q, asked, &server)) != OK) return fail("send", u_name(r));
    answered = listen(&d, q, asked);
  }
  u_drop(s, &d);
  return answered || fail("answer", "none came");
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t server;
  bool ok = args.len == 3 && parse_addr(args.ptr[1], &server);
  ok = ok ? look_up(server, args.ptr[2]) : fail("usage", "udp-dns SERVER:PORT NAME");
  guest_list_string_free(&args);
  close_out();
  return ok;
}
