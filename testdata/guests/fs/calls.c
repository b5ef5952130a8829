#include "calls.h"

static const char *const names[] = {
    "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
    "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
    "message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
    "not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow",
    "not-permitted", "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device",
};

const char *answer_name(int answer) {
  switch (answer) {
    case OK: return "ok";
    case CLOSED: return "closed";
    case UNKNOWN: return "last-operation-failed without a code";
  }
  return answer >= 0 && (size_t)answer < sizeof names / sizeof names[0] ? names[answer] : "?";
}

static guest_string_t text(const char *s) { return (guest_string_t){(uint8_t *)s, strlen(s)}; }

static wasi_filesystem_types_borrow_descriptor_t fd_of(fd_t fd) { return wasi_filesystem_types_borrow_descriptor(fd); }

bool preopened(const char *name, fd_t *fd) {
  wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t all;
  wasi_filesystem_preopens_get_directories(&all);
  bool found = false;
  for (size_t i = 0; i < all.len; i++) {
    if (!found && is(all.ptr[i].f1, name)) {
      found = true;
      *fd = all.ptr[i].f0;
    } else {
      wasi_filesystem_types_descriptor_drop_own(all.ptr[i].f0);
    }
    guest_string_free(&all.ptr[i].f1);
  }
  free(all.ptr);
  return found;
}

// answer runs a method, which gives its error through e.
#define answer(call)                        \
  wasi_filesystem_types_error_code_t e = 0; \
  return (call) ? OK : e

int f_open(fd_t dir, int path_flags, const char *path, int open_flags, int flags, fd_t *fd) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_open_at(fd_of(dir), path_flags, &p, open_flags, flags, fd, &e));
}

void f_close(fd_t fd) { wasi_filesystem_types_descriptor_drop_own(fd); }

int f_flags(fd_t fd, int *flags) {
  wasi_filesystem_types_descriptor_flags_t f;
  wasi_filesystem_types_error_code_t e;
  if (!wasi_filesystem_types_method_descriptor_get_flags(fd_of(fd), &f, &e)) return e;
  *flags = f;
  return OK;
}

int f_type(fd_t fd, int *type) {
  wasi_filesystem_types_descriptor_type_t t;
  wasi_filesystem_types_error_code_t e;
  if (!wasi_filesystem_types_method_descriptor_get_type(fd_of(fd), &t, &e)) return e;
  *type = t;
  return OK;
}

int f_stat(fd_t fd, stat_t *s) { answer(wasi_filesystem_types_method_descriptor_stat(fd_of(fd), s, &e)); }

int f_stat_at(fd_t dir, int path_flags, const char *path, stat_t *s) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_stat_at(fd_of(dir), path_flags, &p, s, &e));
}

int f_hash(fd_t fd, hash_t *h) { answer(wasi_filesystem_types_method_descriptor_metadata_hash(fd_of(fd), h, &e)); }

int f_hash_at(fd_t dir, int path_flags, const char *path, hash_t *h) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_metadata_hash_at(fd_of(dir), path_flags, &p, h, &e));
}

bool f_same(fd_t a, fd_t b) { return wasi_filesystem_types_method_descriptor_is_same_object(fd_of(a), fd_of(b)); }

int f_set_size(fd_t fd, uint64_t size) { answer(wasi_filesystem_types_method_descriptor_set_size(fd_of(fd), size, &e)); }

int f_set_times(fd_t fd, stamp_t accessed, stamp_t modified) {
  answer(wasi_filesystem_types_method_descriptor_set_times(fd_of(fd), &accessed, &modified, &e));
}

int f_set_times_at(fd_t dir, int path_flags, const char *path, stamp_t accessed, stamp_t modified) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_set_times_at(fd_of(dir), path_flags, &p, &accessed, &modified, &e));
}

int f_advise(fd_t fd, uint64_t offset, uint64_t length, int advice) {
  answer(wasi_filesystem_types_method_descriptor_advise(fd_of(fd), offset, length, advice, &e));
}

int f_sync(fd_t fd) { answer(wasi_filesystem_types_method_descriptor_sync(fd_of(fd), &e)); }
int f_sync_data(fd_t fd) { answer(wasi_filesystem_types_method_descriptor_sync_data(fd_of(fd), &e)); }

// take moves a list into the caller's room.
static void take(guest_list_u8_t *got, void *to, size_t max, size_t *n) {
  memcpy(to, got->ptr, got->len < max ? got->len : max);
  *n = got->len;
  guest_list_u8_free(got);
}

int f_read(fd_t fd, uint64_t length, uint64_t offset, void *to, size_t max, size_t *n, bool *end) {
  guest_tuple2_list_u8_bool_t got;
  wasi_filesystem_types_error_code_t e;
  if (!wasi_filesystem_types_method_descriptor_read(fd_of(fd), length, offset, &got, &e)) return e;
  *end = got.f1;
  take(&got.f0, to, max, n);
  return OK;
}

int f_write(fd_t fd, const void *p, size_t n, uint64_t offset, uint64_t *written) {
  guest_list_u8_t bytes = {(uint8_t *)p, n};
  answer(wasi_filesystem_types_method_descriptor_write(fd_of(fd), &bytes, offset, written, &e));
}

int f_mkdir(fd_t dir, const char *path) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_create_directory_at(fd_of(dir), &p, &e));
}

int f_rmdir(fd_t dir, const char *path) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_remove_directory_at(fd_of(dir), &p, &e));
}

int f_unlink(fd_t dir, const char *path) {
  guest_string_t p = text(path);
  answer(wasi_filesystem_types_method_descriptor_unlink_file_at(fd_of(dir), &p, &e));
}

