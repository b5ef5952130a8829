// What the programs of tcp-asserts share.
#ifndef TCP_ASSERTS_H
#define TCP_ASSERTS_H

#include "asserts.h"
#include "calls.h"
#include "places.h"

// The programs, in the family of v6. They are false when an assertion failed.
bool binding(void);
bool connecting(void);
bool listening(void);
bool states(void);
bool sockopts(void);
bool streams(void);
bool sample_application(void);
bool busy_poll(void);
bool no_tcp(void);

// mistake makes one for which the host must trap, and is false if it comes back.
bool mistake(guest_string_t name);

extern bool v6;

// same_address compares two addresses.
#define same_address(a, b)                                                                  \
  do {                                                                                      \
    addr_t a_ = (a), b_ = (b);                                                              \
    asserted++;                                                                             \
    if (!same_addr(&a_, &b_)) return strange(__FILE__, __LINE__, #a " is " #b, &a_, &b_);   \
  } while (0)

bool strange(const char *file, int line, const char *claim, const addr_t *a, const addr_t *b);

// listener is a socket that listens at want, and says where that is.
bool listener(addr_t want, sock_t *s, addr_t *at);

// meet connects a new socket to a listener and accepts it.
bool meet(sock_t s, addr_t at, conn_t *client, conn_t *server);

// pair is two ends of a connection, whose listener is gone.
bool pair(conn_t *client, conn_t *server);

#endif
