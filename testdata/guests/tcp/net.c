#include "net.h"

enum {
  OK_TAG4 = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4,
  OK_TAG6 = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6,
  WOULD_BLOCK = WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK,
};

// --- addresses

static bool parse_v4(const char *s, size_t n, wasi_sockets_network_ipv4_address_t *a) {
  uint8_t b[4];
  for (int i = 0; i < 4; i++) {
    size_t len = 0;
    while (len < n && s[len] != '.') len++;
    uint64_t v;
    if (len > 3 || !parse_u(s, len, &v) || v > 255) return false;
    b[i] = (uint8_t)v;
    if ((i < 3) != (len < n)) return false;
    if (i < 3) s += len + 1, n -= len + 1;
  }
  *a = (wasi_sockets_network_ipv4_address_t){b[0], b[1], b[2], b[3]};
  return true;
}

static bool parse_v6(const char *s, size_t n, wasi_sockets_network_ipv6_address_t *a) {
  uint16_t g[8] = {0};
  int have = 0, gap = -1;
  size_t i = 0;
  if (n >= 2 && s[0] == ':' && s[1] == ':') gap = 0, i = 2;
  while (i < n) {
    uint32_t v = 0;
    size_t start = i;
    for (; i < n && s[i] != ':'; i++) {
      char c = s[i] | 0x20;
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0 || i - start == 4) return false;
      v = v << 4 | (uint32_t)digit;
    }
    if (i == start || have == 8) return false;
    g[have++] = (uint16_t)v;
    if (i == n) break;
    if (++i == n) return false;  // a single colon at the end
    if (s[i] == ':') {
      if (gap >= 0) return false;
      gap = have, i++;
    }
  }
  if (gap < 0 ? have != 8 : have > 7) return false;
  if (gap >= 0) {
    int tail = have - gap;
    memmove(g + 8 - tail, g + gap, (size_t)tail * sizeof g[0]);
    memset(g + gap, 0, (size_t)(8 - have) * sizeof g[0]);
  }
  *a = (wasi_sockets_network_ipv6_address_t){g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]};
  return true;
}

bool parse_addr(guest_string_t str, addr_t *a) {
  const char *s = (const char *)str.ptr;
  size_t colon = str.len;
  while (colon > 0 && s[colon - 1] != ':') colon--;
  uint64_t port;
  if (colon == 0 || !parse_u(s + colon, str.len - colon, &port) || port > 65535) return false;
  size_t n = colon - 1;
  memset(a, 0, sizeof *a);
  if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
    a->tag = OK_TAG6;
    a->val.ipv6.port = (uint16_t)port;
    return parse_v6(s + 1, n - 2, &a->val.ipv6.address);
  }
  a->tag = OK_TAG4;
  a->val.ipv4.port = (uint16_t)port;
  return parse_v4(s, n, &a->val.ipv4.address);
}

static void put_group(out_t *o, uint16_t g) {
  bool any = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    int digit = g >> shift & 15;
    any = any || digit || shift == 0;
    if (any) put_n(o, &"0123456789abcdef"[digit], 1);
  }
}

void put_addr(out_t *o, const addr_t *a) {
  if (a->tag == OK_TAG4) {
    wasi_sockets_network_ipv4_address_t i = a->val.ipv4.address;
    uint8_t b[4] = {i.f0, i.f1, i.f2, i.f3};
    for (int k = 0; k < 4; k++) {
      if (k) put(o, ".");
      put_u(o, b[k]);
    }
    put(o, ":");
    put_u(o, a->val.ipv4.port);
    return;
  }
  wasi_sockets_network_ipv6_address_t i = a->val.ipv6.address;
  uint16_t g[8] = {i.f0, i.f1, i.f2, i.f3, i.f4, i.f5, i.f6, i.f7};
  int gap = -1, gap_len = 1;  // the longest run of two or more zeros
  for (int k = 0; k < 8; k++) {
    int run = 0;
    while (k + run < 8 && g[k + run] == 0) run++;
    if (run > gap_len) gap = k, gap_len = run;
  }
  put(o, "[");
  for (int k = 0; k < 8; k++) {
    if (k == gap) {
      put(o, "::");
      k += gap_len - 1;
      continue;
    }
    if (k > 0 && k != gap + gap_len) put(o, ":");
    put_group(o, g[k]);
  }
  put(o, "]:");
  put_u(o, a->val.ipv6.port);
}

bool same_addr(const addr_t *a, const addr_t *b) {
  if (a->tag != b->tag) return false;
  if (a->tag == OK_TAG4) {
    const wasi_sockets_network_ipv4_socket_address_t *x = &a->val.ipv4, *y = &b->val.ipv4;
    return x->port == y->port && memcmp(&x->address, &y->address, sizeof x->address) == 0;
  }
  const wasi_sockets_network_ipv6_socket_address_t *x = &a->val.ipv6, *y = &b->val.ipv6;
  return x->port == y->port && memcmp(&x->address, &y->address, sizeof x->address) == 0;
}

