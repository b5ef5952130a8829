// Memory, clocks, polls, streams and sockets.
#include "asserts.h"

static uint32_t end(void) { return (uint32_t)__builtin_wasm_memory_size(0) << 16; }

// pointers: what is not in memory is EFAULT, and nothing has happened then.
void pointers(void) {
  uint32_t n = 0, last = end() - 4;
  iovec v[2] = {{AT("x"), 1}, {0, 0}};
  const ptr bad[] = {end(), end() - 3, UINT32_MAX, UINT32_MAX - 3};
  for (int i = 0; i < 4; i++) {
    want(fd_write(1, bad[i], 1, AT(&n)), EFAULT);
    want(fd_write(1, AT(v), 1, bad[i]), EFAULT);
    v[1] = (iovec){bad[i], 8};
    want(fd_write(1, AT(v), 2, AT(&n)), EFAULT);
    want(fd_read(0, AT(v + 1), 1, AT(&n)), EFAULT);
    v[1] = (iovec){0, UINT32_MAX};
    want(fd_write(1, AT(v), 2, AT(&n)), EFAULT);
    want(args_sizes_get(bad[i], AT(&n)), EFAULT);
    want(args_sizes_get(AT(&n), bad[i]), EFAULT);
    want(args_get(bad[i], AT(&n)), EFAULT);
    want(environ_get(bad[i], bad[i]), EFAULT);
    want(clock_time_get(1, 0, bad[i]), EFAULT);
    want(clock_res_get(1, bad[i]), EFAULT);
    want(random_get(bad[i], 8), EFAULT);
    want(fd_fdstat_get(1, bad[i]), EFAULT);
    want(fd_filestat_get(1, bad[i]), EFAULT);
    want(fd_prestat_get(3, bad[i]), EFAULT);
    want(fd_readdir(3, bad[i], 8, 0, AT(&n)), EFAULT);
    want(fd_readdir(3, AT(v), 8, 0, bad[i]), EFAULT);
    want(path_open(3, 0, bad[i], 8, 0, 0, 0, 0, AT(&n)), EFAULT);
    want(path_open(3, 0, TEXT("never"), O_CREAT, RIGHT_READ, 0, 0, bad[i]), EFAULT);
    want(path_filestat_get(3, 0, bad[i], 8, AT(&n)), EFAULT);
    want(path_readlink(3, TEXT("x"), bad[i], 8, AT(&n)), EFAULT);
    want(poll_oneoff(bad[i], 0, 1, AT(&n)), EFAULT);
  }
  want(path_open(3, 0, TEXT("never"), 0, RIGHT_READ, 0, 0, AT(&n)), ENOENT);
  want(fd_write(1, AT(v), UINT32_MAX, AT(&n)), EFAULT);
  want(args_sizes_get(last, last), OK);  // the last place that there is
  want(random_get(end() - 1, 1), OK);
  want(random_get(end(), 0), OK);
}

// aliases: a thousand times the same memory is written, and not without end.
void aliases(void) {
  static iovec v[4096];
  uint32_t n, f;
  for (int i = 0; i < 4096; i++) v[i] = (iovec){0, end()};
  want(path_open(3, 0, TEXT("big"), O_CREAT, RIGHT_READ | RIGHT_WRITE, 0, 0, AT(&f)), OK);
  want(fd_write(f, AT(v), 4096, AT(&n)), OK);
  holds(n > 0 && n <= 64 << 20);
  uint64_t at;
  want(fd_seek(f, 0, FROM_START, AT(&at)), OK);
  for (int i = 0; i < 4096; i++) v[i] = (iovec){end() - 4096, 4096};
  want(fd_read(f, AT(v), 4096, AT(&n)), OK);
  holds(n > 0 && n <= 64 << 20);
}

void clocks(void) {
  uint64_t a = 0, b = 0;
  want(clock_time_get(0, 0, AT(&a)), OK);
  holds(a > 1577836800000000000);  // 2020
  want(clock_time_get(1, 0, AT(&a)), OK);
  want(clock_time_get(1, 0, AT(&b)), OK);
  holds(b >= a);
  want(clock_time_get(2, 0, AT(&a)), EBADF);
  want(clock_time_get(3, 0, AT(&a)), EBADF);
  want(clock_time_get(4, 0, AT(&a)), EINVAL);
  for (uint32_t id = 0; id < 2; id++) {
    want(clock_res_get(id, AT(&a)), OK);
    holds(a > 0 && a <= 1000000000);
  }
  want(clock_res_get(9, AT(&a)), EINVAL);
}

void random_bytes(void) {
  static uint8_t buf[200000];
  uint32_t zeroes = 0;
  want(random_get(AT(buf), sizeof buf), OK);
  for (uint32_t i = 0; i < sizeof buf; i++) zeroes += buf[i] == 0;
  holds(zeroes > 500 && zeroes < 1100);
  want(random_get(AT(buf), 0), OK);
}

