//! In front of Redis.

use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncCommands, AsyncConnectionConfig, Client, RedisResult, cmd, pipe};
use otelgate_harness::capture::Exchange;
use otelgate_harness::standins::{self, Fault, Redis};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::support::bed::Bed;
use crate::support::gate::Gate;

/// A server that waits for each of these requests and then sends the reply to it; at the end it closes.
async fn scripted(script: &'static [(&'static str, &'static str)]) -> (Redis, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = in_front_of(&listener).await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for (request, reply) in script {
            let mut read = vec![0; request.len()];
            stream.read_exact(&mut read).await.unwrap();
            assert_eq!(String::from_utf8(read).unwrap(), *request);
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    });
    (front, AbortOnDropHandle::new(server))
}

async fn in_front_of(listener: &TcpListener) -> Redis {
    let url = format!("redis://{}", listener.local_addr().unwrap());
    standins::redis().in_front_of(url).run().await.unwrap()
}

async fn by_hand(front: &Redis, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(front.url().trim_start_matches("redis://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

async fn connect(url: &str) -> MultiplexedConnection {
    Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

fn without_times(mut exchange: Exchange) -> Exchange {
    (exchange.start, exchange.end) = (0, 0);
    exchange
}

/// Everything a front could note otherwise than the stand-in.
async fn session(bed: Bed, protocol: &str) -> Vec<Exchange> {
    let server = bed.redis(standins::redis()).await;
    let on = |operation: &str, fault: Fault| Fault { on: Some(operation.to_owned()), times: Some(1), ..fault };
    server
        .faults()
        .add(on("mget", Fault { status: Some(1), message: Some("out of order".to_owned()), ..Fault::default() }));
    server.faults().add(on("ttl", Fault { delay_ms: Some(5), ..Fault::default() }));
    server.faults().add(on("dbsize", Fault { cut: true, ..Fault::default() }));
    let mut redis = connect(&format!("{}?protocol={protocol}", server.url())).await;

    let () = redis.set("a", b"\r\n\0".as_slice()).await.unwrap();
    let _: RedisResult<Vec<Option<String>>> = redis.mget(&["a", "b"]).await;
    let _: Vec<Option<String>> = redis.mget(&["a", "b", "a"]).await.unwrap();
    let _: Option<String> = redis.get("b").await.unwrap();
    let _: (String, i64) = pipe().get("a").ttl("a").query_async(&mut redis).await.unwrap();
    let _: (String, u8) = pipe().atomic().get("a").incr("n", 1).query_async(&mut redis).await.unwrap();
    let _: RedisResult<u8> = redis.incr("a", 1).await;
    let _: RedisResult<()> = cmd("NONSENSE").arg("x").query_async(&mut redis).await;
    let _: RedisResult<u8> = cmd("DBSIZE").query_async(&mut redis).await;

    server.exchanges().into_iter().map(without_times).collect()
}

#[tokio::test]
async fn exchanges_are_those_of_the_stand_in_alone() {
    for protocol in ["resp2", "resp3"] {
        let alone = session(Bed::Alone, protocol).await;
        let through_a_front = session(Bed::ThroughAFront, protocol).await;

        assert!(alone.len() > 10, "{alone:?}");
        assert_eq!(alone, through_a_front);
    }
}

#[tokio::test]
async fn a_fault_concerns_the_front_alone() {
    let server = Bed::ThroughAFront.redis(standins::redis()).await;
    server.faults().add(Fault { on: Some("get".to_owned()), times: Some(1), status: Some(1), ..Fault::default() });

    let answer = by_hand(&server, b"SET a 1\r\nGET a\r\nGET a\r\nQUIT\r\n").await;

    assert_eq!(answer, "+OK\r\n-ERR the stand-in was told to fail\r\n$1\r\n1\r\n+OK\r\n");
    let asked: Vec<String> = server.behind().exchanges().into_iter().map(|exchange| exchange.method).collect();
    assert_eq!(asked, ["SET", "GET", "QUIT"]);
}

#[tokio::test]
async fn large_values_and_long_pipelines_pass() {
    let server = Bed::ThroughAFront.redis(standins::redis()).await;
    // How fast that goes is not the question.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let client = Client::open(server.url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    let value: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut pipeline = pipe();
    for n in 0..5_000 {
        pipeline.set(n, n).ignore().get(n);
    }

    let () = redis.set("large", &value).await.unwrap();
    let many: Vec<Vec<u8>> = redis.mget(&["large"; 5]).await.unwrap();
    let numbers: Vec<u32> = pipeline.query_async(&mut redis).await.unwrap();

    assert!(many.iter().all(|one| *one == value));
    assert_eq!(numbers, (0..5_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn replies_of_every_kind_pass_whole_and_in_pieces() {
    const REPLIES: &str = "+OK\r\n:7\r\n,1.5\r\n#t\r\n(12345678901234567890\r\n_\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n!7\r\nERR bad\r\n\
         =6\r\ntxt:hi\r\n~2\r\n+a\r\n:1\r\n%1\r\n+k\r\n*2\r\n$1\r\nv\r\n_\r\n*2\r\n%1\r\n+a\r\n+b\r\n>1\r\n+x\r\n-ERR no\r\n|1\r\n+ttl\r\n:3\r\n:9\r\n+BYE\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = in_front_of(&listener).await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.read_exact(&mut [0; 18 * 6]).await.unwrap();
        for byte in REPLIES.bytes() {
            stream.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    });

    let answer = by_hand(&front, "PING\r\n".repeat(18).as_bytes()).await;

    server.await.unwrap();
    assert_eq!(answer, REPLIES);
    let exchanges = front.exchanges();
    let errors: Vec<&str> = exchanges
        .iter()
        .filter(|exchange| exchange.status == Some(1))
        .map(|exchange| &*exchange.response_body)
        .collect();
    assert_eq!((exchanges.len(), errors), (18, vec!["ERR bad", "ERR no"]));
}

#[tokio::test]
async fn subscriptions_pass_and_each_reply_finds_its_command() {
    let (front, _server) = scripted(&[
        ("SUBSCRIBE a b\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"),
        ("", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n"),
        ("PING\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$2\r\nho\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
        (
            "UNSUBSCRIBE\r\n",
            "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:0\r\n",
        ),
        ("LRANGE l 0 -1\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n"),
        ("GET k\r\n", "$1\r\nv\r\n"),
    ])
    .await;

    let answer = by_hand(&front, b"SUBSCRIBE a b\r\nPING\r\nUNSUBSCRIBE\r\nLRANGE l 0 -1\r\nGET k\r\n").await;

    assert!(answer.ends_with("$1\r\nv\r\n"), "{answer}");
    let exchanges: Vec<_> =
        front.exchanges().into_iter().map(|exchange| (exchange.method, exchange.status, exchange.facts)).collect();
    let methods: Vec<&str> = exchanges.iter().map(|(method, ..)| method.as_str()).collect();
    assert_eq!(methods, ["SUBSCRIBE", "PING", "UNSUBSCRIBE", "LRANGE", "GET"]);
    assert!(exchanges.iter().all(|(_, status, _)| *status == Some(0)), "{exchanges:?}");
    assert_eq!(exchanges[4].2.get("hits"), Some(&1.0));
}

#[tokio::test]
async fn pushes_of_resp3_answer_no_command() {
    let (front, _server) = scripted(&[
        ("GET a\r\n", ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n$1\r\nv\r\n"),
        ("SUBSCRIBE a\r\n", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"),
        ("GET b\r\n", ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n_\r\n"),
    ])
    .await;

    by_hand(&front, b"GET a\r\nSUBSCRIBE a\r\nGET b\r\n").await;

    let hits: Vec<_> = front.exchanges().iter().map(|exchange| exchange.facts.get("hits").copied()).collect();
    assert_eq!(hits, [Some(1.0), None, Some(0.0)]);
}

#[tokio::test]
async fn commands_that_asked_for_no_reply_get_none() {
    let (front, _server) = scripted(&[
        ("CLIENT REPLY SKIP\r\nSET a 1\r\nGET a\r\n", "$1\r\n1\r\n"),
        ("CLIENT REPLY OFF\r\nSET a 2\r\nCLIENT REPLY ON\r\n", "+OK\r\n"),
        ("GET a\r\n", "$1\r\n2\r\n"),
    ])
    .await;
    let commands =
        b"CLIENT REPLY SKIP\r\nSET a 1\r\nGET a\r\nCLIENT REPLY OFF\r\nSET a 2\r\nCLIENT REPLY ON\r\nGET a\r\n";

    let answer = by_hand(&front, commands).await;

    assert_eq!(answer, "$1\r\n1\r\n+OK\r\n$1\r\n2\r\n");
    let unanswered = front.exchanges().into_iter().filter(|exchange| exchange.status.is_none()).count();
    assert_eq!(unanswered, 4);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_and_may_come_later() {
    let gate = Gate::new();
    let address = gate.address();
    let front = standins::redis().in_front_of(format!("redis://{address}")).run().await.unwrap();

    let refused = by_hand(&front, b"GET a\r\nGET b\r\n").await;
    let real = standins::redis().run().await.unwrap();
    let _open = gate.open(&real.url());
    let answered = by_hand(&front, b"GET a\r\nQUIT\r\n").await;

    assert!(refused.starts_with(&format!("-ERR Redis at {address} cannot be reached: ")), "{refused}");
    assert_eq!(refused.lines().count(), 1);
    assert_eq!(answered, "$-1\r\n+OK\r\n");
    let first = front.exchanges().remove(0);
    assert_eq!((first.method.as_str(), first.status), ("GET", Some(1)));
    assert_eq!(format!("-{}\r\n", first.response_body), refused);
}

#[tokio::test]
async fn a_server_that_breaks_off_is_named() {
    for (reply, why) in [
        ("$10\r\n01234", "closed the connection before it answered"),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "sent what is not RESP: a reply that starts with \"HTTP/1.1 400"),
        ("$ten\r\n", "sent what is not RESP: a reply that starts with \"$ten"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let front = in_front_of(&listener).await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 13]).await.unwrap();
            stream.write_all(format!("+OK\r\n{reply}").as_bytes()).await.unwrap();
        });

        let answer = by_hand(&front, b"PING\r\nGET a\r\n").await;

        server.await.unwrap();
        assert!(answer.starts_with(&format!("+OK\r\n-ERR Redis at {address} {why}")), "{answer}");
        let last = front.exchanges().pop().unwrap();
        assert_eq!((last.method.as_str(), last.status), ("GET", Some(1)));
        assert!(last.response_body.contains(why), "{}", last.response_body);
    }
}

#[tokio::test]
async fn a_client_that_gives_up_on_a_slow_server_is_recorded_as_having_left() {
    let server = Bed::ThroughAFront.redis(standins::redis()).await;
    server.behind().faults().add(Fault { on: Some("get".to_owned()), delay_ms: Some(3_600_000), ..Fault::default() });
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_millis(20)));
    let client = Client::open(server.url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();

    let late = redis.get::<_, Option<u8>>("key").await.unwrap_err();
    drop((redis, client));
    while !server.exchanges().iter().any(|exchange| exchange.method == "GET" && exchange.left) {
        tokio::task::yield_now().await;
    }

    assert!(late.is_timeout(), "{late:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_client_logs_in_with_what_the_url_says() {
    let real = standins::redis().with_password("secret").run().await.unwrap();
    let url = real.url().replace("redis://", "redis://default:secret@") + "/0?protocol=resp3";
    let front = standins::redis().in_front_of(url).run().await.unwrap();

    let mut redis = connect(&front.url()).await;

    let () = redis.set("key", 1).await.unwrap();
    assert!(front.url().starts_with("redis://default:secret@127.0.0.1:"), "{}", front.url());
    assert!(front.url().ends_with("/0?protocol=resp3"), "{}", front.url());
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_with_an_example() {
    for (url, why) in [
        ("", "it is not a URL"),
        ("127.0.0.1:6379", "it has no scheme"),
        ("rediss://127.0.0.1:6379", "`rediss` is not a scheme it speaks"),
        ("http://u:secret@127.0.0.1", "`http` is not a scheme it speaks"),
    ] {
        let error = standins::redis().in_front_of(url).run().await.unwrap_err();

        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        let text = error.to_string();
        assert!(text.contains(why) && text.ends_with("write it like `redis://127.0.0.1:6379`"), "{url:?}: {text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
