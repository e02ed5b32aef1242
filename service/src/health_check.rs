//! `rag-service --health-check`: asks the running service how it is, for containers that have no HTTP client.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _},
    time::Duration,
};

/// How long the service has to accept, to read and to answer, each.
const PATIENCE: Duration = Duration::from_secs(2);

/// Enough for any status line.
const MOST_BYTES: u64 = 1024;

/// An unsampled parent: whoever asks every few seconds shall not be most of the traces.
const UNSAMPLED: &str = "00-6865616c746863686563006865616c74-6865616c74680001-00";

/// A service that is not healthy, or not there.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// `BIND_ADDRESS` names no address.
    #[error("BIND_ADDRESS=`{0}` is no address; use one such as 0.0.0.0:8001")]
    Address(String),
    /// Nothing answers.
    #[error("{address} does not answer: {source}")]
    Silent {
        /// Who was asked.
        address: SocketAddr,
        /// Why there is no answer.
        source: std::io::Error,
    },
    /// Something else than 200.
    #[error("{address} answers `{status}` to GET /health")]
    Unhealthy {
        /// Who was asked.
        address: SocketAddr,
        /// The first line of the answer.
        status: String,
    },
}

/// Asks `GET /health` of the service that listens at `bind_address`.
///
/// # Errors
/// If it does not answer within seconds, or not with 200.
pub fn ask(bind_address: &str) -> Result<(), HealthError> {
    let address = bind_address
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .map(reachable)
        .ok_or_else(|| HealthError::Address(bind_address.to_owned()))?;
    let status = first_line(address).map_err(|source| HealthError::Silent { address, source })?;
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(HealthError::Unhealthy { address, status }),
    }
}

/// "Every address" can be listened at, but not asked.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn first_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request =
        format!("GET /health HTTP/1.1\r\nhost: {address}\r\ntraceparent: {UNSAMPLED}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
}
