// udp-echo ADDR:PORT: sends every datagram back to where it came from, for ever.
//
// A datagram alone costs four calls: block, receive, check-send, send.
#include "dgram.h"

static bool serve(addr_t want) {
  usock_t s;
  duo_t d;
  addr_t at;
  int r = u_create(want.tag == WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV6, &s);
  if (r != OK) return fail("create-udp-socket", u_name(r));
  if ((r = u_bind(s, want)) != OK) return fail("bind", u_name(r));
  if ((r = u_stream(s, NULL, &d)) != OK) return fail("stream", u_name(r));
  if ((r = u_local(s, &at)) != OK) return fail("local-address", u_name(r));
  put(&out, "listening on ");
  put_addr(&out, &at);
  put(&out, "\n");

  pollable_t readable = wasi_sockets_udp_method_incoming_datagram_stream_subscribe(rx(d.rx));
  for (;;) {
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(readable));
    got_t got;
    if ((r = u_receive(d.rx, 16, &got)) != OK) return fail("receive", u_name(r));
    post_t back[16];
    for (size_t i = 0; i < got.len; i++) back[i] = u_post(got.ptr[i].data.ptr, got.ptr[i].data.len, &got.ptr[i].remote_address);
    for (size_t done = 0; done < got.len;) {
      uint64_t permit, sent = 0;
      if ((r = u_check_send(d.tx, &permit)) != OK) return fail("check-send", u_name(r));
      size_t left = got.len - done;
      if ((r = u_send(d.tx, back + done, permit < left ? permit : left, &sent)) != OK) {
        fail("send", u_name(r));  // to one of many; the others have their turn
        sent = 1;
      }
      done += sent;
    }
    wasi_sockets_udp_list_incoming_datagram_free(&got);
  }
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t want;
  bool ok = args.len == 2 && parse_addr(args.ptr[1], &want);
  guest_list_string_free(&args);
  ok = ok ? serve(want) : fail("usage", "udp-echo ADDR:PORT");
  close_out();
  return ok;
}
