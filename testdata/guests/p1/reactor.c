// p1-reactor: a library on preview 1. `_initialize` prints, so it runs where functions of the host are there already.
#include <stdint.h>
#include <stdio.h>

static int32_t state;

__attribute__((constructor)) static void constructed(void) {
  printf("constructed\n");
  fflush(stdout);
  state = 40;
}

__attribute__((export_name("add_one"))) int32_t add_one(void) { return ++state; }
__attribute__((export_name("scale"))) double scale(int64_t by, float v) { return (double)by * v; }
__attribute__((export_name("BadName"))) int32_t bad_name(void) { return 1; }
