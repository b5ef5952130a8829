// lookup-selftest: what resolve-addresses must make of its argument, asserted from inside a guest.
// lookup-selftest NAME: prints the addresses of NAME.
// lookup-selftest NAME PORT: and connects to the first of them that can be connected to.
#include "../tcp/net.h"

typedef wasi_sockets_network_ip_address_t ip_t;
typedef wasi_sockets_ip_name_lookup_own_resolve_address_stream_t stream_t;

enum { MAX = 128 };

static addr_t at(ip_t ip, uint16_t port) {
  addr_t a = {.tag = ip.tag};
  if (ip.tag == WASI_SOCKETS_NETWORK_IP_ADDRESS_IPV4) {
    a.val.ipv4.port = port;
    a.val.ipv4.address = ip.val.ipv4;
  } else {
    a.val.ipv6.port = port;
    a.val.ipv6.address = ip.val.ipv6;
  }
  return a;
}

static bool next(stream_t s, wasi_sockets_ip_name_lookup_option_ip_address_t *ip, code_t *c) {
  return wasi_sockets_ip_name_lookup_method_resolve_address_stream_resolve_next_address(
      wasi_sockets_ip_name_lookup_borrow_resolve_address_stream(s), ip, c);
}

// resolve is the whole answer. *late tells that an error came out of the stream, not of resolve-addresses.
static bool resolve(guest_string_t name, ip_t *ips, size_t *n, code_t *c, bool *late) {
  stream_t s;
  *n = 0, *late = false;
  wasi_sockets_network_own_network_t net = wasi_sockets_instance_network_instance_network();
  bool ok = wasi_sockets_ip_name_lookup_resolve_addresses(wasi_sockets_network_borrow_network(net), &name, &s, c);
  wasi_sockets_network_network_drop_own(net);  // the stream does not need it
  if (!ok) return false;
  *late = true;
  pollable_t ready = wasi_sockets_ip_name_lookup_method_resolve_address_stream_subscribe(
      wasi_sockets_ip_name_lookup_borrow_resolve_address_stream(s));
  wasi_sockets_ip_name_lookup_option_ip_address_t ip;
  for (;;) {
    ok = next(s, &ip, c);
    if (!ok && *c == WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) {
      wait_any(&ready, 1, NULL);
      continue;
    }
    if (!ok || !ip.is_some) break;
    if (*n < MAX) ips[(*n)++] = ip.val;
  }
  // The end stays the end, and an error the same error; both are ready.
  code_t again = *c;
  bool same = next(s, &ip, &again) == ok && (ok ? !ip.is_some : again == *c);
  same = same && wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(ready));
  wasi_io_poll_pollable_drop_own(ready);
  wasi_sockets_ip_name_lookup_resolve_address_stream_drop_own(s);
  if (!same) *c = WASI_SOCKETS_NETWORK_ERROR_CODE_UNKNOWN;
  return ok && same;
}

// An entry says that TEXT is the address, written as ADDR:PORT, or no argument where that is NULL.
static const struct {
  const char *text, *addr;
} inputs[] = {
    {"0.0.0.0", "0.0.0.0:0"},
    {"127.0.0.1", "127.0.0.1:0"},
    {"192.0.2.0", "192.0.2.0:0"},
    {"127.1", "127.0.0.1:0"},
    {"0x7f.1", "127.0.0.1:0"},
    {"0177.0.0.1", "127.0.0.1:0"},
    {"2130706433", "127.0.0.1:0"},
    {"::", "[::]:0"},
    {"::1", "[::1]:0"},
    {"[::]", "[::]:0"},
    {"2001:0db8:0:0:0:0:0:0", "[2001:db8::]:0"},
    {"dead:beef::", "[dead:beef::]:0"},
    {"dead:beef::0", "[dead:beef::]:0"},
    {"DEAD:BEEF::0", "[dead:beef::]:0"},
    {"::ffff:127.0.0.1", "127.0.0.1:0"},
    {"", NULL},
    {" ", NULL},
    {"a.b<&>", NULL},
    {"127.0.0.1:80", NULL},
    {"[::]:80", NULL},
    {"http://example.com/", NULL},
    {"256.0.0.1", NULL},
    {"1.2.3.4.5", NULL},
    {"example.com.1", NULL},
    {"fe80::1%eth0", NULL},
    {"[::1", NULL},
    {"a..b", NULL},
};

static guest_string_t text_of(const char *s) { return (guest_string_t){(uint8_t *)s, strlen(s)}; }

static bool selftest(void) {
  ip_t ips[MAX];
  size_t n;
  code_t c;
  bool late;
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
    const char *text = inputs[i].text;
    bool ok = resolve(text_of(text), ips, &n, &c, &late);
    if (inputs[i].addr == NULL) {
      if (ok) return fail(text, "is no host, and was resolved");
      if (late) return fail(text, "is no host, which resolve-addresses did not say");
      if (c != WASI_SOCKETS_NETWORK_ERROR_CODE_INVALID_ARGUMENT) return fail_code(text, c);
      continue;
    }
    addr_t want;
    if (!ok) return fail_code(text, c);
    if (!parse_addr(text_of(inputs[i].addr), &want)) return fail(inputs[i].addr, "is no address");
    addr_t got = at(ips[0], 0);
    if (n != 1 || !same_addr(&got, &want)) return fail(text, "is another address");
  }
  put(&out, "ok\n");
  return true;
}

static bool show(guest_string_t name, uint64_t port) {
  ip_t ips[MAX];
  size_t n;
  code_t c;
  bool late;
  if (!resolve(name, ips, &n, &c, &late)) return fail_code("resolve", c);
  for (size_t i = 0; i < n; i++) {
    addr_t a = at(ips[i], (uint16_t)port);
    put(&out, "address ");
    put_addr(&out, &a);
    put(&out, "\n");
  }
  flush(&out);
  for (size_t i = 0; port != 0 && i < n; i++) {
    conn_t conn;
    addr_t a = at(ips[i], (uint16_t)port);
    if (!connect_to(a, &conn)) continue;
    put(&out, "connected to ");
    put_addr(&out, &a);
    put(&out, "\n");
    conn_drop(&conn);
    return true;
  }
  return port == 0;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  uint64_t port = 0;
  bool ok = args.len <= 3 && (args.len < 3 || (parse_u((char *)args.ptr[2].ptr, args.ptr[2].len, &port) && port < 65536));
  if (!ok)
    ok = fail("usage", "lookup-selftest [NAME [PORT]]");
  else
    ok = args.len < 2 ? selftest() : show(args.ptr[1], port);
  guest_list_string_free(&args);
  close_out();
  return ok;
}
