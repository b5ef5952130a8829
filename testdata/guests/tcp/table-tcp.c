#include "calls.h"
#include "places.h"
#include "table.h"

enum { SECOND = 1000000000, MOST_OTHERS = 16 };

// The socket that the row is about.
static struct {
  sock_t s;
  bool open;
  bool connected;  // and has streams
  conn_t c;
  sock_t server;  // to whom it connects
} subject;

// The other sockets of a row.
static sock_t others[MOST_OTHERS];
static size_t n_others;

static bool other(bool v6, sock_t *s) {
  if (n_others == MOST_OTHERS) return fail("table", "too many sockets");
  must(t_create(v6, s), answer_name);
  others[n_others++] = *s;
  return true;
}

static bool server(bool v6, uint64_t backlog, sock_t *s, addr_t *at) {
  if (!other(v6, s)) return false;
  must(t_bind(*s, loopback(v6, 0)), answer_name);
  must(t_backlog(*s, backlog), answer_name);
  must(t_listen(*s), answer_name);
  must(t_local(*s, at), answer_name);
  return true;
}

static void drop_subject(void) {
  if (subject.connected) {
    conn_drop(&subject.c);
  } else if (subject.open) {
    t_drop(subject.s);
  }
  subject.open = subject.connected = false;
}

static void clear(void) {
  drop_subject();
  while (n_others > 0) t_drop(others[--n_others]);
}

// --- into a state

static bool begin_connect(bool v6) {
  addr_t at;
  if (!server(v6, 128, &subject.server, &at)) return false;
  must(t_start_connect(subject.s, at), answer_name);
  return t_wait(subject.s, 10ull * SECOND) || fail("connect", "is not settled after 10 s");
}

// begin_refused_connect connects to where somebody listened.
static bool begin_refused_connect(bool v6) {
  sock_t s;
  addr_t at;
  must(t_create(v6, &s), answer_name);
  must(t_bind(s, loopback(v6, 0)), answer_name);
  must(t_listen(s), answer_name);
  must(t_local(s, &at), answer_name);
  t_drop(s);
  must(t_start_connect(subject.s, at), answer_name);
  return t_wait(subject.s, 10ull * SECOND) || fail("connect", "is not settled after 10 s");
}

// begin_pending_connect connects to a listener whose queue is full, so that nothing answers.
static bool begin_pending_connect(bool v6) {
  addr_t at;
  if (!server(v6, 1, &subject.server, &at)) return false;
  for (int i = 0; i < 10; i++) {
    must(t_start_connect(subject.s, at), answer_name);
    if (!t_wait(subject.s, SECOND / 6)) return true;
    others[n_others++] = subject.s;  // it has its place in the queue
    subject.open = false;
    must(t_create(v6, &subject.s), answer_name);
    subject.open = true;
  }
  return fail("connect", "the queue never filled");
}

static bool shared(bool v6) {
  sock_t first;
  addr_t at;
  must(t_local(subject.s, &at), answer_name);
  if (!other(v6, &first)) return false;
  must(t_bind(first, at), answer_name);
  must(t_listen(first), answer_name);
  return true;
}

static bool arrive(bool v6) {
  sock_t client;
  addr_t at;
  must(t_local(subject.s, &at), answer_name);
  if (!other(v6, &client)) return false;
  must(t_start_connect(client, at), answer_name);
  return t_wait(subject.s, 10ull * SECOND) || fail("accept", "nobody comes");
}

static bool stage(const row_t *r) {
  bool v6 = r->v6;
  must(t_create(v6, &subject.s), answer_name);
  subject.open = true;
  bool bound = in_state(r, "bound") || in_state(r, "listen-in-progress") || in_state(r, "listening") ||
               same_text(r->state, "connect-in-progress[bound]");
  if (bound) {
    bool everywhere = same_text(r->state, "bound[denied]");
    must(t_bind(subject.s, everywhere ? anywhere(v6, 0) : loopback(v6, 0)), answer_name);
  }
  if (same_text(r->state, "listen-in-progress[shared]") && !shared(v6)) return false;

  if (in_state(r, "unbound") || in_state(r, "bound")) return true;
  if (in_state(r, "bind-in-progress")) {
    must(t_start_bind(subject.s, loopback(v6, 0)), answer_name);
    return true;
  }
  if (in_state(r, "listen-in-progress")) {
    must(t_start_listen(subject.s), answer_name);
    return true;
  }
  if (in_state(r, "listening")) {
    must(t_listen(subject.s), answer_name);
    return same_text(r->state, "listening") || arrive(v6);
  }
  if (same_text(r->state, "connect-in-progress[refused]")) return begin_refused_connect(v6);
  if (same_text(r->state, "connect-in-progress[pending]")) return begin_pending_connect(v6);
  if (in_state(r, "connect-in-progress")) return begin_connect(v6);
  if (in_state(r, "connected")) {
    addr_t at;
    if (!server(v6, 128, &subject.server, &at)) return false;
    must(t_connect(subject.s, at, &subject.c), answer_name);
    subject.connected = true;
    return true;
  }
  if (in_state(r, "closed")) {
    in_t in;
    out_stream_t out;
    if (!begin_refused_connect(v6)) return false;
    int refused = t_finish_connect(subject.s, &in, &out);
    return refused == REFUSED || fail("finish-connect", answer_name(refused));
  }
  return fail("table", "no such state");
}

