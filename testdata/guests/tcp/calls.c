#include "calls.h"

static int answer(bool ok, code_t c) { return ok ? OK : c; }

const char *answer_name(int answer) {
  switch (answer) {
    case OK: return "ok";
    case CLOSED: return "closed";
    case FAILED: return "last-operation-failed";
    case SKIP: return "not asked";
  }
  return code_name((code_t)answer);
}

int t_create(bool v6, sock_t *s) {
  code_t c = 0;
  uint8_t family = v6 ? WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV6 : WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4;
  return answer(wasi_sockets_tcp_create_socket_create_tcp_socket(family, s, &c), c);
}

void t_drop(sock_t s) { wasi_sockets_tcp_tcp_socket_drop_own(s); }

int t_start_bind(sock_t s, addr_t at) {
  code_t c = 0;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_tcp_method_tcp_socket_start_bind(sock(s), wasi_sockets_network_borrow_network(net), &at, &c);
  wasi_sockets_network_network_drop_own(net);
  return answer(ok, c);
}

int t_finish_bind(sock_t s) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_finish_bind(sock(s), &c), c);
}

int t_start_listen(sock_t s) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_start_listen(sock(s), &c), c);
}

int t_finish_listen(sock_t s) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_finish_listen(sock(s), &c), c);
}

int t_start_connect(sock_t s, addr_t to) {
  code_t c = 0;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_tcp_method_tcp_socket_start_connect(sock(s), wasi_sockets_network_borrow_network(net), &to, &c);
  wasi_sockets_network_network_drop_own(net);
  return answer(ok, c);
}

int t_finish_connect(sock_t s, in_t *in, out_stream_t *out) {
  code_t c = 0;
  return answer(connect_finish(s, in, out, &c), c);
}

int t_accept(sock_t s, conn_t *conn) {
  code_t c = 0;
  wasi_sockets_tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t got;
  if (!wasi_sockets_tcp_method_tcp_socket_accept(sock(s), &got, &c)) return c;
  conn_open(conn, got.f0, got.f1, got.f2);
  return OK;
}

int t_local(sock_t s, addr_t *a) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_local_address(sock(s), a, &c), c);
}

int t_remote(sock_t s, addr_t *a) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_remote_address(sock(s), a, &c), c);
}

bool t_is_listening(sock_t s) { return wasi_sockets_tcp_method_tcp_socket_is_listening(sock(s)); }

bool t_is_v6(sock_t s) {
  return wasi_sockets_tcp_method_tcp_socket_address_family(sock(s)) == WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV6;
}

int t_backlog(sock_t s, uint64_t size) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_set_listen_backlog_size(sock(s), size, &c), c);
}

int t_shutdown(sock_t s, way_t way) {
  code_t c = 0;
  return answer(wasi_sockets_tcp_method_tcp_socket_shutdown(sock(s), way, &c), c);
}

// --- waiting

static pollable_t subscribe(sock_t s) { return wasi_sockets_tcp_method_tcp_socket_subscribe(sock(s)); }

bool is_ready(pollable_t p) { return wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(p)); }

bool wait_within(pollable_t p, uint64_t ns) {
  pollable_t both[2] = {p, wasi_clocks_monotonic_clock_subscribe_duration(ns)};
  bool ready[2] = {false};
  wait_any(both, 2, ready);
  wasi_io_poll_pollable_drop_own(both[1]);
  return ready[0];
}

bool wait_long(pollable_t p) { return wait_within(p, 10000000000); }

bool t_wait(sock_t s, uint64_t ns) {
  pollable_t p = subscribe(s);
  bool ready = wait_within(p, ns);
  wasi_io_poll_pollable_drop_own(p);
  return ready;
}

bool t_ready(sock_t s) {
  pollable_t p = subscribe(s);
  bool ready = is_ready(p);
  wasi_io_poll_pollable_drop_own(p);
  return ready;
}

// run finishes what started with that answer. The pollable was there before the operation began, and serves all of it.
static int run(sock_t s, pollable_t p, int started, int (*finish)(sock_t)) {
  int r = started;
  while (started == OK) {
    r = finish(s);
    if (r != WOULD_BLOCK || !wait_long(p)) break;
  }
  wasi_io_poll_pollable_drop_own(p);
  return r;
}

int t_bind(sock_t s, addr_t at) {
  pollable_t p = subscribe(s);
  return run(s, p, t_start_bind(s, at), t_finish_bind);
}

int t_listen(sock_t s) {
  pollable_t p = subscribe(s);
  return run(s, p, t_start_listen(s), t_finish_listen);
}

static struct {
  in_t in;
  out_stream_t out;
} connected;

static int finish_connect(sock_t s) { return t_finish_connect(s, &connected.in, &connected.out); }

int t_connect(sock_t s, addr_t to, conn_t *c) {
  pollable_t p = subscribe(s);
  int r = run(s, p, t_start_connect(s, to), finish_connect);
  if (r == OK) conn_open(c, s, connected.in, connected.out);
  return r;
}

