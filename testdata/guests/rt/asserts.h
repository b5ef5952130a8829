// Assertions for the guests that print with rt.h. One that fails says on stderr where it stands and what was seen, and ends
// the program, since what follows builds on it: it returns false from the function around it.
#ifndef ASSERTS_H
#define ASSERTS_H

#include "rt.h"

extern uint64_t asserted;  // by the program that runs

// want compares the answer to a call, equal two numbers; holds is for the rest.
#define want(call, answer)                                                          \
  do {                                                                              \
    int64_t got_ = (int64_t)(call), wanted_ = (int64_t)(answer);                    \
    asserted++;                                                                     \
    if (got_ != wanted_) return unwanted(__FILE__, __LINE__, #call, got_, wanted_); \
  } while (0)
#define equal(a, b)                                                         \
  do {                                                                      \
    uint64_t a_ = (uint64_t)(a), b_ = (uint64_t)(b);                        \
    asserted++;                                                             \
    if (a_ != b_) return unequal(__FILE__, __LINE__, #a " == " #b, a_, b_); \
  } while (0)
#define holds(truth)                                         \
  do {                                                       \
    asserted++;                                              \
    if (!(truth)) return untrue(__FILE__, __LINE__, #truth); \
  } while (0)

// also runs a part of a program, which has said what failed.
#define also(part)             \
  do {                         \
    if (!(part)) return false; \
  } while (0)

// These print the line of an assertion that failed, and are false.
bool unwanted(const char *file, int line, const char *call, int64_t got, int64_t wanted);
bool unequal(const char *file, int line, const char *claim, uint64_t a, uint64_t b);
bool untrue(const char *file, int line, const char *claim);

// claim begins such a line, for assertions that a guest has of its own.
void claim(const char *file, int line, const char *what);

// put_answer is the guest's: it prints an answer that want compared, on stderr.
void put_answer(int64_t answer);

// report says how a program ended, and begins to count anew. The variant follows its name.
void report(const char *program, const char *variant, bool ok);

#endif
