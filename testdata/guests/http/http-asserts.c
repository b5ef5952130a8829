// http-asserts [PROGRAM]: what a guest may count on from wasi:http/types when it may send nothing. http-asserts mistake NAME: must trap.
#include "asserts.h"

typedef wasi_http_types_own_fields_t fields_t;
typedef wasi_http_types_own_outgoing_request_t request_t;
typedef wasi_http_types_own_outgoing_response_t response_t;
typedef wasi_http_types_own_outgoing_body_t body_t;
typedef wasi_io_streams_own_output_stream_t stream_t;
typedef wasi_http_types_error_code_t code_t;

enum { OK = -1 };
enum {
  INVALID = WASI_HTTP_TYPES_HEADER_ERROR_INVALID_SYNTAX,
  FORBIDDEN = WASI_HTTP_TYPES_HEADER_ERROR_FORBIDDEN,
  IMMUTABLE = WASI_HTTP_TYPES_HEADER_ERROR_IMMUTABLE,
};

void put_answer(int64_t answer) {
  if (answer < 0) put(&err, "-");
  put_u(&err, (uint64_t)(answer < 0 ? -answer : answer));
}

// --- the interface in short

#define F wasi_http_types_borrow_fields
#define R wasi_http_types_borrow_outgoing_request

static guest_string_t str(const char *s) { return (guest_string_t){(uint8_t *)s, strlen(s)}; }
static wasi_http_types_field_value_t value(const char *s) { return (wasi_http_types_field_value_t){(uint8_t *)s, strlen(s)}; }

static fields_t new_fields(void) { return wasi_http_types_constructor_fields(); }
static request_t new_request(void) { return wasi_http_types_constructor_outgoing_request(new_fields()); }

static int append(fields_t f, const char *name, const char *v) {
  guest_string_t n = str(name);
  wasi_http_types_field_value_t val = value(v);
  wasi_http_types_header_error_t e;
  return wasi_http_types_method_fields_append(F(f), &n, &val, &e) ? OK : e.tag;
}

static int set2(fields_t f, const char *name, const char *a, const char *b) {
  guest_string_t n = str(name);
  wasi_http_types_field_value_t both[] = {value(a ? a : ""), value(b ? b : "")};
  wasi_http_types_list_field_value_t list = {both, (size_t)(a != NULL) + (b != NULL)};
  wasi_http_types_header_error_t e;
  return wasi_http_types_method_fields_set(F(f), &n, &list, &e) ? OK : e.tag;
}

static int delete(fields_t f, const char *name) {
  guest_string_t n = str(name);
  wasi_http_types_header_error_t e;
  return wasi_http_types_method_fields_delete(F(f), &n, &e) ? OK : e.tag;
}

static bool has(fields_t f, const char *name) {
  guest_string_t n = str(name);
  return wasi_http_types_method_fields_has(F(f), &n);
}

static size_t count(fields_t f, const char *name) {
  guest_string_t n = str(name);
  wasi_http_types_list_field_value_t list;
  wasi_http_types_method_fields_get(F(f), &n, &list);
  size_t len = list.len;
  wasi_http_types_list_field_value_free(&list);
  return len;
}

// entry reports whether the I-th of N entries is NAME: VALUE.
static bool entry(fields_t f, size_t i, size_t n, const char *name, const char *v) {
  wasi_http_types_list_tuple2_field_name_field_value_t list;
  wasi_http_types_method_fields_entries(F(f), &list);
  bool same = list.len == n && is(list.ptr[i].f0, name) && list.ptr[i].f1.len == strlen(v) && memcmp(list.ptr[i].f1.ptr, v, strlen(v)) == 0;
  wasi_http_types_list_tuple2_field_name_field_value_free(&list);
  return same;
}

static int from_list(const char *name, const char *v, fields_t *f) {
  wasi_http_types_tuple2_field_name_field_value_t both[] = {{str("Ok"), value("1")}, {str(name), value(v)}};
  wasi_http_types_list_tuple2_field_name_field_value_t list = {both, 2};
  wasi_http_types_header_error_t e;
  return wasi_http_types_static_fields_from_list(&list, f, &e) ? OK : e.tag;
}

static bool set_path(request_t r, const char *s) {
  guest_string_t v = str(s);
  return wasi_http_types_method_outgoing_request_set_path_with_query(R(r), &v);
}

static bool set_authority(request_t r, const char *s) {
  guest_string_t v = str(s);
  return wasi_http_types_method_outgoing_request_set_authority(R(r), &v);
}

