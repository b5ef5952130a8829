// What is in files: read and write, streams, and what is known about them.
#include "fs-asserts.h"

static uint8_t room[100000];

bool reading_and_writing(void) {
  fd_t fd, other;
  uint64_t n = 0;
  size_t got;
  bool end;
  want(f_open(rw, 0, "f", CREATE | EXCLUSIVE, RW, &fd), OK);
  want(f_read(fd, 10, 0, room, sizeof room, &got, &end), OK);
  equal(got, 0);
  holds(end);
  want(f_write(fd, "world", 5, 5, &n), OK);
  equal(n, 5);
  want(f_read(fd, 100, 0, room, sizeof room, &got, &end), OK);
  equal(got, 10);
  holds(end);
  holds(memcmp(room, "\0\0\0\0\0world", 10) == 0);
  want(f_write(fd, "hello", 5, 0, &n), OK);
  want(f_read(fd, 3, 4, room, sizeof room, &got, &end), OK);
  equal(got, 3);
  holds(!end);
  holds(memcmp(room, "owo", 3) == 0);
  want(f_read(fd, 0, 0, room, sizeof room, &got, &end), OK);
  equal(got, 0);
  holds(!end);
  want(f_read(fd, 1, 10, room, sizeof room, &got, &end), OK);
  equal(got, 0);
  holds(end);
  want(f_read(fd, 1, 1 << 20, room, sizeof room, &got, &end), OK);
  equal(got, 0);
  holds(end);
  want(f_write(fd, "", 0, 0, &n), OK);
  equal(n, 0);

  // Large numbers are as good as any.
  want(f_read(fd, UINT64_MAX, 0, room, sizeof room, &got, &end), OK);
  equal(got, 10);
  want(f_read(fd, UINT64_MAX, INT64_MAX, room, sizeof room, &got, &end), OK);
  equal(got, 0);
  want(f_read(fd, 1, UINT64_MAX, room, sizeof room, &got, &end), INVALID);
  want(f_write(fd, "x", 1, INT64_MAX, &n), TOO_LARGE);
  want(f_write(fd, "x", 1, UINT64_MAX, &n), TOO_LARGE);
  want(f_write(fd, "xx", 2, UINT64_MAX, &n), TOO_LARGE);
  holds(f_set_size(fd, UINT64_MAX) != OK);
  also(size(rw, "f", 10));

  want(f_set_size(fd, 4), OK);
  also(contains(rw, "f", "hell"));
  want(f_set_size(fd, 6), OK);
  want(f_read(fd, 100, 0, room, sizeof room, &got, &end), OK);
  equal(got, 6);
  holds(memcmp(room, "hell\0\0", 6) == 0);
  for (int advice = 0; advice < 6; advice++) want(f_advise(fd, 0, 4, advice), OK);
  want(f_advise(fd, 0, 0, 0), OK);
  want(f_sync(fd), OK);
  want(f_sync_data(fd), OK);

  // A descriptor does what it was opened for.
  in_t in;
  out_stream_t to;
  want(f_open(rw, 0, "f", 0, R, &other), OK);
  want(f_write(other, "x", 1, 0, &n), BAD);
  want(f_writer(other, 0, &to), BAD);
  want(f_appender(other, &to), BAD);
  want(f_set_size(other, 0), INVALID);
  want(f_sync(other), OK);
  want(f_sync_data(other), OK);
  f_close(other);
  want(f_open(rw, 0, "f", 0, W, &other), OK);
  want(f_read(other, 1, 0, room, sizeof room, &got, &end), BAD);
  want(f_reader(other, 0, &in), BAD);
  f_close(other);
  also(size(rw, "f", 6));

  // A file stays while it is open, without a name.
  want(f_unlink(rw, "f"), OK);
  want(f_write(fd, "still", 5, 0, &n), OK);
  want(f_read(fd, 5, 0, room, sizeof room, &got, &end), OK);
  holds(memcmp(room, "still", 5) == 0);
  f_close(fd);
  return true;
}

// A chunk of the text that is repeated, from offset on.
static void fill(uint8_t *p, size_t n, uint64_t offset) {
  for (size_t i = 0; i < n; i++) p[i] = (uint8_t)((offset + i) * 31 + ((offset + i) >> 8));
}

static bool filled(const uint8_t *p, size_t n, uint64_t offset) {
  for (size_t i = 0; i < n; i++)
    if (p[i] != (uint8_t)((offset + i) * 31 + ((offset + i) >> 8))) return false;
  return true;
}

