// How sockets are opened: bind, connect and listen.
#include "tcp-asserts.h"

enum { TRIES = 20 };  // to find a port that nobody else takes meanwhile

static bool ephemeral_port(addr_t any_port) {
  sock_t s;
  addr_t at;
  want(t_create(v6, &s), OK);
  want(t_bind(s, any_port), OK);
  want(t_local(s, &at), OK);
  holds(port_of(&at) != 0);
  same_address(with_port(at, 0), any_port);
  t_drop(s);
  return true;
}

// bind_to_port binds to a port that is asked for.
static bool bind_to_port(addr_t any_port, sock_t *s, addr_t *at) {
  int bound = IN_USE;
  for (int i = 0; i < TRIES && bound == IN_USE; i++) {
    want(t_create(v6, s), OK);
    want(t_bind(*s, any_port), OK);
    want(t_local(*s, at), OK);
    t_drop(*s);
    want(t_create(v6, s), OK);
    bound = t_bind(*s, *at);
    if (bound != OK) t_drop(*s);
  }
  want(bound, OK);
  return true;
}

static bool specific_port(addr_t any_port) {
  sock_t s;
  addr_t at, again;
  also(bind_to_port(any_port, &s, &at));
  want(t_local(s, &again), OK);
  same_address(again, at);
  t_drop(s);
  return true;
}

static bool in_use(addr_t any_port) {
  sock_t first, second;
  addr_t at;
  also(listener(any_port, &first, &at));
  want(t_create(v6, &second), OK);
  want(t_bind(second, at), IN_USE);
  want(t_bind(second, any_port), OK);  // it is as it was
  t_drop(second);
  t_drop(first);
  return true;
}

// reuse closes the side that listened first, so that its port is left in TIME_WAIT.
static bool reuse(void) {
  static const uint8_t zeroes[10];
  sock_t first, second;
  conn_t client, server;
  addr_t at, again;
  guest_list_u8_t got;
  also(bind_to_port(loopback(v6, 0), &first, &at));
  want(t_listen(first), OK);
  also(meet(first, at, &client, &server));
  want(s_blocking_write_zeroes(server.out, sizeof zeroes), OK);
  conn_drop(&server);
  t_drop(first);

  want(t_create(v6, &second), OK);
  want(t_bind(second, at), OK);
  want(t_listen(second), OK);
  want(t_local(second, &again), OK);
  same_address(again, at);

  // What was written to the first arrives all the same, and the second serves.
  want(s_blocking_read(client.in, 100, &got), OK);
  equal(got.len, sizeof zeroes);
  holds(memcmp(got.ptr, zeroes, sizeof zeroes) == 0);
  guest_list_u8_free(&got);
  want(s_blocking_read(client.in, 100, &got), CLOSED);
  conn_drop(&client);
  also(meet(second, at, &client, &server));
  conn_drop(&client);
  conn_drop(&server);
  t_drop(second);
  return true;
}

// bad_places binds one socket to what cannot be bound, twice, and then to what can.
static bool bad_places(void) {
  addr_t bad[8];
  size_t n = 0;
  bad[n++] = loopback(!v6, 0);
  bad[n++] = mapped(0);
  bad[n++] = compatible(0);
  if (v6) {
    bad[n++] = ipv6((uint16_t[8]){0xff00}, 0);
    bad[n++] = ipv6((uint16_t[8]){0xff02, [7] = 1}, 0);
  } else {
    bad[n++] = broadcast(0);
    bad[n++] = ipv4(224, 254, 0, 0, 0);
  }
  sock_t s;
  want(t_create(v6, &s), OK);
  for (int twice = 0; twice < 2; twice++) {
    for (size_t i = 0; i < n; i++) {
      want(t_bind(s, bad[i]), INVALID);
      want(t_finish_bind(s), NOT_IN_PROGRESS);
    }
    want(t_bind(s, elsewhere(v6, 0, 0)), NOT_BINDABLE);
  }
  want(t_bind(s, loopback(v6, 0)), OK);
  t_drop(s);
  return true;
}

// two_stacks has a socket of each family at one port of every interface. Connections reach that of their own family.
static bool two_stacks(void) {
  sock_t six, four;
  addr_t at;
  int bound = IN_USE;
  for (int i = 0; i < TRIES && bound == IN_USE; i++) {
    also(listener(anywhere(v6, 0), &six, &at));
    want(t_create(!v6, &four), OK);
    bound = t_bind(four, anywhere(!v6, port_of(&at)));
    if (bound == OK) bound = t_listen(four);
    if (bound != OK) {
      t_drop(six);
      t_drop(four);
    }
  }
  want(bound, OK);
  conn_t client, server, none;
  addr_t peer;
  also(meet(four, loopback(!v6, port_of(&at)), &client, &server));
  want(t_remote(server.sock, &peer), OK);
  same_address(with_port(peer, 0), loopback(!v6, 0));
  want(t_accept(six, &none), WOULD_BLOCK);
  conn_drop(&client);
  conn_drop(&server);
  t_drop(four);

  // With that gone, nobody is there for its family.
  want(t_create(!v6, &four), OK);
  want(t_connect(four, loopback(!v6, port_of(&at)), &none), REFUSED);
  t_drop(four);
  t_drop(six);
  return true;
}

