//! A way from the containers to the service, which listens on the loopback address of this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// Host name by which containers reach the machine that runs them, where the engine has one of its own (Docker Desktop).
pub(crate) const HOST_NAME: &str = "host.docker.internal";

/// Passes connections on to the service. Dropping it closes its port and every connection.
#[derive(Debug)]
pub(crate) struct Relay {
    /// How containers name it: `172.18.0.1:40123`, `host.docker.internal:40123`.
    pub(crate) address: String,
    target: Arc<Mutex<Option<String>>>,
    _accepting: AbortOnDropHandle<()>,
}

impl Relay {
    /// Listens on the gateway of a network of containers, where that is an address of this machine; else on the loopback
    /// address, which containers then reach by [`HOST_NAME`].
    pub(crate) async fn at_gateway(gateway: Option<IpAddr>) -> io::Result<Self> {
        if let Some(gateway) = gateway {
            match TcpListener::bind((gateway, 0)).await {
                Ok(listener) => return Self::accept(listener, None),
                Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {}
                Err(error) => return Err(error),
            }
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Self::accept(listener, Some(HOST_NAME))
    }

    /// Listens on a given address, for something that was told to look there.
    pub(crate) async fn on(address: &str) -> io::Result<Self> {
        Self::accept(TcpListener::bind(address).await?, None)
    }

    fn accept(listener: TcpListener, name: Option<&str>) -> io::Result<Self> {
        let listening = listener.local_addr()?;
        let address = name.map_or_else(|| listening.to_string(), |name| format!("{name}:{}", listening.port()));
        let target = Arc::new(Mutex::new(None));
        let accepting = AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::clone(&target))));
        Ok(Self { address, target, _accepting: accepting })
    }

    /// Whether containers find it by a name that must be given to them.
    pub(crate) fn is_named(&self) -> bool {
        self.address.starts_with(HOST_NAME)
    }

    /// From now on, connections lead to the service at `url`; before, they are closed.
    pub(crate) fn point_at(&self, url: &str) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(authority);
    }
}

async fn serve(listener: TcpListener, target: Arc<Mutex<Option<String>>>) {
    // Owns the connections, so that aborting the loop ends them too.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((mut from, _)) = accepted else { continue };
                let target = target.lock().unwrap_or_else(PoisonError::into_inner).clone();
                connections.spawn(async move {
                    let Some(target) = target else { return };
                    // Either end may go at any time; the other then sees its connection closed, which says it all.
                    if let Ok(mut to) = TcpStream::connect(target).await {
                        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn ask(relay: &Relay) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port(relay))).await?;
        stream.write_all(b"ping").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    fn port(relay: &Relay) -> u16 {
        relay.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    async fn echo_once(listener: TcpListener) {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut question = [0; 4];
        stream.read_exact(&mut question).await.unwrap();
        stream.write_all(&question).await.unwrap();
    }

    #[tokio::test]
    async fn passes_bytes_on_and_back_once_it_is_pointed_at_a_service() {
        let service = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/", service.local_addr().unwrap());
        let echo = tokio::spawn(echo_once(service));
        let relay = Relay::at_gateway(Some(Ipv4Addr::LOCALHOST.into())).await.unwrap();

        relay.point_at(&url);

        assert_eq!(ask(&relay).await.unwrap(), b"ping");
        echo.await.unwrap();
    }

    #[tokio::test]
    async fn closes_connections_before_it_is_pointed_anywhere() {
        let relay = Relay::at_gateway(Some(Ipv4Addr::LOCALHOST.into())).await.unwrap();

        let answer = ask(&relay).await.unwrap_or_default();

        assert!(answer.is_empty(), "{answer:?}");
    }

    #[tokio::test]
    async fn is_reached_by_the_host_s_name_where_the_gateway_is_not_of_this_machine() {
        // An address for documentation, RFC 5737: no machine has it.
        let relay = Relay::at_gateway(Some(Ipv4Addr::new(192, 0, 2, 1).into())).await.unwrap();

        assert_eq!(relay.address, format!("{HOST_NAME}:{}", port(&relay)));
        assert!(relay.is_named());
    }
}
