// What the two halves of table share. A half brings a new socket into a state, makes one call, and finds out what the
// state is by what the other calls answer.
#ifndef TABLE_H
#define TABLE_H

#include "net.h"

// A row is one line of a table without its answers: "connect-in-progress[refused]" and "start-bind(free)".
typedef struct {
  char state[40];
  char call[40], given[40];  // what stands before the parenthesis and in it
  bool v6;
} row_t;

// These print the answer and the next state, which is "unseen" where nobody can tell. They are false when the socket
// cannot be brought into the state, and have said why.
bool tcp_row(const row_t *r);
bool udp_row(const row_t *r);

static inline bool same_text(const char *a, const char *b) { return strcmp(a, b) == 0; }

// in_state ignores what the state has in brackets.
static inline bool in_state(const row_t *r, const char *name) {
  size_t n = strlen(name);
  return strncmp(r->state, name, n) == 0 && (r->state[n] == 0 || r->state[n] == '[');
}

void put_row(const char *answer, const char *next);

// must is for the calls that bring a socket into a state.
#define must(call, name)                                  \
  do {                                                    \
    int answer_ = (call);                                 \
    if (answer_ != OK) return fail(#call, name(answer_)); \
  } while (0)

#endif
