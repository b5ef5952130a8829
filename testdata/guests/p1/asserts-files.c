// Files and directories. The host grants five directories, /a to /e, which are empty, and /ro, read-only, with a file `file`
// that holds "fixed\n".
#include "asserts.h"

enum { A = 3, B, C, D, E, RO, FREE };

// directories: all preopens are there, one after the other, and nothing follows them.
void directories(void) {
  static const char *names[] = {"/a", "/b", "/c", "/d", "/e", "/ro"};
  for (uint32_t fd = A; fd < FREE; fd++) {
    struct { uint32_t tag, len; } prestat = {7, 7};
    char name[8] = {0};
    want(fd_prestat_get(fd, AT(&prestat)), OK);
    want(prestat.tag, 0);
    want(prestat.len, length(names[fd - A]));
    want(fd_prestat_dir_name(fd, AT(name), prestat.len - 1), ENAMETOOLONG);
    want(fd_prestat_dir_name(fd, AT(name), prestat.len), OK);
    holds(same(name, names[fd - A], prestat.len + 1));
  }
  uint32_t room[2];
  want(fd_prestat_get(FREE, AT(room)), EBADF);
  want(fd_prestat_get(1, AT(room)), EBADF);
  want(fd_prestat_dir_name(1, AT(room), 8), ENOTDIR);
}

// numbers: the lowest free number is given, whichever was freed last.
void numbers(void) {
  uint32_t fds[4];
  for (int i = 0; i < 4; i++) {
    fds[i] = opened(A, "f", O_CREAT, RIGHT_READ, 0);
    want(fds[i], FREE + i);
  }
  want(fd_close(fds[2]), OK);
  want(fd_close(fds[0]), OK);
  want(fd_close(fds[0]), EBADF);
  want(opened(A, "f", 0, RIGHT_READ, 0), FREE);
  want(opened(A, "f", 0, RIGHT_READ, 0), FREE + 2);
  want(opened(A, "f", 0, RIGHT_READ, 0), FREE + 4);
  want(fd_close(0), OK);
  want(opened(A, "f", 0, RIGHT_READ, 0), 0);
  want(fd_close(UINT32_MAX), EBADF);
}

// renumbering: onto itself, onto what is closed, onto streams and preopens, and round and round.
void renumbering(void) {
  uint32_t f = opened(A, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, 0), n;
  wrote(f, "what f holds");
  want(fd_renumber(f, f), OK);
  want(fd_renumber(f, f + 1), EBADF);
  want(fd_renumber(f + 1, f), EBADF);
  want(fd_renumber(f, UINT32_MAX), EBADF);
  want(opened(A, "f", 0, RIGHT_READ, 0), f + 1);  // nothing was taken by what failed
  want(fd_close(f + 1), OK);
  want(fd_renumber(f, f + 1), EBADF);
  want(fd_renumber(f, B), OK);
  want(fd_close(f), EBADF);
  want(fd_prestat_get(B, AT(&n)), EBADF);  // a file, and no preopen any more
  uint64_t at;
  want(fd_seek(B, 0, FROM_START, AT(&at)), OK);
  reads(B, "what f holds");
  want(fd_renumber(C, 0), OK);  // a preopen in place of standard input
  uint32_t room[2];
  want(fd_prestat_get(0, AT(room)), OK);
  want(fd_prestat_get(C, AT(room)), EBADF);
  for (int i = 0; i < 20000; i++) {
    uint32_t a = opened(A, "f", 0, RIGHT_READ, 0), b = opened(A, "f", 0, RIGHT_READ, 0);
    want(a, C);
    want(b, f);
    want(fd_renumber(b, a), OK);
    want(fd_close(a), OK);
  }
}

