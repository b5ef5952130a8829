// Connections and their streams: how they end, what they lose (nothing), and that polling does not starve them.
#include "tcp-asserts.h"

// readable waits for the input, which then must have something to say.
static bool readable(const conn_t *c) {
  holds(wait_long(c->in_ready));
  return true;
}

// send writes all of p.
static bool send(const conn_t *c, const void *p, size_t n) {
  want(s_blocking_write(c->out, p, n), OK);
  return true;
}

// receive reads exactly n bytes, and no empty list where the pollable was ready.
static bool receive(const conn_t *c, const void *p, size_t n) {
  for (size_t have = 0; have < n;) {
    guest_list_u8_t got;
    also(readable(c));
    want(s_read(c->in, n - have, &got), OK);
    holds(0 < got.len && got.len <= n - have);
    holds(memcmp(got.ptr, (const uint8_t *)p + have, got.len) == 0);
    have += got.len;
    guest_list_u8_free(&got);
  }
  return true;
}

// input_ended is after the end has been announced: every read says so, also one of nothing, and the pollable stays ready.
static bool input_ended(const conn_t *c) {
  guest_list_u8_t got;
  for (int twice = 0; twice < 2; twice++) {
    want(s_read(c->in, 10, &got), CLOSED);
    want(s_read(c->in, 0, &got), CLOSED);
    want(s_blocking_read(c->in, 10, &got), CLOSED);
    holds(is_ready(c->in_ready));
  }
  return true;
}

static bool output_ended(const conn_t *c) {
  uint64_t permit;
  for (int twice = 0; twice < 2; twice++) {
    want(s_write(c->out, "Hi!", 3), CLOSED);
    want(s_check_write(c->out, &permit), CLOSED);
    want(s_flush(c->out), CLOSED);
    want(s_blocking_write(c->out, "Hi!", 3), CLOSED);
    holds(is_ready(c->out_ready));
  }
  return true;
}

// ended_by_peer has the peer shut down, and drop everything or not, with and without data before.
static bool ended_by_peer(way_t way, bool drop, bool data) {
  conn_t client, server;
  also(pair(&client, &server));
  if (data) also(send(&server, "the last words", 14));
  want(t_shutdown(server.sock, way), OK);
  if (drop) conn_drop(&server);
  if (data) also(receive(&client, "the last words", 14));
  also(readable(&client));
  also(input_ended(&client));
  conn_drop(&client);
  if (!drop) conn_drop(&server);
  return true;
}

// Data that waits to be read is gone with the right to read it, and the other direction goes on.
static bool ended_by_shutdown_of_receiving(void) {
  conn_t client, server;
  also(pair(&client, &server));
  also(send(&server, "nobody reads this", 17));
  also(readable(&client));
  want(t_shutdown(client.sock, RECEIVE), OK);
  also(input_ended(&client));
  want(t_shutdown(client.sock, RECEIVE), OK);
  also(send(&client, "still here", 10));
  also(receive(&server, "still here", 10));
  conn_drop(&client);
  conn_drop(&server);
  return true;
}

static bool ended_by_shutdown_of_sending(way_t way) {
  conn_t client, server;
  uint64_t permit;
  also(pair(&client, &server));
  want(s_check_write(client.out, &permit), OK);
  holds(permit >= 3);
  want(t_shutdown(client.sock, way), OK);
  also(output_ended(&client));  // whatever was permitted
  want(t_shutdown(client.sock, way), OK);
  also(readable(&server));
  also(input_ended(&server));
  if (way == SEND) {
    also(send(&server, "still here", 10));
    also(receive(&client, "still here", 10));
  } else {
    also(input_ended(&client));
  }
  conn_drop(&client);
  conn_drop(&server);
  return true;
}

// read_to_end checks that all of what fill made arrives, then the end.
static bool read_to_end(const conn_t *c, uint64_t total) {
  uint64_t have = 0;
  for (;;) {
    guest_list_u8_t got;
    also(readable(c));
    int r = s_read(c->in, CHUNK, &got);
    if (r == CLOSED) break;
    want(r, OK);
    holds(got.len > 0);
    holds(check(got.ptr, got.len, 7, have));
    have += got.len;
    guest_list_u8_free(&got);
  }
  equal(have, total);
  return true;
}

// An ending is what follows the last write at once.
typedef enum { SHUTDOWN, DROP } ending_t;