void signals(void) {
  want(proc_raise(2), ENOTSUP);
  want(sched_yield(), OK);
}

static subscription timer(uint64_t userdata, uint32_t id, uint64_t timeout, uint16_t flags) {
  subscription s = {.userdata = userdata, .type = 0};
  s.clock.id = id;
  s.clock.timeout = timeout;
  s.clock.flags = flags;
  return s;
}

static subscription readable(uint64_t userdata, uint8_t type, uint32_t fd) {
  return (subscription){.userdata = userdata, .type = type, .fd = fd};
}

enum { CLOCK, READ, WRITE };

void polls(void) {
  static subscription in[3], many[1000];
  static event out[1000];
  uint32_t n = 77, f;
  uint64_t before, after, wall;
  want(poll_oneoff(AT(in), AT(out), 0, AT(&n)), EINVAL);
  want(poll_oneoff(AT(in), AT(out), 1u << 31, AT(&n)), EINVAL);
  want(poll_oneoff(AT(in), AT(out), UINT32_MAX, AT(&n)), EINVAL);
  want(n, 77);
  // One timer is a sleep.
  in[0] = timer(5, 1, 20000000, 0);
  want(clock_time_get(1, 0, AT(&before)), OK);
  want(poll_oneoff(AT(in), AT(out), 1, AT(&n)), OK);
  want(clock_time_get(1, 0, AT(&after)), OK);
  holds(after - before >= 20000000);
  want(n, 1);
  want(out[0].userdata, 5);
  want(out[0].error, 0);
  want(out[0].type, CLOCK);
  // The nearest of three, absolute and relative; a time that has passed is now.
  want(clock_time_get(0, 0, AT(&wall)), OK);
  in[0] = timer(1, 1, 3600000000000, 0);
  in[1] = timer(2, 1, after + 10000000, 1);
  in[2] = timer(3, 0, wall + 3600000000000, 1);
  want(poll_oneoff(AT(in), AT(out), 3, AT(&n)), OK);
  want(n, 1);
  want(out[0].userdata, 2);
  in[2] = timer(3, 0, 1, 1);
  want(poll_oneoff(AT(in), AT(out), 3, AT(&n)), OK);
  want(out[n - 1].userdata, 3);
  in[0] = timer(1, 2, 0, 0);
  want(poll_oneoff(AT(in), AT(out), 1, AT(&n)), EINVAL);
  in[0].type = 3;
  want(poll_oneoff(AT(in), AT(out), 1, AT(&n)), EINVAL);
  // Files are ready, and tell what is left; what is beside them is not waited for.
  f = opened(3, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, 0);
  in[0] = timer(1, 1, 3600000000000, 0);
  in[1] = readable(2, READ, f);
  in[2] = readable(3, WRITE, f);
  want(poll_oneoff(AT(in), AT(out), 3, AT(&n)), OK);
  want(n, 2);
  want(out[0].userdata, 2);
  want(out[0].bytes, 0);
  want(out[0].flags, 1);  // at its end
  want(out[1].userdata, 3);
  wrote(f, "seven..");
  want(fd_seek(f, 0, FROM_START, AT(&wall)), OK);
  want(poll_oneoff(AT(in), AT(out), 3, AT(&n)), OK);
  want(out[0].bytes, 7);
  want(out[0].flags, 0);
  // The streams, each in its direction; what is not open fails all.
  in[0] = readable(1, WRITE, 1);
  in[1] = readable(2, WRITE, 2);
  want(poll_oneoff(AT(in), AT(out), 2, AT(&n)), OK);
  want(n, 2);
  in[1] = readable(2, READ, 1);
  want(poll_oneoff(AT(in), AT(out), 2, AT(&n)), EBADF);
  in[1] = readable(2, READ, 99);
  want(poll_oneoff(AT(in), AT(out), 2, AT(&n)), EBADF);
  in[1] = readable(2, READ, 3);
  want(poll_oneoff(AT(in), AT(out), 2, AT(&n)), EBADF);
  // Each of many is told.
  for (uint32_t i = 0; i < 1000; i++) many[i] = i % 2 ? readable(i, WRITE, 1) : timer(i, 1, 0, 0);
  want(poll_oneoff(AT(many), AT(out), 1000, AT(&n)), OK);
  want(n, 1000);
  for (uint32_t i = 0; i < 1000; i++) want(out[i].userdata, i);
}