static bool set_method(request_t r, const char *s) {
  wasi_http_types_method_t m = {.tag = WASI_HTTP_TYPES_METHOD_OTHER, .val.other = str(s)};
  return wasi_http_types_method_outgoing_request_set_method(R(r), &m);
}

static bool set_scheme(request_t r, const char *s) {
  wasi_http_types_scheme_t v = {.tag = WASI_HTTP_TYPES_SCHEME_OTHER, .val.other = str(s)};
  return wasi_http_types_method_outgoing_request_set_scheme(R(r), &v);
}

static bool body_of(request_t r, body_t *b) { return wasi_http_types_method_outgoing_request_body(R(r), b); }
static bool stream_of(body_t b, stream_t *s) { return wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(b), s); }

// write says how it went: OK, or the tag of the error, whose HTTP code goes to c.
static int write(stream_t s, const char *text, code_t *c) {
  guest_list_u8_t bytes = {(uint8_t *)text, strlen(text)};
  wasi_io_streams_stream_error_t e;
  if (wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(s), &bytes, &e)) return OK;
  if (e.tag == WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED && c != NULL &&
      !wasi_http_types_http_error_code(wasi_io_error_borrow_error(e.val.last_operation_failed), c))
    c->tag = 255;
  drop_error(&e);
  return e.tag;
}

static int finish(body_t b, fields_t *trailers, code_t *c) { return wasi_http_types_static_outgoing_body_finish(b, trailers, c) ? OK : c->tag; }

static int handle(request_t r) {
  wasi_http_types_own_future_incoming_response_t f;
  code_t c;
  if (wasi_http_outgoing_handler_handle(r, NULL, &f, &c)) return OK;
  return c.tag;
}

static request_t sendable(void) {
  request_t r = new_request();
  set_authority(r, "example.com");
  set_path(r, "/");
  return r;
}

// --- programs

static bool fields(void) {
  fields_t f = new_fields();
  want(append(f, "Content-Type", "text/html"), OK);
  want(append(f, "X-Two", "1"), OK);
  want(append(f, "x-two", "2"), OK);
  want(entry(f, 0, 3, "Content-Type", "text/html"), true);
  want(entry(f, 1, 3, "X-Two", "1"), true);
  want(entry(f, 2, 3, "x-two", "2"), true);
  want(has(f, "CONTENT-type"), true);
  want(has(f, "none"), false);
  want(has(f, "not a name"), false);
  want(count(f, "X-TWO"), 2);
  want(count(f, "not a name"), 0);
  want(set2(f, "X-TWO", "3", "4"), OK);
  want(entry(f, 1, 3, "X-TWO", "3"), true);
  want(set2(f, "x-two", NULL, NULL), OK);
  want(has(f, "x-two"), false);
  want(delete (f, "Content-Type"), OK);
  want(delete (f, "Content-Type"), OK);

  want(append(f, "malformed header name", "ok"), INVALID);
  want(append(f, "", "ok"), INVALID);
  want(append(f, "a\r\nb", "ok"), INVALID);
  want(append(f, "ok", "bad\nvalue"), INVALID);
  want(append(f, "ok", "bad\r\nhost: evil"), INVALID);
  want(set2(f, "ok", "1", "bad\rvalue"), INVALID);
  want(set2(f, "bad name", NULL, NULL), INVALID);
  want(delete (f, "bad name"), INVALID);
  want(append(f, "content-length", "+1"), INVALID);
  const char *forbidden[] = {"Connection", "keep-alive", "HOST", "Transfer-Encoding", "upgrade", "proxy-connection"};
  for (int i = 0; i < 6; i++) {
    want(append(f, forbidden[i], "x"), FORBIDDEN);
    want(set2(f, forbidden[i], "x", NULL), FORBIDDEN);
    want(delete (f, forbidden[i]), FORBIDDEN);
  }

  fields_t g;
  want(from_list("Also", "2", &g), OK);
  want(entry(g, 1, 2, "Also", "2"), true);
  fields_t clone = wasi_http_types_method_fields_clone(F(g));
  want(append(clone, "more", "3"), OK);
  want(has(g, "more"), false);
  wasi_http_types_fields_drop_own(clone);
  wasi_http_types_fields_drop_own(g);
  want(from_list("bad name", "2", &g), INVALID);
  want(from_list("ok", "\n", &g), INVALID);
  want(from_list("Host", "example.com", &g), FORBIDDEN);

  request_t r = wasi_http_types_constructor_outgoing_request(f);
  fields_t h = wasi_http_types_method_outgoing_request_headers(R(r));
  want(append(h, "a", "1"), IMMUTABLE);
  want(set2(h, "a", NULL, NULL), IMMUTABLE);
  want(delete (h, "a"), IMMUTABLE);
  clone = wasi_http_types_method_fields_clone(F(h));
  want(append(clone, "a", "1"), OK);
  // A child may move on: it then belongs to nobody but the next message.
  request_t second = wasi_http_types_constructor_outgoing_request(h);
  wasi_http_types_outgoing_request_drop_own(r);
  wasi_http_types_outgoing_request_drop_own(second);
  wasi_http_types_fields_drop_own(clone);
  return true;
}

