"""basics and net, told of in ../../README.md: basics by Python's own library, net by WIT."""

import os
import sys
import time

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import (
    environment, exit as wasi_exit, instance_network, ip_name_lookup, tcp_create_socket, udp_create_socket,
)
from wit_world.imports.network import (
    ErrorCode, IpAddress_Ipv4, IpAddressFamily, IpSocketAddress_Ipv4, Ipv4SocketAddress,
)
from wit_world.imports.streams import StreamError_Closed


class Run(exports.Run):
    def run(self) -> None:
        args = environment.get_arguments() + ["", "", ""]
        what, rest = args[1], args[2:-3]
        try:
            run(what, rest + ["", ""], len(rest))
        except Err as e:
            code = e.value.name.lower().replace("_", "-") if isinstance(e.value, ErrorCode) else e.value
            print(f"{what}: {code}", file=sys.stderr, flush=True)
            raise Err(None)
        except Exception as e:
            print(f"{what}: {e}", file=sys.stderr, flush=True)
            raise Err(None)
        finally:
            sys.stdout.flush()


def run(what, args, n):
    if what == "args":
        for a in args[:n]:
            print(f"[{a}]")
    elif what == "env":
        print(dict(environment.get_environment()).get(args[0], "(unset)"))
    elif what == "stderr":
        print(args[0], file=sys.stderr)
    elif what == "exit":
        wasi_exit.exit(Err(None)) if args[0] != "0" else None
    elif what == "cat":
        for line in iter(sys.stdin.readline, ""):
            print(line, end="", flush=True)
    elif what == "read":
        show(args[0])
    elif what == "write":
        put(args[0], "w", args[1])
    elif what == "list":
        listing(args[0])
    elif what == "files":
        files()
    elif what == "clocks":
        clocks()
    elif what == "random":
        a, b = os.urandom(32), os.urandom(32)
        print("ok" if a != b and any(a) else "not random")
    elif what == "tcp":
        tcp(args[0], args[1].encode())
    elif what == "serve":
        serve()
    elif what == "udp":
        udp(args[0], args[1].encode())
    elif what == "lookup":
        lookup(args[0])
    else:
        raise Exception("usage: guest args|env|...|tcp|serve|udp|lookup")


def show(path):
    with open(path) as f:
        print(f.read(), end="")


def put(path, mode, text):
    with open(path, mode) as f:
        f.write(text)


def listing(path):
    for e in sorted(os.scandir(path), key=lambda e: e.name):
        print(e.name + ("/" if e.is_dir() else ""))


def files():
    os.mkdir("/data/sub")
    put("/data/a.txt", "w", "hello")
    put("/data/a.txt", "a", " again")
    show("/data/a.txt")
    print(f"\n{os.stat('/data/a.txt').st_size} bytes")
    listing("/data")
    os.rename("/data/a.txt", "/data/sub/b.txt")
    listing("/data/sub")
    os.remove("/data/sub/b.txt")
    os.rmdir("/data/sub")
    print("still there" if os.path.exists("/data/sub") else "gone")


def clocks():
    began = time.monotonic_ns()
    time.sleep(0.02)
    slept = time.monotonic_ns() - began
    if not 20_000_000 <= slept <= 10_000_000_000 or time.time() < 1704067200:
        raise Exception(f"slept {slept} ns, and it is {time.time()}")
    print("ok")


def address(text):
    host, port = text.rsplit(":", 1)
    a, b, c, d = (int(part) for part in host.split("."))
    return IpSocketAddress_Ipv4(Ipv4SocketAddress(int(port), (a, b, c, d)))


def until(finish, of):
    """Calls finish until it does not answer would-block."""
    while True:
        try:
            return finish()
        except Err as e:
            if e.value != ErrorCode.WOULD_BLOCK:
                raise
        with of.subscribe() as ready:
            ready.block()


def tcp(to, text):
    network = instance_network.instance_network()
    with tcp_create_socket.create_tcp_socket(IpAddressFamily.IPV4) as sock:
        sock.start_connect(network, address(to))
        source, sink = until(sock.finish_connect, sock)
        with source, sink:
            sink.blocking_write_and_flush(text)
            got = b""
            while len(got) < len(text):
                got += source.blocking_read(4096)
            print(got.decode())


def serve():
    network = instance_network.instance_network()
    with tcp_create_socket.create_tcp_socket(IpAddressFamily.IPV4) as sock:
        sock.start_bind(network, address("127.0.0.1:0"))
        until(sock.finish_bind, sock)
        sock.start_listen()
        until(sock.finish_listen, sock)
        local = sock.local_address().value
        print(f"listening on {'.'.join(map(str, local.address))}:{local.port}", flush=True)
        conn, source, sink = until(sock.accept, sock)
        with conn:
            with source, sink:
                try:
                    while True:
                        sink.blocking_write_and_flush(source.blocking_read(4096))
                except Err as e:
                    if not isinstance(e.value, StreamError_Closed):
                        raise


def udp(to, text):
    from wit_world.imports.udp import OutgoingDatagram
    network = instance_network.instance_network()
    with udp_create_socket.create_udp_socket(IpAddressFamily.IPV4) as sock:
        sock.start_bind(network, address("127.0.0.1:0"))
        until(sock.finish_bind, sock)
        source, sink = sock.stream(address(to))
        with source, sink:
            while sink.check_send() == 0:
                with sink.subscribe() as ready:
                    ready.block()
            sink.send([OutgoingDatagram(text, None)])
            while not (got := source.receive(1)):
                with source.subscribe() as ready:
                    ready.block()
            print(got[0].data.decode())


def lookup(name):
    network = instance_network.instance_network()
    with ip_name_lookup.resolve_addresses(network, name) as all:
        while (a := until(all.resolve_next_address, all)) is not None:
            if isinstance(a, IpAddress_Ipv4):
                print(".".join(map(str, a.value)))
            else:
                print("::1" if a.value == (0, 0, 0, 0, 0, 0, 0, 1) else a.value)
