// Addresses that the tests of sockets use, in the family that is asked for.
#ifndef PLACES_H
#define PLACES_H

#include "net.h"

enum { NOBODY = 47 };  // a port where no test ever connects

addr_t ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
addr_t ipv6(const uint16_t groups[8], uint16_t port);

addr_t loopback(bool v6, uint16_t port);
addr_t anywhere(bool v6, uint16_t port);                 // the unspecified address
addr_t elsewhere(bool v6, uint8_t last, uint16_t port);  // for documentation: no machine has it
addr_t mapped(uint16_t port);                            // 127.0.0.1 as IPv6
addr_t compatible(uint16_t port);                        // the same in the way that is deprecated
addr_t broadcast(uint16_t port);                         // IPv4 alone has it

uint16_t port_of(const addr_t *a);
addr_t with_port(addr_t a, uint16_t port);

#endif