// --- errors

const char *code_name(code_t c) {
  static const char *const names[] = {
      "unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout",
      "concurrency-conflict", "not-in-progress", "would-block", "invalid-state", "new-socket-limit",
      "address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused", "connection-reset",
      "connection-aborted", "datagram-too-large", "name-unresolvable", "temporary-resolver-failure",
      "permanent-resolver-failure",
  };
  return c < sizeof names / sizeof names[0] ? names[c] : "a code beyond the enum";
}

bool fail(const char *step, const char *why) {
  put(&err, step);
  put(&err, ": ");
  put(&err, why);
  put(&err, "\n");
  return false;
}

bool fail_code(const char *step, code_t c) { return fail(step, code_name(c)); }

// --- sockets

uint64_t polls;

void wait_sock(sock_t s) {
  pollable_t p = wasi_sockets_tcp_method_tcp_socket_subscribe(sock(s));
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(p));
  wasi_io_poll_pollable_drop_own(p);
}

void wait_any(const pollable_t *p, size_t n, bool *is_ready) {
  if (n == 1) {  // costs less than a list of one
    polls++;
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(p[0]));
    if (is_ready) is_ready[0] = true;
    return;
  }
  // An own handle and a borrow of it are the same number.
  _Static_assert(sizeof(pollable_t) == sizeof(wasi_io_poll_borrow_pollable_t), "handles");
  wasi_io_poll_list_borrow_pollable_t list = {(wasi_io_poll_borrow_pollable_t *)p, n};
  guest_list_u32_t ready;
  polls++;
  wasi_io_poll_poll(&list, &ready);
  for (size_t i = 0; is_ready && i < ready.len; i++) is_ready[ready.ptr[i]] = true;
  guest_list_u32_free(&ready);
}

static bool create(const addr_t *for_addr, sock_t *s) {
  code_t c;
  uint8_t family = for_addr->tag == OK_TAG4 ? WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4
                                            : WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV6;
  return wasi_sockets_tcp_create_socket_create_tcp_socket(family, s, &c) || fail_code("create-tcp-socket", c);
}

bool listen_on(addr_t want, sock_t *s, addr_t *bound) {
  if (!create(&want, s)) return false;
  code_t c;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_tcp_method_tcp_socket_start_bind(sock(*s), wasi_sockets_network_borrow_network(net), &want, &c);
  wasi_sockets_network_network_drop_own(net);
  while (ok && !(ok = wasi_sockets_tcp_method_tcp_socket_finish_bind(sock(*s), &c)) && c == WOULD_BLOCK)
    ok = true, wait_sock(*s);
  if (!ok) return fail_code("bind", c);

  ok = wasi_sockets_tcp_method_tcp_socket_start_listen(sock(*s), &c);
  while (ok && !(ok = wasi_sockets_tcp_method_tcp_socket_finish_listen(sock(*s), &c)) && c == WOULD_BLOCK)
    ok = true, wait_sock(*s);
  if (!ok) return fail_code("listen", c);
  return wasi_sockets_tcp_method_tcp_socket_local_address(sock(*s), bound, &c) || fail_code("local-address", c);
}

bool connect_start(addr_t to, sock_t *s) {
  if (!create(&to, s)) return false;
  code_t c;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_tcp_method_tcp_socket_start_connect(sock(*s), wasi_sockets_network_borrow_network(net), &to, &c);
  wasi_sockets_network_network_drop_own(net);
  return ok || fail_code("connect", c);
}

bool connect_finish(sock_t s, in_t *in, out_stream_t *out, code_t *c) {
  wasi_sockets_tcp_tuple2_own_input_stream_own_output_stream_t streams;
  if (!wasi_sockets_tcp_method_tcp_socket_finish_connect(sock(s), &streams, c)) return false;
  *in = streams.f0;
  *out = streams.f1;
  return true;
}

bool connect_to(addr_t to, conn_t *conn) {
  sock_t s;
  in_t in;
  out_stream_t out;
  code_t c;
  if (!connect_start(to, &s)) return false;
  while (!connect_finish(s, &in, &out, &c)) {
    if (c != WOULD_BLOCK) return fail_code("connect", c);
    wait_sock(s);
  }
  conn_open(conn, s, in, out);
  return true;
}

void conn_open(conn_t *c, sock_t s, in_t in, out_stream_t out) {
  c->sock = s;
  c->in = in;
  c->out = out;
  c->in_ready = wasi_io_streams_method_input_stream_subscribe(input(in));
  c->out_ready = wasi_io_streams_method_output_stream_subscribe(output(out));
}