// labelled binds and connects with flow information, which addresses keep.
static bool labelled(void) {
  sock_t s, c;
  addr_t want_at = loopback(true, 0), at, to;
  conn_t client;
  want_at.val.ipv6.flow_info = 7;
  also(listener(want_at, &s, &at));
  equal(at.val.ipv6.flow_info, 7);
  to = at;
  to.val.ipv6.flow_info = 9;
  want(t_create(true, &c), OK);
  want(t_connect(c, to, &client), OK);
  want(t_remote(c, &at), OK);
  equal(at.val.ipv6.flow_info, 9);
  conn_drop(&client);
  t_drop(s);
  return true;
}

bool binding(void) {
  addr_t both[] = {loopback(v6, 0), anywhere(v6, 0)};
  for (int i = 0; i < 2; i++) {
    also(ephemeral_port(both[i]));
    also(specific_port(both[i]));
    also(in_use(both[i]));
  }
  also(reuse());
  also(bad_places());
  also(two_stacks());
  if (v6) also(labelled());
  return true;
}

// bad_peers connects s to what is no peer, twice, after which it must be as it was.
static bool bad_peers(sock_t s, uint16_t other_family_listens_at) {
  addr_t bad[] = {
      anywhere(v6, NOBODY),
      loopback(v6, 0),
      loopback(!v6, NOBODY),
      mapped(NOBODY),
      compatible(NOBODY),
      v6 ? ipv6((uint16_t[8]){0xff00}, NOBODY) : broadcast(NOBODY),
      v6 ? ipv6((uint16_t[8]){0xff0e, [7] = 1}, NOBODY) : ipv4(224, 254, 0, 0, NOBODY),
      loopback(!v6, other_family_listens_at),
      mapped(other_family_listens_at),
  };
  conn_t c;
  for (int twice = 0; twice < 2; twice++) {
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
      want(t_connect(s, bad[i], &c), INVALID);
      want(t_finish_connect(s, &c.in, &c.out), NOT_IN_PROGRESS);
    }
  }
  return true;
}

bool connecting(void) {
  sock_t server, foreign, s;
  addr_t at, foreign_at, local, remote;
  conn_t client, accepted;
  also(listener(loopback(v6, 0), &server, &at));
  also(listener(loopback(!v6, 0), &foreign, &foreign_at));

  want(t_create(v6, &s), OK);
  also(bad_peers(s, port_of(&foreign_at)));
  want(t_local(s, &local), STATE);
  want(t_connect(s, at, &client), OK);
  want(t_accept_next(server, &accepted), OK);
  want(t_local(s, &local), OK);
  want(t_remote(accepted.sock, &remote), OK);
  same_address(remote, local);
  conn_drop(&accepted);
  conn_drop(&client);

  // A socket that was bound connects from there.
  addr_t from;
  want(t_create(v6, &s), OK);
  want(t_bind(s, loopback(v6, 0)), OK);
  want(t_local(s, &from), OK);
  also(bad_peers(s, port_of(&foreign_at)));
  want(t_connect(s, at, &client), OK);
  want(t_local(s, &local), OK);
  same_address(local, from);
  want(t_remote(s, &remote), OK);
  same_address(remote, at);
  want(t_accept_next(server, &accepted), OK);
  want(t_remote(accepted.sock, &remote), OK);
  same_address(remote, from);
  want(t_local(accepted.sock, &local), OK);
  same_address(local, at);
  conn_drop(&accepted);
  conn_drop(&client);
  t_drop(foreign);
  t_drop(server);
  return true;
}

bool listening(void) {
  sock_t s;
  addr_t at;
  conn_t client, accepted;
  want(t_create(v6, &s), OK);
  for (int twice = 0; twice < 2; twice++) {
    want(t_listen(s), STATE);
    want(t_finish_listen(s), NOT_IN_PROGRESS);
    want(t_local(s, &at), STATE);
  }
  want(t_bind(s, loopback(v6, 0)), OK);
  want(t_listen(s), OK);
  holds(t_is_listening(s));
  want(t_local(s, &at), OK);
  also(meet(s, at, &client, &accepted));
  conn_drop(&client);
  conn_drop(&accepted);
  t_drop(s);
  return true;
}
