#include "rt.h"

out_t out, err;

static wasi_io_streams_borrow_output_stream_t handle(out_t *o) {
  if (!o->open) {
    o->stream = o == &err ? wasi_cli_stderr_get_stderr() : wasi_cli_stdout_get_stdout();
    o->open = true;
  }
  return wasi_io_streams_borrow_output_stream(o->stream);
}

void flush(out_t *o) {
  if (o->n == 0) return;
  guest_list_u8_t bytes = {o->buf, o->n};
  wasi_io_streams_stream_error_t e;
  if (!o->broken && !wasi_io_streams_method_output_stream_blocking_write_and_flush(handle(o), &bytes, &e)) {
    drop_error(&e);
    o->broken = true;
  }
  o->n = 0;
}

void put_n(out_t *o, const void *p, size_t n) {
  for (const uint8_t *b = p; n > 0; b++, n--) {
    o->buf[o->n++] = *b;
    if (*b == '\n' || o->n == sizeof o->buf) flush(o);
  }
}

void put(out_t *o, const char *s) { put_n(o, s, strlen(s)); }

void put_str(out_t *o, guest_string_t s) { put_n(o, s.ptr, s.len); }

void put_u(out_t *o, uint64_t v) {
  char digits[20];
  size_t i = sizeof digits;
  do {
    digits[--i] = '0' + v % 10;
    v /= 10;
  } while (v);
  put_n(o, digits + i, sizeof digits - i);
}

void put_hex(out_t *o, uint64_t v) {
  put(o, "0x");
  for (int shift = 60; shift >= 0; shift -= 4) put_n(o, &"0123456789abcdef"[v >> shift & 15], 1);
}

void close_out(void) {
  out_t *both[] = {&out, &err};
  for (int i = 0; i < 2; i++) {
    flush(both[i]);
    if (both[i]->open) wasi_io_streams_output_stream_drop_own(both[i]->stream);
    both[i]->open = false;
  }
}

bool parse_u(const char *s, size_t n, uint64_t *v) {
  if (n == 0 || n > 19) return false;
  uint64_t r = 0;
  for (size_t i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    r = r * 10 + (uint64_t)(s[i] - '0');
  }
  *v = r;
  return true;
}

bool is(guest_string_t s, const char *want) { return s.len == strlen(want) && memcmp(s.ptr, want, s.len) == 0; }

void drop_error(wasi_io_streams_stream_error_t *e) {
  if (e->tag == WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED) wasi_io_error_error_drop_own(e->val.last_operation_failed);
}

const char *stream_error_name(wasi_io_streams_stream_error_t *e) {
  drop_error(e);
  return e->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED ? "closed" : "last-operation-failed";
}