// flags: what was asked for is what is told, and what can be changed afterwards.
void flags(void) {
  fdstat s;
  uint32_t f = opened(A, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, APPEND);
  want(fd_fdstat_get(f, AT(&s)), OK);
  want(s.type, 4);
  want(s.flags, APPEND);
  want(fd_fdstat_set_flags(f, NONBLOCK), OK);
  want(fd_fdstat_get(f, AT(&s)), OK);
  want(s.flags, NONBLOCK);
  want(fd_fdstat_set_flags(f, 2), EINVAL);   // DSYNC
  want(fd_fdstat_set_flags(f, 32), EINVAL);  // no flag
  want(fd_fdstat_set_flags(A, NONBLOCK), EBADF);
  want(fd_fdstat_get(A, AT(&s)), OK);
  want(s.type, 3);
  want(fd_fdstat_get(1, AT(&s)), OK);
  want(s.type, 0);  // no terminal
  want(s.base & RIGHT_WRITE, RIGHT_WRITE);
  want(s.base & (RIGHT_READ | RIGHT_SEEK), 0);
  uint32_t n;
  want(path_open(A, 2, TEXT("f"), 0, 0, 0, 0, AT(&n)), EINVAL);
  want(path_open(A, 0, TEXT("f"), 16, 0, 0, 0, AT(&n)), EINVAL);
  want(path_open(A, 0, TEXT("f"), 0, 0, 0, 32, AT(&n)), EINVAL);
}

// places: where reads and writes take place.
void places(void) {
  uint64_t at;
  uint32_t n, f = opened(A, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, 0);
  char got[16] = {0};
  wrote(f, "0123456789");
  want(fd_seek(f, -4, FROM_END, AT(&at)), OK);
  want(at, 6);
  want(fd_seek(f, -2, FROM_HERE, AT(&at)), OK);
  want(at, 4);
  want(fd_tell(f, AT(&at)), OK);
  want(at, 4);
  want(fd_seek(f, -5, FROM_HERE, AT(&at)), EINVAL);
  want(fd_seek(f, INT64_MAX, FROM_HERE, AT(&at)), EINVAL);
  want(fd_seek(f, INT64_MIN, FROM_END, AT(&at)), EINVAL);
  want(fd_seek(f, 0, 3, AT(&at)), EINVAL);
  want(fd_seek(1, 0, FROM_START, AT(&at)), ESPIPE);
  want(fd_seek(A, 0, FROM_START, AT(&at)), EBADF);
  want(fd_tell(f, AT(&at)), OK);
  want(at, 4);
  iovec v[] = {{AT(got), 2}, {0, 0}, {AT(got + 2), 3}};
  want(fd_read(f, AT(v), 3, AT(&n)), OK);
  want(n, 5);
  holds(same(got, "45678", 5));
  want(fd_pread(f, AT(v), 3, 8, AT(&n)), OK);
  want(n, 2);
  holds(same(got, "89", 2));
  want(fd_pread(f, AT(v), 1, 100, AT(&n)), OK);
  want(n, 0);
  want(fd_pread(f, AT(v), 1, UINT64_MAX, AT(&n)), EINVAL);
  want(fd_pread(0, AT(v), 1, 0, AT(&n)), ESPIPE);
  want(fd_tell(f, AT(&at)), OK);
  want(at, 9);
  iovec w = {AT("ab"), 2};
  want(fd_pwrite(f, AT(&w), 1, 1, AT(&n)), OK);
  want(fd_pwrite(1, AT(&w), 1, 1, AT(&n)), ESPIPE);
  want(fd_seek(f, 0, FROM_START, AT(&at)), OK);
  reads(f, "0ab3456789");
  filestat s;
  want(fd_filestat_get(f, AT(&s)), OK);
  want(s.size, 10);
  want(s.links, 1);
  want(s.type, 4);
  holds(s.modified > 1577836800000000000);
  want(fd_allocate(f, 8, 8), OK);
  want(fd_allocate(f, 0, 4), OK);
  want(fd_filestat_get(f, AT(&s)), OK);
  want(s.size, 16);
  want(fd_allocate(f, UINT64_MAX, UINT64_MAX), 22);
  want(fd_allocate(f, 0, 0), EINVAL);
  want(fd_allocate(1, 0, 1), ESPIPE);
  want(fd_advise(f, 0, 0, 6), EINVAL);
}

// appending: writes go to the end, wherever the position is, and pwrite to where it is told.
void appending(void) {
  uint64_t at;
  uint32_t n, f = opened(A, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, APPEND), g = opened(A, "f", 0, RIGHT_WRITE, 0);
  wrote(f, "one ");
  wrote(g, "1");
  wrote(f, "two ");
  want(fd_tell(f, AT(&at)), OK);
  want(at, 8);
  want(fd_seek(f, 0, FROM_START, AT(&at)), OK);
  wrote(f, "three");
  iovec v = {AT("T"), 1};
  want(fd_pwrite(f, AT(&v), 1, 4, AT(&n)), OK);
  want(fd_fdstat_set_flags(f, 0), OK);
  want(fd_seek(f, 2, FROM_START, AT(&at)), OK);
  wrote(f, "E");
  want(fd_seek(f, 0, FROM_START, AT(&at)), OK);
  reads(f, "1nE Two three");
}

