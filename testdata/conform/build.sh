#!/bin/sh
# build.sh builds the guests of this folder from src: build.sh [c|rust|zig|go|js|python...], c, rust and zig without arguments.
# The README beside it lists the tools. Guests are written to guests/, or to OUT: those of go, js and python are too large to keep.
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$here/guests}
CLANG=${CLANG:-clang-22}
SYSROOT_INCLUDE=${SYSROOT_INCLUDE:-/usr/include/wasm32-wasi}
SYSROOT_LIB=${SYSROOT_LIB:-/usr/lib/wasm32-wasi}
BUILTINS=${BUILTINS:-/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a}
ZIG=${ZIG:-python3 -m ziglang}
CARGO=${CARGO:-cargo}
WASM_LD=${WASM_LD:-wasm-ld-22}
COMPONENTIZE_PY=${COMPONENTIZE_PY:-componentize-py}
NODE_MODULES=${NODE_MODULES:-}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/wit/deps"
cp "$here/src/wit/world.wit" "$tmp/wit/"
for package in io clocks random filesystem sockets cli; do
  cp -R "$here/../../hostimpl/wit/$package" "$tmp/wit/deps/"
done

c() {
  (cd "$here/src/c" && $CLANG --target=wasm32-wasip1 -nostdlib -isystem "$SYSROOT_INCLUDE" -O2 -Wall -Wextra -Werror -std=gnu17 \
    -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=131072 \
    "$SYSROOT_LIB/crt1-command.o" basics.c -L "$SYSROOT_LIB" -lc "$BUILTINS" -o "$OUT/c/basics.wasm")
  wit-bindgen c "$tmp/wit" --world net --rename-world guest --out-dir "$tmp/c" >/dev/null 2>&1
  (cd "$here/../guests" && $CLANG --target=wasm32-wasip1 -mexec-model=reactor -nostdlib -isystem "$SYSROOT_INCLUDE" \
    -O2 -Wall -Wextra -Werror -std=gnu17 -I . -I rt -I "$tmp/c" -Wno-unused-parameter -Wno-unused-function \
    -Wl,--no-entry -Wl,--gc-sections -Wl,--strip-debug -Wl,-z,stack-size=65536 \
    ../conform/src/c/net.c udp/dgram.c tcp/net.c rt/rt.c rt/ctors.c "$tmp/c/guest.c" "$tmp/c/guest_component_type.o" \
    -L "$SYSROOT_LIB" -lc "$BUILTINS" -o "$tmp/net.core.wasm")
  wasm-tools component new "$tmp/net.core.wasm" -o "$OUT/c/net.wasm"
}

# Both targets' standard libraries are built with them. net imports no preview 1, so it needs no adapter.
rust() {
  cp -R "$here/src/rust" "$tmp/rust"
  cp -R "$tmp/wit" "$tmp/rust/net/wit"
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$tmp/target}" RUSTC_BOOTSTRAP=1
  export CARGO_TARGET_WASM32_WASIP1_LINKER="$WASM_LD" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$WASM_LD"
  export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-Clinker-flavor=wasm-ld -Clink-self-contained=no -Lnative=$SYSROOT_LIB -Clink-arg=$SYSROOT_LIB/crt1-command.o"
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Clinker-flavor=wasm-ld"
  (cd "$tmp/rust/basics" && $CARGO build --release --target wasm32-wasip1 -Zbuild-std=std,panic_abort)
  cp "$CARGO_TARGET_DIR/wasm32-wasip1/release/basics.wasm" "$OUT/rust/basics.wasm"
  (cd "$tmp/rust/net" && $CARGO build --release --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort)
  wasm-tools component new "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/net.wasm" -o "$OUT/rust/net.wasm"
}

zig() {
  (cd "$here/src/zig" && $ZIG build-exe -target wasm32-wasi -O ReleaseSmall -femit-bin="$OUT/zig/basics.wasm" \
    --cache-dir "$tmp/zig" --global-cache-dir "$tmp/zig-global" basics.zig)
}

go_guest() {
  (cd "$here/src/go" && GOOS=wasip1 GOARCH=wasm GOFLAGS= go build -o "$OUT/go/basics.wasm" main.go)
}

# One guest does both.
js() {
  cp -R "$here/src/js" "$tmp/js"
  if [ -n "$NODE_MODULES" ]; then
    ln -s "$NODE_MODULES" "$tmp/js/node_modules"
  else
    (cd "$tmp/js" && npm install --no-package-lock --no-audit --no-fund >/dev/null)
  fi
  (cd "$tmp/js" && node build.mjs "$tmp/wit" "$OUT/js/basics.wasm")
  cp "$OUT/js/basics.wasm" "$OUT/js/net.wasm"
}

python() {
  $COMPONENTIZE_PY -d "$tmp/wit" -w guest componentize -p "$here/src/python" guest -o "$OUT/python/basics.wasm"
  cp "$OUT/python/basics.wasm" "$OUT/python/net.wasm"
}

[ $# -gt 0 ] || set -- c rust zig
for language; do
  mkdir -p "$OUT/$language"
  case $language in
  c | rust | zig | js | python) $language ;;
  go) go_guest ;;
  *) echo "build.sh: no language $language" >&2 && exit 2 ;;
  esac
  chmod 644 "$OUT/$language"/*.wasm
  ls -l "$OUT/$language"/*.wasm
done
