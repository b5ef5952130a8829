// Directories, links, and names.
#include "fs-asserts.h"

// found counts the entries, and those of the name.
static bool found(fd_t dir, const char *name, int kind, uint64_t *all, uint64_t *of_name) {
  list_t list;
  char got[64];
  int type = 0;
  *all = *of_name = 0;
  want(f_list(dir, &list), OK);
  for (;;) {
    want(f_next(list, got, sizeof got, &type), OK);
    if (!*got) break;
    ++*all;
    if (strcmp(got, name) != 0) continue;
    ++*of_name;
    equal(type, kind);
  }
  want(f_next(list, got, sizeof got, &type), OK);
  holds(!*got);
  f_list_drop(list);
  return true;
}

bool directories(void) {
  uint64_t all, some;
  fd_t dir;
  list_t one, two;
  char name[16];
  int type;
  want(f_mkdir(rw, "d"), OK);
  want(f_mkdir(rw, "d"), EXISTS);
  want(f_mkdir(rw, "d/"), EXISTS);
  want(f_mkdir(rw, "x/y"), MISSING);
  want(f_mkdir(rw, "."), EXISTS);
  want(f_mkdir(rw, "e/"), OK);
  want(f_rmdir(rw, "e/"), OK);
  want(f_open(rw, 0, "d", DIRECTORY, R, &dir), OK);

  // Without dots.
  also(found(dir, ".", A_DIR, &all, &some));
  equal(all, 0);
  for (int i = 0; i < 100; i++) {
    name[0] = 'f';
    name[1] = (char)('0' + i / 10);
    name[2] = (char)('0' + i % 10);
    name[3] = 0;
    also(make(dir, name, "x"));
  }
  want(f_mkdir(dir, "sub"), OK);
  want(f_symlink(dir, "f00", "link"), OK);
  also(found(dir, "f42", A_FILE, &all, &some));
  equal(all, 102);
  equal(some, 1);
  also(found(dir, "sub", A_DIR, &all, &some));
  equal(some, 1);
  also(found(dir, "link", A_LINK, &all, &some));
  equal(some, 1);

  // Two streams do not disturb each other, and outlive the descriptor.
  want(f_list(dir, &one), OK);
  want(f_next(one, name, sizeof name, &type), OK);
  want(f_list(dir, &two), OK);
  f_close(dir);
  uint64_t left = 0, whole = 0;
  do {
    want(f_next(one, name, sizeof name, &type), OK);
    left++;
  } while (*name);
  do {
    want(f_next(two, name, sizeof name, &type), OK);
    whole++;
  } while (*name);
  equal(left, 102);
  equal(whole, 103);
  f_list_drop(one);
  f_list_drop(two);

  want(f_rmdir(rw, "d"), NOT_EMPTY);
  want(f_rmdir(rw, "d/f00"), NOT_DIR);
  want(f_rmdir(rw, "d/link"), NOT_DIR);
  want(f_rmdir(rw, "nothing"), MISSING);
  want(f_unlink(rw, "d/sub"), IS_DIR);
  want(f_unlink(rw, "d/nothing"), MISSING);
  want(f_open(rw, 0, "d", DIRECTORY, R, &dir), OK);
  for (int i = 0; i < 100; i++) {
    char f[] = {'f', (char)('0' + i / 10), (char)('0' + i % 10), 0};
    want(f_unlink(dir, f), OK);
  }
  want(f_unlink(dir, "link"), OK);
  want(f_rmdir(dir, "sub"), OK);
  want(f_rmdir(rw, "d"), OK);

  // A directory that is gone has nothing, which some say at once, and gets nothing.
  int gone = f_list(dir, &one);
  holds(gone == OK || gone == MISSING);
  if (gone == OK) {
    f_list_drop(one);
    also(found(dir, "f", A_FILE, &all, &some));
    equal(all, 0);
  }
  want(f_mkdir(dir, "x"), MISSING);
  f_close(dir);
  return true;
}

