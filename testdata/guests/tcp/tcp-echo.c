// tcp-echo ADDR:PORT [CONNECTIONS] [--splice] [--blocking]: sends back what each connection sends, until it ends.
// Serves several connections at once, and ends after CONNECTIONS of them; without the number it never does.
//
// A chunk costs three calls: read, check-write, write; and when nothing more has come, an empty read and a poll.
// With --splice the bytes stay in the host. With --blocking the last connection is served without polls: a chunk costs
// a blocking-read, a check-write and a write, or one blocking-splice.
#include "net.h"

enum {
  MAX_OPEN = 64,
  STEPS = 48,  // of one connection, three to a chunk, before the others have their turn
};

typedef enum { READING, WRITING, FLUSHING, OVER } phase_t;

typedef struct {
  conn_t conn;
  phase_t phase;
  guest_list_u8_t chunk;  // WRITING: what was read,
  size_t written;         // and how much of it went back
  bool source_waits;      // --splice: nothing to read, rather than no room to write
} echo_t;

static echo_t open_[MAX_OPEN];
static size_t n_open;

static void end(echo_t *e, const char *step, wasi_io_streams_stream_error_t *error) {
  if (error) fail(step, stream_error_name(error));
  if (e->phase == WRITING) guest_list_u8_free(&e->chunk);
  e->phase = OVER;
}

