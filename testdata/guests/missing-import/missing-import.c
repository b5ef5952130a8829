// missing-import: should never start where acme:missing/thing is not offered. Run succeeds when lookup knows "answer".
#include "guest.h"

bool exports_wasi_cli_run_run(void) {
  guest_string_t key;
  guest_string_set(&key, "answer");
  uint32_t found;
  return acme_missing_thing_lookup(&key, &found);
}
