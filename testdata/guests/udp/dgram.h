// UDP for the guests: short names for wasi:sockets/udp. Every call answers OK or an error code, so that it can be compared.
#ifndef DGRAM_H
#define DGRAM_H

#include "../tcp/net.h"

typedef wasi_sockets_udp_own_udp_socket_t usock_t;
typedef wasi_sockets_udp_own_incoming_datagram_stream_t rx_t;
typedef wasi_sockets_udp_own_outgoing_datagram_stream_t tx_t;
typedef wasi_sockets_udp_list_incoming_datagram_t got_t;
typedef wasi_sockets_udp_outgoing_datagram_t post_t;

enum { OK = -1 };

// A duo is the two streams of a socket.
typedef struct {
  rx_t rx;
  tx_t tx;
} duo_t;

static inline wasi_sockets_udp_borrow_udp_socket_t usock(usock_t s) { return wasi_sockets_udp_borrow_udp_socket(s); }
static inline wasi_sockets_udp_borrow_incoming_datagram_stream_t rx(rx_t s) {
  return wasi_sockets_udp_borrow_incoming_datagram_stream(s);
}
static inline wasi_sockets_udp_borrow_outgoing_datagram_stream_t tx(tx_t s) {
  return wasi_sockets_udp_borrow_outgoing_datagram_stream(s);
}

int u_create(bool v6, usock_t *s);
int u_start_bind(usock_t s, addr_t at);
int u_finish_bind(usock_t s);
int u_bind(usock_t s, addr_t at);  // start and finish
int u_stream(usock_t s, const addr_t *to, duo_t *d);
int u_local(usock_t s, addr_t *a);
int u_remote(usock_t s, addr_t *a);
void u_drop_duo(duo_t *d);
void u_drop(usock_t s, duo_t *d);  // streams first

int u_receive(rx_t s, uint64_t max, got_t *got);
int u_check_send(tx_t s, uint64_t *permit);
int u_send(tx_t s, post_t *list, size_t n, uint64_t *sent);
post_t u_post(const void *p, size_t n, const addr_t *to);

// These wait where they have to; 5 s are the most.
bool u_wait_rx(rx_t s);
int u_send_one(tx_t s, const void *p, size_t n, const addr_t *to);  // WOULD_BLOCK if it was not sent
int u_receive_some(rx_t s, uint64_t max, got_t *got);               // WOULD_BLOCK when nothing came

const char *u_name(int answer);

#endif