// nothing_is_lost writes in one piece far more than the send buffer holds.
static bool nothing_is_lost(ending_t how) {
  static uint8_t data[CHUNK];
  conn_t client, server;
  uint64_t small, permit;
  also(pair(&client, &server));
  want(t_set(client.sock, SEND_BUFFER, 1024), OK);
  want(t_get(client.sock, SEND_BUFFER, &small), OK);
  want(s_check_write(client.out, &permit), OK);
  holds(permit > small);
  uint64_t n = permit < CHUNK ? permit : CHUNK;
  fill(data, n, 7, 0);
  want(s_write(client.out, data, n), OK);
  if (how == DROP) {
    conn_drop(&client);
    also(read_to_end(&server, n));
  } else {
    want(t_shutdown(client.sock, SEND), OK);
    also(read_to_end(&server, n));
    holds(wait_long(client.out_ready));
    also(output_ended(&client));
    conn_drop(&client);
  }
  conn_drop(&server);
  return true;
}

// nothing_is_lost_in_flight writes until the system takes no more, so that something is still under way at the end.
static bool nothing_is_lost_in_flight(ending_t how) {
  static uint8_t data[CHUNK];
  conn_t client, server;
  uint64_t total = 0, permit;
  also(pair(&client, &server));
  for (;;) {
    want(s_check_write(client.out, &permit), OK);
    if (permit == 0) {
      // The poller goes on in the background; only what has come to rest stays under way.
      if (wait_within(client.out_ready, 100000000)) continue;
      break;
    }
    uint64_t n = permit < CHUNK ? permit : CHUNK;
    fill(data, n, 7, total);
    want(s_write(client.out, data, n), OK);
    total += n;
    holds(total < 1 << 28);
  }
  holds(!is_ready(client.out_ready));
  if (how == DROP) {
    conn_drop(&client);
    also(read_to_end(&server, total));
    conn_drop(&server);
    return true;
  }
  want(t_shutdown(client.sock, SEND), OK);
  want(s_write(client.out, "x", 1), CLOSED);
  want(s_check_write(client.out, &permit), OK);  // the rest is not written yet
  equal(permit, 0);
  holds(!is_ready(client.out_ready));
  want(t_shutdown(client.sock, SEND), OK);
  also(read_to_end(&server, total));
  holds(wait_long(client.out_ready));
  also(output_ended(&client));
  conn_drop(&client);
  conn_drop(&server);
  return true;
}

// Nothing to read is an empty list and no end, and a read of nothing takes nothing.
static bool reads_of_nothing(void) {
  conn_t client, server;
  guest_list_u8_t got;
  also(pair(&client, &server));
  for (int twice = 0; twice < 2; twice++) {
    want(s_read(client.in, 0, &got), OK);
    equal(got.len, 0);
    want(s_read(client.in, 10, &got), OK);
    equal(got.len, 0);
    want(s_blocking_read(client.in, 0, &got), OK);
    equal(got.len, 0);
    holds(!is_ready(client.in_ready));
  }
  want(s_blocking_write(server.out, "", 0), OK);
  also(send(&server, "abc", 3));
  also(readable(&client));
  want(s_read(client.in, 0, &got), OK);
  equal(got.len, 0);
  holds(is_ready(client.in_ready));
  also(receive(&client, "abc", 3));
  want(s_read(client.in, 10, &got), OK);
  equal(got.len, 0);
  holds(!is_ready(client.in_ready));
  conn_drop(&server);
  conn_drop(&client);
  return true;
}

// The end is sent when the last of socket and streams is gone, and not before. Who goes first does not matter, but that
// a parent goes last.
static bool ended_by_the_last_drop(bool input_first) {
  conn_t client, server;
  also(pair(&client, &server));
  also(send(&client, "bye", 3));
  wasi_io_poll_pollable_drop_own(client.in_ready);
  wasi_io_poll_pollable_drop_own(client.out_ready);
  if (input_first) wasi_io_streams_input_stream_drop_own(client.in);
  wasi_io_streams_output_stream_drop_own(client.out);
  if (!input_first) wasi_io_streams_input_stream_drop_own(client.in);
  also(receive(&server, "bye", 3));
  holds(!wait_within(server.in_ready, 10000000));
  t_drop(client.sock);
  also(readable(&server));
  also(input_ended(&server));
  conn_drop(&server);
  return true;
}