static bool reads_whole(fd_t fd, uint64_t from, uint64_t size) {
  in_t in;
  size_t n;
  want(f_reader(fd, from, &in), OK);
  uint64_t at = from;
  for (;;) {
    int a = s_read_blocking(in, sizeof room, room, sizeof room, &n);
    if (a == CLOSED) break;
    want(a, OK);
    holds(0 < n && n <= sizeof room);
    holds(filled(room, n, at));
    at += n;
  }
  equal(at, size);
  want(s_read(in, 0, room, 0, &n), CLOSED);
  want(s_read(in, 1, room, 1, &n), CLOSED);
  s_drop_in(in);
  return true;
}

bool streams(void) {
  fd_t fd, other;
  in_t one, two;
  out_stream_t a, b;
  size_t n;
  uint64_t permit, count;
  const uint64_t whole = 300001;
  want(f_open(rw, 0, "f", CREATE, RW, &fd), OK);

  // Written within permits, in pieces.
  want(f_writer(fd, 0, &a), OK);
  for (uint64_t at = 0; at < whole;) {
    want(s_check(a, &permit), OK);
    holds(4096 <= permit && permit <= UINT32_MAX);
    n = (size_t)(whole - at < 50000 ? whole - at : 50000);
    if (n > permit) n = (size_t)permit;
    fill(room, n, at);
    want(s_write(a, room, n), OK);
    at += n;
  }
  s_drop_out(a);
  also(size(rw, "f", whole));
  also(reads_whole(fd, 0, whole));
  also(reads_whole(fd, 299999, whole));
  also(reads_whole(fd, whole, whole));

  // Cursors are private, and outlive the descriptor; reads are short.
  want(f_open(rw, 0, "f", 0, RW, &other), OK);
  want(f_reader(other, 0, &one), OK);
  want(f_reader(other, 100, &two), OK);
  f_close(other);
  want(s_read(one, 10, room, 10, &n), OK);
  equal(n, 10);
  holds(filled(room, n, 0));
  want(s_read(two, UINT64_MAX, room, sizeof room, &n), OK);
  holds(0 < n && n <= sizeof room && filled(room, n, 100));
  want(s_read(one, 10, room, 10, &n), OK);
  holds(filled(room, n, 10));
  want(s_read(one, 0, room, 0, &n), OK);
  equal(n, 0);
  want(s_skip(one, 1000, &count), OK);
  equal(count, 1000);
  want(s_read(one, 1, room, 1, &n), OK);
  holds(filled(room, 1, 1020));

  // Always ready, and at once.
  wasi_io_streams_own_pollable_t ready =
      wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(one));
  holds(wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(ready)));
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(ready));
  wasi_io_poll_pollable_drop_own(ready);

  // From one file to another.
  want(f_open(rw, 0, "g", CREATE, RW, &other), OK);
  want(f_writer(other, 0, &a), OK);
  uint64_t moved = 0;
  for (;;) {
    int s = s_splice(a, two, UINT64_MAX, &count);
    if (s == CLOSED) break;
    want(s, OK);
    holds(count > 0);
    moved += count;
  }
  holds(moved > 0);
  s_drop_in(one);
  s_drop_in(two);
  s_drop_out(a);
  also(size(rw, "g", moved));

  // Two writers in one file, each with its own place, and one at its end.
  want(f_set_size(other, 0), OK);
  want(f_writer(other, 0, &a), OK);
  want(f_writer(other, 6, &b), OK);
  want(s_write_blocking(a, "abc", 3), OK);
  want(s_write_blocking(b, "xyz", 3), OK);
  want(s_write_blocking(a, "def", 3), OK);
  want(s_write_blocking(a, "", 0), OK);
  also(contains(rw, "g", "abcdefxyz"));
  s_drop_out(a);
  s_drop_out(b);
  want(f_appender(other, &a), OK);
  want(f_appender(other, &b), OK);
  want(s_write_blocking(a, "1", 1), OK);
  want(s_write_blocking(b, "2", 1), OK);
  want(s_write_blocking(a, "3", 1), OK);
  also(contains(rw, "g", "abcdefxyz123"));
  want(s_check(a, &permit), OK);
  want(s_write_zeroes(a, 5), OK);
  also(size(rw, "g", 17));
  s_drop_out(a);
  s_drop_out(b);
  f_close(other);

  // A failure is told once, with its code; then the stream is closed.
  want(f_reader(fd, UINT64_MAX, &one), OK);
  want(s_read(one, 1, room, 1, &n), INVALID);
  want(s_read(one, 1, room, 1, &n), CLOSED);
  want(s_read(one, 0, room, 0, &n), CLOSED);
  s_drop_in(one);
  want(f_writer(fd, UINT64_MAX, &a), OK);
  want(s_write_blocking(a, "x", 1), TOO_LARGE);
  want(s_check(a, &permit), CLOSED);
  want(s_write_blocking(a, "x", 1), CLOSED);
  s_drop_out(a);

  f_close(fd);
  want(f_unlink(rw, "f"), OK);
  want(f_unlink(rw, "g"), OK);
  return true;
}

