// basics: see ../../README.md. For any C toolchain with a libc.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int failed(const char *what) {
  perror(what);
  return 1;
}

static int show(const char *path) {
  char buf[4096];
  FILE *f = fopen(path, "r");
  if (f == NULL) return failed("read");
  for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;) fwrite(buf, 1, n, stdout);
  return fclose(f) == 0 ? 0 : failed("close");
}

static int put(const char *path, const char *mode, const char *text) {
  FILE *f = fopen(path, mode);
  if (f == NULL) return failed("write");
  size_t n = fwrite(text, 1, strlen(text), f);
  return fclose(f) == 0 && n == strlen(text) ? 0 : failed("close");
}

static int order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int list(const char *path) {
  char *names[256];
  size_t n = 0;
  DIR *d = opendir(path);
  if (d == NULL) return failed("list");
  for (struct dirent *e; (e = readdir(d)) != NULL && n < 256;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    size_t room = strlen(e->d_name) + 2;
    names[n] = malloc(room);
    snprintf(names[n++], room, "%s%s", e->d_name, e->d_type == DT_DIR ? "/" : "");
  }
  closedir(d);
  qsort(names, n, sizeof names[0], order);
  for (size_t i = 0; i < n; i++) puts(names[i]);
  return 0;
}

static int files(void) {
  struct stat st;
  if (mkdir("/data/sub", 0777) != 0) return failed("mkdir");
  if (put("/data/a.txt", "w", "hello") || put("/data/a.txt", "a", " again") || show("/data/a.txt")) return 1;
  if (stat("/data/a.txt", &st) != 0) return failed("stat");
  printf("\n%d bytes\n", (int)st.st_size);
  if (list("/data")) return 1;
  if (rename("/data/a.txt", "/data/sub/b.txt") != 0) return failed("rename");
  if (list("/data/sub")) return 1;
  if (unlink("/data/sub/b.txt") != 0 || rmdir("/data/sub") != 0) return failed("remove");
  puts(stat("/data/sub", &st) != 0 ? "gone" : "still there");
  return 0;
}

static int cat(void) {
  char line[65536];
  while (fgets(line, sizeof line, stdin) != NULL) {
    fputs(line, stdout);
    fflush(stdout);
  }
  return 0;
}

static int clocks(void) {
  struct timespec a, b, nap = {0, 20 * 1000 * 1000};
  clock_gettime(CLOCK_MONOTONIC, &a);
  nanosleep(&nap, NULL);
  clock_gettime(CLOCK_MONOTONIC, &b);
  long long ns = (b.tv_sec - a.tv_sec) * 1000000000LL + (b.tv_nsec - a.tv_nsec);
  if (ns < 20 * 1000 * 1000 || ns > 10 * 1000000000LL) return printf("slept %lld ns\n", ns), 1;
  if (time(NULL) < 1704067200) return puts("it is before 2024"), 1;
  return puts("ok"), 0;
}

static int randoms(void) {
  unsigned char a[32], b[32], none[32] = {0};
  if (getentropy(a, sizeof a) != 0 || getentropy(b, sizeof b) != 0) return failed("getentropy");
  return puts(memcmp(a, b, 32) != 0 && memcmp(a, none, 32) != 0 ? "ok" : "not random"), 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *arg = argc > 2 ? argv[2] : "";
  if (strcmp(what, "args") == 0) {
    for (int i = 2; i < argc; i++) printf("[%s]\n", argv[i]);
    return 0;
  }
  if (strcmp(what, "env") == 0) {
    const char *v = getenv(arg);
    return puts(v != NULL ? v : "(unset)"), 0;
  }
  if (strcmp(what, "stderr") == 0) return fprintf(stderr, "%s\n", arg), 0;
  if (strcmp(what, "exit") == 0) exit(atoi(arg));
  if (strcmp(what, "cat") == 0) return cat();
  if (strcmp(what, "read") == 0) return show(arg);
  if (strcmp(what, "write") == 0) return put(arg, "w", argc > 3 ? argv[3] : "");
  if (strcmp(what, "list") == 0) return list(arg);
  if (strcmp(what, "files") == 0) return files();
  if (strcmp(what, "clocks") == 0) return clocks();
  if (strcmp(what, "random") == 0) return randoms();
  fprintf(stderr, "usage: basics args|env|stderr|exit|cat|read|write|list|files|clocks|random\n");
  return 2;
}
