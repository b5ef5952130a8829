// The calls of wasi:filesystem and of the streams of files, as answers that can be compared: OK, an error code, or the end
// of a stream. Paths are C strings; what a call gives goes through its last parameters.
#ifndef CALLS_H
#define CALLS_H

#include "rt.h"

typedef wasi_filesystem_types_own_descriptor_t fd_t;
typedef wasi_io_streams_own_input_stream_t in_t;
typedef wasi_io_streams_own_output_stream_t out_stream_t;
typedef wasi_filesystem_types_own_directory_entry_stream_t list_t;
typedef wasi_filesystem_types_descriptor_stat_t stat_t;
typedef wasi_filesystem_types_metadata_hash_value_t hash_t;
typedef wasi_filesystem_types_new_timestamp_t stamp_t;

enum {
  OK = -1,
  CLOSED = -2,   // stream-error.closed
  UNKNOWN = -3,  // stream-error.last-operation-failed of which filesystem-error-code knows nothing

  ACCESS = WASI_FILESYSTEM_TYPES_ERROR_CODE_ACCESS,
  BAD = WASI_FILESYSTEM_TYPES_ERROR_CODE_BAD_DESCRIPTOR,
  EXISTS = WASI_FILESYSTEM_TYPES_ERROR_CODE_EXIST,
  TOO_LARGE = WASI_FILESYSTEM_TYPES_ERROR_CODE_FILE_TOO_LARGE,
  NO_TEXT = WASI_FILESYSTEM_TYPES_ERROR_CODE_ILLEGAL_BYTE_SEQUENCE,
  INVALID = WASI_FILESYSTEM_TYPES_ERROR_CODE_INVALID,
  IS_DIR = WASI_FILESYSTEM_TYPES_ERROR_CODE_IS_DIRECTORY,
  LOOP = WASI_FILESYSTEM_TYPES_ERROR_CODE_LOOP,
  TOO_LONG = WASI_FILESYSTEM_TYPES_ERROR_CODE_NAME_TOO_LONG,
  MISSING = WASI_FILESYSTEM_TYPES_ERROR_CODE_NO_ENTRY,
  MEMORY = WASI_FILESYSTEM_TYPES_ERROR_CODE_INSUFFICIENT_MEMORY,
  NOT_DIR = WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_DIRECTORY,
  NOT_EMPTY = WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_EMPTY,
  OVERFLOW = WASI_FILESYSTEM_TYPES_ERROR_CODE_OVERFLOW,
  REFUSED = WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_PERMITTED,

  FOLLOW = WASI_FILESYSTEM_TYPES_PATH_FLAGS_SYMLINK_FOLLOW,

  CREATE = WASI_FILESYSTEM_TYPES_OPEN_FLAGS_CREATE,
  DIRECTORY = WASI_FILESYSTEM_TYPES_OPEN_FLAGS_DIRECTORY,
  EXCLUSIVE = WASI_FILESYSTEM_TYPES_OPEN_FLAGS_EXCLUSIVE,
  TRUNCATE = WASI_FILESYSTEM_TYPES_OPEN_FLAGS_TRUNCATE,

  R = WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_READ,
  W = WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_WRITE,
  RW = R | W,
  MUTATE = WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_MUTATE_DIRECTORY,

  A_DIR = WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_DIRECTORY,
  A_LINK = WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_SYMBOLIC_LINK,
  A_FILE = WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_REGULAR_FILE,
};

const char *answer_name(int answer);

// preopened is the directory that the guest knows by the name, with a descriptor of its own.
bool preopened(const char *name, fd_t *fd);

int f_open(fd_t dir, int path_flags, const char *path, int open_flags, int flags, fd_t *fd);
void f_close(fd_t fd);
int f_flags(fd_t fd, int *flags);
int f_type(fd_t fd, int *type);
int f_stat(fd_t fd, stat_t *s);
int f_stat_at(fd_t dir, int path_flags, const char *path, stat_t *s);
int f_hash(fd_t fd, hash_t *h);
int f_hash_at(fd_t dir, int path_flags, const char *path, hash_t *h);
bool f_same(fd_t a, fd_t b);
int f_set_size(fd_t fd, uint64_t size);
int f_set_times(fd_t fd, stamp_t accessed, stamp_t modified);
int f_set_times_at(fd_t dir, int path_flags, const char *path, stamp_t accessed, stamp_t modified);
int f_advise(fd_t fd, uint64_t offset, uint64_t length, int advice);
int f_sync(fd_t fd);
int f_sync_data(fd_t fd);

// f_read puts at most max bytes into to, and how many there were in n.
int f_read(fd_t fd, uint64_t length, uint64_t offset, void *to, size_t max, size_t *n, bool *end);
int f_write(fd_t fd, const void *p, size_t n, uint64_t offset, uint64_t *written);

int f_mkdir(fd_t dir, const char *path);
int f_rmdir(fd_t dir, const char *path);
int f_unlink(fd_t dir, const char *path);
int f_link(fd_t dir, int path_flags, const char *path, fd_t to, const char *new_path);
int f_rename(fd_t dir, const char *path, fd_t to, const char *new_path);
int f_symlink(fd_t dir, const char *target, const char *path);
int f_readlink(fd_t dir, const char *path, char *target, size_t max);  // with a zero byte at its end

int f_list(fd_t dir, list_t *list);
// f_next gives a name and its kind, and an empty name at the end.
int f_next(list_t list, char *name, size_t max, int *type);
void f_list_drop(list_t list);

// failure is the answer for an error of a stream, which it drops.
int failure(wasi_io_streams_stream_error_t *e);

int f_reader(fd_t fd, uint64_t offset, in_t *in);
int f_writer(fd_t fd, uint64_t offset, out_stream_t *to);
int f_appender(fd_t fd, out_stream_t *to);
int s_read(in_t in, uint64_t length, void *to, size_t max, size_t *n);
int s_read_blocking(in_t in, uint64_t length, void *to, size_t max, size_t *n);
int s_skip(in_t in, uint64_t length, uint64_t *n);
int s_check(out_stream_t to, uint64_t *permit);
int s_write(out_stream_t to, const void *p, size_t n);
int s_write_zeroes(out_stream_t to, uint64_t n);
int s_write_blocking(out_stream_t to, const void *p, size_t n);
int s_splice(out_stream_t to, in_t from, uint64_t length, uint64_t *n);
void s_drop_in(in_t in);
void s_drop_out(out_stream_t to);

#endif
