// traps: a command that traps as its argument says, some calls deep. It keeps its debugging information.
#include "traps.h"

#include "rt.h"

static volatile int zero;
static int numbers[4] = {1, 2, 3, 4};

// parse_header is inlined into parse_message.
static inline __attribute__((always_inline)) int parse_header(int kind) {
  if (kind == 3) __builtin_trap();
  return kind + 1;
}

__attribute__((noinline)) int parse_message(int kind) {
  int header = parse_header(kind);
  return header + zero;
}

__attribute__((noinline)) int read_far(uint32_t where) {
  return *(volatile int *)(uintptr_t)(where + zero) + 1;
}

__attribute__((noinline)) int divide(int a, int b) {
  return a / b + zero;
}

__attribute__((noinline)) int with_float(float x) { return (int)x + zero; }

typedef int (*callback)(int);

__attribute__((noinline)) int call_back(callback f) {
  return f(1) + zero;
}

// count_down calls itself until it is done, and then traps.
__attribute__((noinline)) int count_down(int n) {
  if (n == 0) __builtin_trap();
  return count_down(n - 1) + zero;
}

__attribute__((noinline)) int without_end(int n) {
  if (zero) return n;
  return without_end(n + 1) + numbers[n & 3];
}

// The host traps in these: a handle that is none, one with children, more than there can be.
__attribute__((noinline)) int forged_handle(uint32_t handle) {
  wasi_io_streams_own_output_stream_t stream = {.__handle = (int32_t)handle};
  wasi_io_streams_stream_error_t e;
  return wasi_io_streams_method_output_stream_flush(wasi_io_streams_borrow_output_stream(stream), &e);
}

__attribute__((noinline)) void drop_twice(void) {
  wasi_io_streams_own_output_stream_t stream = wasi_cli_stdout_get_stdout();
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_io_streams_output_stream_drop_own(stream);
}

// Raw imports: the bindings would not pass what is wrong.
__attribute__((import_module("wasi:io/streams@0.2.12"), import_name("[method]output-stream.write"))) void raw_write(int32_t handle, uint32_t at, uint32_t n,
                                                                                                                    uint32_t result);

__attribute__((noinline)) void write_far(void) {
  wasi_io_streams_own_output_stream_t stream = wasi_cli_stdout_get_stdout();
  raw_write(stream.__handle, 0xfffffff0, 64, 8);
}

__attribute__((noinline)) void write_askew(void) {
  wasi_io_streams_own_output_stream_t stream = wasi_cli_stdout_get_stdout();
  raw_write(stream.__handle, 64, 1, 13);
}

static bool refuse_memory;

// cabi_realloc takes the place of that of the bindings.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  if (refuse_memory || (old == NULL && align == 1 && size == 13)) __builtin_trap();
  return realloc(old, size == 0 ? align : size);
}

__attribute__((noinline)) void ask_for_random(void) {
  guest_list_u8_t bytes;
  refuse_memory = true;
  wasi_random_random_get_random_bytes(16, &bytes);
}

struct exports_tenon_guests_faults_fragile_t {
  int whole;
};

exports_tenon_guests_faults_own_fragile_t exports_tenon_guests_faults_constructor_fragile(void) {
  static exports_tenon_guests_faults_fragile_t one;
  return exports_tenon_guests_faults_fragile_new(&one);
}

void exports_tenon_guests_faults_fragile_destructor(exports_tenon_guests_faults_fragile_t *rep) { count_down(rep->whole); }

void exports_tenon_guests_faults_greet(guest_string_t *name) { (void)name; }

static char bye[] = "bye";

void exports_tenon_guests_faults_farewell(guest_string_t *ret) { *ret = (guest_string_t){(uint8_t *)bye, 3}; }

// free_checked takes the place of free in the bindings, which call it after farewell.
void free_checked(void *p) {
  if (p == bye) __builtin_trap();
  free(p);
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  guest_string_t how = args.len > 1 ? args.ptr[1] : (guest_string_t){0};
  uint64_t n = 0;
  if (args.len > 2) parse_u((const char *)args.ptr[2].ptr, args.ptr[2].len, &n);
  if (is(how, "unreachable")) return parse_message(3) == 0;
  if (is(how, "bounds")) return read_far(0xfffffff0) == 0;
  if (is(how, "divide")) return divide(7, zero) == 0;
  if (is(how, "divide-overflow")) return divide(-0x7fffffff - 1, zero - 1) == 0;
  if (is(how, "float")) return with_float(1e30f + (float)zero) == 0;
  if (is(how, "mismatch")) return call_back((callback)(void *)write_far) == 0;
  if (is(how, "no-function")) return call_back((callback)(uintptr_t)(100000 + zero)) == 0;
  if (is(how, "recursion")) return count_down((int)n) == 0;
  if (is(how, "overflow")) return without_end(0) == 0;
  if (is(how, "cplusplus")) return traps_cplusplus((int)args.len) == 0;
  if (is(how, "forged")) return forged_handle(77);
  if (is(how, "drop-twice")) drop_twice();
  if (is(how, "write-far")) write_far();
  if (is(how, "write-askew")) write_askew();
  if (is(how, "realloc")) ask_for_random();
  put(&err, "usage: traps HOW\n");
  close_out();
  return false;
}
