// The calls of wasi:sockets/tcp and of its streams as answers that can be compared: OK, an error code, or the end of a
// stream. None but those that say so waits.
#ifndef CALLS_H
#define CALLS_H

#include "net.h"

enum {
  OK = -1,
  CLOSED = -2,  // stream-error.closed
  FAILED = -3,  // stream-error.last-operation-failed
  SKIP = -4,    // no answer: not asked

  DENIED = WASI_SOCKETS_NETWORK_ERROR_CODE_ACCESS_DENIED,
  UNSUPPORTED = WASI_SOCKETS_NETWORK_ERROR_CODE_NOT_SUPPORTED,
  INVALID = WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_ARGUMENT,
  CONFLICT = WASI_SOCKETS_NETWORK_ERROR_CODE_CONCURRENCY_CONFLICT,
  NOT_IN_PROGRESS = WASI_SOCKETS_NETWORK_ERROR_CODE_NOT_IN_PROGRESS,
  WOULD_BLOCK = WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK,
  STATE = WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_STATE,
  NOT_BINDABLE = WASI_SOCKETS_NETWORK_ERROR_CODE_ADDRESS_NOT_BINDABLE,
  IN_USE = WASI_SOCKETS_NETWORK_ERROR_CODE_ADDRESS_IN_USE,
  REFUSED = WASI_SOCKETS_NETWORK_ERROR_CODE_CONNECTION_REFUSED,
};

const char *answer_name(int answer);

int t_create(bool v6, sock_t *s);
void t_drop(sock_t s);
int t_start_bind(sock_t s, addr_t at);
int t_finish_bind(sock_t s);
int t_start_listen(sock_t s);
int t_finish_listen(sock_t s);
int t_start_connect(sock_t s, addr_t to);
int t_finish_connect(sock_t s, in_t *in, out_stream_t *out);
int t_accept(sock_t s, conn_t *c);
int t_local(sock_t s, addr_t *a);
int t_remote(sock_t s, addr_t *a);
bool t_is_listening(sock_t s);
bool t_is_v6(sock_t s);
int t_backlog(sock_t s, uint64_t size);
bool t_ready(sock_t s);

typedef wasi_sockets_tcp_shutdown_type_t way_t;
enum {
  RECEIVE = WASI_SOCKETS_TCP_SHUTDOWN_TYPE_RECEIVE,
  SEND = WASI_SOCKETS_TCP_SHUTDOWN_TYPE_SEND,
  BOTH = WASI_SOCKETS_TCP_SHUTDOWN_TYPE_BOTH,
};
int t_shutdown(sock_t s, way_t way);

// These are start, wait and finish. Like everything that waits here they give up after 10 s, with WOULD_BLOCK.
int t_bind(sock_t s, addr_t at);
int t_listen(sock_t s);
int t_connect(sock_t s, addr_t to, conn_t *c);
int t_accept_next(sock_t s, conn_t *c);

bool wait_within(pollable_t p, uint64_t ns);
bool wait_long(pollable_t p);  // 10 s
bool t_wait(sock_t s, uint64_t ns);
bool is_ready(pollable_t p);

// The options, each as a number.
typedef enum { KEEP_ALIVE, IDLE_TIME, INTERVAL, COUNT, HOP_LIMIT, RECEIVE_BUFFER, SEND_BUFFER, OPTIONS } option_t;
int t_get(sock_t s, option_t o, uint64_t *v);
int t_set(sock_t s, option_t o, uint64_t v);

int s_read(in_t s, uint64_t n, guest_list_u8_t *got);  // got is freed by its free function, when OK
int s_blocking_read(in_t s, uint64_t n, guest_list_u8_t *got);
int s_check_write(out_stream_t s, uint64_t *permit);
int s_write(out_stream_t s, const void *p, size_t n);
int s_flush(out_stream_t s);
int s_blocking_write(out_stream_t s, const void *p, size_t n);  // and flush; at most 4096
int s_blocking_write_zeroes(out_stream_t s, uint64_t n);

#endif