void conn_drop(conn_t *c) {
  wasi_io_poll_pollable_drop_own(c->in_ready);
  wasi_io_poll_pollable_drop_own(c->out_ready);
  wasi_io_streams_input_stream_drop_own(c->in);
  wasi_io_streams_output_stream_drop_own(c->out);
  wasi_sockets_tcp_tcp_socket_drop_own(c->sock);
}

// --- traffic

static uint64_t word(uint64_t seed, uint64_t i) {  // splitmix64
  uint64_t z = seed + (i + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

void fill(uint8_t *p, size_t n, uint64_t seed, uint64_t pos) {
  while (n > 0) {
    uint64_t w = word(seed, pos / 8);
    size_t skip = pos % 8, part = 8 - skip < n ? 8 - skip : n;
    w >>= 8 * skip;
    memcpy(p, &w, part);
    p += part, n -= part, pos += part;
  }
}

bool check(const uint8_t *p, size_t n, uint64_t seed, uint64_t pos) {
  while (n > 0) {
    uint64_t w = word(seed, pos / 8);
    size_t skip = pos % 8, part = 8 - skip < n ? 8 - skip : n;
    w >>= 8 * skip;
    if (memcmp(p, &w, part) != 0) return false;
    p += part, n -= part, pos += part;
  }
  return true;
}

static bool flow_fail(const flow_t *f, const char *step, const char *why) {
  put(&err, f->name);
  put(&err, ": ");
  return fail(step, why);
}

// flow_broken also says what the host tells of an error that is not just the end.
static bool flow_broken(const flow_t *f, const char *step, wasi_io_streams_stream_error_t *e) {
  if (e->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return flow_fail(f, step, stream_error_name(e));
  guest_string_t text;
  wasi_io_error_method_error_to_debug_string(wasi_io_error_borrow_error(e->val.last_operation_failed), &text);
  const char *parts[] = {f->name, ": ", step, ": ", stream_error_name(e), ": "};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) put(&err, parts[i]);
  put_str(&err, text);
  put(&err, "\n");
  guest_string_free(&text);
  return false;
}

static bool flow_send(flow_t *f, bool *moved) {
  static uint8_t chunk[CHUNK];
  wasi_io_streams_stream_error_t e;
  uint64_t permit;
  if (!wasi_io_streams_method_output_stream_check_write(output(f->conn.out), &permit, &e))
    return flow_broken(f, "check-write", &e);
  if (permit == 0) return true;
  *moved = true;

  if (f->sent < f->total) {
    uint64_t n = f->total - f->sent;
    if (n > permit) n = permit;
    if (n > CHUNK) n = CHUNK;
    fill(chunk, n, f->send_seed, f->sent);
    guest_list_u8_t bytes = {chunk, n};
    if (!wasi_io_streams_method_output_stream_write(output(f->conn.out), &bytes, &e))
      return flow_broken(f, "write", &e);
    f->sent += n;
    return true;
  }
  if (!f->flushed) {
    if (!wasi_io_streams_method_output_stream_flush(output(f->conn.out), &e))
      return flow_broken(f, "flush", &e);
    f->flushed = true;
    return true;
  }
  // check-write gave a permit after the flush, so the flush is done.
  code_t c;
  if (!wasi_sockets_tcp_method_tcp_socket_shutdown(sock(f->conn.sock), WASI_SOCKETS_TCP_SHUTDOWN_TYPE_SEND, &c))
    return flow_fail(f, "shutdown", code_name(c));
  f->shut = true;
  return true;
}

static bool flow_receive(flow_t *f, bool *moved) {
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t bytes;
  if (!wasi_io_streams_method_input_stream_read(input(f->conn.in), CHUNK, &bytes, &e)) {
    bool closed = e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
    if (!closed) return flow_broken(f, "read", &e);
    if (f->received != f->total) return flow_fail(f, "read", "closed before all bytes came");
    f->ended = *moved = true;
    return true;
  }
  if (bytes.len == 0) return true;
  *moved = true;
  bool right = f->received + bytes.len <= f->total && check(bytes.ptr, bytes.len, f->recv_seed, f->received);
  if (f->received == 0) f->sum = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes.len; i++) f->sum = (f->sum ^ bytes.ptr[i]) * 0x100000001b3;
  f->received += bytes.len;
  guest_list_u8_free(&bytes);
  return right || flow_fail(f, "read", "wrong bytes");
}

bool flow_step(flow_t *f, bool *moved) {
  *moved = false;
  if (!f->shut && !flow_send(f, moved)) return false;
  return f->ended || flow_receive(f, moved);
}

void flow_waits(const flow_t *f, pollable_t *p, size_t *n) {
  if (!f->shut) p[(*n)++] = f->conn.out_ready;
  if (!f->ended) p[(*n)++] = f->conn.in_ready;
}
