// What the calls answer in each state, and the options.
#include "tcp-asserts.h"

enum { SECOND = 1000000000 };

// An expectation is what a state answers. Options answer OK in all of them.
typedef struct {
  int start_bind, start_connect, start_listen, accept, shutdown, local, remote, backlog;
  bool listening;
} expectation_t;

static bool every_option(sock_t s) {
  static const uint64_t to[OPTIONS] = {0, 1, 1, 1, 255, 16000, 16000};
  for (option_t o = 0; o < OPTIONS; o++) {
    uint64_t v = 0;
    want(t_get(s, o, &v), OK);
    want(t_set(s, o, to[o]), OK);
  }
  return true;
}

// Nothing was begun, so that nothing can be finished.
static bool nothing_begun(sock_t s) {
  in_t in;
  out_stream_t out;
  want(t_finish_bind(s), NOT_IN_PROGRESS);
  want(t_finish_connect(s, &in, &out), NOT_IN_PROGRESS);
  want(t_finish_listen(s), NOT_IN_PROGRESS);
  return true;
}

// settled asks a socket in which nothing is in progress, and must change nothing, so it asks twice.
static bool settled(sock_t s, expectation_t e) {
  for (int twice = 0; twice < 2; twice++) {
    addr_t a;
    conn_t c;
    also(nothing_begun(s));
    if (e.start_bind != SKIP) want(t_start_bind(s, loopback(v6, 0)), e.start_bind);
    if (e.start_connect != SKIP) want(t_start_connect(s, loopback(v6, 0)), e.start_connect);  // state before address
    if (e.start_listen != SKIP) want(t_start_listen(s), e.start_listen);
    if (e.accept != SKIP) want(t_accept(s, &c), e.accept);
    if (e.shutdown != SKIP) {
      want(t_shutdown(s, RECEIVE), e.shutdown);
      want(t_shutdown(s, SEND), e.shutdown);
      want(t_shutdown(s, BOTH), e.shutdown);
    }
    want(t_local(s, &a), e.local);
    want(t_remote(s, &a), e.remote);
    want(t_backlog(s, 32), e.backlog);
    equal(t_is_listening(s), e.listening);
    equal(t_is_v6(s), v6);
    also(every_option(s));
  }
  return true;
}

// in_progress allows only its own finish.
static bool in_progress(sock_t s, int (*own)(sock_t)) {
  in_t in;
  out_stream_t out;
  addr_t a;
  if (own != t_finish_bind) want(t_finish_bind(s), NOT_IN_PROGRESS);
  if (own != NULL) want(t_finish_connect(s, &in, &out), NOT_IN_PROGRESS);
  if (own != t_finish_listen) want(t_finish_listen(s), NOT_IN_PROGRESS);
  want(t_remote(s, &a), STATE);
  holds(!t_is_listening(s));
  equal(t_is_v6(s), v6);
  return true;
}

bool states(void) {
  sock_t s, c;
  addr_t at;
  conn_t client, server;
  want(t_create(v6, &s), OK);
  also(settled(s, (expectation_t){SKIP, SKIP, STATE, STATE, STATE, STATE, STATE, OK, false}));
  want(t_start_bind(s, loopback(v6, 0)), OK);
  also(in_progress(s, t_finish_bind));
  holds(t_wait(s, SECOND));
  want(t_finish_bind(s), OK);
  also(settled(s, (expectation_t){STATE, SKIP, SKIP, STATE, STATE, OK, STATE, OK, false}));
  want(t_start_listen(s), OK);
  also(in_progress(s, t_finish_listen));
  holds(t_wait(s, SECOND));
  want(t_finish_listen(s), OK);
  also(settled(s, (expectation_t){STATE, STATE, STATE, SKIP, STATE, OK, STATE, OK, true}));
  want(t_accept(s, &server), WOULD_BLOCK);
  want(t_local(s, &at), OK);

  want(t_create(v6, &c), OK);
  want(t_start_connect(c, at), OK);
  also(in_progress(c, NULL));
  holds(t_wait(c, 10ull * SECOND));
  also(in_progress(c, NULL));
  in_t in;
  out_stream_t out;
  want(t_finish_connect(c, &in, &out), OK);
  conn_open(&client, c, in, out);
  want(t_accept_next(s, &server), OK);
  expectation_t connected = {STATE, STATE, STATE, STATE, SKIP, OK, OK, STATE, false};
  also(settled(client.sock, connected));
  also(settled(server.sock, connected));
  conn_drop(&server);
  conn_drop(&client);
  t_drop(s);

  // A connect that fails closes the socket, where still nothing can be finished.
  want(t_create(v6, &c), OK);
  want(t_connect(c, at, &client), REFUSED);
  also(nothing_begun(c));
  holds(!t_is_listening(c));
  equal(t_is_v6(c), v6);
  t_drop(c);
  return true;
}

