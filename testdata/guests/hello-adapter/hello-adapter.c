// hello-adapter: the ordinary road of C on wasm. It knows preview 1 alone, and libc's stdio; the component comes from
// `wasm-tools component new --adapt`.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv) {
  printf("hello from C through preview 1\n");
  for (int i = 0; i < argc; i++) printf("arg %d %s\n", i, argv[i]);
  const char *name = getenv("NAME");
  printf("env NAME %s\n", name ? name : "(unset)");

  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "stdin") == 0) {
    char line[256];
    for (int n = 1; fgets(line, sizeof line, stdin); n++) printf("line %d %s%s", n, line, strchr(line, '\n') ? "" : "\n");
    if (ferror(stdin)) return perror("stdin"), 1;
  }
  if (strcmp(what, "file") == 0 && argc > 2) {
    FILE *f = fopen(argv[2], "r");
    if (!f) {
      fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
      return 1;
    }
    int c;
    while ((c = getc(f)) != EOF) putchar(c);
    fclose(f);
  }
  if (strcmp(what, "time") == 0) {
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0) return perror("clock_gettime"), 1;
    printf("time %lld\n", (long long)t.tv_sec);
  }
  if (strcmp(what, "float") == 0) printf("float %.3f\n", 2.0 / 3.0);
  if (strcmp(what, "exit3") == 0) return 3;
  if (strcmp(what, "abort") == 0) abort();
  return 0;
}
