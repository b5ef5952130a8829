#include "../udp/dgram.h"
#include "places.h"
#include "table.h"

enum {
  MOST_OTHERS = 4,
  INVALID = WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_ARGUMENT,
  CONFLICT = WASI_SOCKETS_NETWORK_ERROR_CODE_CONCURRENCY_CONFLICT,
  NOT_IN_PROGRESS = WASI_SOCKETS_NETWORK_ERROR_CODE_NOT_IN_PROGRESS,
  STATE = WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_STATE,
};

// The socket that the row is about.
static struct {
  usock_t s;
  bool open, streams;
  duo_t d;
  addr_t peer;
} subject;

// The other sockets of a row.
static usock_t others[MOST_OTHERS];
static size_t n_others;

static bool other(bool v6, addr_t *at) {
  usock_t s;
  if (n_others == MOST_OTHERS) return fail("table", "too many sockets");
  must(u_create(v6, &s), u_name);
  others[n_others++] = s;
  must(u_bind(s, loopback(v6, 0)), u_name);
  must(u_local(s, at), u_name);
  return true;
}

static void drop_other(void) { wasi_sockets_udp_udp_socket_drop_own(others[--n_others]); }

static void drop_streams(void) {
  if (subject.streams) u_drop_duo(&subject.d);
  subject.streams = false;
}

static void drop_subject(void) {
  drop_streams();
  if (subject.open) wasi_sockets_udp_udp_socket_drop_own(subject.s);
  subject.open = false;
}

// stream lets go of the streams before, which the socket must not have any more.
static int stream(const addr_t *to) {
  drop_streams();
  int r = u_stream(subject.s, to, &subject.d);
  subject.streams = r == OK;
  return r;
}

// --- into a state

static bool stage(const row_t *r) {
  bool v6 = r->v6, connected = in_state(r, "connected");
  memset(&subject, 0, sizeof subject);
  must(u_create(v6, &subject.s), u_name);
  subject.open = true;
  if (in_state(r, "unbound")) return true;
  if (in_state(r, "bind-in-progress")) {
    must(u_start_bind(subject.s, loopback(v6, 0)), u_name);
    return true;
  }
  if (!in_state(r, "bound") && !connected) return fail("table", "no such state");

  bool everywhere = same_text(r->state, "bound[any]") || same_text(r->state, "connected[any]");
  addr_t at = everywhere ? anywhere(v6, 0) : loopback(v6, 0);
  if (same_text(r->state, "bound[port]")) {
    if (!other(v6, &at)) return false;
    drop_other();
  }
  must(u_bind(subject.s, at), u_name);
  if (same_text(r->state, "bound")) must(stream(NULL), u_name);
  if (!connected) return true;

  if (!other(v6, &subject.peer)) return false;
  must(stream(&subject.peer), u_name);
  if (!same_text(r->state, "connected[silent]")) return true;
  drop_other();
  must(u_send_one(subject.d.tx, "anybody?", 8, NULL), u_name);
  return u_wait_rx(subject.d.rx) || fail("receive", "nobody says that nobody is there");
}

// --- the call

// address gives NULL in *to for none.
static bool address(const row_t *r, addr_t *a, const addr_t **to) {
  const char *w = r->given;
  bool v6 = r->v6;
  *to = a;
  if (same_text(w, "taken") || same_text(w, "server") || same_text(w, "other")) return other(v6, a);
  if (same_text(w, "none")) {
    *to = NULL;
  } else if (same_text(w, "self")) {
    *a = subject.peer;
  } else if (same_text(w, "free") || same_text(w, "port0")) {
    *a = loopback(v6, 0);
  } else if (same_text(w, "any")) {
    *a = anywhere(v6, 0);
  } else if (same_text(w, "any:port")) {
    *a = anywhere(v6, 80);
  } else if (same_text(w, "foreign")) {
    *a = loopback(!v6, 80);
  } else if (same_text(w, "mapped")) {
    *a = mapped(80);
  } else if (same_text(w, "compatible")) {
    *a = compatible(80);
  } else if (same_text(w, "multicast")) {
    *a = v6 ? ipv6((uint16_t[8]){0xff0e, [7] = 1}, 0) : ipv4(224, 0, 0, 1, 0);
  } else if (same_text(w, "elsewhere")) {
    *a = elsewhere(v6, 1, 0);
  } else if (same_text(w, "denied")) {
    *a = loopback(v6, 9);
  } else {
    return fail("table", "no such address");
  }
  return true;
}

// count is the answer to send and receive.
static const char *count(int answer, uint64_t n) {
  if (answer != OK) return u_name(answer);
  return n == 0 ? "0" : n == 1 ? "1" : "many";
}

static const char *send(const addr_t *to) {
  uint64_t permit, sent = 0;
  int r = subject.streams ? OK : stream(NULL);
  if (r == OK) r = u_check_send(subject.d.tx, &permit);
  if (r == OK) {
    post_t one = u_post("x", 1, to);
    r = u_send(subject.d.tx, &one, 1, &sent);
  }
  return count(r, sent);
}

static const char *receive(void) {
  got_t got = {0};
  int r = subject.streams ? OK : stream(NULL);
  if (r == OK) r = u_receive(subject.d.rx, 1, &got);
  const char *answer = count(r, got.len);
  if (r == OK) wasi_sockets_udp_list_incoming_datagram_free(&got);
  return answer;
}

