// file-copy FROM TO [calls]: copies a file of the preopen /dir by streams, in pieces of 64 KiB, or with "calls" by
// descriptor.read and write. "discard" as TO only reads.
#include "calls.h"

static bool failed(const char *step, int answer) {
  put(&err, step);
  put(&err, ": ");
  put(&err, answer_name(answer));
  put(&err, "\n");
  return false;
}

#define step(name, call)                  \
  do {                                    \
    int a_ = (call);                      \
    if (a_ != OK) return failed(name, a_); \
  } while (0)

// next reads a piece without copying it; its end is an empty one.
static int next(in_t in, guest_list_u8_t *got) {
  wasi_io_streams_stream_error_t e;
  if (wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(in), 65536, got, &e)) return OK;
  got->len = 0;
  got->ptr = NULL;
  int a = failure(&e);
  return a == CLOSED ? OK : a;
}

static bool put_all(out_stream_t to, const uint8_t *p, size_t n) {
  while (n > 0) {
    uint64_t permit = 0;
    step("check-write", s_check(to, &permit));
    size_t k = n < permit ? n : (size_t)permit;
    step("write", s_write(to, p, k));
    p += k;
    n -= k;
  }
  return true;
}

static bool by_streams(fd_t from, fd_t to, bool writes) {
  in_t in;
  out_stream_t os;
  step("read-via-stream", f_reader(from, 0, &in));
  if (writes) step("write-via-stream", f_writer(to, 0, &os));
  for (;;) {
    guest_list_u8_t piece;
    step("read", next(in, &piece));
    if (piece.len == 0) break;
    bool ok = !writes || put_all(os, piece.ptr, piece.len);
    guest_list_u8_free(&piece);
    if (!ok) return false;
  }
  s_drop_in(in);
  if (writes) s_drop_out(os);
  return true;
}

static bool by_calls(fd_t from, fd_t to, bool writes) {
  for (uint64_t at = 0;;) {
    guest_tuple2_list_u8_bool_t got;
    wasi_filesystem_types_error_code_t e;
    if (!wasi_filesystem_types_method_descriptor_read(wasi_filesystem_types_borrow_descriptor(from), 65536, at, &got, &e))
      return failed("read", e);
    uint64_t n = got.f0.len;
    int a = n > 0 && writes ? f_write(to, got.f0.ptr, n, at, &n) : OK;
    guest_list_u8_free(&got.f0);
    step("write", a);
    if (n == 0) return true;
    at += n;
  }
}

static bool copy(guest_list_string_t args) {
  fd_t dir, from, to = {0};
  if (args.len < 3 || !preopened("/dir", &dir)) return failed("file-copy FROM TO [calls], and /dir", MISSING);
  bool writes = !is(args.ptr[2], "discard");
  char name[256];
  memcpy(name, args.ptr[1].ptr, args.ptr[1].len);
  name[args.ptr[1].len] = 0;
  step("open", f_open(dir, FOLLOW, name, 0, R, &from));
  memcpy(name, args.ptr[2].ptr, args.ptr[2].len);
  name[args.ptr[2].len] = 0;
  if (writes) step("create", f_open(dir, FOLLOW, name, CREATE | TRUNCATE, W, &to));
  bool ok = args.len > 3 && is(args.ptr[3], "calls") ? by_calls(from, to, writes) : by_streams(from, to, writes);
  f_close(from);
  if (writes) f_close(to);
  f_close(dir);
  return ok;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  bool ok = copy(args);
  guest_list_string_free(&args);
  close_out();
  return ok;
}
