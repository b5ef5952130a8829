#include "asserts.h"

uint64_t asserted;

void claim(const char *file, int line, const char *what) {
  flush(&out);
  put(&err, file);
  put(&err, ":");
  put_u(&err, (uint64_t)line);
  put(&err, ": ");
  put(&err, what);
  put(&err, ": ");
}

bool unwanted(const char *file, int line, const char *call, int64_t got, int64_t wanted) {
  claim(file, line, call);
  put_answer(got);
  put(&err, ", wanted ");
  put_answer(wanted);
  put(&err, "\n");
  return false;
}

bool unequal(const char *file, int line, const char *what, uint64_t a, uint64_t b) {
  claim(file, line, what);
  put_u(&err, a);
  put(&err, " and ");
  put_u(&err, b);
  put(&err, "\n");
  return false;
}

bool untrue(const char *file, int line, const char *what) {
  claim(file, line, what);
  put(&err, "is not so\n");
  return false;
}

void report(const char *program, const char *variant, bool ok) {
  out_t *to = ok ? &out : &err;
  put(to, ok ? "ok " : "failed: ");
  put(to, program);
  put(to, variant);
  put(to, ", ");
  put_u(to, asserted);
  put(to, " assertions\n");
  asserted = 0;
}
