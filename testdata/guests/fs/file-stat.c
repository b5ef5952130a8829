// file-stat COUNT open|stat|both: looks COUNT times at one of the files f0 to f99 of the preopen /dir, one after the other: opens,
// stats and closes it, or stats its path, or opens it and stats its path in turns. Each must be a regular file.
#include "calls.h"

static bool look(fd_t dir, uint64_t count, bool opens, bool stats) {
  stat_t s;
  char path[4] = {'f'};
  for (uint64_t i = 0; i < count; i++) {
    uint64_t n = i % 100;
    path[1] = (char)('0' + (n < 10 ? n : n / 10));
    path[2] = n < 10 ? 0 : (char)('0' + n % 10);
    if (opens) {
      fd_t fd;
      if (f_open(dir, FOLLOW, path, 0, R, &fd) != OK || f_stat(fd, &s) != OK || s.type != A_FILE) return false;
      f_close(fd);
    }
    if (stats && (f_stat_at(dir, FOLLOW, path, &s) != OK || s.type != A_FILE)) return false;
  }
  return true;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  fd_t dir;
  uint64_t count;
  bool ok = args.len == 3 && preopened("/dir", &dir) && parse_u((char *)args.ptr[1].ptr, args.ptr[1].len, &count) &&
            look(dir, count, !is(args.ptr[2], "stat"), !is(args.ptr[2], "open"));
  if (!ok) put(&err, "file-stat COUNT open|stat|both, and the files f0 to f99 in /dir\n");
  guest_list_string_free(&args);
  close_out();
  return ok;
}
