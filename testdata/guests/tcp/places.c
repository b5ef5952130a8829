#include "places.h"

addr_t ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  return (addr_t){.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4, .val.ipv4 = {.port = port, .address = {a, b, c, d}}};
}

addr_t ipv6(const uint16_t g[8], uint16_t port) {
  return (addr_t){.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6,
                  .val.ipv6 = {.port = port, .address = {g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]}}};
}

addr_t loopback(bool v6, uint16_t port) {
  return v6 ? ipv6((uint16_t[8]){[7] = 1}, port) : ipv4(127, 0, 0, 1, port);
}

addr_t anywhere(bool v6, uint16_t port) { return v6 ? ipv6((uint16_t[8]){0}, port) : ipv4(0, 0, 0, 0, port); }

addr_t elsewhere(bool v6, uint8_t last, uint16_t port) {
  return v6 ? ipv6((uint16_t[8]){0x2001, 0xdb8, [7] = last}, port) : ipv4(192, 0, 2, last, port);
}

addr_t mapped(uint16_t port) { return ipv6((uint16_t[8]){[5] = 0xffff, 0x7f00, 1}, port); }

addr_t compatible(uint16_t port) { return ipv6((uint16_t[8]){[6] = 0x7f00, 1}, port); }

addr_t broadcast(uint16_t port) { return ipv4(255, 255, 255, 255, port); }

uint16_t port_of(const addr_t *a) {
  return a->tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6 ? a->val.ipv6.port : a->val.ipv4.port;
}

addr_t with_port(addr_t a, uint16_t port) {
  if (a.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6)
    a.val.ipv6.port = port;
  else
    a.val.ipv4.port = port;
  return a;
}
