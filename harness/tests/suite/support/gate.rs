//! A server's address before there is a server.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// An address of which connections are refused until it is opened.
pub(crate) struct Gate {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Gate {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn listen(self) -> TcpListener {
        self.socket.listen(64).unwrap()
    }

    /// Lets connections through to the server at `url`, until the result is dropped.
    pub(crate) fn open(self, url: &str) -> AbortOnDropHandle<()> {
        let target = url.rsplit('/').next().unwrap().to_owned();
        let listener = self.listen();
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let mut far = TcpStream::connect(&target).await.unwrap();
                connections.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
            }
        }))
    }
}
