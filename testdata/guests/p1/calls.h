// The functions of preview 1 as the core functions that they are: a pointer is a number, so that bad ones can be given.
// With UNSTABLE they are those of preview 0, whose layouts differ in three places.
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef UNSTABLE
#define WASI "wasi_unstable"
#else
#define WASI "wasi_snapshot_preview1"
#endif
#define CALL(name, ...) \
  __attribute__((import_module(WASI), import_name(#name))) int32_t name(__VA_ARGS__)

typedef uint32_t ptr;  // into this memory, or nowhere
#define AT(p) ((ptr)(uintptr_t)(p))

CALL(args_get, ptr argv, ptr buf);
CALL(args_sizes_get, ptr count, ptr size);
CALL(environ_get, ptr environ, ptr buf);
CALL(environ_sizes_get, ptr count, ptr size);
CALL(clock_res_get, uint32_t id, ptr out);
CALL(clock_time_get, uint32_t id, uint64_t precision, ptr out);
CALL(fd_advise, uint32_t fd, uint64_t offset, uint64_t len, uint32_t advice);
CALL(fd_allocate, uint32_t fd, uint64_t offset, uint64_t len);
CALL(fd_close, uint32_t fd);
CALL(fd_datasync, uint32_t fd);
CALL(fd_fdstat_get, uint32_t fd, ptr out);
CALL(fd_fdstat_set_flags, uint32_t fd, uint32_t flags);
CALL(fd_fdstat_set_rights, uint32_t fd, uint64_t base, uint64_t inheriting);
CALL(fd_filestat_get, uint32_t fd, ptr out);
CALL(fd_filestat_set_size, uint32_t fd, uint64_t size);
CALL(fd_filestat_set_times, uint32_t fd, uint64_t accessed, uint64_t modified, uint32_t flags);
CALL(fd_pread, uint32_t fd, ptr iovs, uint32_t n, uint64_t offset, ptr out);
CALL(fd_prestat_get, uint32_t fd, ptr out);
CALL(fd_prestat_dir_name, uint32_t fd, ptr path, uint32_t len);
CALL(fd_pwrite, uint32_t fd, ptr iovs, uint32_t n, uint64_t offset, ptr out);
CALL(fd_read, uint32_t fd, ptr iovs, uint32_t n, ptr out);
CALL(fd_readdir, uint32_t fd, ptr buf, uint32_t len, uint64_t cookie, ptr out);
CALL(fd_renumber, uint32_t fd, uint32_t to);
CALL(fd_seek, uint32_t fd, int64_t offset, uint32_t whence, ptr out);
CALL(fd_sync, uint32_t fd);
CALL(fd_tell, uint32_t fd, ptr out);
CALL(fd_write, uint32_t fd, ptr iovs, uint32_t n, ptr out);
CALL(path_create_directory, uint32_t fd, ptr path, uint32_t len);
CALL(path_filestat_get, uint32_t fd, uint32_t flags, ptr path, uint32_t len, ptr out);
CALL(path_link, uint32_t fd, uint32_t flags, ptr path, uint32_t len, uint32_t to, ptr new_path, uint32_t new_len);
CALL(path_open, uint32_t fd, uint32_t flags, ptr path, uint32_t len, uint32_t oflags, uint64_t base, uint64_t inheriting,
     uint32_t fdflags, ptr out);
CALL(path_readlink, uint32_t fd, ptr path, uint32_t len, ptr buf, uint32_t buf_len, ptr out);
CALL(path_remove_directory, uint32_t fd, ptr path, uint32_t len);
CALL(path_rename, uint32_t fd, ptr path, uint32_t len, uint32_t to, ptr new_path, uint32_t new_len);
CALL(path_symlink, ptr target, uint32_t target_len, uint32_t fd, ptr path, uint32_t len);
CALL(path_unlink_file, uint32_t fd, ptr path, uint32_t len);
CALL(poll_oneoff, ptr in, ptr out, uint32_t n, ptr count);
CALL(proc_raise, uint32_t signal);
CALL(random_get, ptr buf, uint32_t len);
CALL(sched_yield, void);
CALL(sock_recv, uint32_t fd, ptr iovs, uint32_t n, uint32_t flags, ptr out, ptr out_flags);
CALL(sock_send, uint32_t fd, ptr iovs, uint32_t n, uint32_t flags, ptr out);
CALL(sock_shutdown, uint32_t fd, uint32_t how);
#ifndef UNSTABLE
CALL(sock_accept, uint32_t fd, uint32_t flags, ptr out);
#endif
__attribute__((import_module(WASI), import_name("proc_exit"), noreturn)) void proc_exit(uint32_t);

enum {
  OK = 0, EAGAIN = 6, EBADF = 8, EEXIST = 20, EFAULT = 21, EILSEQ = 25, EINVAL = 28, ENAMETOOLONG = 37, ENOENT = 44,
  ENOTDIR = 54, ENOTSOCK = 57, ENOTSUP = 58, EPERM = 63, ESPIPE = 70, ENOTCAPABLE = 76,
};
enum { RIGHT_READ = 1 << 1, RIGHT_SEEK = 1 << 2, RIGHT_WRITE = 1 << 6 };
enum { O_CREAT = 1, O_DIRECTORY = 2, O_EXCL = 4, O_TRUNC = 8 };
enum { APPEND = 1, NONBLOCK = 4 };
#ifdef UNSTABLE
enum { FROM_HERE, FROM_END, FROM_START };
#else
enum { FROM_START, FROM_HERE, FROM_END };
#endif

typedef struct { ptr buf; uint32_t len; } iovec;
typedef struct { uint8_t type; uint16_t flags; uint64_t base, inheriting; } fdstat;
typedef struct {
  uint64_t dev, ino;
  uint8_t type;
#ifdef UNSTABLE
  uint32_t links;
#else
  uint64_t links;
#endif
  uint64_t size, accessed, modified, changed;
} filestat;
typedef struct { uint64_t next, ino; uint32_t namelen; uint8_t type; } dirent;
typedef struct {
  uint64_t userdata;
  uint8_t type;
  union {
    struct {
#ifdef UNSTABLE
      uint64_t identifier;
#endif
      uint32_t id;
      uint64_t timeout, precision;
      uint16_t flags;
    } clock;
    uint32_t fd;
  };
} subscription;
typedef struct { uint64_t userdata; uint16_t error; uint8_t type; uint64_t bytes; uint16_t flags; } event;

#endif
