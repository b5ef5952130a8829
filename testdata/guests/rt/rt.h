// What the small guests share: line-buffered printing through wasi:cli, numbers, and arguments.
// They use no stdio and no preview 1 adapter, so that a guest imports only what its world says.
#ifndef RT_H
#define RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

// out is a line-buffered output stream: each newline writes the line.
typedef struct {
  wasi_io_streams_own_output_stream_t stream;
  bool open;
  bool broken;  // a write failed: later ones are dropped
  size_t n;
  uint8_t buf[4096];  // blocking-write-and-flush takes at most 4096 bytes
} out_t;

extern out_t out, err;

void put_n(out_t *o, const void *p, size_t n);
void put(out_t *o, const char *s);
void put_u(out_t *o, uint64_t v);
void put_hex(out_t *o, uint64_t v);  // 0x and 16 digits
void put_str(out_t *o, guest_string_t s);
void flush(out_t *o);

// close_out flushes both streams and drops their handles; printing opens them again.
void close_out(void);

// parse_u reads a whole decimal number.
bool parse_u(const char *s, size_t n, uint64_t *v);

bool is(guest_string_t s, const char *want);

// drop_error drops the error that a stream error may carry. The free functions of the bindings drop no handles.
void drop_error(wasi_io_streams_stream_error_t *e);

// stream_error_name says what a stream error was, and drops it.
const char *stream_error_name(wasi_io_streams_stream_error_t *e);

#endif
