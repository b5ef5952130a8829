// net: see ../../README.md. It shares the code of ../../../guests, and wit-bindgen makes guest.h of ../wit.
#include "udp/dgram.h"

static guest_string_t text_of(const char *s) { return (guest_string_t){(uint8_t *)s, strlen(s)}; }

static void line(const uint8_t *p, size_t n) {
  put_n(&out, p, n);
  put(&out, "\n");
}

static bool fail_stream(const char *step, wasi_io_streams_stream_error_t *e) { return fail(step, stream_error_name(e)); }

static bool tcp(addr_t to, guest_string_t text) {
  conn_t c;
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t data = {text.ptr, text.len}, got;
  if (!connect_to(to, &c)) return false;
  bool ok = wasi_io_streams_method_output_stream_blocking_write_and_flush(output(c.out), &data, &e) || fail_stream("write", &e);
  uint8_t buf[4096];
  size_t n = 0;
  while (ok && n < text.len) {
    ok = wasi_io_streams_method_input_stream_blocking_read(input(c.in), sizeof buf - n, &got, &e) || fail_stream("read", &e);
    if (!ok) break;
    memcpy(buf + n, got.ptr, got.len);
    n += got.len;
    guest_list_u8_free(&got);
  }
  if (ok) line(buf, n);
  conn_drop(&c);
  return ok;
}

static bool echo(conn_t *c) {
  wasi_io_streams_stream_error_t e;
  guest_list_u8_t got;
  while (wasi_io_streams_method_input_stream_blocking_read(input(c->in), 4096, &got, &e)) {
    bool ok = wasi_io_streams_method_output_stream_blocking_write_and_flush(output(c->out), &got, &e) || fail_stream("write", &e);
    guest_list_u8_free(&got);
    if (!ok) return false;
  }
  if (e.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return true;
  return fail_stream("read", &e);
}

static bool serve(void) {
  addr_t any, bound;
  sock_t s, conn;
  in_t in;
  out_stream_t to;
  code_t code;
  conn_t c;
  if (!parse_addr(text_of("127.0.0.1:0"), &any) || !listen_on(any, &s, &bound)) return false;
  put(&out, "listening on ");
  put_addr(&out, &bound);
  put(&out, "\n");
  wasi_sockets_tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
  while (!wasi_sockets_tcp_method_tcp_socket_accept(sock(s), &accepted, &code)) {
    if (code != WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) return fail_code("accept", code);
    wait_sock(s);
  }
  conn = accepted.f0, in = accepted.f1, to = accepted.f2;
  conn_open(&c, conn, in, to);
  bool ok = echo(&c);
  conn_drop(&c);
  wasi_sockets_tcp_tcp_socket_drop_own(s);
  return ok;
}

static bool udp(addr_t to, guest_string_t text) {
  usock_t s;
  duo_t d;
  addr_t any;
  got_t got;
  int a = u_create(false, &s);
  if (a != OK || !parse_addr(text_of("127.0.0.1:0"), &any)) return fail("create", u_name(a));
  if ((a = u_bind(s, any)) != OK) return fail("bind", u_name(a));
  if ((a = u_stream(s, &to, &d)) != OK) return fail("stream", u_name(a));
  if ((a = u_send_one(d.tx, text.ptr, text.len, NULL)) != OK) return fail("send", u_name(a));
  if ((a = u_receive_some(d.rx, 1, &got)) != OK) return fail("receive", u_name(a));
  line(got.ptr[0].data.ptr, got.ptr[0].data.len);
  wasi_sockets_udp_list_incoming_datagram_free(&got);
  u_drop(s, &d);
  return true;
}

// show prints an address; of IPv6 the text has every group, but for the loopback's.
static void show(const wasi_sockets_network_ip_address_t *ip) {
  if (ip->tag == WASI_SOCKETS_NETWORK_IP_ADDRESS_IPV4) {
    const uint8_t v[] = {ip->val.ipv4.f0, ip->val.ipv4.f1, ip->val.ipv4.f2, ip->val.ipv4.f3};
    for (int i = 0; i < 4; i++) {
      if (i) put(&out, ".");
      put_u(&out, v[i]);
    }
    put(&out, "\n");
    return;
  }
  addr_t a = {.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6}, one;
  a.val.ipv6.address = ip->val.ipv6;
  if (parse_addr(text_of("[::1]:0"), &one) && same_addr(&a, &one))
    put(&out, "::1\n");
  else
    put(&out, "another IPv6 address\n");
}

static bool lookup(guest_string_t name) {
  wasi_sockets_ip_name_lookup_own_resolve_address_stream_t s;
  wasi_sockets_ip_name_lookup_option_ip_address_t ip;
  code_t code;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_ip_name_lookup_resolve_addresses(wasi_sockets_network_borrow_network(net), &name, &s, &code);
  wasi_sockets_network_network_drop_own(net);
  if (!ok) return fail_code("lookup", code);
  wasi_sockets_ip_name_lookup_borrow_resolve_address_stream_t all = wasi_sockets_ip_name_lookup_borrow_resolve_address_stream(s);
  for (;;) {
    if (wasi_sockets_ip_name_lookup_method_resolve_address_stream_resolve_next_address(all, &ip, &code)) {
      if (!ip.is_some) break;
      show(&ip.val);
    } else if (code == WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) {
      pollable_t ready = wasi_sockets_ip_name_lookup_method_resolve_address_stream_subscribe(all);
      wait_any(&ready, 1, NULL);
      wasi_io_poll_pollable_drop_own(ready);
    } else {
      ok = fail_code("lookup", code);
      break;
    }
  }
  wasi_sockets_ip_name_lookup_resolve_address_stream_drop_own(s);
  return ok;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t to;
  bool ok;
  if (args.len == 4 && is(args.ptr[1], "tcp") && parse_addr(args.ptr[2], &to))
    ok = tcp(to, args.ptr[3]);
  else if (args.len == 4 && is(args.ptr[1], "udp") && parse_addr(args.ptr[2], &to))
    ok = udp(to, args.ptr[3]);
  else if (args.len == 2 && is(args.ptr[1], "serve"))
    ok = serve();
  else if (args.len == 3 && is(args.ptr[1], "lookup"))
    ok = lookup(args.ptr[2]);
  else
    ok = fail("usage", "net tcp ADDR:PORT TEXT | serve | udp ADDR:PORT TEXT | lookup NAME");
  close_out();
  return ok;
}
