// What the programs of tcp-asserts share. An assertion that fails says where it stands and what was seen, and ends the
// program, since what follows builds on it.
#ifndef ASSERTS_H
#define ASSERTS_H

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
extern uint64_t asserted;

// want compares the answer to a call, equal two numbers; holds is for the rest.
#define want(call, answer)                                                                  \
  do {                                                                                      \
    int got_ = (call), wanted_ = (answer);                                                  \
    asserted++;                                                                             \
    if (got_ != wanted_) return unwanted(__FILE__, __LINE__, #call, got_, wanted_);         \
  } while (0)
#define equal(a, b)                                                                         \
  do {                                                                                      \
    uint64_t a_ = (uint64_t)(a), b_ = (uint64_t)(b);                                        \
    asserted++;                                                                             \
    if (a_ != b_) return unequal(__FILE__, __LINE__, #a " == " #b, a_, b_);                 \
  } while (0)
#define holds(truth)                                                                        \
  do {                                                                                      \
    asserted++;                                                                             \
    if (!(truth)) return untrue(__FILE__, __LINE__, #truth);                                \
  } while (0)
#define same_address(a, b)                                                                  \
  do {                                                                                      \
    addr_t a_ = (a), b_ = (b);                                                              \
    asserted++;                                                                             \
    if (!same_addr(&a_, &b_)) return strange(__FILE__, __LINE__, #a " is " #b, &a_, &b_);   \
  } while (0)

// also runs a part of a program, which has said what failed.
#define also(part)            \
  do {                        \
    if (!(part)) return false; \
  } while (0)

bool unwanted(const char *file, int line, const char *call, int got, int wanted);
bool unequal(const char *file, int line, const char *claim, uint64_t a, uint64_t b);
bool untrue(const char *file, int line, const char *claim);
bool strange(const char *file, int line, const char *claim, const addr_t *a, const addr_t *b);

// listener is a socket that listens at want, and says where that is.
bool listener(addr_t want, sock_t *s, addr_t *at);

// meet connects a new socket to a listener and accepts it.
bool meet(sock_t s, addr_t at, conn_t *client, conn_t *server);

// pair is two ends of a connection, whose listener is gone.
bool pair(conn_t *client, conn_t *server);

#endif
