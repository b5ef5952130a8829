// Preopens, opening, and paths.
#include "fs-asserts.h"

bool preopens(void) {
  fd_t again, other;
  int flags, type;
  want(f_type(rw, &type), OK);
  equal(type, A_DIR);
  want(f_flags(rw, &flags), OK);
  equal(flags, R | MUTATE);
  want(f_flags(ro, &flags), OK);
  equal(flags, R);

  // Every call gives descriptors of their own, to the same directories.
  holds(preopened("/rw", &again) && again.__handle != rw.__handle);
  holds(f_same(rw, again));
  holds(!f_same(rw, ro));
  f_close(again);
  also(make(rw, "a", "x"));
  want(f_unlink(rw, "a"), OK);

  // What was opened from a descriptor stays without it.
  holds(preopened("/rw", &again));
  want(f_mkdir(again, "d"), OK);
  want(f_open(again, 0, "d", DIRECTORY, R, &other), OK);
  f_close(again);
  also(make(other, "f", "x"));
  also(contains(rw, "d/f", "x"));
  want(f_unlink(other, "f"), OK);
  want(f_rmdir(rw, "d"), OK);
  f_close(other);
  return true;
}

static bool opens(int open_flags, int flags, int answer) {
  fd_t fd;
  want(f_open(rw, 0, "f", open_flags, flags, &fd), answer);
  if (answer == OK) f_close(fd);
  return true;
}

bool opening(void) {
  fd_t fd, dir;
  int flags, type;
  uint64_t n;
  also(opens(0, R, MISSING));
  also(opens(0, W, MISSING));
  also(opens(TRUNCATE, W, MISSING));
  also(opens(DIRECTORY, R, MISSING));
  also(opens(CREATE | DIRECTORY, R, INVALID));
  also(opens(DIRECTORY | TRUNCATE, R, INVALID));
  also(opens(0, R, MISSING));

  also(opens(CREATE | EXCLUSIVE, RW, OK));
  also(opens(CREATE | EXCLUSIVE, RW, EXISTS));
  also(opens(CREATE, RW, OK));
  also(opens(CREATE, R, OK));
  also(opens(DIRECTORY, R, NOT_DIR));

  // The flags are those that were asked for, and reading where nothing was.
  want(f_open(rw, 0, "f", 0, W, &fd), OK);
  want(f_flags(fd, &flags), OK);
  equal(flags, W);
  want(f_type(fd, &type), OK);
  equal(type, A_FILE);
  want(f_write(fd, "hello", 5, 0, &n), OK);
  f_close(fd);
  want(f_open(rw, 0, "f", 0, 0, &fd), OK);
  want(f_flags(fd, &flags), OK);
  equal(flags, R);
  f_close(fd);

  also(contains(rw, "f", "hello"));
  also(opens(CREATE, W, OK));
  also(contains(rw, "f", "hello"));
  also(opens(TRUNCATE, W, OK));
  also(contains(rw, "f", ""));

  // A directory is read and changed through, and never written.
  want(f_mkdir(rw, "d"), OK);
  want(f_open(rw, 0, "d", 0, R, &dir), OK);
  want(f_flags(dir, &flags), OK);
  equal(flags, R | MUTATE);
  also(make(dir, "inside", "x"));
  also(contains(rw, "d/inside", "x"));
  want(f_open(rw, 0, "d", 0, W, &fd), IS_DIR);
  want(f_open(rw, 0, "d", TRUNCATE, W, &fd), IS_DIR);
  want(f_open(rw, 0, "d", CREATE, W, &fd), IS_DIR);
  want(f_open(rw, 0, "d", CREATE | EXCLUSIVE, R, &fd), EXISTS);
  want(f_open(rw, 0, "d/inside", DIRECTORY, R, &fd), NOT_DIR);

  // What is for files is not for directories, and the other way round.
  char byte[1];
  size_t got;
  bool end;
  in_t in;
  out_stream_t to;
  list_t list;
  want(f_read(dir, 1, 0, byte, 1, &got, &end), BAD);
  want(f_write(dir, "x", 1, 0, &n), BAD);
  want(f_reader(dir, 0, &in), IS_DIR);
  want(f_writer(dir, 0, &to), BAD);
  want(f_appender(dir, &to), BAD);
  want(f_set_size(dir, 0), BAD);
  want(f_advise(dir, 0, 0, 0), BAD);
  want(f_sync(dir), OK);
  want(f_sync_data(dir), OK);
  want(f_open(rw, 0, "f", 0, RW, &fd), OK);
  want(f_list(fd, &list), NOT_DIR);
  want(f_mkdir(fd, "x"), NOT_DIR);
  want(f_open(fd, 0, "x", CREATE, W, &dir), NOT_DIR);
  want(f_open(fd, 0, ".", 0, R, &dir), NOT_DIR);
  want(f_unlink(fd, "x"), NOT_DIR);
  want(f_rmdir(fd, "x"), NOT_DIR);
  want(f_symlink(fd, "a", "x"), NOT_DIR);
  want(f_link(rw, 0, "f", fd, "x"), NOT_DIR);
  want(f_rename(rw, "f", fd, "x"), NOT_DIR);
  f_close(fd);

  want(f_unlink(rw, "d/inside"), OK);
  want(f_rmdir(rw, "d"), OK);
  want(f_unlink(rw, "f"), OK);
  return true;
}

