//! net: see ../../../README.md. By WIT alone: its target is no WASI.

wit_bindgen::generate!({ path: "wit", world: "net", generate_all });

use exports::wasi::cli::run::Guest;
use wasi::cli::{environment, stderr, stdout};
use wasi::io::poll::Pollable;
use wasi::io::streams::{OutputStream, StreamError};
use wasi::sockets::network::{ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasi::sockets::{instance_network, ip_name_lookup, tcp_create_socket, udp, udp_create_socket};

struct Net;
export!(Net);

enum Failure {
    Socket(ErrorCode),
    Stream(StreamError),
    Usage,
}

impl From<ErrorCode> for Failure {
    fn from(e: ErrorCode) -> Self {
        Failure::Socket(e)
    }
}

impl From<StreamError> for Failure {
    fn from(e: StreamError) -> Self {
        Failure::Stream(e)
    }
}

type Done = Result<(), Failure>;

fn print(to: &OutputStream, line: &str) {
    let _ = to.blocking_write_and_flush(format!("{line}\n").as_bytes());
}

impl Guest for Net {
    fn run() -> Result<(), ()> {
        let args = environment::get_arguments();
        let arg = |i: usize| args.get(i).map_or("", |s| s.as_str());
        let done = match arg(1) {
            "tcp" => tcp(arg(2), arg(3).as_bytes()),
            "serve" => serve(),
            "udp" => udp(arg(2), arg(3).as_bytes()),
            "lookup" => lookup(arg(2)),
            _ => Err(Failure::Usage),
        };
        let why = match done {
            Ok(()) => return Ok(()),
            Err(Failure::Socket(e)) => e.name().to_string(),
            Err(Failure::Stream(StreamError::Closed)) => "closed".to_string(),
            Err(Failure::Stream(StreamError::LastOperationFailed(e))) => e.to_debug_string(),
            Err(Failure::Usage) => "usage: net tcp|serve|udp|lookup".to_string(),
        };
        print(&stderr::get_stderr(), &format!("{}: {why}", arg(1)));
        Err(())
    }
}

fn address(text: &str) -> Result<IpSocketAddress, Failure> {
    let at: std::net::SocketAddrV4 = text.parse().map_err(|_| Failure::Usage)?;
    let [a, b, c, d] = at.ip().octets();
    Ok(IpSocketAddress::Ipv4(Ipv4SocketAddress { port: at.port(), address: (a, b, c, d) }))
}

/// Calls finish until it does not answer would-block.
fn until<T>(mut finish: impl FnMut() -> Result<T, ErrorCode>, ready: impl Fn() -> Pollable) -> Result<T, ErrorCode> {
    loop {
        match finish() {
            Err(ErrorCode::WouldBlock) => ready().block(),
            other => return other,
        }
    }
}

fn tcp(to: &str, text: &[u8]) -> Done {
    let sock = tcp_create_socket::create_tcp_socket(IpAddressFamily::Ipv4)?;
    sock.start_connect(&instance_network::instance_network(), address(to)?)?;
    let (source, sink) = until(|| sock.finish_connect(), || sock.subscribe())?;
    sink.blocking_write_and_flush(text)?;
    let mut got = Vec::new();
    while got.len() < text.len() {
        got.extend(source.blocking_read(4096)?);
    }
    print(&stdout::get_stdout(), &String::from_utf8_lossy(&got));
    Ok(())
}

fn serve() -> Done {
    let sock = tcp_create_socket::create_tcp_socket(IpAddressFamily::Ipv4)?;
    sock.start_bind(&instance_network::instance_network(), address("127.0.0.1:0")?)?;
    until(|| sock.finish_bind(), || sock.subscribe())?;
    sock.start_listen()?;
    until(|| sock.finish_listen(), || sock.subscribe())?;
    if let IpSocketAddress::Ipv4(at) = sock.local_address()? {
        let (a, b, c, d) = at.address;
        print(&stdout::get_stdout(), &format!("listening on {a}.{b}.{c}.{d}:{}", at.port));
    }
    // The streams go before their socket: what is declared last is dropped first.
    let (_conn, source, sink) = until(|| sock.accept(), || sock.subscribe())?;
    loop {
        match source.blocking_read(4096) {
            Ok(data) => sink.blocking_write_and_flush(&data)?,
            Err(StreamError::Closed) => return Ok(()),
            Err(e) => return Err(e.into()),
        }
    }
}

fn udp(to: &str, text: &[u8]) -> Done {
    let sock = udp_create_socket::create_udp_socket(IpAddressFamily::Ipv4)?;
    sock.start_bind(&instance_network::instance_network(), address("127.0.0.1:0")?)?;
    until(|| sock.finish_bind(), || sock.subscribe())?;
    let (source, sink) = sock.stream(Some(address(to)?))?;
    while sink.check_send()? == 0 {
        sink.subscribe().block();
    }
    sink.send(&[udp::OutgoingDatagram { data: text.to_vec(), remote_address: None }])?;
    loop {
        match source.receive(1)?.first() {
            Some(got) => {
                print(&stdout::get_stdout(), &String::from_utf8_lossy(&got.data));
                return Ok(());
            }
            None => source.subscribe().block(),
        }
    }
}

fn lookup(name: &str) -> Done {
    let all = ip_name_lookup::resolve_addresses(&instance_network::instance_network(), name)?;
    while let Some(a) = until(|| all.resolve_next_address(), || all.subscribe())? {
        let text = match a {
            IpAddress::Ipv4((a, b, c, d)) => format!("{a}.{b}.{c}.{d}"),
            IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => std::net::Ipv6Addr::new(a, b, c, d, e, f, g, h).to_string(),
        };
        print(&stdout::get_stdout(), &text);
    }
    Ok(())
}
