// TCP for the guests: short names for wasi:sockets, addresses as text, and the calls that come in start/finish pairs.
#ifndef NET_H
#define NET_H

#include "rt.h"

enum { CHUNK = 65536 };

typedef wasi_sockets_network_ip_socket_address_t addr_t;
typedef wasi_sockets_network_error_code_t code_t;
typedef wasi_sockets_tcp_own_tcp_socket_t sock_t;
typedef wasi_io_streams_own_input_stream_t in_t;
typedef wasi_io_streams_own_output_stream_t out_stream_t;
typedef wasi_io_poll_own_pollable_t pollable_t;

static inline wasi_sockets_tcp_borrow_tcp_socket_t sock(sock_t s) { return wasi_sockets_tcp_borrow_tcp_socket(s); }
static inline wasi_io_streams_borrow_input_stream_t input(in_t s) { return wasi_io_streams_borrow_input_stream(s); }
static inline wasi_io_streams_borrow_output_stream_t output(out_stream_t s) { return wasi_io_streams_borrow_output_stream(s); }

// parse_addr reads 127.0.0.1:80 or [::1]:80.
bool parse_addr(guest_string_t s, addr_t *a);
void put_addr(out_t *o, const addr_t *a);
bool same_addr(const addr_t *a, const addr_t *b);

const char *code_name(code_t c);

// fail prints "STEP: WHY" on stderr, and is false.
bool fail(const char *step, const char *why);
bool fail_code(const char *step, code_t c);

// A conn is a connected socket with its streams and one pollable for each.
typedef struct {
  sock_t sock;
  in_t in;
  out_stream_t out;
  pollable_t in_ready, out_ready;
} conn_t;

void conn_open(conn_t *c, sock_t s, in_t in, out_stream_t out);
void conn_drop(conn_t *c);  // children first

// listen_on creates, binds and listens; *bound becomes the address in use.
bool listen_on(addr_t want, sock_t *s, addr_t *bound);

// connect_start leaves the socket connecting; connect_finish may answer would-block.
bool connect_start(addr_t to, sock_t *s);
bool connect_finish(sock_t s, in_t *in, out_stream_t *out, code_t *c);

// connect_to does both and waits in between.
bool connect_to(addr_t to, conn_t *c);

void wait_sock(sock_t s);

// wait_any polls n pollables and sets is_ready, unless that is NULL, for the ready ones. polls counts the calls.
void wait_any(const pollable_t *p, size_t n, bool *is_ready);
extern uint64_t polls;

// The traffic: the byte at a position is a function of seed and position, so that each side can check what arrives.
void fill(uint8_t *p, size_t n, uint64_t seed, uint64_t pos);
bool check(const uint8_t *p, size_t n, uint64_t seed, uint64_t pos);

// A flow is one end of a connection that sends total bytes of one seed and expects total bytes of another.
typedef struct {
  conn_t conn;
  const char *name;
  uint64_t total;
  uint64_t send_seed, sent;
  bool flushed, shut;  // all sent and flush called; then FIN sent
  uint64_t recv_seed, received;
  uint64_t sum;  // FNV-1a of what was received
  bool ended;    // FIN received
} flow_t;

// flow_step moves what it can without waiting. *moved tells whether it did; false means failed, and said so.
bool flow_step(flow_t *f, bool *moved);
// flow_waits adds what the flow waits for.
void flow_waits(const flow_t *f, pollable_t *p, size_t *n);
static inline bool flow_done(const flow_t *f) { return f->shut && f->ended; }

#endif