static bool refused(const char *path, int answer) {
  fd_t fd;
  stat_t s;
  char target[8];
  want(f_open(rw, 0, path, 0, R, &fd), answer);
  want(f_open(rw, FOLLOW, path, CREATE, W, &fd), answer);
  want(f_stat_at(rw, FOLLOW, path, &s), answer);
  want(f_readlink(rw, path, target, sizeof target), answer);
  want(f_mkdir(rw, path), answer);
  want(f_unlink(rw, path), answer);
  want(f_rmdir(rw, path), answer);
  want(f_rename(rw, path, rw, "x"), answer);
  want(f_rename(rw, "f", rw, path), answer);
  want(f_link(rw, 0, path, rw, "x"), answer);
  want(f_link(rw, 0, "f", rw, path), answer);
  want(f_symlink(rw, "f", path), answer);
  return true;
}

bool paths(void) {
  static char long_name[300], long_path[8000];
  fd_t fd, dir;
  stat_t s;
  also(make(rw, "f", "x"));
  want(f_mkdir(rw, "d"), OK);

  // None leads out, wherever it would end.
  also(refused("/", REFUSED));
  also(refused("/f", REFUSED));
  also(refused("..", REFUSED));
  also(refused("../f", REFUSED));
  also(refused("d/../..", REFUSED));
  also(refused("d/../../f", REFUSED));
  want(f_open(rw, 0, "d", DIRECTORY, R, &dir), OK);
  want(f_stat_at(dir, 0, "../f", &s), REFUSED);
  want(f_open(dir, 0, "..", 0, R, &fd), REFUSED);
  f_close(dir);

  // Dots that stay inside are as good as any.
  want(f_stat_at(rw, 0, "d/../f", &s), OK);
  want(f_stat_at(rw, 0, "./d/./../f", &s), OK);
  want(f_stat_at(rw, 0, "d//", &s), OK);
  equal(s.type, A_DIR);
  want(f_open(rw, 0, ".", DIRECTORY, R, &dir), OK);
  holds(f_same(rw, dir));
  f_close(dir);
  want(f_open(rw, 0, "d/..", DIRECTORY, R, &dir), OK);
  holds(f_same(rw, dir));
  f_close(dir);

  // A slash at the end means a directory.
  want(f_stat_at(rw, 0, "f/", &s), NOT_DIR);
  want(f_open(rw, 0, "f/", 0, R, &fd), NOT_DIR);
  want(f_stat_at(rw, 0, "f/x", &s), NOT_DIR);
  want(f_stat_at(rw, 0, "nothing/x", &s), MISSING);

  want(f_stat_at(rw, 0, "", &s), MISSING);
  memset(long_name, 'n', sizeof long_name - 1);
  want(f_stat_at(rw, 0, long_name, &s), TOO_LONG);
  for (size_t i = 0; i < sizeof long_path - 1; i++) long_path[i] = "d/../"[i % 5];
  want(f_stat_at(rw, 0, long_path, &s), TOO_LONG);

  // A zero byte ends no path.
  wasi_filesystem_types_error_code_t e = 0;
  guest_string_t zero = {(uint8_t *)"f\0x", 3};
  holds(!wasi_filesystem_types_method_descriptor_stat_at(wasi_filesystem_types_borrow_descriptor(rw), 0, &zero, &s, &e));
  holds(e == INVALID || e == NO_TEXT);

  want(f_rmdir(rw, "d"), OK);
  want(f_unlink(rw, "f"), OK);
  return true;
}
