// udp-selftest [ADDR:PORT [HOW]]: what a guest may count on from wasi:sockets/udp, in the family of ADDR (127.0.0.1).
// HOW is "too-much", "stream-alive" or "drop-parent": one of the mistakes for which the host must trap.
#include "dgram.h"

enum {
  DENIED = WASI_SOCKETS_NETWORK_ERROR_CODE_ACCESS_DENIED,
  INVALID = WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_ARGUMENT,
  NOT_IN_PROGRESS = WASI_SOCKETS_NETWORK_ERROR_CODE_NOT_IN_PROGRESS,
  STATE = WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_STATE,
  NOT_BINDABLE = WASI_SOCKETS_NETWORK_ERROR_CODE_ADDRESS_NOT_BINDABLE,
  IN_USE = WASI_SOCKETS_NETWORK_ERROR_CODE_ADDRESS_IN_USE,
  REFUSED = WASI_SOCKETS_NETWORK_ERROR_CODE_CONNECTION_REFUSED,
  RESET = WASI_SOCKETS_NETWORK_ERROR_CODE_CONNECTION_RESET,
  TOO_LARGE = WASI_SOCKETS_NETWORK_ERROR_CODE_DATAGRAM_TOO_LARGE,
};

static bool v6;
static int checks;

// want compares two answers, and same anything else. Both end the test, since what follows builds on it.
#define want(what, expr, code)                                     \
  do {                                                             \
    int answer_ = (expr), code_ = (code);                          \
    checks++;                                                      \
    if (answer_ != code_) return differs(what, answer_, code_);    \
  } while (0)
#define same(what, truth)                          \
  do {                                             \
    checks++;                                      \
    if (!(truth)) return fail(what, "is not so");  \
  } while (0)

static bool differs(const char *what, int got, int wanted) {
  put(&err, what);
  put(&err, ": ");
  put(&err, u_name(got));
  return fail(", wanted", u_name(wanted));
}

static addr_t addr4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  return (addr_t){.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4, .val.ipv4 = {.port = port, .address = {a, b, c, d}}};
}

static addr_t addr6(uint16_t first, uint16_t second, uint16_t sixth, uint16_t seventh, uint16_t last, uint16_t port) {
  return (addr_t){.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6,
                  .val.ipv6 = {.port = port, .address = {first, second, 0, 0, 0, sixth, seventh, last}}};
}

static addr_t loopback(uint16_t port) { return v6 ? addr6(0, 0, 0, 0, 1, port) : addr4(127, 0, 0, 1, port); }
static addr_t anywhere(uint16_t port) { return v6 ? addr6(0, 0, 0, 0, 0, port) : addr4(0, 0, 0, 0, port); }
static addr_t foreign(uint16_t port) { return v6 ? addr4(127, 0, 0, 1, port) : addr6(0, 0, 0, 0, 1, port); }
static addr_t mapped(uint16_t port) { return addr6(0, 0, 0xffff, 0x7f00, 1, port); }
static addr_t elsewhere(uint16_t port) { return v6 ? addr6(0x2001, 0xdb8, 0, 0, 0, port) : addr4(192, 0, 2, 0, port); }
static uint16_t port_of(addr_t a) { return v6 ? a.val.ipv6.port : a.val.ipv4.port; }

static bool options(usock_t s) {
  code_t c;
  uint8_t hops;
  uint64_t size;
  same("a hop limit", wasi_sockets_udp_method_udp_socket_unicast_hop_limit(usock(s), &hops, &c) && hops > 0);
  same("hop limit 0 is refused", !wasi_sockets_udp_method_udp_socket_set_unicast_hop_limit(usock(s), 0, &c) && c == INVALID);
  for (int i = 0; i < 3; i++) {
    uint8_t v = (uint8_t[]){1, 255, 42}[i];
    same("set the hop limit", wasi_sockets_udp_method_udp_socket_set_unicast_hop_limit(usock(s), v, &c));
    same("the hop limit that was set", wasi_sockets_udp_method_udp_socket_unicast_hop_limit(usock(s), &hops, &c) && hops == v);
  }
  for (int i = 0; i < 3; i++) {
    uint64_t v = (uint64_t[]){1, UINT64_MAX, 0x10000}[i];
    same("set the receive buffer", wasi_sockets_udp_method_udp_socket_set_receive_buffer_size(usock(s), v, &c));
    same("a receive buffer", wasi_sockets_udp_method_udp_socket_receive_buffer_size(usock(s), &size, &c) && size > 0);
    same("the receive buffer that was set", i < 2 || size == v);
    same("set the send buffer", wasi_sockets_udp_method_udp_socket_set_send_buffer_size(usock(s), v, &c));
    same("a send buffer", wasi_sockets_udp_method_udp_socket_send_buffer_size(usock(s), &size, &c) && size > 0);
    same("the send buffer that was set", i < 2 || size == v);
  }
  same("receive buffer 0 is refused", !wasi_sockets_udp_method_udp_socket_set_receive_buffer_size(usock(s), 0, &c) && c == INVALID);
  same("send buffer 0 is refused", !wasi_sockets_udp_method_udp_socket_set_send_buffer_size(usock(s), 0, &c) && c == INVALID);
  same("the family", (wasi_sockets_udp_method_udp_socket_address_family(usock(s)) ==
                      WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV6) == v6);
  return true;
}

