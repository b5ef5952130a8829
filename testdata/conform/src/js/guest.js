// basics and net, told of in ../../README.md, by WIT alone.
import { getEnvironment, getArguments } from "wasi:cli/environment@0.2.12";
import { exit } from "wasi:cli/exit@0.2.12";
import { getStdin } from "wasi:cli/stdin@0.2.12";
import { getStdout } from "wasi:cli/stdout@0.2.12";
import { getStderr } from "wasi:cli/stderr@0.2.12";
import { getDirectories } from "wasi:filesystem/preopens@0.2.12";
import { now as monotonic, subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.12";
import { now as wall } from "wasi:clocks/wall-clock@0.2.12";
import { getRandomBytes } from "wasi:random/random@0.2.12";
import { instanceNetwork } from "wasi:sockets/instance-network@0.2.12";
import { createTcpSocket } from "wasi:sockets/tcp-create-socket@0.2.12";
import { createUdpSocket } from "wasi:sockets/udp-create-socket@0.2.12";
import { resolveAddresses } from "wasi:sockets/ip-name-lookup@0.2.12";

const bytes = (text) => new TextEncoder().encode(text);
const text = (data) => new TextDecoder().decode(data);
const dispose = (...all) => all.forEach((r) => r[Symbol.dispose]());

let stdout, stderr;

function write(stream, data) {
  for (let at = 0; at < data.length; at += 4096) stream.blockingWriteAndFlush(data.subarray(at, at + 4096));
}

const print = (line) => write(stdout, bytes(line + "\n"));

export const run = {
  run() {
    stdout = getStdout();
    stderr = getStderr();
    const [, what = "", ...args] = getArguments();
    try {
      const command = commands[what];
      if (command === undefined) throw new Error("usage: guest " + Object.keys(commands).join("|"));
      command(...args);
    } catch (e) {
      write(stderr, bytes(`${what}: ${e.payload ?? e.message ?? e}\n`));
      throw { tag: "err" };
    }
  },
};

const commands = {
  args: (...all) => all.forEach((a) => print(`[${a}]`)),
  env: (name) => print(new Map(getEnvironment()).get(name) ?? "(unset)"),
  stderr: (line) => write(stderr, bytes(line + "\n")),
  exit: (code) => exit(code === "0" ? { tag: "ok" } : { tag: "err" }),
  cat,
  read: (path) => write(stdout, load(path)),
  write: (path, what) => save(path, { create: true, truncate: true }, what),
  list,
  files,
  clocks,
  random,
  tcp,
  serve,
  udp,
  lookup,
};

// ended calls a read until its stream is closed.
function* chunks(read) {
  for (;;) {
    try {
      yield read();
    } catch (e) {
      if (e.payload?.tag === "closed") return;
      throw e;
    }
  }
}

function cat() {
  const stdin = getStdin();
  for (const data of chunks(() => stdin.blockingRead(4096n))) write(stdout, data);
}

// place finds a path in the directory that was found open.
function place(path) {
  for (const [dir, name] of getDirectories()) {
    if (path === name) return [dir, "."];
    if (path.startsWith(name + "/")) return [dir, path.slice(name.length + 1)];
  }
  throw new Error("no such directory");
}

function load(path) {
  const [dir, name] = place(path);
  const file = dir.openAt({ symlinkFollow: true }, name, {}, { read: true });
  const parts = [];
  for (let at = 0n, end = false, data; !end; at += BigInt(data.length)) {
    [data, end] = file.read(65536n, at);
    parts.push(...data);
  }
  dispose(file);
  return new Uint8Array(parts);
}

function save(path, how, what, at = 0n) {
  const [dir, name] = place(path);
  const file = dir.openAt({ symlinkFollow: true }, name, how, { write: true });
  file.write(bytes(what), at);
  dispose(file);
}

function list(path) {
  const [dir, name] = place(path);
  const folder = dir.openAt({}, name, { directory: true }, { read: true });
  const entries = folder.readDirectory();
  const names = [];
  for (let e; (e = entries.readDirectoryEntry()) !== undefined; ) names.push(e.name + (e.type === "directory" ? "/" : ""));
  dispose(entries, folder);
  names.sort().forEach(print);
}

function files() {
  const [data] = place("/data");
  data.createDirectoryAt("sub");
  save("/data/a.txt", { create: true }, "hello");
  save("/data/a.txt", {}, " again", data.statAt({}, "a.txt").size);
  write(stdout, load("/data/a.txt"));
  print(`\n${data.statAt({}, "a.txt").size} bytes`);
  list("/data");
  data.renameAt("a.txt", data, "sub/b.txt");
  list("/data/sub");
  data.unlinkFileAt("sub/b.txt");
  data.removeDirectoryAt("sub");
  try {
    data.statAt({}, "sub");
    print("still there");
  } catch {
    print("gone");
  }
}

function clocks() {
  const began = monotonic();
  const ready = subscribeDuration(20_000_000n);
  ready.block();
  dispose(ready);
  const slept = monotonic() - began;
  const { seconds } = wall();
  if (slept < 20_000_000n || slept > 10_000_000_000n || seconds < 1704067200n) throw new Error(`slept ${slept} ns, and it is ${seconds}`);
  print("ok");
}

function random() {
  const [a, b] = [getRandomBytes(32n), getRandomBytes(32n)];
  print(a.join() !== b.join() && a.some((x) => x !== 0) ? "ok" : "not random");
}

function address(at) {
  const [host, port] = at.split(":");
  return { tag: "ipv4", val: { port: Number(port), address: host.split(".").map(Number) } };
}

// until calls finish until it does not answer would-block.
function until(finish, of) {
  for (;;) {
    try {
      return finish();
    } catch (e) {
      if (e.payload !== "would-block") throw e;
    }
    const ready = of.subscribe();
    ready.block();
    dispose(ready);
  }
}

function tcp(to, what) {
  const sock = createTcpSocket("ipv4");
  sock.startConnect(instanceNetwork(), address(to));
  const [source, sink] = until(() => sock.finishConnect(), sock);
  const data = bytes(what);
  write(sink, data);
  const got = [];
  while (got.length < data.length) got.push(...source.blockingRead(4096n));
  print(text(new Uint8Array(got)));
  dispose(source, sink, sock);
}

function serve() {
  const sock = createTcpSocket("ipv4");
  sock.startBind(instanceNetwork(), address("127.0.0.1:0"));
  until(() => sock.finishBind(), sock);
  sock.startListen();
  until(() => sock.finishListen(), sock);
  const { val } = sock.localAddress();
  print(`listening on ${val.address.join(".")}:${val.port}`);
  const [conn, source, sink] = until(() => sock.accept(), sock);
  for (const data of chunks(() => source.blockingRead(4096n))) write(sink, data);
  dispose(source, sink, conn, sock);
}

function udp(to, what) {
  const sock = createUdpSocket("ipv4");
  sock.startBind(instanceNetwork(), address("127.0.0.1:0"));
  until(() => sock.finishBind(), sock);
  const [source, sink] = sock.stream(address(to));
  const wait = (of) => {
    const ready = of.subscribe();
    ready.block();
    dispose(ready);
  };
  while (sink.checkSend() === 0n) wait(sink);
  sink.send([{ data: bytes(what), remoteAddress: undefined }]);
  let got;
  while ((got = source.receive(1n)).length === 0) wait(source);
  print(text(got[0].data));
  dispose(source, sink, sock);
}

function lookup(name) {
  const all = resolveAddresses(instanceNetwork(), name);
  for (let a; (a = until(() => all.resolveNextAddress(), all)) !== undefined; ) {
    print(a.tag === "ipv4" ? a.val.join(".") : a.val.join() === "0,0,0,0,0,0,0,1" ? "::1" : a.val.join(":"));
  }
  dispose(all);
}