// --- options

static bool defaults(void) {
  sock_t s;
  want(t_create(v6, &s), OK);
  equal(t_is_v6(s), v6);
  for (option_t o = 0; o < OPTIONS; o++) {
    uint64_t v = 0;
    want(t_get(s, o, &v), OK);
    if (o != KEEP_ALIVE) holds(v > 0);
  }
  t_drop(s);
  return true;
}

// ranges sets the least, the most and zero. What the system does not take is clamped, and never becomes zero.
static bool ranges(void) {
  static const uint64_t most[OPTIONS] = {1, UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT8_MAX, UINT64_MAX, UINT64_MAX};
  sock_t s;
  uint64_t v;
  want(t_create(v6, &s), OK);
  want(t_backlog(s, 0), INVALID);
  want(t_backlog(s, 1), OK);
  want(t_backlog(s, UINT64_MAX), OK);
  for (option_t o = IDLE_TIME; o < OPTIONS; o++) {
    want(t_set(s, o, 1), OK);
    want(t_get(s, o, &v), OK);
    holds(v > 0);
    if (o == IDLE_TIME || o == INTERVAL) holds(v <= SECOND);
    want(t_set(s, o, most[o]), OK);
    want(t_get(s, o, &v), OK);
    holds(v > 0);
    uint64_t before = v;
    want(t_set(s, o, 0), INVALID);
    want(t_get(s, o, &v), OK);
    equal(v, before);
  }
  t_drop(s);
  return true;
}

static const uint64_t ours[OPTIONS] = {1, 42ull * SECOND, 42ull * SECOND, 42, 42, 0x10000, 0x10000};
static const uint64_t others[OPTIONS] = {0, 43ull * SECOND, 43ull * SECOND, 43, 43, 0x20000, 0x20000};

static bool set_all(sock_t s, const uint64_t *to, bool keep_alive) {
  for (option_t o = 0; o < OPTIONS; o++) want(t_set(s, o, o == KEEP_ALIVE ? keep_alive : to[o]), OK);
  return true;
}

// The system may give a connection larger buffers.
static bool all_are(sock_t s, const uint64_t *set, bool keep_alive, bool exact) {
  for (option_t o = 0; o < OPTIONS; o++) {
    uint64_t v = 0;
    want(t_get(s, o, &v), OK);
    if (o == KEEP_ALIVE) {
      equal(v, keep_alive);
    } else if (exact || o < RECEIVE_BUFFER) {
      equal(v, set[o]);
    } else {
      holds(v >= set[o]);
    }
  }
  return true;
}

static bool read_back(void) {
  sock_t s;
  want(t_create(v6, &s), OK);
  for (int on = 1; on >= 0; on--) {
    also(set_all(s, ours, on));
    also(all_are(s, ours, on, true));
  }
  t_drop(s);
  return true;
}

// inheritance sets the options of a listener before or after it begins to listen. An accepted connection has them, and
// keeps them when the listener gets others. Keep-alive is made the opposite of what it is by default.
static bool inheritance(bool after) {
  sock_t s;
  addr_t at;
  conn_t client, server, later_client, later;
  uint64_t by_default;
  want(t_create(v6, &s), OK);
  want(t_get(s, KEEP_ALIVE, &by_default), OK);
  bool opposite = !by_default;
  if (!after) also(set_all(s, ours, opposite));
  want(t_bind(s, loopback(v6, 0)), OK);
  want(t_listen(s), OK);
  want(t_local(s, &at), OK);
  if (after) also(set_all(s, ours, opposite));

  also(meet(s, at, &client, &server));
  equal(t_is_v6(server.sock), v6);
  also(all_are(server.sock, ours, opposite, after));
  uint64_t had[OPTIONS];
  for (option_t o = 0; o < OPTIONS; o++) want(t_get(server.sock, o, &had[o]), OK);

  also(set_all(s, others, by_default));
  also(all_are(server.sock, had, opposite, true));
  also(meet(s, at, &later_client, &later));
  also(all_are(later.sock, others, by_default, false));
  also(all_are(server.sock, had, opposite, true));

  // Nor does the listener see what its connections set.
  also(set_all(later.sock, ours, opposite));
  also(all_are(s, others, by_default, true));
  conn_drop(&later);
  conn_drop(&later_client);
  conn_drop(&server);
  conn_drop(&client);
  t_drop(s);
  return true;
}

bool sockopts(void) {
  also(defaults());
  also(ranges());
  also(read_back());
  also(inheritance(false));
  also(inheritance(true));
  return true;
}