static bool states(void) {
  usock_t s;
  duo_t d;
  addr_t a;
  want("create", u_create(v6, &s), OK);
  want("finish-bind when unbound", u_finish_bind(s), NOT_IN_PROGRESS);
  want("stream(none) when unbound", u_stream(s, NULL, &d), STATE);
  a = loopback(47);
  want("stream(some) when unbound", u_stream(s, &a, &d), STATE);
  want("local-address when unbound", u_local(s, &a), STATE);
  want("remote-address when unbound", u_remote(s, &a), STATE);
  if (!options(s)) return false;

  want("start-bind", u_start_bind(s, loopback(0)), OK);
  want("finish-bind", u_finish_bind(s), OK);
  want("finish-bind when bound", u_finish_bind(s), NOT_IN_PROGRESS);
  want("start-bind when bound", u_start_bind(s, loopback(0)), STATE);
  want("local-address when bound", u_local(s, &a), OK);
  want("remote-address when bound", u_remote(s, &a), STATE);
  if (!options(s)) return false;

  a = loopback(54321);
  want("stream", u_stream(s, &a, &d), OK);
  want("start-bind when connected", u_start_bind(s, loopback(0)), STATE);
  want("finish-bind when connected", u_finish_bind(s), NOT_IN_PROGRESS);
  want("local-address when connected", u_local(s, &a), OK);
  want("remote-address when connected", u_remote(s, &a), OK);
  if (!options(s)) return false;
  u_drop(s, &d);
  return true;
}

static bool binding(void) {
  usock_t s, other;
  addr_t at;
  for (int i = 0; i < 2; i++) {
    want("create", u_create(v6, &s), OK);
    want("bind, any port", u_bind(s, i ? anywhere(0) : loopback(0)), OK);
    want("local-address", u_local(s, &at), OK);
    addr_t asked = i ? anywhere(port_of(at)) : loopback(port_of(at));
    same("the address that was bound", same_addr(&at, &asked) && port_of(at) != 0);

    want("create", u_create(v6, &other), OK);
    want("bind where another is", u_bind(other, at), IN_USE);
    want("bind to an address of nobody", u_bind(other, elsewhere(0)), NOT_BINDABLE);
    want("bind to the other family", u_bind(other, foreign(0)), INVALID);
    want("bind to IPv4 as IPv6", u_bind(other, mapped(0)), INVALID);
    wasi_sockets_udp_udp_socket_drop_own(s);
    want("bind to a port", u_bind(other, at), OK);
    addr_t again;
    want("local-address of a port", u_local(other, &again), OK);
    same("the port that was bound", same_addr(&at, &again));
    wasi_sockets_udp_udp_socket_drop_own(other);
  }
  return true;
}

static bool peers(void) {
  usock_t s;
  duo_t d;
  addr_t a, one = loopback(4321), two = loopback(4320), at, again;
  const addr_t *order[] = {NULL, NULL, &one, &one, &two, NULL, &one, NULL};
  want("create", u_create(v6, &s), OK);
  want("bind", u_bind(s, anywhere(0)), OK);
  want("local-address", u_local(s, &at), OK);
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
    want("stream", u_stream(s, order[i], &d), OK);
    want("remote-address", u_remote(s, &a), order[i] ? OK : STATE);
    same("the peer", !order[i] || same_addr(&a, order[i]));
    want("local-address with and without a peer", u_local(s, &again), OK);
    same("the port stays", port_of(again) == port_of(at));
    same("the address comes back", order[i] || same_addr(&again, &at));
    u_drop_duo(&d);
  }
  addr_t bad[] = {anywhere(47), loopback(0), foreign(47), mapped(47)};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) want("stream to what is no peer", u_stream(s, &bad[i], &d), INVALID);
  wasi_sockets_udp_udp_socket_drop_own(s);
  return true;
}