// streams: standard input is "ab", then it ends.
void streams(void) {
  char got[8];
  uint32_t n;
  iovec v[] = {{AT(got), 1}, {AT(got + 1), 4}};
  want(fd_read(0, AT(v), 0, AT(&n)), OK);
  want(n, 0);
  uint32_t at = 0;
  do {
    iovec w = {AT(got + at), sizeof got - at};
    want(fd_read(0, AT(&w), 1, AT(&n)), OK);
    at += n;
  } while (n > 0);
  want(at, 2);
  holds(same(got, "ab", 2));
  want(fd_read(0, AT(v), 2, AT(&n)), OK);
  want(n, 0);
  want(fd_read(1, AT(v), 1, AT(&n)), EBADF);
  want(fd_write(0, AT(v), 1, AT(&n)), EBADF);
  want(fd_write(99, AT(v), 0, AT(&n)), EBADF);
  want(fd_sync(1), EBADF);
  want(fd_close(2), OK);
  want(fd_write(2, AT(v), 1, AT(&n)), EBADF);
}

// levels: a stream that is told not to wait answers EAGAIN; the input stays open and silent.
void levels(void) {
  char c;
  uint32_t n;
  iovec v = {AT(&c), 1};
  want(fd_fdstat_set_flags(0, NONBLOCK), OK);
  want(fd_read(0, AT(&v), 1, AT(&n)), EAGAIN);
}

// sockets: what is none, where there are none.
void sockets(void) {
  uint32_t n;
  uint16_t told;
  iovec v = {AT(&n), 4};
  for (uint32_t fd = 0; fd < 4; fd++) {
    want(sock_shutdown(fd, 3), ENOTSOCK);
    want(sock_recv(fd, AT(&v), 1, 0, AT(&n), AT(&told)), ENOTSOCK);
    want(sock_send(fd, AT(&v), 1, 0, AT(&n)), ENOTSOCK);
  }
  want(sock_shutdown(99, 3), EBADF);
  want(sock_recv(99, AT(&v), 1, 0, AT(&n), AT(&told)), EBADF);
#ifndef UNSTABLE
  want(sock_accept(1, 0, AT(&n)), ENOTSOCK);
  want(sock_accept(99, 0, AT(&n)), EBADF);
#endif
}

// waits does not come back by itself: the host ends it.
void waits(const char *how) {
  char c;
  uint32_t n;
  iovec v = {AT(&c), 1};
  subscription in[2] = {timer(1, 1, 3600000000000, 0), readable(2, READ, 0)};
  event out[2];
  put("waiting\n");
  switch (how ? how[0] : 0) {
    case 'r': fd_read(0, AT(&v), 1, AT(&n)); break;                 // read
    case 's': poll_oneoff(AT(in), AT(out), 1, AT(&n)); break;       // sleep
    case 'p': poll_oneoff(AT(in), AT(out), 2, AT(&n)); break;       // poll
#ifndef UNSTABLE
    case 'a': sock_accept(3, 0, AT(&n)); break;                     // accept
#endif
    case 'l':                                                       // loop
      for (;;) sched_yield();
  }
  proc_exit(96);
}

#ifndef UNSTABLE
// serves echoes one connection of the listener that it finds open, until the peer has ended.
void serves(void) {
  static char buf[10000], first[3];
  uint32_t fd, n, sent;
  uint16_t told = 9;
  fdstat s;
  want(fd_fdstat_get(3, AT(&s)), OK);
  want(s.type, 6);
  want(fd_fdstat_set_flags(3, NONBLOCK), OK);
  want(sock_accept(3, 8, AT(&fd)), EINVAL);
  want(sock_shutdown(3, 1), 53);
  put("serving\n");
  subscription in = readable(1, READ, 3);
  event out;
  want(poll_oneoff(AT(&in), AT(&out), 1, AT(&n)), OK);
  want(sock_accept(3, 0, AT(&fd)), OK);
  want(fd, 4);
  want(sock_accept(3, 0, AT(&n)), EAGAIN);
  iovec v = {AT(first), 3};
  want(sock_recv(fd, AT(&v), 1, 4, AT(&n), AT(&told)), EINVAL);
  want(sock_recv(fd, AT(&v), 1, 1, AT(&n), AT(&told)), OK);  // a look
  holds(n > 0);
  want(sock_recv(fd, AT(&v), 1, 2, AT(&n), AT(&told)), OK);  // all that was asked for
  want(n, 3);
  want(told, 0);
  want(sock_send(fd, AT(&v), 1, 1, AT(&sent)), EINVAL);
  want(sock_send(fd, AT(&v), 1, 0, AT(&sent)), OK);
  want(sent, 3);
  for (;;) {
    v = (iovec){AT(buf), sizeof buf};
    want(fd_read(fd, AT(&v), 1, AT(&n)), OK);
    if (n == 0) break;
    for (uint32_t at = 0; at < n; at += sent) {
      v = (iovec){AT(buf + at), n - at};
      want(fd_write(fd, AT(&v), 1, AT(&sent)), OK);
    }
  }
  want(sock_shutdown(fd, 0), EINVAL);
  want(sock_shutdown(fd, 2), OK);
  want(fd_close(fd), OK);
  put("served\n");
}
#endif