// step is true when there may be more to do at once, false when the connection has to wait or is over.
static bool step(echo_t *e) {
  wasi_io_streams_stream_error_t error;
  switch (e->phase) {
    case READING:
      if (!wasi_io_streams_method_input_stream_read(input(e->conn.in), CHUNK, &e->chunk, &error)) {
        if (error.tag != WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return end(e, "read", &error), false;
        if (!wasi_io_streams_method_output_stream_flush(output(e->conn.out), &error)) return end(e, "flush", &error), false;
        e->phase = FLUSHING;
        return true;
      }
      if (e->chunk.len == 0) return false;
      e->phase = WRITING;
      e->written = 0;
      return true;

    case WRITING: {
      uint64_t permit;
      if (!wasi_io_streams_method_output_stream_check_write(output(e->conn.out), &permit, &error))
        return end(e, "check-write", &error), false;
      if (permit == 0) return false;
      size_t left = e->chunk.len - e->written;
      guest_list_u8_t part = {e->chunk.ptr + e->written, permit < left ? (size_t)permit : left};
      if (!wasi_io_streams_method_output_stream_write(output(e->conn.out), &part, &error))
        return end(e, "write", &error), false;
      e->written += part.len;
      if (e->written == e->chunk.len) {
        guest_list_u8_free(&e->chunk);
        e->phase = READING;
      }
      return true;
    }

    case FLUSHING: {
      uint64_t permit;
      if (!wasi_io_streams_method_output_stream_check_write(output(e->conn.out), &permit, &error))
        return end(e, "flush", &error), false;
      if (permit == 0) return false;
      code_t c;
      if (!wasi_sockets_tcp_method_tcp_socket_shutdown(sock(e->conn.sock), WASI_SOCKETS_TCP_SHUTDOWN_TYPE_SEND, &c))
        fail_code("shutdown", c);
      return end(e, "", NULL), false;
    }

    case OVER:
      break;
  }
  return false;
}

static bool step_splice(echo_t *e) {
  if (e->phase != READING) return step(e);
  wasi_io_streams_stream_error_t error;
  uint64_t n;
  if (wasi_io_streams_method_output_stream_splice(output(e->conn.out), input(e->conn.in), CHUNK, &n, &error)) {
    if (n > 0) return true;
    // Zero has two reasons. A poll of both sides would spin on the one that is ready.
    if (!wasi_io_streams_method_output_stream_check_write(output(e->conn.out), &n, &error))
      return end(e, "check-write", &error), false;
    e->source_waits = n > 0;
    return false;
  }
  // So has closed: the peer's end, or a broken way back. The flush tells.
  if (error.tag != WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return end(e, "splice", &error), false;
  if (!wasi_io_streams_method_output_stream_flush(output(e->conn.out), &error)) return end(e, "flush", &error), false;
  e->phase = FLUSHING;
  return true;
}

// serve_blocking serves one connection to its end.
static void serve_blocking(echo_t *e, bool splice) {
  while (e->phase != OVER) {
    wasi_io_streams_stream_error_t error;
    bool more = true;
    if (e->phase != READING) {
      if (!step(e)) wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(e->conn.out_ready));
      continue;
    }
    if (splice) {
      uint64_t n;
      more = wasi_io_streams_method_output_stream_blocking_splice(output(e->conn.out), input(e->conn.in), CHUNK, &n, &error);
    } else if ((more = wasi_io_streams_method_input_stream_blocking_read(input(e->conn.in), CHUNK, &e->chunk, &error))) {
      e->phase = WRITING;
      e->written = 0;
    }
    if (more) continue;
    if (error.tag != WASI_IO_STREAMS_STREAM_ERROR_CLOSED) {
      end(e, splice ? "blocking-splice" : "blocking-read", &error);
    } else if (!wasi_io_streams_method_output_stream_flush(output(e->conn.out), &error)) {
      end(e, "flush", &error);
    } else {
      e->phase = FLUSHING;
    }
  }
  conn_drop(&e->conn);
}

static pollable_t waits_for(const echo_t *e, bool splice) {
  bool source = e->phase == READING && (!splice || e->source_waits);
  return source ? e->conn.in_ready : e->conn.out_ready;
}

// accept_all takes what waits, as far as there is room; false is an error of the listener.
static bool accept_all(sock_t listener, uint64_t *to_accept) {
  while (*to_accept > 0 && n_open < MAX_OPEN) {
    wasi_sockets_tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t got;
    code_t c;
    if (!wasi_sockets_tcp_method_tcp_socket_accept(sock(listener), &got, &c)) {
      if (c == WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) return true;
      if (c == WASI_SOCKETS_NETWORK_ERROR_CODE_CONNECTION_ABORTED) continue;
      return fail_code("accept", c);
    }
    echo_t *e = &open_[n_open++];
    memset(e, 0, sizeof *e);
    conn_open(&e->conn, got.f0, got.f1, got.f2);
    if (*to_accept != UINT64_MAX) --*to_accept;
  }
  return true;
}

static bool serve(sock_t listener, uint64_t to_accept, bool splice, bool blocking) {
  pollable_t on_accept = wasi_sockets_tcp_method_tcp_socket_subscribe(sock(listener));
  while (to_accept > 0 || n_open > 0) {
    if (blocking && to_accept == 0 && n_open == 1) {
      serve_blocking(&open_[--n_open], splice);
      break;
    }
    pollable_t waits[MAX_OPEN + 1];
    bool ready[MAX_OPEN + 1] = {false};
    size_t n = 0;
    for (; n < n_open; n++) waits[n] = waits_for(&open_[n], splice);
    size_t accepting = n;
    if (to_accept > 0 && n_open < MAX_OPEN) waits[n++] = on_accept;
    wait_any(waits, n, ready);

    for (size_t i = n_open; i-- > 0;) {  // downwards: the last one takes the place of one that is over
      echo_t *e = &open_[i];
      for (int steps = STEPS; ready[i] && steps > 0 && (splice ? step_splice(e) : step(e)); steps--) {
      }
      if (e->phase != OVER) continue;
      conn_drop(&e->conn);
      *e = open_[--n_open];
    }
    if (ready[accepting] && !accept_all(listener, &to_accept)) return false;
  }
  wasi_io_poll_pollable_drop_own(on_accept);
  return true;
}

static bool run(addr_t want, uint64_t connections, bool splice, bool blocking) {
  sock_t listener;
  addr_t at;
  if (!listen_on(want, &listener, &at)) return false;
  put(&out, "listening on ");
  put_addr(&out, &at);
  put(&out, "\n");
  bool ok = serve(listener, connections, splice, blocking);
  if (ok) wasi_sockets_tcp_tcp_socket_drop_own(listener);
  return ok;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t want;
  uint64_t connections = UINT64_MAX;
  size_t n = args.len;
  bool blocking = n > 2 && is(args.ptr[n - 1], "--blocking");
  n -= blocking;
  bool splice = n > 2 && is(args.ptr[n - 1], "--splice");
  n -= splice;
  bool ok = (n == 2 || n == 3) && parse_addr(args.ptr[1], &want) &&
            (n == 2 || parse_u((char *)args.ptr[2].ptr, args.ptr[2].len, &connections));
  guest_list_string_free(&args);
  ok = ok ? run(want, connections, splice, blocking)
          : fail("usage", "tcp-echo ADDR:PORT [CONNECTIONS] [--splice] [--blocking]");
  close_out();
  return ok;
}