// lists: each entry once, however small the buffer and however often one goes back.
void lists(void) {
  static uint8_t buf[4096];
  uint32_t n, made = 0;
  char name[4] = "f00";
  for (; made < 40; made++) {
    name[1] = (char)('0' + made / 10);
    name[2] = (char)('0' + made % 10);
    want(fd_close(opened(B, name, O_CREAT | O_EXCL, RIGHT_WRITE, 0)), OK);
  }
  for (uint32_t room = 24 + 4; room < 200; room += 13) {
    uint64_t cookie = 0;
    uint32_t seen = 0, dots = 0;
    do {
      want(fd_readdir(B, AT(buf), room, cookie, AT(&n)), OK);
      holds(n <= room);
      for (uint32_t at = 0; at + sizeof(dirent) <= n;) {
        dirent d;
        for (uint32_t i = 0; i < sizeof d; i++) ((uint8_t *)&d)[i] = buf[at + i];
        if (at + sizeof d + d.namelen > n) break;
        const uint8_t *name = buf + at + sizeof d;
        want(d.next, cookie + 1);
        cookie = d.next;
        if (name[0] == '.') {
          dots++;
          want(d.type, 3);
        } else {
          seen++;
          want(d.type, 4);
          want(d.namelen, 3);
          filestat s;
          want(path_filestat_get(B, 0, AT(name), d.namelen, AT(&s)), OK);
          want(s.ino, d.ino);
        }
        at += sizeof d + d.namelen;
      }
    } while (n == room);
    want(dots, 2);
    want(seen, 40);
  }
  // Entries that go away while the list is read do not hide others.
  uint64_t cookie = 0;
  uint32_t removed = 0;
  do {
    want(fd_readdir(B, AT(buf), 64, cookie, AT(&n)), OK);
    for (uint32_t at = 0; at + sizeof(dirent) <= n;) {
      dirent *d = (dirent *)(void *)(buf + at), e;
      for (uint32_t i = 0; i < sizeof e; i++) ((uint8_t *)&e)[i] = ((uint8_t *)d)[i];
      if (at + sizeof e + e.namelen > n) break;
      cookie = e.next;
      if (buf[at + sizeof e] == 'f') {
        want(path_unlink_file(B, AT(buf + at + sizeof e), e.namelen), OK);
        removed++;
      }
      at += sizeof e + e.namelen;
    }
  } while (n == 64);
  want(removed, 40);
  want(fd_readdir(B, AT(buf), sizeof buf, UINT64_MAX, AT(&n)), OK);
  want(n, 0);
  want(fd_readdir(B, AT(buf), 0, 0, AT(&n)), OK);
  want(n, 0);
  want(fd_readdir(1, AT(buf), 64, 0, AT(&n)), EBADF);
  uint32_t f = opened(B, "f", O_CREAT, RIGHT_READ, 0);
  want(fd_readdir(f, AT(buf), 64, 0, AT(&n)), ENOTDIR);
}