static bool limits(void) {
  fields_t f = new_fields();
  int e = OK, n = 0;
  for (; n < 32769 && e == OK; n++) e = append(f, "a", "");
  want(e, FORBIDDEN);
  want(n > 1000, true);
  want(append(f, "a", ""), FORBIDDEN);
  want(delete (f, "a"), OK);
  char *big = malloc(1 << 20);
  memset(big, 'x', (1 << 20) - 1);
  big[(1 << 20) - 1] = 0;
  want(append(f, "a", big), FORBIDDEN);
  want(set2(f, "a", big, NULL), FORBIDDEN);
  want(append(f, big, "x"), FORBIDDEN);
  want(append(f, "a", "1"), OK);
  wasi_http_types_fields_drop_own(f);
  request_t r = new_request();
  big[0] = '/';
  want(set_path(r, big), false);
  want(set_authority(r, big + 1), false);
  want(set_method(r, big + 1), false);
  want(set_scheme(r, big + 1), false);
  big[65000] = 0;
  want(set_path(r, big), true);
  wasi_http_types_outgoing_request_drop_own(r);
  return true;
}

static bool requests(void) {
  request_t r = new_request();
  guest_string_t s;
  want(wasi_http_types_method_outgoing_request_path_with_query(R(r), &s), false);
  want(wasi_http_types_method_outgoing_request_authority(R(r), &s), false);
  wasi_http_types_scheme_t scheme;
  want(wasi_http_types_method_outgoing_request_scheme(R(r), &scheme), false);
  wasi_http_types_method_t method;
  wasi_http_types_method_outgoing_request_method(R(r), &method);
  want(method.tag, WASI_HTTP_TYPES_METHOD_GET);

  want(set_method(r, "PURGE"), true);
  wasi_http_types_method_outgoing_request_method(R(r), &method);
  want(method.tag, WASI_HTTP_TYPES_METHOD_OTHER);
  want(is(method.val.other, "PURGE"), true);
  want(set_method(r, "bad\nmethod"), false);
  want(set_method(r, "invalid method"), false);
  want(set_method(r, ""), false);

  want(set_authority(r, "bad-\nhost"), false);
  want(set_authority(r, "[::]:443"), true);
  want(set_authority(r, "[::]"), true);
  want(set_authority(r, "localhost:99999"), false);
  want(set_authority(r, "localhost:"), false);
  want(set_authority(r, ""), false);
  want(set_authority(r, "localhost:3000"), true);
  want(wasi_http_types_method_outgoing_request_authority(R(r), &s), true);
  want(is(s, "localhost:3000"), true);
  want(wasi_http_types_method_outgoing_request_set_authority(R(r), NULL), true);
  want(wasi_http_types_method_outgoing_request_authority(R(r), &s), false);

  want(set_scheme(r, "bad\nscheme"), false);
  want(set_scheme(r, ""), false);
  want(set_scheme(r, "wss"), true);
  want(wasi_http_types_method_outgoing_request_scheme(R(r), &scheme), true);
  want(is(scheme.val.other, "wss"), true);

  want(set_path(r, "/bad\npath"), false);
  want(set_path(r, "relative"), false);
  want(set_path(r, "/a b"), false);
  want(set_path(r, "/a?b=c&d"), true);
  want(wasi_http_types_method_outgoing_request_path_with_query(R(r), &s), true);
  want(is(s, "/a?b=c&d"), true);
  wasi_http_types_outgoing_request_drop_own(r);
  return true;
}