static stamp_t same(void) { return (stamp_t){WASI_FILESYSTEM_TYPES_NEW_TIMESTAMP_NO_CHANGE, {{0, 0}}}; }
static stamp_t now(void) { return (stamp_t){WASI_FILESYSTEM_TYPES_NEW_TIMESTAMP_NOW, {{0, 0}}}; }
static stamp_t at(uint64_t seconds, uint32_t ns) {
  return (stamp_t){WASI_FILESYSTEM_TYPES_NEW_TIMESTAMP_TIMESTAMP, {{seconds, ns}}};
}

static bool times(fd_t fd, uint64_t accessed, uint64_t modified) {
  stat_t s;
  want(f_stat(fd, &s), OK);
  holds(s.data_access_timestamp.is_some && s.data_modification_timestamp.is_some);
  equal(s.data_access_timestamp.val.seconds, accessed);
  equal(s.data_modification_timestamp.val.seconds, modified);
  return true;
}

bool metadata(void) {
  fd_t fd, dir;
  stat_t s;
  hash_t h, g;
  uint64_t n;
  also(make(rw, "f", "text"));
  want(f_mkdir(rw, "d"), OK);
  want(f_open(rw, 0, "f", 0, RW, &fd), OK);
  want(f_open(rw, 0, "d", DIRECTORY, R, &dir), OK);
  want(f_stat(fd, &s), OK);
  equal(s.type, A_FILE);
  equal(s.size, 4);
  equal(s.link_count, 1);
  want(f_stat(dir, &s), OK);
  equal(s.type, A_DIR);

  want(f_set_times(fd, at(1000, 5), at(2000, 7)), OK);
  also(times(fd, 1000, 2000));
  want(f_set_times(fd, same(), at(3000, 0)), OK);
  also(times(fd, 1000, 3000));
  want(f_set_times(fd, same(), same()), OK);
  also(times(fd, 1000, 3000));
  want(f_set_times_at(rw, 0, "f", at(4000, 0), same()), OK);
  also(times(fd, 4000, 3000));
  want(f_set_times(dir, at(5, 0), at(6, 0)), OK);
  also(times(dir, 5, 6));
  want(f_set_times(fd, at(0, 1000000000), same()), INVALID);
  want(f_set_times_at(rw, 0, "f", same(), at(0, UINT32_MAX)), INVALID);
  want(f_set_times(fd, at(UINT64_MAX, 0), same()), OVERFLOW);
  want(f_set_times_at(rw, 0, "nothing", now(), now()), MISSING);
  also(times(fd, 4000, 3000));
  wasi_clocks_wall_clock_datetime_t clock;
  wasi_clocks_wall_clock_now(&clock);
  want(f_set_times(fd, now(), now()), OK);
  want(f_stat(fd, &s), OK);
  holds(s.data_modification_timestamp.val.seconds + 2 >= clock.seconds);

  // The hash is the same by whatever way, and changes with the file. Its lower half, the inode of preview 1, stays.
  want(f_hash(fd, &h), OK);
  want(f_hash_at(rw, 0, "f", &g), OK);
  equal(h.lower, g.lower);
  equal(h.upper, g.upper);
  want(f_hash(dir, &g), OK);
  holds(h.lower != g.lower);
  want(f_write(fd, "longer", 6, 0, &n), OK);
  want(f_hash(fd, &g), OK);
  equal(h.lower, g.lower);
  holds(h.upper != g.upper);

  f_close(fd);
  f_close(dir);
  want(f_rmdir(rw, "d"), OK);
  want(f_unlink(rw, "f"), OK);
  return true;
}