// paths: nothing leads out, and what is no path is refused.
void paths(void) {
  uint32_t n;
  filestat s;
  static const char *out[] = {"..", "../b", "x/../../b", "/", "/etc/passwd", "./.."};
  want(path_create_directory(A, TEXT("x")), OK);
  for (uint32_t i = 0; i < sizeof out / sizeof *out; i++) {
    want(path_open(A, 1, TEXT(out[i]), 0, RIGHT_READ, 0, 0, AT(&n)), EPERM);
    want(path_filestat_get(A, 1, TEXT(out[i]), AT(&s)), EPERM);
    want(path_create_directory(A, TEXT(out[i])), EPERM);
    want(path_unlink_file(A, TEXT(out[i])), EPERM);
  }
  want(path_symlink(TEXT("/etc"), A, TEXT("l")), EPERM);
  want(path_symlink(TEXT("../../../../etc/passwd"), A, TEXT("l")), OK);
  want(path_open(A, 1, TEXT("l"), 0, RIGHT_READ, 0, 0, AT(&n)), EPERM);
  char target[8];
  want(path_readlink(A, TEXT("l"), AT(target), sizeof target, AT(&n)), OK);
  want(n, sizeof target);  // cut off
  holds(same(target, "../../..", 8));
  want(path_open(A, 0, TEXT("nothing"), 0, RIGHT_READ, 0, 0, AT(&n)), ENOENT);
  want(path_open(A, 0, AT("a\0b"), 3, O_CREAT, RIGHT_READ, 0, 0, AT(&n)) != OK, 1);
  want(path_open(A, 0, AT("\xff"), 1, O_CREAT, RIGHT_READ, 0, 0, AT(&n)), EILSEQ);
  want(path_open(A, 0, 1024, 1 << 17, O_CREAT, RIGHT_READ, 0, 0, AT(&n)), ENAMETOOLONG);
  want(path_open(1, 0, TEXT("x"), 0, 0, 0, 0, AT(&n)), EBADF);
  uint32_t f = opened(A, "f", O_CREAT, RIGHT_READ, 0);
  want(path_open(f, 0, TEXT("x"), 0, 0, 0, 0, AT(&n)), ENOTDIR);
  want(path_rename(A, TEXT("f"), C, TEXT("../g")), EPERM);
  want(path_rename(A, TEXT("f"), C, TEXT("g")), OK);
  want(path_link(C, 0, TEXT("g"), D, TEXT("h")), OK);
  want(path_filestat_get(D, 0, TEXT("h"), AT(&s)), OK);
  want(s.links, 2);
}

// rights: read-only stays so, and what was given up is gone.
void rights(void) {
  uint32_t n, f = opened(RO, "file", 0, RIGHT_READ, 0);
  fdstat s;
  reads(f, "fixed\n");
  want(path_open(RO, 0, TEXT("file"), O_TRUNC, RIGHT_READ, 0, 0, AT(&n)), EPERM);
  want(path_open(RO, 0, TEXT("file"), 0, RIGHT_WRITE, 0, 0, AT(&n)), EPERM);
  want(path_open(RO, 0, TEXT("new"), O_CREAT, RIGHT_READ, 0, 0, AT(&n)), EPERM);
  want(path_unlink_file(RO, TEXT("file")), EPERM);
  want(path_rename(RO, TEXT("file"), A, TEXT("file")), EPERM);
  want(path_link(RO, 0, TEXT("file"), A, TEXT("file")), EPERM);
  iovec v = {AT("x"), 1};
  want(fd_write(f, AT(&v), 1, AT(&n)), EBADF);
  want(fd_filestat_set_size(f, 0) != OK, 1);
  f = opened(A, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, 0);
  wrote(f, "x");
  want(fd_fdstat_get(f, AT(&s)), OK);
  want(fd_fdstat_set_rights(f, s.base | (uint64_t)1 << 40, s.inheriting), ENOTCAPABLE);
  want(fd_fdstat_set_rights(f, s.base & ~(uint64_t)RIGHT_WRITE, 0), OK);
  want(fd_write(f, AT(&v), 1, AT(&n)), ENOTCAPABLE);
  want(fd_pwrite(f, AT(&v), 1, 0, AT(&n)), ENOTCAPABLE);
  want(fd_fdstat_set_rights(f, s.base, 0), ENOTCAPABLE);
  // A directory passes on what it has left.
  want(fd_fdstat_get(B, AT(&s)), OK);
  want(fd_fdstat_set_rights(B, s.base, s.inheriting & ~(uint64_t)RIGHT_WRITE), OK);
  f = opened(B, "f", O_CREAT, RIGHT_READ | RIGHT_WRITE, 0);
  want(fd_write(f, AT(&v), 1, AT(&n)), ENOTCAPABLE);
  uint32_t room[2];
  want(fd_fdstat_set_rights(C, 0, 0), OK);
  want(path_open(C, 0, TEXT("f"), O_CREAT, RIGHT_READ, 0, 0, AT(&n)), ENOTCAPABLE);
  want(path_create_directory(C, TEXT("d")), ENOTCAPABLE);
  want(fd_prestat_get(C, AT(room)), OK);
}