static int answer(bool ok, code_t c) { return ok ? OK : c; }

// options reads and sets all, or sets the two sizes to zero. The answer is what they agree on.
static const char *options(bool zero) {
  wasi_sockets_udp_borrow_udp_socket_t s = usock(subject.s);
  uint64_t size = zero ? 0 : 1;
  uint8_t hops;
  code_t c = 0;
  int got[6], n = 0;
  got[n++] = answer(wasi_sockets_udp_method_udp_socket_set_receive_buffer_size(s, size, &c), c);
  got[n++] = answer(wasi_sockets_udp_method_udp_socket_set_send_buffer_size(s, size, &c), c);
  if (!zero) {
    got[n++] = answer(wasi_sockets_udp_method_udp_socket_set_unicast_hop_limit(s, 1, &c), c);
    got[n++] = answer(wasi_sockets_udp_method_udp_socket_unicast_hop_limit(s, &hops, &c), c);
    got[n++] = answer(wasi_sockets_udp_method_udp_socket_receive_buffer_size(s, &size, &c), c);
    got[n++] = answer(wasi_sockets_udp_method_udp_socket_send_buffer_size(s, &size, &c), c);
  }
  for (int i = 1; i < n; i++)
    if (got[i] != got[0]) return "they-differ";
  return u_name(got[0]);
}

static bool ready(void) {
  pollable_t p = wasi_sockets_udp_method_udp_socket_subscribe(usock(subject.s));
  bool ready = wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(p));
  wasi_io_poll_pollable_drop_own(p);
  return ready;
}

static const char *set_hop_limit_to_zero(void) {
  code_t c = 0;
  return u_name(answer(wasi_sockets_udp_method_udp_socket_set_unicast_hop_limit(usock(subject.s), 0, &c), c));
}

// call is NULL for what there is none, and has said so.
static const char *call(const row_t *r) {
  const char *name = r->call;
  addr_t a;
  const addr_t *to = NULL;
  bool addressed = same_text(name, "start-bind") || same_text(name, "stream") || same_text(name, "send");
  if (addressed && !address(r, &a, &to)) return NULL;
  if (same_text(name, "start-bind")) return u_name(u_start_bind(subject.s, a));
  if (same_text(name, "finish-bind")) return u_name(u_finish_bind(subject.s));
  if (same_text(name, "stream")) return u_name(stream(to));
  if (same_text(name, "send")) return send(to);
  if (same_text(name, "receive")) return receive();
  if (same_text(name, "local-address")) return u_name(u_local(subject.s, &a));
  if (same_text(name, "remote-address")) return u_name(u_remote(subject.s, &a));
  if (same_text(name, "options")) return options(same_text(r->given, "0"));
  if (same_text(name, "set-hop-limit")) return set_hop_limit_to_zero();
  if (same_text(name, "ready")) return ready() ? "true" : "false";
  fail("table", "no such call");
  return NULL;
}

// --- the state

// A sign is how a state shows without being changed: bind is asked for an address of the other family, which none takes.
typedef struct {
  const char *state;
  int bind, remote, local, option;
} sign_t;

static const sign_t signs[] = {
    {"unbound", INVALID, STATE, STATE, OK},
    {"bind-in-progress", CONFLICT, STATE, STATE, OK},
    {"bound", STATE, STATE, OK, OK},
    {"connected", STATE, OK, OK, OK},
};

static const char *state(bool v6) {
  addr_t a;
  uint8_t hops;
  code_t c = 0;
  sign_t is = {
      .bind = u_start_bind(subject.s, loopback(!v6, 80)),
      .remote = u_remote(subject.s, &a),
      .local = u_local(subject.s, &a),
      .option = answer(wasi_sockets_udp_method_udp_socket_unicast_hop_limit(usock(subject.s), &hops, &c), c),
  };
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
    const sign_t *w = &signs[i];
    if (is.bind == w->bind && is.remote == w->remote && is.local == w->local && is.option == w->option) return w->state;
  }
  return "like-no-state";
}

// drop tells whether the socket is seen to be closed: somebody else can have the address.
static bool drop(const char **next) {
  addr_t at;
  bool bound = u_local(subject.s, &at) == OK;
  drop_subject();
  *next = "unseen";
  if (!bound) return true;
  usock_t s;
  must(u_create(at.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6, &s), u_name);
  *next = u_bind(s, at) == OK ? "closed" : "open";
  wasi_sockets_udp_udp_socket_drop_own(s);
  return true;
}

bool udp_row(const row_t *r) {
  if (!stage(r)) return false;
  const char *before = state(r->v6), *next;
  if (!in_state(r, before)) return fail("the state before", before);
  if (same_text(r->call, "drop")) {
    if (!drop(&next)) return false;
    put_row("ok", next);
  } else {
    const char *answer = call(r);
    if (!answer) return false;
    next = state(r->v6);
    bool binds = u_finish_bind(subject.s) != NOT_IN_PROGRESS;
    put_row(answer, binds == same_text(next, "bind-in-progress") ? next : "a-finish-disagrees");
  }
  drop_subject();
  while (n_others > 0) drop_other();
  return true;
}
