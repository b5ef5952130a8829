// tcp-ask http ADDR:PORT HOST PATH...: GETs each path over one connection, and prints status, length and hash of each.
// tcp-ask redis ADDR:PORT KEY VALUE: PING, SET and GET, and prints each reply.
#include "net.h"

typedef struct {
  conn_t conn;
  uint8_t buf[CHUNK];
  size_t start, end;  // what came and was not taken yet
} peer_t;

static peer_t peer;

static bool broken(const char *step, wasi_io_streams_stream_error_t *e) { return fail(step, stream_error_name(e)); }

static bool tell(const char *text) {
  wasi_io_streams_stream_error_t e;
  size_t n = strlen(text);
  while (n > 0) {
    uint64_t permit;
    if (!wasi_io_streams_method_output_stream_check_write(output(peer.conn.out), &permit, &e)) return broken("check-write", &e);
    if (permit == 0) {
      wait_any(&peer.conn.out_ready, 1, NULL);
      continue;
    }
    guest_list_u8_t part = {(uint8_t *)text, permit < n ? (size_t)permit : n};
    if (!wasi_io_streams_method_output_stream_write(output(peer.conn.out), &part, &e)) return broken("write", &e);
    text += part.len, n -= part.len;
  }
  return true;
}

// more waits for more bytes.
static bool more(void) {
  wasi_io_streams_stream_error_t e;
  if (peer.start > 0) memmove(peer.buf, peer.buf + peer.start, peer.end - peer.start);
  peer.end -= peer.start, peer.start = 0;
  if (peer.end == sizeof peer.buf) return fail("read", "a line is too long");
  for (;;) {
    guest_list_u8_t got;
    if (!wasi_io_streams_method_input_stream_read(input(peer.conn.in), sizeof peer.buf - peer.end, &got, &e)) return broken("read", &e);
    if (got.len > 0) {
      memcpy(peer.buf + peer.end, got.ptr, got.len);
      peer.end += got.len;
      guest_list_u8_free(&got);
      return true;
    }
    wait_any(&peer.conn.in_ready, 1, NULL);
  }
}

// line takes a line without its CR LF. It is good until more is read.
static bool line(guest_string_t *l) {
  for (size_t seen = peer.start;;) {
    for (size_t i = seen; i + 1 < peer.end; i++) {
      if (peer.buf[i] != '\r' || peer.buf[i + 1] != '\n') continue;
      l->ptr = peer.buf + peer.start, l->len = i - peer.start;
      peer.start = i + 2;
      return true;
    }
    size_t kept = peer.end - peer.start;
    if (!more()) return false;
    seen = kept > 0 ? kept - 1 : 0;
  }
}

// body takes n bytes and hashes them.
static bool body(uint64_t n, uint64_t *sum) {
  *sum = 0xcbf29ce484222325;
  while (n > 0) {
    if (peer.start == peer.end && !more()) return false;
    uint64_t k = peer.end - peer.start;
    if (k > n) k = n;
    for (uint64_t i = 0; i < k; i++) *sum = (*sum ^ peer.buf[peer.start + i]) * 0x100000001b3;
    peer.start += k, n -= k;
  }
  return true;
}

static bool begins(guest_string_t s, const char *prefix) {
  size_t n = strlen(prefix);
  if (s.len < n) return false;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = s.ptr[i];
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (c != (uint8_t)prefix[i]) return false;
  }
  return true;
}

static char *text_of(guest_string_t s) {
  char *c = malloc(s.len + 1);
  memcpy(c, s.ptr, s.len);
  c[s.len] = 0;
  return c;
}

static bool get(guest_string_t host, guest_string_t path) {
  char *h = text_of(host), *p = text_of(path);
  bool ok = tell("GET ") && tell(p) && tell(" HTTP/1.1\r\nHost: ") && tell(h) && tell("\r\n\r\n");
  free(h), free(p);
  guest_string_t l;
  if (!ok || !line(&l)) return false;
  if (!begins(l, "http/1.1 ") || l.len < 12) return fail("http", "no status line");
  char status[4] = {(char)l.ptr[9], (char)l.ptr[10], (char)l.ptr[11], 0};
  uint64_t length = UINT64_MAX, sum;
  const char *field = "content-length: ";
  for (;;) {
    if (!line(&l)) return false;
    if (l.len == 0) break;
    if (begins(l, field) && !parse_u((char *)l.ptr + strlen(field), l.len - strlen(field), &length))
      return fail("http", "a content-length that is no number");
  }
  if (length == UINT64_MAX) return fail("http", "no content-length");
  if (!body(length, &sum)) return false;
  put(&out, status);
  put(&out, " ");
  put_u(&out, length);
  put(&out, " bytes fnv1a ");
  put_hex(&out, sum);
  put(&out, "\n");
  return true;
}

// reply prints a reply of redis: a line, or the bulk string that it announces.
static bool reply(void) {
  guest_string_t l;
  if (!line(&l)) return false;
  if (l.len == 0) return fail("redis", "an empty reply");
  if (l.ptr[0] != '$') {
    put_str(&out, l);
    put(&out, "\n");
    return true;
  }
  uint64_t n;
  if (!parse_u((char *)l.ptr + 1, l.len - 1, &n)) return fail("redis", "no such key");
  if (!line(&l)) return false;  // the values of the test have no line ends
  if (l.len != n) return fail("redis", "a reply of another length");
  put_str(&out, l);
  put(&out, "\n");
  return true;
}

// bulk sends an argument of a command.
static bool bulk(guest_string_t s) {
  char digits[24];
  size_t i = sizeof digits;
  digits[--i] = 0;
  size_t v = s.len;
  do digits[--i] = (char)('0' + v % 10);
  while (v /= 10);
  char *text = text_of(s);
  bool ok = tell("$") && tell(digits + i) && tell("\r\n") && tell(text) && tell("\r\n");
  free(text);
  return ok;
}

static bool redis(guest_string_t key, guest_string_t value) {
  // All at once: the replies come in order.
  return tell("*1\r\n$4\r\nPING\r\n") && tell("*3\r\n$3\r\nSET\r\n") && bulk(key) && bulk(value) &&
         tell("*2\r\n$3\r\nGET\r\n") && bulk(key) && reply() && reply() && reply();
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  addr_t to;
  bool http = args.len > 4 && is(args.ptr[1], "http"), ok = http || (args.len == 5 && is(args.ptr[1], "redis"));
  ok = ok && parse_addr(args.ptr[2], &to) ? connect_to(to, &peer.conn) : fail("usage", "tcp-ask http|redis ADDR:PORT ...");
  if (ok) {
    if (http) {
      for (size_t i = 4; ok && i < args.len; i++) ok = get(args.ptr[3], args.ptr[i]);
    } else {
      ok = redis(args.ptr[3], args.ptr[4]);
    }
    conn_drop(&peer.conn);
  }
  guest_list_string_free(&args);
  close_out();
  return ok;
}
