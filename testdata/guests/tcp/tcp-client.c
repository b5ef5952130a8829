// tcp-client ADDR:PORT BYTES: sends BYTES pseudo-random bytes to an echo server while it reads them back, and checks them.
#include "net.h"

static bool client(addr_t to, uint64_t total) {
  flow_t f = {.name = "client", .total = total, .send_seed = 3, .recv_seed = 3};
  if (!connect_to(to, &f.conn)) return false;
  bool ok = true;
  while (ok && !flow_done(&f)) {
    bool moved;
    ok = flow_step(&f, &moved);
    if (!ok || moved) continue;
    pollable_t waits[2];
    size_t n = 0;
    flow_waits(&f, waits, &n);
    wait_any(waits, n, NULL);
  }
  conn_drop(&f.conn);
  if (!ok) return false;
  put(&out, "echoed ");
  put_u(&out, f.received);
  put(&out, " bytes through ");
  put_addr(&out, &to);
  put(&out, ", every one as sent\n");
  return true;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t to;
  uint64_t total = 0;
  bool ok = args.len == 3 && parse_addr(args.ptr[1], &to) && parse_u((char *)args.ptr[2].ptr, args.ptr[2].len, &total);
  guest_list_string_free(&args);
  ok = ok ? client(to, total) : fail("usage", "tcp-client ADDR:PORT BYTES");
  close_out();
  return ok;
}