bool links(void) {
  fd_t fd, same;
  stat_t s;
  char target[64];
  hash_t h, g;
  also(make(rw, "f", "text"));
  want(f_mkdir(rw, "d"), OK);

  want(f_link(rw, 0, "f", rw, "g"), OK);
  want(f_stat_at(rw, 0, "g", &s), OK);
  equal(s.link_count, 2);
  want(f_hash_at(rw, 0, "f", &h), OK);
  want(f_hash_at(rw, 0, "g", &g), OK);
  equal(h.lower, g.lower);
  equal(h.upper, g.upper);
  want(f_open(rw, 0, "f", 0, RW, &fd), OK);
  want(f_open(rw, 0, "g", 0, R, &same), OK);
  holds(f_same(fd, same));
  holds(!f_same(fd, rw));
  f_close(fd);
  f_close(same);
  want(f_link(rw, 0, "f", rw, "g"), EXISTS);
  want(f_link(rw, 0, "nothing", rw, "h"), MISSING);
  want(f_link(rw, 0, "d", rw, "h"), REFUSED);
  want(f_link(rw, FOLLOW, "f", rw, "h"), INVALID);
  want(f_unlink(rw, "g"), OK);

  want(f_symlink(rw, "f", "l"), OK);
  want(f_symlink(rw, "f", "l"), EXISTS);
  want(f_readlink(rw, "l", target, sizeof target), OK);
  holds(strcmp(target, "f") == 0);
  want(f_readlink(rw, "f", target, sizeof target), INVALID);
  want(f_readlink(rw, "nothing", target, sizeof target), MISSING);
  want(f_stat_at(rw, 0, "l", &s), OK);
  equal(s.type, A_LINK);
  equal(s.size, 1);
  want(f_stat_at(rw, FOLLOW, "l", &s), OK);
  equal(s.type, A_FILE);
  equal(s.size, 4);
  want(f_open(rw, 0, "l", 0, R, &fd), LOOP);
  want(f_open(rw, FOLLOW, "l", 0, R, &fd), OK);
  f_close(fd);
  want(f_open(rw, FOLLOW, "l", DIRECTORY, R, &fd), NOT_DIR);
  want(f_open(rw, FOLLOW, "l", CREATE | EXCLUSIVE, W, &fd), EXISTS);
  want(f_link(rw, 0, "l", rw, "m"), OK);
  want(f_stat_at(rw, 0, "m", &s), OK);
  equal(s.type, A_LINK);
  want(f_unlink(rw, "m"), OK);
  want(f_unlink(rw, "l"), OK);

  // Where a link leads is seen when it is followed.
  want(f_symlink(rw, "/etc/passwd", "l"), REFUSED);
  want(f_symlink(rw, "../../../../../../etc/passwd", "l"), OK);
  want(f_open(rw, FOLLOW, "l", 0, R, &fd), REFUSED);
  want(f_stat_at(rw, FOLLOW, "l", &s), REFUSED);
  want(f_open(rw, FOLLOW, "l", CREATE, W, &fd), REFUSED);
  want(f_stat_at(rw, 0, "l/x", &s), REFUSED);
  want(f_stat_at(rw, 0, "l", &s), OK);
  want(f_unlink(rw, "l"), OK);
  want(f_symlink(rw, "..", "d/up"), OK);
  want(f_stat_at(rw, 0, "d/up/f", &s), OK);
  want(f_stat_at(rw, 0, "d/up/d/up/f", &s), OK);
  want(f_stat_at(rw, 0, "d/up/../f", &s), REFUSED);
  want(f_unlink(rw, "d/up"), OK);
  want(f_symlink(rw, "l", "l"), OK);
  want(f_open(rw, FOLLOW, "l", 0, R, &fd), LOOP);
  want(f_stat_at(rw, FOLLOW, "l", &s), LOOP);
  want(f_unlink(rw, "l"), OK);
  want(f_symlink(rw, "nothing", "l"), OK);
  want(f_open(rw, FOLLOW, "l", 0, R, &fd), MISSING);
  want(f_unlink(rw, "l"), OK);

  want(f_rmdir(rw, "d"), OK);
  want(f_unlink(rw, "f"), OK);
  return true;
}

bool renaming(void) {
  fd_t a, b;
  stat_t s;
  want(f_mkdir(rw, "a"), OK);
  want(f_mkdir(rw, "b"), OK);
  want(f_open(rw, 0, "a", DIRECTORY, R, &a), OK);
  want(f_open(rw, 0, "b", DIRECTORY, R, &b), OK);
  also(make(a, "f", "one"));
  also(make(b, "g", "two"));

  want(f_rename(a, "f", b, "f"), OK);
  want(f_stat_at(a, 0, "f", &s), MISSING);
  also(contains(rw, "b/f", "one"));
  want(f_rename(b, "f", b, "g"), OK);
  also(contains(b, "g", "one"));
  want(f_rename(b, "g", b, "g"), OK);
  also(contains(b, "g", "one"));
  want(f_rename(rw, "nothing", rw, "x"), MISSING);
  want(f_rename(rw, "b/g", rw, "x/y"), MISSING);
  want(f_rename(b, "g", rw, "a"), IS_DIR);
  want(f_rename(rw, "a", b, "g"), NOT_DIR);
  want(f_rename(rw, "a", rw, "b"), NOT_EMPTY);
  want(f_rename(rw, "b", b, "in-itself"), INVALID);
  want(f_rename(rw, "b", rw, "a"), OK);
  also(contains(rw, "a/g", "one"));
  want(f_stat_at(rw, 0, "b", &s), MISSING);

  f_close(a);
  f_close(b);
  want(f_unlink(rw, "a/g"), OK);
  want(f_rmdir(rw, "a"), OK);
  return true;
}