bool streams(void) {
  for (int data = 0; data < 2; data++) {
    also(ended_by_peer(BOTH, true, data));
    also(ended_by_peer(SEND, false, data));
  }
  also(ended_by_shutdown_of_receiving());
  also(ended_by_shutdown_of_sending(SEND));
  also(ended_by_shutdown_of_sending(BOTH));
  for (ending_t how = SHUTDOWN; how <= DROP; how++) {
    also(nothing_is_lost(how));
    also(nothing_is_lost_in_flight(how));
  }
  also(reads_of_nothing());
  also(ended_by_the_last_drop(true));
  also(ended_by_the_last_drop(false));
  return true;
}

// --- a small server

bool sample_application(void) {
  static const char *const words[] = {"Is anybody there?", "It is only me."};
  sock_t s;
  addr_t at;
  want(t_create(v6, &s), OK);
  want(t_bind(s, loopback(v6, 0)), OK);
  want(t_backlog(s, 32), OK);
  want(t_listen(s), OK);
  want(t_local(s, &at), OK);
  for (int i = 0; i < 2; i++) {
    sock_t c;
    conn_t client, server;
    guest_list_u8_t got;
    want(t_create(v6, &c), OK);
    want(t_connect(c, at, &client), OK);
    if (i == 0) want(s_blocking_write(client.out, "", 0), OK);
    also(send(&client, words[i], strlen(words[i])));
    conn_drop(&client);

    // The client is gone before anybody accepts it.
    want(t_accept_next(s, &server), OK);
    want(s_read(server.in, 0, &got), OK);
    equal(got.len, 0);
    want(s_blocking_read(server.in, strlen(words[i]), &got), OK);
    equal(got.len, strlen(words[i]));
    holds(memcmp(got.ptr, words[i], got.len) == 0);
    guest_list_u8_free(&got);
    also(readable(&server));
    also(input_ended(&server));
    conn_drop(&server);
  }
  t_drop(s);
  return true;
}

// --- polling without a pause

enum { ROUNDS = 100, IDLE_POLLS = 50000, MOST_POLLS = 1000000 };

// sees polls with a timer of zero until p is ready, as it must be before long. The timer is ready each time.
static bool sees(pollable_t p, bool timer_first, uint64_t most, bool *seen) {
  *seen = false;
  for (uint64_t i = 0; i < most && !*seen; i++) {
    pollable_t now = wasi_clocks_monotonic_clock_subscribe_duration(0);
    pollable_t both[2] = {timer_first ? now : p, timer_first ? p : now};
    bool ready[2] = {false};
    wait_any(both, 2, ready);
    wasi_io_poll_pollable_drop_own(now);
    *seen = ready[timer_first];
    holds(ready[!timer_first]);
  }
  return true;
}

static bool comes(pollable_t p, bool timer_first) {
  bool seen;
  also(sees(p, timer_first, MOST_POLLS, &seen));
  holds(seen);
  return true;
}

bool busy_poll(void) {
  sock_t s;
  addr_t at;
  bool seen;
  also(listener(loopback(v6, 0), &s, &at));
  pollable_t arrival = wasi_sockets_tcp_method_tcp_socket_subscribe(sock(s));
  for (int i = 0; i < ROUNDS; i++) {
    bool timer_first = i % 2 == 0;
    sock_t c;
    conn_t client, server;
    in_t in;
    out_stream_t out;
    want(t_create(v6, &c), OK);
    pollable_t settled = wasi_sockets_tcp_method_tcp_socket_subscribe(sock(c));
    want(t_start_connect(c, at), OK);
    also(comes(settled, timer_first));
    wasi_io_poll_pollable_drop_own(settled);
    want(t_finish_connect(c, &in, &out), OK);
    conn_open(&client, c, in, out);
    also(comes(arrival, timer_first));
    want(t_accept(s, &server), OK);

    // Twice it is not ready until something comes, however often it is asked.
    if (i < 2) {
      also(sees(server.in_ready, timer_first, IDLE_POLLS, &seen));
      holds(!seen);
    }
    also(send(&client, "wake up", 7));
    also(comes(server.in_ready, timer_first));
    also(receive(&server, "wake up", 7));
    conn_drop(&client);
    also(comes(server.in_ready, timer_first));
    also(input_ended(&server));
    conn_drop(&server);
  }
  wasi_io_poll_pollable_drop_own(arrival);
  t_drop(s);
  return true;
}
