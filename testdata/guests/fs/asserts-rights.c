// What a read-only preopen lets a guest do, and what must trap.
#include "fs-asserts.h"

static stamp_t now(void) { return (stamp_t){WASI_FILESYSTEM_TYPES_NEW_TIMESTAMP_NOW, {{0, 0}}}; }

// read_only asserts that nothing can be changed through dir, which is /ro or comes from it, with a file of that path.
static bool read_only(fd_t dir, const char *file) {
  fd_t fd;
  int flags;
  uint64_t n;
  out_stream_t to;
  want(f_open(dir, 0, file, 0, W, &fd), REFUSED);
  want(f_open(dir, 0, file, 0, RW, &fd), REFUSED);
  want(f_open(dir, 0, file, TRUNCATE, R, &fd), REFUSED);
  want(f_open(dir, 0, file, CREATE, R, &fd), REFUSED);
  want(f_open(dir, 0, "new", CREATE, R, &fd), REFUSED);
  want(f_open(dir, 0, ".", DIRECTORY, R | MUTATE, &fd), REFUSED);
  want(f_mkdir(dir, "new"), REFUSED);
  want(f_rmdir(dir, "dir"), REFUSED);
  want(f_unlink(dir, file), REFUSED);
  want(f_symlink(dir, "a", "new"), REFUSED);
  want(f_set_times(dir, now(), now()), REFUSED);
  want(f_set_times_at(dir, 0, file, now(), now()), REFUSED);
  want(f_link(dir, 0, file, dir, "new"), REFUSED);
  want(f_link(dir, 0, file, rw, "new"), REFUSED);
  want(f_link(rw, 0, "f", dir, "new"), REFUSED);
  want(f_rename(dir, file, dir, "new"), REFUSED);
  want(f_rename(dir, file, rw, "new"), REFUSED);
  want(f_rename(rw, "f", dir, "new"), REFUSED);
  want(f_flags(dir, &flags), OK);
  equal(flags, R);

  want(f_open(dir, 0, file, 0, R, &fd), OK);
  want(f_write(fd, "x", 1, 0, &n), REFUSED);
  want(f_writer(fd, 0, &to), REFUSED);
  want(f_appender(fd, &to), REFUSED);
  want(f_set_size(fd, 0), REFUSED);
  want(f_set_times(fd, now(), now()), REFUSED);
  want(f_sync(fd), OK);
  want(f_sync(dir), OK);
  f_close(fd);
  return true;
}

bool rights(void) {
  fd_t dir, again;
  stat_t s;
  list_t list;
  also(make(rw, "f", "x"));
  also(read_only(ro, "file"));
  want(f_open(ro, 0, "dir", DIRECTORY, R, &dir), OK);
  also(read_only(dir, "inner"));
  want(f_open(dir, 0, ".", 0, R, &again), OK);
  also(read_only(again, "inner"));

  // Looking is free.
  want(f_stat_at(ro, 0, "file", &s), OK);
  want(f_list(again, &list), OK);
  f_list_drop(list);
  also(contains(ro, "file", "read only\n"));
  also(contains(ro, "dir/inner", "read only too\n"));
  want(f_stat_at(ro, 0, "new", &s), MISSING);
  want(f_stat_at(rw, 0, "new", &s), MISSING);
  f_close(dir);
  f_close(again);
  want(f_unlink(rw, "f"), OK);
  return true;
}

static bool open_both(fd_t *fd, in_t *in, out_stream_t *to) {
  want(f_open(rw, 0, "m", CREATE, RW, fd), OK);
  want(f_reader(*fd, 0, in), OK);
  want(f_writer(*fd, 0, to), OK);
  want(f_unlink(rw, "m"), OK);
  return true;
}

bool mistake(guest_string_t name) {
  static uint8_t much[100000];
  fd_t fd;
  in_t in;
  out_stream_t to;
  uint64_t n;
  stat_t s;
  also(open_both(&fd, &in, &to));
  if (is(name, "write-without-permit")) {
    s_write(to, "x", 1);
  } else if (is(name, "write-beyond-permit")) {
    s_check(to, &n);
    s_write(to, much, sizeof much);
  } else if (is(name, "write-endless-zeroes")) {
    s_check(to, &n);
    s_write_zeroes(to, UINT64_MAX);
  } else if (is(name, "write-too-much-at-once")) {
    s_write_blocking(to, much, 4097);
  } else if (is(name, "drop-input-with-pollable")) {
    wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(in));
    s_drop_in(in);
  } else if (is(name, "use-dropped-descriptor")) {
    f_close(fd);
    f_stat(fd, &s);
  } else if (is(name, "drop-twice")) {
    f_close(fd);
    f_close(fd);
  } else if (is(name, "use-stream-as-descriptor")) {
    f_stat((fd_t){in.__handle}, &s);
  }
  put(&err, "the mistake came back\n");
  return false;
}