// A server for all, and clients with and without a peer.
static bool application(void) {
  usock_t server, client;
  duo_t sd, cd;
  addr_t at, from;
  got_t got;
  uint64_t permit, sent;
  want("create", u_create(v6, &server), OK);
  want("bind", u_bind(server, loopback(0)), OK);
  want("stream", u_stream(server, NULL, &sd), OK);
  want("local-address", u_local(server, &at), OK);
  want("receive when nothing came", u_receive(sd.rx, 10, &got), OK);
  same("nothing", got.len == 0);

  want("create", u_create(v6, &client), OK);
  want("bind", u_bind(client, anywhere(0)), OK);
  want("stream", u_stream(client, &at, &cd), OK);
  want("local-address", u_local(client, &from), OK);
  post_t both[] = {u_post("", 0, NULL), u_post("Hello, world!", 13, &at)};
  want("check-send", u_check_send(cd.tx, &permit), OK);
  same("a permit for two", permit >= 2);
  want("send two", u_send(cd.tx, both, 2, &sent), OK);
  same("both are sent", sent == 2);
  want("send nothing", u_send(cd.tx, both, 0, &sent), OK);
  same("nothing is sent", sent == 0);

  want("receive none", u_receive_some(sd.rx, 1, &got), OK);
  same("one at a time", got.len == 1 && got.ptr[0].data.len == 0 && same_addr(&got.ptr[0].remote_address, &from));
  wasi_sockets_udp_list_incoming_datagram_free(&got);
  want("receive(0)", u_receive(sd.rx, 0, &got), OK);
  same("none asked for, none given", got.len == 0);
  want("receive the other", u_receive_some(sd.rx, UINT64_MAX, &got), OK);
  same("the other", got.len == 1 && got.ptr[0].data.len == 13 && memcmp(got.ptr[0].data.ptr, "Hello, world!", 13) == 0);
  addr_t back = got.ptr[0].remote_address;
  wasi_sockets_udp_list_incoming_datagram_free(&got);

  want("answer", u_send_one(sd.tx, "Hello, client!", 14, &back), OK);
  want("receive the answer", u_receive_some(cd.rx, 10, &got), OK);
  same("the answer", got.len == 1 && got.ptr[0].data.len == 14 && same_addr(&got.ptr[0].remote_address, &at));
  wasi_sockets_udp_list_incoming_datagram_free(&got);
  u_drop(client, &cd);

  want("create", u_create(v6, &client), OK);
  want("bind", u_bind(client, anywhere(0)), OK);
  want("stream", u_stream(client, NULL, &cd), OK);
  want("send without a peer", u_send_one(cd.tx, "Greetings, planet!", 18, &at), OK);
  want("receive from another", u_receive_some(sd.rx, 10, &got), OK);
  same("the greeting", got.len == 1 && got.ptr[0].data.len == 18);
  wasi_sockets_udp_list_incoming_datagram_free(&got);
  u_drop(client, &cd);
  u_drop(server, &sd);
  return true;
}

// What others sent before the peer was chosen is not for this stream.
static bool strangers(void) {
  usock_t dest, a, b;
  duo_t ad, bd, dd;
  addr_t at, from;
  got_t got;
  want("create", u_create(v6, &dest), OK);
  want("bind", u_bind(dest, loopback(0)), OK);
  want("local-address", u_local(dest, &at), OK);
  want("create", u_create(v6, &a), OK);
  want("create", u_create(v6, &b), OK);
  want("bind", u_bind(a, loopback(0)), OK);
  want("bind", u_bind(b, loopback(0)), OK);
  want("stream", u_stream(a, &at, &ad), OK);
  want("stream", u_stream(b, &at, &bd), OK);
  want("local-address", u_local(b, &from), OK);
  want("send", u_send_one(ad.tx, "A", 1, NULL), OK);
  want("send", u_send_one(bd.tx, "B", 1, NULL), OK);
  want("send", u_send_one(ad.tx, "A", 1, NULL), OK);
  want("stream", u_stream(dest, &from, &dd), OK);
  want("receive", u_receive_some(dd.rx, 10, &got), OK);
  same("B alone", got.len == 1 && got.ptr[0].data.ptr[0] == 'B' && same_addr(&got.ptr[0].remote_address, &from));
  wasi_sockets_udp_list_incoming_datagram_free(&got);
  want("receive again", u_receive(dd.rx, 10, &got), OK);
  same("nothing of A", got.len == 0);
  u_drop(a, &ad);
  u_drop(b, &bd);
  u_drop(dest, &dd);
  return true;
}