// --- the call

static bool address(const row_t *r, addr_t *a) {
  const char *w = r->given;
  bool v6 = r->v6;
  sock_t s;
  if (same_text(w, "taken") || same_text(w, "server")) return server(v6, 128, &s, a);
  if (same_text(w, "free") || same_text(w, "port0")) {
    *a = loopback(v6, 0);
  } else if (same_text(w, "foreign")) {
    *a = loopback(!v6, 80);
  } else if (same_text(w, "mapped")) {
    *a = mapped(80);
  } else if (same_text(w, "multicast")) {
    *a = v6 ? ipv6((uint16_t[8]){0xff02, [7] = 1}, 80) : ipv4(224, 0, 0, 1, 80);
  } else if (same_text(w, "any")) {
    *a = anywhere(v6, 0);
  } else if (same_text(w, "elsewhere")) {
    *a = elsewhere(v6, 1, 0);
  } else if (same_text(w, "denied")) {
    *a = loopback(v6, 9);
  } else {
    return fail("table", "no such address");
  }
  return true;
}

// options sets to zero all for which that is looked at before the state, or reads and sets all. The answer is what they agree on.
static const char *options(sock_t s, bool zero) {
  int agreed = SKIP;
  for (option_t o = 0; o < OPTIONS; o++) {
    int answers[2] = {SKIP, SKIP};
    uint64_t v;
    if (!zero) answers[0] = t_get(s, o, &v);
    if (!zero || (o != KEEP_ALIVE && o != HOP_LIMIT)) answers[1] = t_set(s, o, zero ? 0 : 1);
    for (int i = 0; i < 2; i++) {
      if (answers[i] == SKIP) continue;
      if (agreed == SKIP) agreed = answers[i];
      if (agreed != answers[i]) return "they-differ";
    }
  }
  return answer_name(agreed);
}

// call is NULL for what there is none, and has said so.
static const char *call(const row_t *r) {
  sock_t s = subject.s;
  const char *name = r->call;
  addr_t a;
  if (same_text(name, "start-bind")) return address(r, &a) ? answer_name(t_start_bind(s, a)) : NULL;
  if (same_text(name, "start-connect")) return address(r, &a) ? answer_name(t_start_connect(s, a)) : NULL;
  if (same_text(name, "finish-bind")) return answer_name(t_finish_bind(s));
  if (same_text(name, "start-listen")) return answer_name(t_start_listen(s));
  if (same_text(name, "finish-listen")) return answer_name(t_finish_listen(s));
  if (same_text(name, "finish-connect")) {
    in_t in;
    out_stream_t out;
    int got = t_finish_connect(s, &in, &out);
    if (got == OK) {
      conn_open(&subject.c, s, in, out);
      subject.connected = true;
    }
    return answer_name(got);
  }
  if (same_text(name, "accept")) {
    conn_t c;
    int got = t_accept(s, &c);
    if (got == OK) conn_drop(&c);
    return answer_name(got);
  }
  if (same_text(name, "local-address")) return answer_name(t_local(s, &a));
  if (same_text(name, "remote-address")) return answer_name(t_remote(s, &a));
  if (same_text(name, "is-listening")) return t_is_listening(s) ? "true" : "false";
  if (same_text(name, "ready")) return t_ready(s) ? "true" : "false";
  if (same_text(name, "shutdown")) return answer_name(t_shutdown(s, BOTH));
  if (same_text(name, "set-listen-backlog-size")) return answer_name(t_backlog(s, same_text(r->given, "0") ? 0 : 1));
  if (same_text(name, "options")) return options(s, same_text(r->given, "0"));
  if (same_text(name, "set-hop-limit")) return answer_name(t_set(s, HOP_LIMIT, 0));
  fail("table", "no such call");
  return NULL;
}

