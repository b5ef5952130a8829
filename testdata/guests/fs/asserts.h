// What the programs of fs-asserts share. An assertion that fails says where it stands and what was seen, and ends the
// program, since what follows builds on it.
#ifndef ASSERTS_H
#define ASSERTS_H

#include "calls.h"

// The programs. They are false when an assertion failed.
bool directories(void);
bool links(void);
bool metadata(void);
bool opening(void);
bool paths(void);
bool preopens(void);
bool reading_and_writing(void);
bool renaming(void);
bool rights(void);
bool streams(void);

// mistake makes one for which the host must trap, and is false if it comes back.
bool mistake(guest_string_t name);

extern fd_t rw, ro;  // the preopens /rw and /ro
extern uint64_t asserted;

// want compares the answer to a call, equal two numbers; holds is for the rest.
#define want(call, answer)                                                          \
  do {                                                                              \
    int got_ = (call), wanted_ = (answer);                                          \
    asserted++;                                                                     \
    if (got_ != wanted_) return unwanted(__FILE__, __LINE__, #call, got_, wanted_); \
  } while (0)
#define equal(a, b)                                                             \
  do {                                                                          \
    uint64_t a_ = (uint64_t)(a), b_ = (uint64_t)(b);                            \
    asserted++;                                                                 \
    if (a_ != b_) return unequal(__FILE__, __LINE__, #a " == " #b, a_, b_);     \
  } while (0)
#define holds(truth)                                              \
  do {                                                            \
    asserted++;                                                   \
    if (!(truth)) return untrue(__FILE__, __LINE__, #truth);      \
  } while (0)

// also runs a part of a program, which has said what failed.
#define also(part)             \
  do {                         \
    if (!(part)) return false; \
  } while (0)

bool unwanted(const char *file, int line, const char *call, int got, int wanted);
bool unequal(const char *file, int line, const char *claim, uint64_t a, uint64_t b);
bool untrue(const char *file, int line, const char *claim);

// make makes a file with that content, contains compares what is in one, and size asks how much.
bool make(fd_t dir, const char *path, const char *content);
bool contains(fd_t dir, const char *path, const char *content);
bool size(fd_t dir, const char *path, uint64_t want);

#endif
