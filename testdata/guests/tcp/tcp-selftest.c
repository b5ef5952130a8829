// tcp-selftest [ADDR:PORT [BYTES]]: a listener and a client in one single-threaded program. They connect to each other,
// send BYTES (1 MiB) each way at the same time, check them, and close. Everything waits in wasi:io/poll and nowhere else.
#include "net.h"

static bool meet(sock_t listener, addr_t at, conn_t *client, conn_t *server) {
  code_t c;
  sock_t cs, ss = {0};
  in_t cin, sin = {0};
  out_stream_t cout, sout = {0};
  if (!connect_start(at, &cs)) return false;

  bool connected = false, accepted = false;
  pollable_t on_connect = wasi_sockets_tcp_method_tcp_socket_subscribe(sock(cs));
  pollable_t on_accept = wasi_sockets_tcp_method_tcp_socket_subscribe(sock(listener));
  while (!connected || !accepted) {
    pollable_t waits[2];
    size_t n = 0;
    if (!connected) {
      connected = connect_finish(cs, &cin, &cout, &c);
      if (!connected && c != WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) return fail_code("connect", c);
      if (!connected) waits[n++] = on_connect;
    }
    if (!accepted) {
      wasi_sockets_tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t got;
      accepted = wasi_sockets_tcp_method_tcp_socket_accept(sock(listener), &got, &c);
      if (accepted) ss = got.f0, sin = got.f1, sout = got.f2;
      if (!accepted && c != WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) return fail_code("accept", c);
      if (!accepted) waits[n++] = on_accept;
    }
    if (n > 0) wait_any(waits, n, NULL);
  }
  wasi_io_poll_pollable_drop_own(on_connect);
  wasi_io_poll_pollable_drop_own(on_accept);
  conn_open(client, cs, cin, cout);
  conn_open(server, ss, sin, sout);
  return true;
}

static bool addresses(const conn_t *client, const conn_t *server, addr_t listening) {
  addr_t a, b, c, d;
  code_t code;
  if (!wasi_sockets_tcp_method_tcp_socket_local_address(sock(client->sock), &a, &code) ||
      !wasi_sockets_tcp_method_tcp_socket_remote_address(sock(client->sock), &b, &code) ||
      !wasi_sockets_tcp_method_tcp_socket_local_address(sock(server->sock), &c, &code) ||
      !wasi_sockets_tcp_method_tcp_socket_remote_address(sock(server->sock), &d, &code))
    return fail_code("address of a connected socket", code);
  put(&out, "connected ");
  put_addr(&out, &a);
  put(&out, " -> ");
  put_addr(&out, &b);
  put(&out, "\n");
  if (!same_addr(&a, &d) || !same_addr(&b, &c) || !same_addr(&b, &listening))
    return fail("addresses", "the two ends do not agree");
  return true;
}

static void report(const char *way, const flow_t *receiver) {
  put(&out, way);
  put(&out, ": ");
  put_u(&out, receiver->received);
  put(&out, " bytes, every one as sent, fnv1a ");
  put_hex(&out, receiver->sum);
  put(&out, "\n");
}

static bool selftest(addr_t want, uint64_t total) {
  sock_t listener;
  addr_t at;
  if (!listen_on(want, &listener, &at)) return false;
  if (!wasi_sockets_tcp_method_tcp_socket_is_listening(sock(listener))) return fail("listen", "is-listening is false");
  put(&out, "listening on ");
  put_addr(&out, &at);
  put(&out, "\n");

  flow_t client = {.name = "client", .total = total, .send_seed = 1, .recv_seed = 2};
  flow_t server = {.name = "server", .total = total, .send_seed = 2, .recv_seed = 1};
  if (!meet(listener, at, &client.conn, &server.conn)) return false;
  if (!addresses(&client.conn, &server.conn, at)) return false;

  put(&out, "sending ");
  put_u(&out, total);
  put(&out, " bytes each way at the same time\n");
  uint64_t start = wasi_clocks_monotonic_clock_now();
  uint64_t idle = 0;  // polls that were ready for nothing
  polls = 0;
  while (!flow_done(&client) || !flow_done(&server)) {
    // Polling first, even where something could move at once, keeps poll itself under test.
    pollable_t waits[4];
    size_t n = 0;
    flow_waits(&client, waits, &n);
    flow_waits(&server, waits, &n);
    wait_any(waits, n, NULL);
    bool client_moved, server_moved;
    if (!flow_step(&client, &client_moved) || !flow_step(&server, &server_moved)) return false;
    if (!client_moved && !server_moved) idle++;
  }
  uint64_t took = wasi_clocks_monotonic_clock_now() - start;
  report("client -> server", &server);
  report("server -> client", &client);
  conn_drop(&client.conn);
  conn_drop(&server.conn);
  wasi_sockets_tcp_tcp_socket_drop_own(listener);
  put(&out, "closed both ends after ");
  put_u(&out, took / 1000);
  put(&out, " us and ");
  put_u(&out, polls);
  put(&out, " polls, ");
  put_u(&out, idle);
  put(&out, " of them idle\nok\n");
  return true;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t want = {.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4, .val.ipv4.address = {127, 0, 0, 1}};
  uint64_t total = 1 << 20;
  bool ok = args.len <= 3 && (args.len < 2 || parse_addr(args.ptr[1], &want)) &&
            (args.len < 3 || parse_u((char *)args.ptr[2].ptr, args.ptr[2].len, &total));
  guest_list_string_free(&args);
  ok = ok ? selftest(want, total) : fail("usage", "tcp-selftest [ADDR:PORT [BYTES]]");
  close_out();
  return ok;
}