// That nobody is there is told by receive, which the pollable announces.
static bool silence(void) {
  usock_t s, gone;
  duo_t d;
  addr_t at;
  got_t got;
  want("create", u_create(v6, &gone), OK);
  want("bind", u_bind(gone, loopback(0)), OK);
  want("local-address", u_local(gone, &at), OK);
  wasi_sockets_udp_udp_socket_drop_own(gone);
  want("create", u_create(v6, &s), OK);
  want("bind", u_bind(s, loopback(0)), OK);
  want("stream", u_stream(s, &at, &d), OK);
  want("send", u_send_one(d.tx, "anybody?", 8, NULL), OK);
  int r = u_receive_some(d.rx, 1, &got);
  same("the error is told by receive", r == REFUSED || r == RESET);
  want("receive after the error", u_receive(d.rx, 1, &got), OK);
  same("nothing after the error", got.len == 0);
  u_drop(s, &d);
  return true;
}

static bool sending(void) {
  static uint8_t big[1 << 16];
  usock_t s;
  duo_t d;
  addr_t peer = loopback(4320), near = loopback(4319), bad[] = {anywhere(47), loopback(0), foreign(47), mapped(47)};
  uint64_t permit, sent;
  want("create", u_create(v6, &s), OK);
  want("bind", u_bind(s, loopback(0)), OK);
  want("stream", u_stream(s, NULL, &d), OK);
  want("send too much", u_send_one(d.tx, big, sizeof big, NULL), TOO_LARGE);
  want("send more than fits", u_send_one(d.tx, big, sizeof big - 1, &peer), TOO_LARGE);
  want("send to nobody", u_send_one(d.tx, "x", 1, NULL), INVALID);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) want("send to what is no peer", u_send_one(d.tx, "x", 1, &bad[i]), INVALID);
  post_t mixed[] = {u_post("x", 1, &peer), u_post(big, sizeof big, &peer), u_post("x", 1, &peer)};
  want("check-send", u_check_send(d.tx, &permit), OK);
  want("send until one fails", u_send(d.tx, mixed, 3, &sent), OK);
  same("one is sent", sent == 1);
  u_drop_duo(&d);

  want("stream", u_stream(s, &peer, &d), OK);
  want("send to another than the peer", u_send_one(d.tx, "x", 1, &near), INVALID);
  if (v6) {
    addr_t flow = peer, scope = peer;
    flow.val.ipv6.flow_info = 1;
    scope.val.ipv6.scope_id = 1;
    want("send with other flow information", u_send_one(d.tx, "x", 1, &flow), INVALID);
    want("send with another scope", u_send_one(d.tx, "x", 1, &scope), INVALID);
  }
  u_drop(s, &d);

  for (int i = 0; i < 256; i++) {
    want("create", u_create(v6, &s), OK);
    want("bind", u_bind(s, loopback(0)), OK);
    want("stream", u_stream(s, &peer, &d), OK);
    pollable_t p = wasi_sockets_udp_method_outgoing_datagram_stream_subscribe(tx(d.tx));
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(p));
    want("check-send", u_check_send(d.tx, &permit), OK);
    same("what is ready has a permit", permit > 0);
    post_t one = u_post("hello", 5, NULL);
    want("send", u_send(d.tx, &one, 1, &sent), OK);
    same("and is sent", sent == 1);
    wasi_io_poll_pollable_drop_own(p);
    u_drop(s, &d);
  }
  return true;
}

static bool selftest(void) {
  if (!states() || !binding() || !peers() || !application() || !strangers() || !silence() || !sending()) return false;
  put_u(&out, (uint64_t)checks);
  put(&out, " checks\nok\n");
  return true;
}

// mistake must not come back.
static bool mistake(guest_string_t how) {
  usock_t s;
  duo_t d;
  addr_t peer = loopback(4320);
  uint64_t permit, sent;
  want("create", u_create(v6, &s), OK);
  want("bind", u_bind(s, loopback(0)), OK);
  want("stream", u_stream(s, &peer, &d), OK);
  if (is(how, "too-much")) {
    want("check-send", u_check_send(d.tx, &permit), OK);
    post_t *all = calloc(permit + 1, sizeof *all);
    u_send(d.tx, all, permit + 1, &sent);
  } else if (is(how, "stream-alive")) {
    u_stream(s, NULL, &d);
  } else if (is(how, "drop-parent")) {
    wasi_sockets_udp_udp_socket_drop_own(s);
  }
  return fail("mistake", "the host lets it pass");
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t at = {.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4};
  bool ok = args.len <= 3 && (args.len < 2 || parse_addr(args.ptr[1], &at));
  v6 = at.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6;
  if (!ok)
    ok = fail("usage", "udp-selftest [ADDR:PORT [too-much|stream-alive|drop-parent]]");
  else
    ok = args.len == 3 ? mistake(args.ptr[2]) : selftest();
  guest_list_string_free(&args);
  close_out();
  return ok;
}