static bool responses(void) {
  response_t r = wasi_http_types_constructor_outgoing_response(new_fields());
  wasi_http_types_borrow_outgoing_response_t b = wasi_http_types_borrow_outgoing_response(r);
  want(wasi_http_types_method_outgoing_response_status_code(b), 200);
  want(wasi_http_types_method_outgoing_response_set_status_code(b, 404), true);
  want(wasi_http_types_method_outgoing_response_set_status_code(b, 99), false);
  want(wasi_http_types_method_outgoing_response_set_status_code(b, 1000), false);
  want(wasi_http_types_method_outgoing_response_status_code(b), 404);
  fields_t h = wasi_http_types_method_outgoing_response_headers(b);
  want(append(h, "a", "1"), IMMUTABLE);
  wasi_http_types_fields_drop_own(h);
  body_t body, second;
  want(wasi_http_types_method_outgoing_response_body(b, &body), true);
  want(wasi_http_types_method_outgoing_response_body(b, &second), false);
  stream_t s;
  want(stream_of(body, &s), true);
  want(write(s, "response-body", NULL), OK);
  wasi_io_streams_output_stream_drop_own(s);
  code_t c;
  want(finish(body, NULL, &c), OK);
  wasi_http_types_outgoing_response_drop_own(r);
  return true;
}

static bool options(void) {
  wasi_http_types_own_request_options_t o = wasi_http_types_constructor_request_options();
  wasi_http_types_borrow_request_options_t b = wasi_http_types_borrow_request_options(o);
  wasi_http_types_duration_t d = 5, got;
  want(wasi_http_types_method_request_options_connect_timeout(b, &got), false);
  want(wasi_http_types_method_request_options_set_connect_timeout(b, &d), true);
  want(wasi_http_types_method_request_options_connect_timeout(b, &got), true);
  want(got, 5);
  d = UINT64_MAX;
  want(wasi_http_types_method_request_options_set_first_byte_timeout(b, &d), true);
  want(wasi_http_types_method_request_options_first_byte_timeout(b, &got), true);
  want(got == UINT64_MAX, true);
  want(wasi_http_types_method_request_options_set_connect_timeout(b, NULL), true);
  want(wasi_http_types_method_request_options_connect_timeout(b, &got), false);
  want(wasi_http_types_method_request_options_between_bytes_timeout(b, &got), false);
  request_t r = sendable();
  wasi_http_types_own_future_incoming_response_t f;
  code_t c;
  want(wasi_http_outgoing_handler_handle(r, &o, &f, &c), false);
  want(c.tag, WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED);
  return true;
}

static request_t promising(const char *length) {
  fields_t f = new_fields();
  append(f, "Content-Length", length);
  return wasi_http_types_constructor_outgoing_request(f);
}

static bool bodies(void) {
  struct {
    const char *text;
    int written, finished;
    uint64_t length;
  } const cases[] = {
      {"long enough", OK, OK, 0},
      {"msg", OK, WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_BODY_SIZE, 3},
      {"more than 11 bytes", WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED, WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_BODY_SIZE, 18},
  };
  for (int i = 0; i < 3; i++) {
    request_t r = promising("11");
    body_t b, second;
    stream_t s, other;
    code_t c;
    want(body_of(r, &b), true);
    want(body_of(r, &second), false);
    want(stream_of(b, &s), true);
    want(stream_of(b, &other), false);
    want(write(s, cases[i].text, &c), cases[i].written);
    if (cases[i].written != OK) {
      want(c.tag, cases[i].finished);
      want(c.val.http_request_body_size.val, cases[i].length);
      want(write(s, "x", NULL), WASI_IO_STREAMS_STREAM_ERROR_CLOSED);
    }
    wasi_io_streams_output_stream_drop_own(s);
    want(finish(b, NULL, &c), cases[i].finished);
    if (cases[i].finished != OK) want(c.val.http_request_body_size.val, cases[i].length);
    wasi_http_types_outgoing_request_drop_own(r);
  }
  fields_t two = new_fields();
  append(two, "content-length", "1");
  append(two, "content-length", "2");
  request_t r = wasi_http_types_constructor_outgoing_request(two);
  body_t b;
  want(body_of(r, &b), false);
  wasi_http_types_outgoing_request_drop_own(r);
  return true;
}

