// fs-asserts [PROGRAM], or fs-asserts mistake NAME: what a guest may count on from wasi:filesystem. It wants an empty
// directory /rw and a read-only /ro with a file and a directory, "file" ("read only\n") and "dir", in it. Each program prints
// "ok PROGRAM, N assertions", or the first assertion that failed, and leaves /rw as it found it. A mistake must trap.
#include "fs-asserts.h"

fd_t rw, ro;

static const struct {
  const char *name;
  bool (*run)(void);
} programs[] = {
    {"directories", directories}, {"links", links},       {"metadata", metadata},
    {"opening", opening},         {"paths", paths},       {"preopens", preopens},
    {"read-write", reading_and_writing}, {"renaming", renaming}, {"rights", rights},
    {"streams", streams},
};
enum { PROGRAMS = sizeof programs / sizeof programs[0] };

void put_answer(int64_t answer) { put(&err, answer_name((int)answer)); }

bool make(fd_t dir, const char *path, const char *content) {
  fd_t fd;
  uint64_t n = 0;
  want(f_open(dir, 0, path, CREATE | EXCLUSIVE, W, &fd), OK);
  want(f_write(fd, content, strlen(content), 0, &n), OK);
  equal(n, strlen(content));
  f_close(fd);
  return true;
}

bool contains(fd_t dir, const char *path, const char *content) {
  fd_t fd;
  char got[256];
  size_t n = 0;
  bool end;
  want(f_open(dir, 0, path, 0, R, &fd), OK);
  want(f_read(fd, sizeof got, 0, got, sizeof got, &n, &end), OK);
  f_close(fd);
  equal(n, strlen(content));
  holds(memcmp(got, content, n) == 0);
  return true;
}

bool size(fd_t dir, const char *path, uint64_t wanted) {
  stat_t s;
  want(f_stat_at(dir, 0, path, &s), OK);
  equal(s.size, wanted);
  return true;
}

static bool run(size_t i) {
  bool ok = preopened("/rw", &rw) && preopened("/ro", &ro);
  if (!ok) return untrue(__FILE__, __LINE__, "/rw and /ro are preopened");
  ok = programs[i].run();
  f_close(rw);
  f_close(ro);
  report(programs[i].name, "", ok);
  return ok;
}

static bool run_chosen(guest_list_string_t args) {
  if (args.len == 3 && is(args.ptr[1], "mistake")) return preopened("/rw", &rw) && mistake(args.ptr[2]);
  bool ok = true, any = false;
  for (size_t i = 0; i < PROGRAMS; i++) {
    if (args.len > 1 && !is(args.ptr[1], programs[i].name)) continue;
    any = true;
    ok = run(i) && ok;
  }
  if (!any) put(&err, "usage: fs-asserts [PROGRAM], or fs-asserts mistake NAME\n");
  return any && ok;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  bool ok = run_chosen(args);
  guest_list_string_free(&args);
  close_out();
  return ok;
}