// --- the state

// A sign is how a state shows without being changed: bind and connect are asked for an address of the other family,
// which none of them takes. Where a socket is bound while it connects, it has a local address, and else not.
typedef struct {
  const char *state;
  int bind, connect, backlog, option, remote, local;
  bool listening;
} sign_t;

static const sign_t signs[] = {
    {"unbound", INVALID, INVALID, OK, OK, STATE, STATE, false},
    {"bind-in-progress", CONFLICT, CONFLICT, OK, OK, STATE, STATE, false},
    {"bound", STATE, INVALID, OK, OK, STATE, OK, false},
    {"listen-in-progress", CONFLICT, CONFLICT, OK, OK, STATE, OK, false},
    {"listening", STATE, STATE, OK, OK, STATE, OK, true},
    {"connect-in-progress", CONFLICT, CONFLICT, STATE, OK, STATE, STATE, false},
    {"connect-in-progress", CONFLICT, CONFLICT, STATE, OK, STATE, OK, false},
    {"connected", STATE, STATE, STATE, OK, OK, OK, false},
    {"closed", STATE, STATE, STATE, STATE, STATE, STATE, false},
};

static const char *state(bool v6) {
  addr_t a, foreign = loopback(!v6, 80);
  uint64_t v;
  sock_t s = subject.s;
  sign_t is = {
      .bind = t_start_bind(s, foreign),
      .connect = t_start_connect(s, foreign),
      .backlog = t_backlog(s, 128),
      .option = t_get(s, HOP_LIMIT, &v),
      .remote = t_remote(s, &a),
      .local = t_local(s, &a),
      .listening = t_is_listening(s),
  };
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
    const sign_t *w = &signs[i];
    if (is.bind == w->bind && is.connect == w->connect && is.backlog == w->backlog && is.option == w->option &&
        is.remote == w->remote && is.local == w->local && is.listening == w->listening)
      return w->state;
  }
  return "like-no-state";
}

// finishes reports whether the three finish-* confirm the state, which they may end.
static bool finishes(const char *state) {
  in_t in;
  out_stream_t out;
  bool bind = same_text(state, "bind-in-progress"), connect = same_text(state, "connect-in-progress");
  bool listen = same_text(state, "listen-in-progress");
  if ((t_finish_bind(subject.s) != NOT_IN_PROGRESS) != bind) return false;
  if ((t_finish_listen(subject.s) != NOT_IN_PROGRESS) != listen) return false;
  int got = t_finish_connect(subject.s, &in, &out);
  if (got == OK) {
    conn_open(&subject.c, subject.s, in, out);
    subject.connected = true;
  }
  return (got != NOT_IN_PROGRESS) == connect;
}

// drop tells whether the socket is seen to be closed by those around it: somebody else can listen there, or the peer
// finds the connection ended.
static bool drop(const row_t *r, const char **next) {
  addr_t at;
  sock_t s;
  conn_t c;
  bool listened = in_state(r, "listening");
  bool accepted = in_state(r, "connected") || same_text(r->state, "connect-in-progress");
  if (listened) must(t_local(subject.s, &at), answer_name);
  if (accepted) must(t_accept_next(subject.server, &c), answer_name);
  drop_subject();
  *next = "unseen";
  if (listened) {
    if (!other(r->v6, &s)) return false;
    must(t_bind(s, at), answer_name);
    must(t_listen(s), answer_name);
    *next = "closed";
  }
  if (accepted) {
    guest_list_u8_t got;
    bool ended = wait_long(c.in_ready) && s_read(c.in, 1, &got) == CLOSED;
    *next = ended ? "closed" : "open";
    conn_drop(&c);
  }
  return true;
}

bool tcp_row(const row_t *r) {
  if (!stage(r)) return false;
  const char *before = state(r->v6), *next;
  if (!in_state(r, before)) return fail("the state before", before);
  if (same_text(r->call, "drop")) {
    if (!drop(r, &next)) return false;
    put_row("ok", next);
  } else {
    const char *answer = call(r);
    if (!answer) return false;
    next = state(r->v6);
    put_row(answer, finishes(next) ? next : "a-finish-disagrees");
  }
  clear();
  return true;
}
