#include "dgram.h"

enum { WOULD_BLOCK = WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK };

static int answer(bool ok, code_t c) { return ok ? OK : c; }

const char *u_name(int answer) { return answer == OK ? "ok" : code_name((code_t)answer); }

int u_create(bool v6, usock_t *s) {
  code_t c = 0;
  uint8_t family = v6 ? WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV6 : WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4;
  return answer(wasi_sockets_udp_create_socket_create_udp_socket(family, s, &c), c);
}

int u_start_bind(usock_t s, addr_t at) {
  code_t c = 0;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_udp_method_udp_socket_start_bind(usock(s), wasi_sockets_network_borrow_network(net), &at, &c);
  wasi_sockets_network_network_drop_own(net);
  return answer(ok, c);
}

int u_finish_bind(usock_t s) {
  code_t c = 0;
  return answer(wasi_sockets_udp_method_udp_socket_finish_bind(usock(s), &c), c);
}

int u_bind(usock_t s, addr_t at) {
  int r = u_start_bind(s, at);
  if (r != OK) return r;
  while ((r = u_finish_bind(s)) == WOULD_BLOCK) {
    pollable_t p = wasi_sockets_udp_method_udp_socket_subscribe(usock(s));
    wait_any(&p, 1, NULL);
    wasi_io_poll_pollable_drop_own(p);
  }
  return r;
}

int u_stream(usock_t s, const addr_t *to, duo_t *d) {
  code_t c = 0;
  wasi_sockets_udp_tuple2_own_incoming_datagram_stream_own_outgoing_datagram_stream_t t;
  if (!wasi_sockets_udp_method_udp_socket_stream(usock(s), (addr_t *)to, &t, &c)) return c;
  d->rx = t.f0;
  d->tx = t.f1;
  return OK;
}

int u_local(usock_t s, addr_t *a) {
  code_t c = 0;
  return answer(wasi_sockets_udp_method_udp_socket_local_address(usock(s), a, &c), c);
}

int u_remote(usock_t s, addr_t *a) {
  code_t c = 0;
  return answer(wasi_sockets_udp_method_udp_socket_remote_address(usock(s), a, &c), c);
}

void u_drop_duo(duo_t *d) {
  wasi_sockets_udp_incoming_datagram_stream_drop_own(d->rx);
  wasi_sockets_udp_outgoing_datagram_stream_drop_own(d->tx);
}

void u_drop(usock_t s, duo_t *d) {
  u_drop_duo(d);
  wasi_sockets_udp_udp_socket_drop_own(s);
}

int u_receive(rx_t s, uint64_t max, got_t *got) {
  code_t c = 0;
  return answer(wasi_sockets_udp_method_incoming_datagram_stream_receive(rx(s), max, got, &c), c);
}

int u_check_send(tx_t s, uint64_t *permit) {
  code_t c = 0;
  return answer(wasi_sockets_udp_method_outgoing_datagram_stream_check_send(tx(s), permit, &c), c);
}

int u_send(tx_t s, post_t *list, size_t n, uint64_t *sent) {
  code_t c = 0;
  wasi_sockets_udp_list_outgoing_datagram_t l = {list, n};
  return answer(wasi_sockets_udp_method_outgoing_datagram_stream_send(tx(s), &l, sent, &c), c);
}

post_t u_post(const void *p, size_t n, const addr_t *to) {
  post_t d = {.data = {(uint8_t *)p, n}, .remote_address = {.is_some = to != NULL}};
  if (to) d.remote_address.val = *to;
  return d;
}

bool u_wait_rx(rx_t s) {
  pollable_t p[2] = {
      wasi_sockets_udp_method_incoming_datagram_stream_subscribe(rx(s)),
      wasi_clocks_monotonic_clock_subscribe_duration(5000000000),
  };
  bool ready[2] = {false};
  wait_any(p, 2, ready);
  wasi_io_poll_pollable_drop_own(p[0]);
  wasi_io_poll_pollable_drop_own(p[1]);
  return ready[0];
}

int u_send_one(tx_t s, const void *p, size_t n, const addr_t *to) {
  uint64_t permit, sent = 0;
  for (;;) {
    int r = u_check_send(s, &permit);
    if (r != OK) return r;
    if (permit > 0) break;
    pollable_t ready = wasi_sockets_udp_method_outgoing_datagram_stream_subscribe(tx(s));
    wait_any(&ready, 1, NULL);
    wasi_io_poll_pollable_drop_own(ready);
  }
  post_t d = u_post(p, n, to);
  int r = u_send(s, &d, 1, &sent);
  return r == OK && sent != 1 ? WOULD_BLOCK : r;
}

int u_receive_some(rx_t s, uint64_t max, got_t *got) {
  for (;;) {
    int r = u_receive(s, max, got);
    if (r != OK || got->len > 0) return r;
    if (!u_wait_rx(s)) return WOULD_BLOCK;
  }
}
