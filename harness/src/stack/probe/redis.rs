//! Redis: it answers PING.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::question::{NotReady, Stated};

/// Redis' port, where a URL names none.
const PORT: u16 = 6379;

pub(super) async fn ask(url: &str) -> Result<Stated, NotReady> {
    let address = Address::of(url).map_err(NotReady::Never)?;
    let reply = talk(&address).await.map_err(|error| NotReady::NotYet(error.to_string()))?;
    understand(&reply)
}

/// The URL, fit to be printed.
pub(super) fn without_password(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => url.to_owned(),
    }
}

/// What is needed of `redis://[user][:password]@host[:port][/database]`.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    host: String,
    credentials: Vec<String>,
}

impl Address {
    fn of(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("redis://").ok_or_else(|| {
            format!("{} is not a URL this can ask: it must begin with `redis://`", without_password(url))
        })?;
        let rest = rest.split(['/', '?']).next().unwrap_or(rest);
        let (login, host) = rest.rsplit_once('@').map_or((None, rest), |(login, host)| (Some(login), host));
        let credentials = login.and_then(|login| login.split_once(':')).map(|(user, password)| {
            [user, password].into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect()
        });
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:{PORT}") };
        Ok(Self { host, credentials: credentials.unwrap_or_default() })
    }
}

/// Asks everything on one connection, which QUIT ends.
async fn talk(address: &Address) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(&address.host).await?;
    let mut request = Vec::new();
    if !address.credentials.is_empty() {
        let words: Vec<&str> = std::iter::once("AUTH").chain(address.credentials.iter().map(String::as_str)).collect();
        command(&words, &mut request);
    }
    command(&["PING"], &mut request);
    command(&["INFO", "server"], &mut request);
    command(&["QUIT"], &mut request);
    stream.write_all(&request).await?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

/// Writes a command as an array of bulk strings.
fn command(words: &[&str], into: &mut Vec<u8>) {
    into.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        into.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
}

fn understand(reply: &str) -> Result<Stated, NotReady> {
    if let Some(error) = reply.lines().find_map(|line| line.strip_prefix('-')) {
        let refused = ["NOAUTH", "WRONGPASS", "NOPERM"].iter().any(|word| error.starts_with(word));
        let said = format!("it answers: {error}");
        return Err(if refused { NotReady::Never(said) } else { NotReady::NotYet(said) });
    }
    if !reply.lines().any(|line| line == "+PONG") {
        let reply: String = reply.chars().take(100).collect();
        return Err(NotReady::NotYet(format!("it answers {reply:?} and not PONG")));
    }
    let field = |name: &str| reply.lines().find_map(|line| line.strip_prefix(name));
    Ok(field("redis_version:").map(Stated::of_version).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standins;

    #[tokio::test]
    async fn a_server_that_answers_is_ready() {
        let server = standins::redis().run().await.unwrap();

        ask(&server.url()).await.unwrap();
    }

    #[tokio::test]
    async fn a_wrong_password_is_never_ready() {
        let server = standins::redis().with_password("right").run().await.unwrap();
        let url = server.url();

        let refused = ask(&url.replace("redis://", "redis://:wrong@")).await.unwrap_err();

        assert!(matches!(&refused, NotReady::Never(said) if said.contains("WRONGPASS")), "{refused:?}");
        ask(&url.replace("redis://", "redis://:right@")).await.unwrap();
    }

    #[test]
    fn the_version_is_read_and_a_server_that_loads_is_not_yet_ready() {
        let ready = understand("+PONG\r\n$40\r\n# Server\r\nredis_version:8.2.1\r\n\r\n+OK\r\n").unwrap();
        let loading = understand("-LOADING Redis is loading the dataset in memory\r\n").unwrap_err();

        assert_eq!(ready.version.as_deref(), Some("8.2.1"));
        assert!(matches!(loading, NotReady::NotYet(_)));
    }

    #[test]
    fn a_url_is_printed_without_its_password() {
        assert_eq!(without_password("redis://me:secret@cache:6379/0"), "redis://cache:6379/0");
        assert_eq!(without_password("redis://cache"), "redis://cache");
    }

    #[test]
    fn a_url_with_another_scheme_is_refused() {
        assert!(Address::of("http://cache").unwrap_err().contains("redis://"));
    }
}
