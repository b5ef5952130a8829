// tcp-asserts [PROGRAM [4|6]], or tcp-asserts mistake NAME: what a guest may count on from wasi:sockets/tcp, in programs with the subjects of those that
// test wasmtime. Each prints "ok PROGRAM 4|6", or the first assertion that failed. Without arguments all but no-tcp run,
// in both families. A mistake must trap.
#include "tcp-asserts.h"

bool v6;

static const struct {
  const char *name;
  bool (*run)(void);
} programs[] = {
    {"bind", binding},     {"busy-poll", busy_poll}, {"connect", connecting}, {"listen", listening},
    {"sample-application", sample_application},      {"sockopts", sockopts},  {"states", states},
    {"streams", streams},  {"no-tcp", no_tcp},
};
enum { PROGRAMS = sizeof programs / sizeof programs[0] };

// --- assertions

void put_answer(int64_t answer) { put(&err, answer_name((int)answer)); }

bool strange(const char *file, int line, const char *what, const addr_t *a, const addr_t *b) {
  claim(file, line, what);
  put_addr(&err, a);
  put(&err, " and ");
  put_addr(&err, b);
  put(&err, "\n");
  return false;
}

// --- what most programs begin with

bool listener(addr_t at, sock_t *s, addr_t *bound) {
  want(t_create(at.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6, s), OK);
  want(t_bind(*s, at), OK);
  want(t_listen(*s), OK);
  want(t_local(*s, bound), OK);
  return true;
}

bool meet(sock_t s, addr_t at, conn_t *client, conn_t *server) {
  sock_t c;
  want(t_create(t_is_v6(s), &c), OK);
  want(t_connect(c, at, client), OK);
  want(t_accept_next(s, server), OK);
  return true;
}

bool pair(conn_t *client, conn_t *server) {
  sock_t s;
  addr_t at;
  also(listener(loopback(v6, 0), &s, &at));
  also(meet(s, at, client, server));
  t_drop(s);
  return true;
}

// no_tcp is for a host that grants no TCP.
bool no_tcp(void) {
  sock_t s;
  want(t_create(v6, &s), DENIED);
  return true;
}

// --- the command

static bool run(size_t i, bool six) {
  v6 = six;
  bool ok = programs[i].run();
  report(programs[i].name, six ? " 6" : " 4", ok);
  return ok;
}

static bool run_chosen(guest_list_string_t args) {
  if (args.len == 3 && is(args.ptr[1], "mistake")) return mistake(args.ptr[2]);
  bool families[2] = {args.len < 3 || is(args.ptr[2], "4"), args.len < 3 || is(args.ptr[2], "6")};
  bool ok = true, any = false;
  for (size_t i = 0; i < PROGRAMS; i++) {
    bool chosen = args.len < 2 ? programs[i].run != no_tcp : is(args.ptr[1], programs[i].name);
    for (int six = 0; six < 2; six++) {
      if (!chosen || !families[six]) continue;
      any = true;
      ok = run(i, six) && ok;
    }
  }
  return any ? ok : fail("usage", "tcp-asserts [PROGRAM [4|6]], or tcp-asserts mistake NAME");
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  bool ok = run_chosen(args);
  guest_list_string_free(&args);
  close_out();
  return ok;
}