int f_link(fd_t dir, int path_flags, const char *path, fd_t to, const char *new_path) {
  guest_string_t p = text(path), q = text(new_path);
  answer(wasi_filesystem_types_method_descriptor_link_at(fd_of(dir), path_flags, &p, fd_of(to), &q, &e));
}

int f_rename(fd_t dir, const char *path, fd_t to, const char *new_path) {
  guest_string_t p = text(path), q = text(new_path);
  answer(wasi_filesystem_types_method_descriptor_rename_at(fd_of(dir), &p, fd_of(to), &q, &e));
}

int f_symlink(fd_t dir, const char *target, const char *path) {
  guest_string_t p = text(target), q = text(path);
  answer(wasi_filesystem_types_method_descriptor_symlink_at(fd_of(dir), &p, &q, &e));
}

static void take_text(guest_string_t *s, char *to, size_t max) {
  size_t n = s->len < max ? s->len : max - 1;
  memcpy(to, s->ptr, n);
  to[n] = 0;
  guest_string_free(s);
}

int f_readlink(fd_t dir, const char *path, char *target, size_t max) {
  guest_string_t p = text(path), got;
  wasi_filesystem_types_error_code_t e;
  if (!wasi_filesystem_types_method_descriptor_readlink_at(fd_of(dir), &p, &got, &e)) return e;
  take_text(&got, target, max);
  return OK;
}

int f_list(fd_t dir, list_t *list) { answer(wasi_filesystem_types_method_descriptor_read_directory(fd_of(dir), list, &e)); }

int f_next(list_t list, char *name, size_t max, int *type) {
  wasi_filesystem_types_option_directory_entry_t entry;
  wasi_filesystem_types_error_code_t e;
  if (!wasi_filesystem_types_method_directory_entry_stream_read_directory_entry(
          wasi_filesystem_types_borrow_directory_entry_stream(list), &entry, &e))
    return e;
  *name = 0;
  if (entry.is_some) {
    *type = entry.val.type;
    take_text(&entry.val.name, name, max);
  }
  return OK;
}

void f_list_drop(list_t list) { wasi_filesystem_types_directory_entry_stream_drop_own(list); }

int f_reader(fd_t fd, uint64_t offset, in_t *in) {
  answer(wasi_filesystem_types_method_descriptor_read_via_stream(fd_of(fd), offset, in, &e));
}

int f_writer(fd_t fd, uint64_t offset, out_stream_t *to) {
  answer(wasi_filesystem_types_method_descriptor_write_via_stream(fd_of(fd), offset, to, &e));
}

int f_appender(fd_t fd, out_stream_t *to) {
  answer(wasi_filesystem_types_method_descriptor_append_via_stream(fd_of(fd), to, &e));
}

int failure(wasi_io_streams_stream_error_t *e) {
  if (e->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return CLOSED;
  wasi_io_error_borrow_error_t why = wasi_io_error_borrow_error(e->val.last_operation_failed);
  wasi_filesystem_types_error_code_t code;
  int a = wasi_filesystem_types_filesystem_error_code(why, &code) ? code : UNKNOWN;
  drop_error(e);
  return a;
}

#define stream_answer(call)           \
  wasi_io_streams_stream_error_t e;   \
  return (call) ? OK : failure(&e)

static wasi_io_streams_borrow_input_stream_t in_of(in_t in) { return wasi_io_streams_borrow_input_stream(in); }
static wasi_io_streams_borrow_output_stream_t out_of(out_stream_t to) { return wasi_io_streams_borrow_output_stream(to); }

int s_read(in_t in, uint64_t length, void *to, size_t max, size_t *n) {
  guest_list_u8_t got;
  wasi_io_streams_stream_error_t e;
  if (!wasi_io_streams_method_input_stream_read(in_of(in), length, &got, &e)) return failure(&e);
  take(&got, to, max, n);
  return OK;
}

int s_read_blocking(in_t in, uint64_t length, void *to, size_t max, size_t *n) {
  guest_list_u8_t got;
  wasi_io_streams_stream_error_t e;
  if (!wasi_io_streams_method_input_stream_blocking_read(in_of(in), length, &got, &e)) return failure(&e);
  take(&got, to, max, n);
  return OK;
}

int s_skip(in_t in, uint64_t length, uint64_t *n) {
  stream_answer(wasi_io_streams_method_input_stream_skip(in_of(in), length, n, &e));
}

int s_check(out_stream_t to, uint64_t *permit) {
  stream_answer(wasi_io_streams_method_output_stream_check_write(out_of(to), permit, &e));
}

int s_write(out_stream_t to, const void *p, size_t n) {
  guest_list_u8_t bytes = {(uint8_t *)p, n};
  stream_answer(wasi_io_streams_method_output_stream_write(out_of(to), &bytes, &e));
}

int s_write_zeroes(out_stream_t to, uint64_t n) {
  stream_answer(wasi_io_streams_method_output_stream_write_zeroes(out_of(to), n, &e));
}

int s_write_blocking(out_stream_t to, const void *p, size_t n) {
  guest_list_u8_t bytes = {(uint8_t *)p, n};
  stream_answer(wasi_io_streams_method_output_stream_blocking_write_and_flush(out_of(to), &bytes, &e));
}

int s_splice(out_stream_t to, in_t from, uint64_t length, uint64_t *n) {
  stream_answer(wasi_io_streams_method_output_stream_splice(out_of(to), in_of(from), length, n, &e));
}

void s_drop_in(in_t in) { wasi_io_streams_input_stream_drop_own(in); }
void s_drop_out(out_stream_t to) { wasi_io_streams_output_stream_drop_own(to); }
