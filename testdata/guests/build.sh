#!/bin/sh
# build.sh builds the guests from source: build.sh [GUEST...], all of them without arguments.
# The README beside it lists the tools and their versions. Bindings are made in a temporary folder and thrown away.
#
#   WIT   folder with the packages io, clocks, random, filesystem, sockets, cli and http of WASI 0.2.12, and the drafts of
#         config, keyvalue and logging
#   OUT   where the .wasm files go (here)
#   CORES where all core modules go that carry a world, as they are before they are made components (nowhere; some go to
#         modules/embedded in any case)
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
WIT=${WIT:-$here/../../hostimpl/wit}
OUT=${OUT:-$here}
CLANG=${CLANG:-clang-22}
SYSROOT_INCLUDE=${SYSROOT_INCLUDE:-/usr/include/wasm32-wasi}
SYSROOT_LIB=${SYSROOT_LIB:-/usr/lib/wasm32-wasi}
ZIG=${ZIG:-python3 -m ziglang}
BUILTINS=${BUILTINS:-/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a}

if [ ! -d "$WIT/cli" ]; then
  echo "build.sh: no WASI packages in $WIT; set WIT to their folder" >&2
  exit 2
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# bind NAME WORLD_FOLDER [wit-bindgen flags]: C bindings as guest.{h,c}, in $tmp/NAME.
bind() {
  name=$1 world=$2
  shift 2
  mkdir -p "$tmp/$name/wit/deps"
  for package in io clocks random filesystem sockets cli http config keyvalue logging; do
    cp -R "$WIT/$package" "$tmp/$name/wit/deps/"
  done
  cp "$world"/*.wit "$tmp/$name/wit/"
  wit-bindgen c "$tmp/$name/wit" --rename-world guest --out-dir "$tmp/$name" "$@" >/dev/null 2>&1
}

# cc NAME FILES...: core module $tmp/NAME.core.wasm. Run in $here, so that no absolute path gets into it.
cc() {
  name=$1 types=$tmp/$1/guest_component_type.o
  shift
  [ -e "$types" ] || types=
  (cd "$here" && $CLANG --target=wasm32-wasip1 -mexec-model=reactor -nostdlib -isystem "$SYSROOT_INCLUDE" \
    -O2 -Wall -Wextra -Werror -std=gnu17 -I rt -I "$tmp/$name" \
    -Wl,--no-entry -Wl,--gc-sections -Wl,--strip-debug -Wl,-z,stack-size=65536 \
    -Wno-unused-parameter -Wno-unused-function \
    "$@" rt/ctors.c "$tmp/$name/guest.c" $types \
    -L "$SYSROOT_LIB" -lc "$BUILTINS" -o "$tmp/$name.core.wasm")
}

# component NAME: wrap, validate, put in place. The producers sections stay: they tell the tool versions.
component() {
  case $1 in
  hello | resources | values-* | tcp-selftest)
    mkdir -p "$OUT/modules/embedded"
    install -m 644 "$tmp/$1.core.wasm" "$OUT/modules/embedded/$1.wasm"
    ;;
  esac
  if [ -n "${CORES:-}" ]; then
    cp "$tmp/$1.core.wasm" "$CORES/$1.wasm"
  fi
  wasm-tools component new "$tmp/$1.core.wasm" -o "$tmp/$1.wasm"
  place "$1"
}

place() {
  wasm-tools validate --features component-model "$tmp/$1.wasm"
  cp "$tmp/$1.wasm" "$OUT/$1.wasm"
  echo "$1.wasm $(wc -c <"$OUT/$1.wasm") bytes"
}

hello() {
  bind hello "$here/hello"
  cc hello hello/hello.c rt/rt.c
  component hello
}

# values_in ENCODING FLAG: the C generator knows utf8 and utf16. For compact-utf16 it lays out the same pointers and
# lengths as for utf8, so its bindings serve, and wasm-tools embeds the other encoding.
values_in() {
  guest=values-$1
  case $1 in
  latin1)
    bind "$guest" "$here/values" -w roundtrip --no-object-file
    cc "$guest" values/values.c -fno-strict-aliasing -DSTRINGS_LATIN1
    wasm-tools component embed --encoding compact-utf16 -w roundtrip "$tmp/$guest/wit" "$tmp/$guest.core.wasm" \
      -o "$tmp/$guest.embedded.wasm"
    mv "$tmp/$guest.embedded.wasm" "$tmp/$guest.core.wasm"
    ;;
  *)
    bind "$guest" "$here/values" -w roundtrip --string-encoding "$1"
    cc "$guest" values/values.c -fno-strict-aliasing "-DSTRINGS_$(echo "$1" | tr a-z A-Z)"
    ;;
  esac
  component "$guest"
}

# adapter JCO_VERSION: the path of the preview 1 command adapter in that release of jco on npm.
adapter() {
  dir=$tmp/jco-$1 file=package/lib/wasi_snapshot_preview1.command.wasm
  if [ ! -e "$dir/$file" ]; then
    mkdir -p "$dir"
    (cd "$dir" && npm pack --silent "@bytecodealliance/jco@$1" >/dev/null 2>&1 && tar xzf ./*.tgz "$file")
  fi
  echo "$dir/$file"
}

# adapted NAME JCO_VERSION: a preview 1 program with libc's stdio, and the adapter of that release.
adapted() {
  (cd "$here" && $CLANG --target=wasm32-wasip1 -nostdlib -isystem "$SYSROOT_INCLUDE" -O2 -Wall -Wextra -Werror -std=gnu17 \
    -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=65536 \
    "$SYSROOT_LIB/crt1-command.o" hello-adapter/hello-adapter.c -L "$SYSROOT_LIB" -lc "$BUILTINS" -o "$tmp/$1.core.wasm")
  adapt "$1" "$2"
}

adapt() {
  wasm-tools component new "$tmp/$1.core.wasm" --adapt "wasi_snapshot_preview1=$(adapter "$2")" -o "$tmp/$1.wasm"
  place "$1"
}

hello_zig() {
  (cd "$here/hello-zig" && $ZIG build-exe -target wasm32-wasi -O ReleaseSmall -femit-bin="$tmp/hello-zig.core.wasm" \
    --cache-dir "$tmp/zig" --global-cache-dir "$tmp/zig-global" hello-zig.zig)
  adapt hello-zig 1.35.0
}

# traps keeps its debugging information, in both versions of DWARF that are about; libraries and bindings have none.
# Paths in it are those of this folder, wherever that is.
traps() {
  bind traps "$here/traps" -w traps
  debug="-g -ffile-prefix-map=$here=. -ffile-prefix-map=$tmp=build -fdebug-compilation-dir=."
  flags="--target=wasm32-wasip1 -isystem $SYSROOT_INCLUDE -O2 -Wall -Wextra -Werror -I rt -I $tmp/traps"
  (cd "$here" && $CLANG $flags -std=gnu17 $debug -gdwarf-4 -Wno-unused-parameter -c traps/traps.c -o "$tmp/traps/traps.o" &&
    $CLANG $flags -std=c++17 -fno-exceptions -fno-rtti $debug -gdwarf-5 -c traps/shapes.cpp -o "$tmp/traps/shapes.o" &&
    $CLANG $flags -std=gnu17 -Wno-unused-parameter -Wno-unused-function -Dfree=free_checked -c "$tmp/traps/guest.c" -o "$tmp/traps/guest.o" &&
    $CLANG $flags -std=gnu17 -Wno-unused-parameter -mexec-model=reactor -nostdlib -Wl,--no-entry -Wl,--gc-sections -Wl,-z,stack-size=65536 \
      "$tmp/traps/traps.o" "$tmp/traps/shapes.o" "$tmp/traps/guest.o" rt/rt.c rt/ctors.c "$tmp/traps/guest_component_type.o" \
      -L "$SYSROOT_LIB" -lc "$BUILTINS" -o "$tmp/traps.core.wasm")
  component traps
}

# plain NAME: a folder with one world of its own and one C file.
plain() {
  bind "$1" "$here/$1" -w "$1"
  cc "$1" "$1/$1.c"
  component "$1"
}

# values-utf8 inside, served by a provider with UTF-16.
composed() {
  [ -e "$tmp/values-utf8.wasm" ] || values_in utf8
  bind provider "$here/values" -w provider --string-encoding utf16
  cc provider composed/provider.c
  wasm-tools component new "$tmp/provider.core.wasm" -o "$tmp/provider.wasm"
  wac compose "$here/composed/composed.wac" -d "tenon:outer=$tmp/values-utf8.wasm" -d "tenon:provider=$tmp/provider.wasm" \
    -o "$tmp/composed.wasm"
  place composed
}

lookup() {
  bind "$1" "$here/lookup"
  cc "$1" "lookup/$1.c" tcp/net.c rt/rt.c
  component "$1"
}

io_asserts() {
  bind io-asserts "$here/io"
  cc io-asserts io/io-asserts.c io/asserts.c rt/rt.c
  component io-asserts
}

# The guests with TCP share a world and its code.
tcp() {
  bind "$1" "$here/tcp"
  cc "$1" "tcp/$1.c" tcp/net.c rt/rt.c
  component "$1"
}

# So do those with datagrams.
udp() {
  bind "$1" "$here/udp"
  cc "$1" "udp/$1.c" udp/dgram.c tcp/net.c rt/rt.c
  component "$1"
}

# The guests with files.
fs() {
  bind "$1" "$here/fs"
  case $1 in
  fs-asserts) cc "$1" fs/fs-asserts.c fs/asserts-open.c fs/asserts-tree.c fs/asserts-bytes.c fs/asserts-rights.c fs/calls.c \
    rt/asserts.c rt/rt.c ;;
  *) cc "$1" "fs/$1.c" fs/calls.c rt/rt.c ;;
  esac
  component "$1"
}

# attack has all of sockets.
attack() {
  bind attack "$here/attack"
  cc attack attack/attack.c udp/dgram.c tcp/net.c rt/rt.c
  component attack
}

# http-asserts is one file, and prints its name without the folder.
http() {
  bind "$1" "$here/http"
  cc "$1" -fmacro-prefix-map=http/= "http/$1.c" rt/asserts.c rt/rt.c
  component "$1"
}

stores() {
  bind stores "$here/stores"
  cc stores stores/stores.c rt/rt.c
  component stores
}

# stores-older is the same with the drafts that wasmtime and older hosts have.
stores_older() {
  older=$tmp/older-wit
  mkdir -p "$older/world"
  cp -R "$WIT/." "$older/"
  rm -rf "$older/keyvalue"
  cp -R "$here/../../hostimpl/internal/draft/wit/keyvalue" "$older/"
  sed -i 's/^package wasi:config@.*;/package wasi:config@0.2.0-rc.1;/' "$older/config/world.wit"
  sed -i 's/^package wasi:logging@.*;/package wasi:logging;/' "$older/logging/world.wit"
  sed -e 's/0.2.0-draft;/0.2.0-rc.1;/; s/0.2.0-draft2;/0.2.0-draft;/; s/@0.1.0-draft;/;/' "$here/stores/world.wit" >"$older/world/world.wit"
  WIT=$older bind stores-older "$older/world"
  cc stores-older stores/stores.c -DOLDER rt/rt.c
  component stores-older
}

# core NAME FLAGS FILES: a core module, as it is, in the folder modules.
core() {
  name=$1
  shift
  mkdir -p "$OUT/modules"
  (cd "$here" && $CLANG --target=wasm32-wasip1 -nostdlib -isystem "$SYSROOT_INCLUDE" -O2 -Wall -Wextra -Werror -std=gnu17 \
    -Wl,--gc-sections ${STRIP--Wl,--strip-debug} -Wl,-z,stack-size=65536 "$@" -o "$OUT/modules/$name.wasm")
  wasm-tools validate "$OUT/modules/$name.wasm"
  echo "$name.wasm $(wc -c <"$OUT/modules/$name.wasm") bytes"
}

# The modules on preview 1, which no tool makes a component of. Two are without libc.
p1() {
  case $1 in
  p1-asserts) core "$1" -fno-builtin -Wno-unused-function p1/start.c p1/asserts-files.c p1/asserts-rest.c ;;
  p0-asserts) core "$1" -fno-builtin -Wno-unused-function -DUNSTABLE p1/start.c p1/asserts-files.c p1/asserts-rest.c ;;
  p1-traps) STRIP= core "$1" -g -ffile-prefix-map="$here=." -fdebug-compilation-dir=. p1/traps.c -L "$SYSROOT_LIB" -lc ;;
  p1-reactor) core "$1" -mexec-model=reactor "$SYSROOT_LIB/crt1-reactor.o" p1/reactor.c -L "$SYSROOT_LIB" -lc "$BUILTINS" ;;
  esac
}

# tcp-asserts is several files, with calls and addresses that can be compared.
tcp_asserts() {
  bind tcp-asserts "$here/tcp"
  cc tcp-asserts tcp/tcp-asserts.c tcp/asserts-open.c tcp/asserts-states.c tcp/asserts-streams.c tcp/asserts-mistakes.c \
    tcp/calls.c tcp/places.c tcp/net.c rt/asserts.c rt/rt.c
  component tcp-asserts
}

# table has the calls of both.
table() {
  bind table "$here/udp"
  cc table tcp/table.c tcp/table-tcp.c tcp/table-udp.c tcp/calls.c tcp/places.c udp/dgram.c tcp/net.c rt/rt.c
  component table
}

if [ $# -eq 0 ]; then
  set -- hello io-asserts hello-adapter hello-adapter-0.2.0 hello-zig tcp-selftest tcp-echo tcp-client tcp-ask tcp-asserts blocked \
    udp-selftest udp-echo udp-dns udp-ping table lookup-selftest attack fs-asserts file-copy file-stat \
    http-asserts stores stores-older p1-asserts p0-asserts p1-reactor p1-traps \
    values-utf8 values-utf16 values-latin1 resources missing-import composed traps
fi
for guest; do
  case $guest in
  hello) hello ;;
  io-asserts) io_asserts ;;
  hello-adapter) adapted hello-adapter 1.35.0 ;;
  hello-adapter-0.2.0) adapted hello-adapter-0.2.0 1.0.0 ;;
  hello-zig) hello_zig ;;
  resources | missing-import) plain "$guest" ;;
  composed) composed ;;
  values-*) values_in "${guest#values-}" ;;
  tcp-asserts) tcp_asserts ;;
  tcp-* | blocked) tcp "$guest" ;;
  traps) traps ;;
  stores) stores ;;
  stores-older) stores_older ;;
  table) table ;;
  attack) attack ;;
  udp-*) udp "$guest" ;;
  http-*) http "$guest" ;;
  fs-* | file-*) fs "$guest" ;;
  lookup-*) lookup "$guest" ;;
  p0-* | p1-*) p1 "$guest" ;;
  *) echo "build.sh: no guest $guest" >&2 && exit 2 ;;
  esac
done
