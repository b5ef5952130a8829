// table tcp|udp 4|6 "STATE CALL"...: rows of testdata/transitions, run from inside. For each it prints
// "STATE CALL ANSWER NEXT-STATE" on a line.
#include "table.h"

static guest_string_t current;

void put_row(const char *answer, const char *next) {
  put_str(&out, current);
  put(&out, " ");
  put(&out, answer);
  put(&out, " ");
  put(&out, next);
  put(&out, "\n");
}

// copy ends the text with a zero, and is false when there is no room.
static bool copy(char to[40], const uint8_t *from, size_t n) {
  if (n >= 40) return false;
  memcpy(to, from, n);
  to[n] = 0;
  return true;
}

static bool parse_row(guest_string_t s, row_t *r) {
  const uint8_t *space = memchr(s.ptr, ' ', s.len);
  if (!space || !copy(r->state, s.ptr, (size_t)(space - s.ptr))) return false;
  const uint8_t *call = space + 1, *end = s.ptr + s.len;
  const uint8_t *open = memchr(call, '(', (size_t)(end - call));
  r->given[0] = 0;
  if (!open) return copy(r->call, call, (size_t)(end - call));
  return end[-1] == ')' && copy(r->call, call, (size_t)(open - call)) && copy(r->given, open + 1, (size_t)(end - open - 2));
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  bool tcp = args.len > 2 && is(args.ptr[1], "tcp"), udp = args.len > 2 && is(args.ptr[1], "udp");
  bool ok = tcp || udp || fail("usage", "table tcp|udp 4|6 \"STATE CALL\"...");
  for (size_t i = 3; ok && i < args.len; i++) {
    row_t r = {.v6 = is(args.ptr[2], "6")};
    current = args.ptr[i];
    ok = parse_row(current, &r) ? (tcp ? tcp_row : udp_row)(&r) : fail("usage", "a row is STATE CALL or STATE CALL(WORD)");
    if (!ok) {
      put_str(&err, current);
      put(&err, " went wrong\n");
    }
  }
  guest_list_string_free(&args);
  close_out();
  return ok;
}
