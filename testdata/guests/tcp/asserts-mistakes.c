// What traps: each mistake must not come back.
#include "tcp-asserts.h"

static bool drop_socket_with_streams(void) {
  conn_t client, server;
  also(pair(&client, &server));
  wasi_io_poll_pollable_drop_own(client.in_ready);
  wasi_io_poll_pollable_drop_own(client.out_ready);
  t_drop(client.sock);
  return true;
}

static bool drop_socket_with_one_stream(void) {
  conn_t client, server;
  also(pair(&client, &server));
  wasi_io_poll_pollable_drop_own(client.in_ready);
  wasi_io_poll_pollable_drop_own(client.out_ready);
  wasi_io_streams_input_stream_drop_own(client.in);
  t_drop(client.sock);
  return true;
}

static bool drop_socket_with_pollable(void) {
  sock_t s;
  want(t_create(v6, &s), OK);
  wasi_sockets_tcp_method_tcp_socket_subscribe(sock(s));
  t_drop(s);
  return true;
}

static bool drop_input_with_pollable(void) {
  conn_t client, server;
  also(pair(&client, &server));
  wasi_io_streams_input_stream_drop_own(client.in);
  return true;
}

static bool drop_output_with_pollable(void) {
  conn_t client, server;
  also(pair(&client, &server));
  wasi_io_streams_output_stream_drop_own(client.out);
  return true;
}

static bool write_without_permit(void) {
  conn_t client, server;
  also(pair(&client, &server));
  s_write(client.out, "x", 1);
  return true;
}

static bool write_beyond_permit(void) {
  conn_t client, server;
  uint64_t permit;
  also(pair(&client, &server));
  want(s_check_write(client.out, &permit), OK);
  uint8_t *data = calloc(1, permit + 1);
  s_write(client.out, data, permit + 1);
  return true;
}

static bool write_again_beyond_permit(void) {
  conn_t client, server;
  uint64_t permit;
  also(pair(&client, &server));
  want(s_check_write(client.out, &permit), OK);
  uint8_t *data = calloc(1, permit);
  want(s_write(client.out, data, permit), OK);
  s_write(client.out, data, 1);
  return true;
}

static bool write_too_much_at_once(void) {
  static const uint8_t data[4097];
  conn_t client, server;
  also(pair(&client, &server));
  s_blocking_write(client.out, data, sizeof data);
  return true;
}

static bool write_too_many_zeroes_at_once(void) {
  conn_t client, server;
  also(pair(&client, &server));
  s_blocking_write_zeroes(client.out, 4097);
  return true;
}

static bool poll_nothing(void) {
  pollable_t none = {0};
  wait_any(&none, 0, NULL);
  return true;
}

static bool use_dropped_socket(void) {
  sock_t s;
  want(t_create(v6, &s), OK);
  t_drop(s);
  t_is_listening(s);
  return true;
}

static bool use_dropped_network(void) {
  sock_t s;
  code_t c;
  addr_t at = loopback(v6, 0);
  want(t_create(v6, &s), OK);
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  wasi_sockets_network_network_drop_own(net);
  wasi_sockets_tcp_method_tcp_socket_start_bind(sock(s), wasi_sockets_network_borrow_network(net), &at, &c);
  return true;
}

static const struct {
  const char *name;
  bool (*make)(void);
} mistakes[] = {
    {"drop-socket-with-streams", drop_socket_with_streams},
    {"drop-socket-with-one-stream", drop_socket_with_one_stream},
    {"drop-socket-with-pollable", drop_socket_with_pollable},
    {"drop-input-with-pollable", drop_input_with_pollable},
    {"drop-output-with-pollable", drop_output_with_pollable},
    {"write-without-permit", write_without_permit},
    {"write-beyond-permit", write_beyond_permit},
    {"write-again-beyond-permit", write_again_beyond_permit},
    {"write-too-much-at-once", write_too_much_at_once},
    {"write-too-many-zeroes-at-once", write_too_many_zeroes_at_once},
    {"poll-nothing", poll_nothing},
    {"use-dropped-socket", use_dropped_socket},
    {"use-dropped-network", use_dropped_network},
};

bool mistake(guest_string_t name) {
  for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
    if (is(name, mistakes[i].name)) return mistakes[i].make() && fail(mistakes[i].name, "the host lets it pass");
  return fail("usage", "no such mistake");
}
