//! A Redis that knows GET, SET and PING, and says OK to everything else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
};

use super::Script;

pub(crate) enum Behaviour {
    /// An error reply.
    Error(&'static str),
    /// No reply.
    Hang,
    /// Cuts the connection.
    Cut,
}

struct Value {
    bytes: Vec<u8>,
    lifetime_seconds: u64,
}

#[derive(Clone, Default)]
pub(crate) struct Redis {
    pub(crate) url: String,
    /// For GET and SET.
    pub(crate) script: Script<Behaviour>,
    values: Arc<Mutex<HashMap<String, Value>>>,
}

impl Redis {
    pub(crate) async fn run() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let redis = Self { url: format!("redis://{}/3", listener.local_addr().unwrap()), ..Self::default() };
        let serving = redis.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket));
            }
        });
        redis
    }

    pub(crate) fn lifetimes(&self) -> Vec<u64> {
        let mut lifetimes: Vec<u64> =
            self.values.lock().unwrap().values().map(|value| value.lifetime_seconds).collect();
        lifetimes.sort_unstable();
        lifetimes
    }

    async fn serve(self, socket: TcpStream) {
        let mut socket = BufStream::new(socket);
        while let Some(command) = read_command(&mut socket).await {
            let name = String::from_utf8_lossy(&command[0]).to_uppercase();
            let scripted = if matches!(name.as_str(), "GET" | "SET") { self.script.next() } else { None };
            let reply = match scripted {
                Some(Behaviour::Cut) => return,
                Some(Behaviour::Hang) => std::future::pending().await,
                Some(Behaviour::Error(text)) => format!("-{text}\r\n").into_bytes(),
                None => self.answer(&name, &command),
            };
            if socket.write_all(&reply).await.is_err() || socket.flush().await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, name: &str, command: &[Vec<u8>]) -> Vec<u8> {
        let mut values = self.values.lock().unwrap();
        let key = command.get(1).map(|key| String::from_utf8_lossy(key).into_owned());
        match (name, key) {
            ("GET", Some(key)) => match values.get(&key) {
                Some(Value { bytes, .. }) => [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat(),
                None => b"$-1\r\n".to_vec(),
            },
            ("SET", Some(key)) => {
                assert_eq!(command[3], b"EX");
                let lifetime_seconds = String::from_utf8_lossy(&command[4]).parse().unwrap();
                values.insert(key, Value { bytes: command[2].clone(), lifetime_seconds });
                b"+OK\r\n".to_vec()
            }
            ("PING", _) => b"+PONG\r\n".to_vec(),
            _ => b"+OK\r\n".to_vec(),
        }
    }
}

async fn read_command(socket: &mut BufStream<TcpStream>) -> Option<Vec<Vec<u8>>> {
    let count = read_number(socket, '*').await?;
    let mut command = Vec::new();
    for _ in 0..count {
        let length = read_number(socket, '$').await?;
        let mut argument = vec![0; length + 2];
        socket.read_exact(&mut argument).await.ok()?;
        argument.truncate(length);
        command.push(argument);
    }
    Some(command)
}

async fn read_number(socket: &mut BufStream<TcpStream>, mark: char) -> Option<usize> {
    let mut line = String::new();
    socket.read_line(&mut line).await.ok()?;
    line.trim().strip_prefix(mark)?.parse().ok()
}