int t_accept_next(sock_t s, conn_t *c) {
  pollable_t p = subscribe(s);
  int r = t_accept(s, c);
  while (r == WOULD_BLOCK && wait_long(p)) r = t_accept(s, c);
  wasi_io_poll_pollable_drop_own(p);
  return r;
}

// --- options

int t_get(sock_t s, option_t o, uint64_t *v) {
  code_t c = 0;
  bool ok = false, on = false;
  uint32_t count = 0;
  uint8_t hops = 0;
  switch (o) {
    case KEEP_ALIVE:
      ok = wasi_sockets_tcp_method_tcp_socket_keep_alive_enabled(sock(s), &on, &c);
      *v = on;
      break;
    case IDLE_TIME: ok = wasi_sockets_tcp_method_tcp_socket_keep_alive_idle_time(sock(s), v, &c); break;
    case INTERVAL: ok = wasi_sockets_tcp_method_tcp_socket_keep_alive_interval(sock(s), v, &c); break;
    case COUNT:
      ok = wasi_sockets_tcp_method_tcp_socket_keep_alive_count(sock(s), &count, &c);
      *v = count;
      break;
    case HOP_LIMIT:
      ok = wasi_sockets_tcp_method_tcp_socket_hop_limit(sock(s), &hops, &c);
      *v = hops;
      break;
    case RECEIVE_BUFFER: ok = wasi_sockets_tcp_method_tcp_socket_receive_buffer_size(sock(s), v, &c); break;
    case SEND_BUFFER: ok = wasi_sockets_tcp_method_tcp_socket_send_buffer_size(sock(s), v, &c); break;
    case OPTIONS: break;
  }
  return answer(ok, c);
}

int t_set(sock_t s, option_t o, uint64_t v) {
  code_t c = 0;
  bool ok = false;
  switch (o) {
    case KEEP_ALIVE: ok = wasi_sockets_tcp_method_tcp_socket_set_keep_alive_enabled(sock(s), v != 0, &c); break;
    case IDLE_TIME: ok = wasi_sockets_tcp_method_tcp_socket_set_keep_alive_idle_time(sock(s), v, &c); break;
    case INTERVAL: ok = wasi_sockets_tcp_method_tcp_socket_set_keep_alive_interval(sock(s), v, &c); break;
    case COUNT: ok = wasi_sockets_tcp_method_tcp_socket_set_keep_alive_count(sock(s), (uint32_t)v, &c); break;
    case HOP_LIMIT: ok = wasi_sockets_tcp_method_tcp_socket_set_hop_limit(sock(s), (uint8_t)v, &c); break;
    case RECEIVE_BUFFER: ok = wasi_sockets_tcp_method_tcp_socket_set_receive_buffer_size(sock(s), v, &c); break;
    case SEND_BUFFER: ok = wasi_sockets_tcp_method_tcp_socket_set_send_buffer_size(sock(s), v, &c); break;
    case OPTIONS: break;
  }
  return answer(ok, c);
}

// --- streams

static int ended(wasi_io_streams_stream_error_t *e) {
  drop_error(e);
  return e->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED ? CLOSED : FAILED;
}

int s_read(in_t s, uint64_t n, guest_list_u8_t *got) {
  wasi_io_streams_stream_error_t e;
  return wasi_io_streams_method_input_stream_read(input(s), n, got, &e) ? OK : ended(&e);
}

int s_blocking_read(in_t s, uint64_t n, guest_list_u8_t *got) {
  wasi_io_streams_stream_error_t e;
  return wasi_io_streams_method_input_stream_blocking_read(input(s), n, got, &e) ? OK : ended(&e);
}

int s_check_write(out_stream_t s, uint64_t *permit) {
  wasi_io_streams_stream_error_t e;
  return wasi_io_streams_method_output_stream_check_write(output(s), permit, &e) ? OK : ended(&e);
}

int s_write(out_stream_t s, const void *p, size_t n) {
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t bytes = {(uint8_t *)p, n};
  return wasi_io_streams_method_output_stream_write(output(s), &bytes, &e) ? OK : ended(&e);
}

int s_flush(out_stream_t s) {
  wasi_io_streams_stream_error_t e;
  return wasi_io_streams_method_output_stream_flush(output(s), &e) ? OK : ended(&e);
}

int s_blocking_write(out_stream_t s, const void *p, size_t n) {
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t bytes = {(uint8_t *)p, n};
  return wasi_io_streams_method_output_stream_blocking_write_and_flush(output(s), &bytes, &e) ? OK : ended(&e);
}

int s_blocking_write_zeroes(out_stream_t s, uint64_t n) {
  wasi_io_streams_stream_error_t e;
  return wasi_io_streams_method_output_stream_blocking_write_zeroes_and_flush(output(s), n, &e) ? OK : ended(&e);
}