static bool denied(void) {
  want(handle(sendable()), WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED);
  request_t r = sendable();
  set_scheme(r, "ws");
  want(handle(r), WASI_HTTP_TYPES_ERROR_CODE_HTTP_PROTOCOL_ERROR);
  want(handle(new_request()), WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_URI_INVALID);

  // The body outlives the request that was denied; its headers do, too.
  r = sendable();
  fields_t h = wasi_http_types_method_outgoing_request_headers(R(r));
  body_t b;
  stream_t s;
  want(body_of(r, &b), true);
  want(stream_of(b, &s), true);
  wasi_io_poll_own_pollable_t p = wasi_io_streams_method_output_stream_subscribe(wasi_io_streams_borrow_output_stream(s));
  want(handle(r), WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED);
  want(wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(p)), true);
  want(write(s, "too late", NULL), WASI_IO_STREAMS_STREAM_ERROR_CLOSED);
  wasi_io_poll_pollable_drop_own(p);
  wasi_io_streams_output_stream_drop_own(s);
  code_t c;
  fields_t trailers = new_fields();
  append(trailers, "x-sum", "1");
  want(finish(b, &trailers, &c), OK);
  want(has(h, "a"), false);
  wasi_http_types_fields_drop_own(h);
  return true;
}

// --- mistakes

static void drop_request_with_headers(void) {
  request_t r = new_request();
  wasi_http_types_method_outgoing_request_headers(R(r));
  wasi_http_types_outgoing_request_drop_own(r);
}

static void drop_response_with_headers(void) {
  response_t r = wasi_http_types_constructor_outgoing_response(new_fields());
  wasi_http_types_method_outgoing_response_headers(wasi_http_types_borrow_outgoing_response(r));
  wasi_http_types_outgoing_response_drop_own(r);
}

static void drop_body_with_stream(void) {
  body_t b;
  stream_t s;
  body_of(new_request(), &b);
  stream_of(b, &s);
  wasi_http_types_outgoing_body_drop_own(b);
}

static void finish_body_with_stream(void) {
  body_t b;
  stream_t s;
  code_t c;
  body_of(new_request(), &b);
  stream_of(b, &s);
  finish(b, NULL, &c);
}

static void drop_stream_with_pollable(void) {
  body_t b;
  stream_t s;
  body_of(new_request(), &b);
  stream_of(b, &s);
  wasi_io_streams_method_output_stream_subscribe(wasi_io_streams_borrow_output_stream(s));
  wasi_io_streams_output_stream_drop_own(s);
}

static void use_request_that_was_handled(void) {
  request_t r = sendable();
  handle(r);
  set_path(r, "/");
}

static void use_fields_that_were_given_away(void) {
  fields_t f = new_fields();
  wasi_http_types_constructor_outgoing_request(f);
  append(f, "a", "1");
}

static void write_without_permit(void) {
  body_t b;
  stream_t s;
  body_of(new_request(), &b);
  stream_of(b, &s);
  guest_list_u8_t bytes = {(uint8_t *)"x", 1};
  wasi_io_streams_stream_error_t e;
  wasi_io_streams_method_output_stream_write(wasi_io_streams_borrow_output_stream(s), &bytes, &e);
}

static void clone_without_end(void) {
  fields_t f = new_fields();
  char kib[1025];
  memset(kib, 'x', 1024);
  kib[1024] = 0;
  while (append(f, "a", kib) == OK) {
  }
  for (;;) wasi_http_types_method_fields_clone(F(f));
}

static const struct {
  const char *name;
  bool (*run)(void);
} programs[] = {
    {"fields", fields},   {"limits", limits}, {"requests", requests}, {"responses", responses},
    {"options", options}, {"bodies", bodies}, {"denied", denied},
};

static const struct {
  const char *name;
  void (*run)(void);
} mistakes[] = {
    {"drop-request-with-headers", drop_request_with_headers},
    {"drop-response-with-headers", drop_response_with_headers},
    {"drop-body-with-stream", drop_body_with_stream},
    {"finish-body-with-stream", finish_body_with_stream},
    {"drop-stream-with-pollable", drop_stream_with_pollable},
    {"use-request-that-was-handled", use_request_that_was_handled},
    {"use-fields-that-were-given-away", use_fields_that_were_given_away},
    {"write-without-permit", write_without_permit},
    {"clone-without-end", clone_without_end},
};

static bool run(guest_list_string_t args) {
  if (args.len > 2 && is(args.ptr[1], "mistake")) {
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
      if (is(args.ptr[2], mistakes[i].name)) {
        mistakes[i].run();
        put(&err, "the mistake was not noticed\n");
        return false;
      }
    }
  }
  bool known = false;
  for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
    if (args.len > 1 && !is(args.ptr[1], programs[i].name)) continue;
    known = true;
    if (!programs[i].run()) return false;
    report(programs[i].name, "", true);
  }
  if (!known) put(&err, "no such program\n");
  return known;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  bool ok = run(args);
  guest_list_string_free(&args);
  close_out();
  return ok;
}
