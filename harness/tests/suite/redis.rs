//! The Redis stand-in, asked by the real client, and by hand where a client would not misbehave.

use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use ::redis::{AsyncCommands, Client, ErrorKind, ExistenceCheck, InfoDict, SetExpiry, SetOptions, Value, cmd, pipe};
use otelgate_harness::capture::Party;
use otelgate_harness::standins::redis::Clock;
use otelgate_harness::standins::{self, Fault, Redis};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::support::bed::{Bed, Served, on_both_beds};

async fn server(bed: Bed) -> (Served<Redis>, MultiplexedConnection) {
    let server = bed.redis(standins::redis()).await;
    let connection = connect(&server.url()).await;
    (server, connection)
}

async fn stopped_in_time(bed: Bed) -> (Served<Redis>, MultiplexedConnection, Clock) {
    let clock = Clock::stopped();
    let server = bed.redis(standins::redis().with_clock(clock.clone())).await;
    let connection = connect(&server.url()).await;
    (server, connection, clock)
}

async fn connect(url: &str) -> MultiplexedConnection {
    Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

/// What the server answers to these bytes before it closes the connection, or before it falls silent after `QUIT`.
async fn by_hand(server: &Redis, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.url().trim_start_matches("redis://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

async fn a_value_is_set_read_and_deleted(bed: Bed) {
    let (_server, mut redis) = server(bed).await;

    let () = redis.set("key", b"\0\xff\r\n".as_slice()).await.unwrap();

    assert_eq!(redis.get::<_, Vec<u8>>("key").await.unwrap(), b"\0\xff\r\n");
    assert_eq!(redis.get::<_, Option<String>>("other").await.unwrap(), None);
    assert_eq!(redis.exists::<_, u8>(&["key", "other", "key"]).await.unwrap(), 2);
    assert_eq!(redis.del::<_, u8>(&["key", "other"]).await.unwrap(), 1);
    assert_eq!(redis.get::<_, Option<String>>("key").await.unwrap(), None);
}

async fn keys_expire_by_the_clock_that_was_passed_in(bed: Bed) {
    let (_server, mut redis, clock) = stopped_in_time(bed).await;
    let () = redis.set_ex("a", 1, 10).await.unwrap();
    let () = redis.pset_ex("b", 1, 1_500).await.unwrap();
    let () = redis.set("c", 1).await.unwrap();

    clock.advance(Duration::from_millis(1_499));
    assert_eq!(redis.pttl::<_, i64>("b").await.unwrap(), 1);
    clock.advance(Duration::from_millis(1));

    assert_eq!(redis.pttl::<_, i64>("b").await.unwrap(), -2);
    assert_eq!(redis.get::<_, Option<u8>>("b").await.unwrap(), None);
    assert_eq!(redis.pttl::<_, i64>("a").await.unwrap(), 8_500);
    assert_eq!(redis.ttl::<_, i64>("a").await.unwrap(), 9);
    assert_eq!(redis.ttl::<_, i64>("c").await.unwrap(), -1);
    assert_eq!(cmd("DBSIZE").query_async::<u8>(&mut redis).await.unwrap(), 2);
}

async fn set_keeps_to_its_options(bed: Bed) {
    let (_server, mut redis, clock) = stopped_in_time(bed).await;
    let option = |condition| SetOptions::default().conditional_set(condition);

    let absent: Option<String> = redis.set_options("key", 1, option(ExistenceCheck::XX)).await.unwrap();
    let first: Option<String> =
        redis.set_options("key", 1, option(ExistenceCheck::NX).with_expiration(SetExpiry::PX(2_000))).await.unwrap();
    let second: Option<String> = redis.set_options("key", 2, option(ExistenceCheck::NX)).await.unwrap();
    let kept = SetOptions::default().with_expiration(SetExpiry::KEEPTTL).get(true);
    let old: Option<u8> = redis.set_options("key", 3, kept).await.unwrap();

    assert_eq!((absent, first.as_deref(), second, old), (None, Some("OK"), None, Some(1)));
    assert_eq!(redis.pttl::<_, i64>("key").await.unwrap(), 2_000);
    clock.advance(Duration::from_secs(2));
    assert_eq!(redis.get::<_, Option<u8>>("key").await.unwrap(), None);
}

async fn a_time_to_live_is_changed_and_taken_away(bed: Bed) {
    let (_server, mut redis, _clock) = stopped_in_time(bed).await;
    let () = redis.set("key", 1).await.unwrap();

    assert_eq!(redis.expire::<_, u8>("key", 30).await.unwrap(), 1);
    assert_eq!(redis.ttl::<_, i64>("key").await.unwrap(), 30);
    assert_eq!(redis.persist::<_, u8>("key").await.unwrap(), 1);
    assert_eq!(redis.ttl::<_, i64>("key").await.unwrap(), -1);
    assert_eq!(redis.expire::<_, u8>("key", -1).await.unwrap(), 1);
    assert_eq!(redis.exists::<_, u8>("key").await.unwrap(), 0);
    assert_eq!(redis.expire::<_, u8>("key", 30).await.unwrap(), 0);
}

async fn counters_count_and_refuse_what_is_no_number(bed: Bed) {
    let (_server, mut redis, _clock) = stopped_in_time(bed).await;
    let () = redis.set_ex("counter", 40, 60).await.unwrap();
    let () = redis.set("text", "x").await.unwrap();

    assert_eq!(redis.incr::<_, _, i64>("counter", 1).await.unwrap(), 41);
    assert_eq!(redis.incr::<_, _, i64>("counter", 10).await.unwrap(), 51);
    assert_eq!(redis.decr::<_, _, i64>("counter", 9).await.unwrap(), 42);
    assert_eq!(redis.ttl::<_, i64>("counter").await.unwrap(), 60);
    let refused = redis.incr::<_, _, i64>("text", 1).await.unwrap_err();
    assert_eq!(refused.detail(), Some("value is not an integer or out of range"));
}

async fn many_values_travel_together(bed: Bed) {
    let (_server, mut redis) = server(bed).await;

    let () = redis.mset(&[("user:1", "a"), ("user:2", "b"), ("job:1", "c")]).await.unwrap();
    let values: Vec<Option<String>> = redis.mget(&["user:1", "nobody", "job:1"]).await.unwrap();
    let mut keys: Vec<String> = redis.keys("user:*").await.unwrap();
    keys.sort();
    let mut scanned = Vec::new();
    let mut scan = redis.scan_match::<_, String>("*:1").await.unwrap();
    while let Some(key) = scan.next_item().await {
        scanned.push(key.unwrap());
    }
    drop(scan);

    assert_eq!(values, [Some("a".to_owned()), None, Some("c".to_owned())]);
    assert_eq!(keys, ["user:1", "user:2"]);
    assert_eq!(scanned, ["job:1", "user:1"]);
    assert_eq!(redis.key_type::<_, String>("job:1").await.unwrap(), "string");
    let () = redis.flushall().await.unwrap();
    assert_eq!(redis.keys::<_, Vec<String>>("*").await.unwrap(), [""; 0]);
}

async fn pipelines_and_transactions_answer_in_order(bed: Bed) {
    let (_server, mut redis) = server(bed).await;

    let (old, new): (Option<u8>, u8) =
        pipe().get("key").set("key", 7).ignore().get("key").query_async(&mut redis).await.unwrap();
    let sum: (u8, u8) = pipe().atomic().incr("key", 1).incr("key", 1).query_async(&mut redis).await.unwrap();

    assert_eq!((old, new), (None, 7));
    assert_eq!(sum, (8, 9));
}

async fn a_refused_command_aborts_its_transaction(bed: Bed) {
    let (server, _redis) = server(bed).await;

    let answer = by_hand(&server, b"MULTI\r\nSET a 1\r\nNONSENSE x\r\nEXEC\r\nGET a\r\nDISCARD\r\nQUIT\r\n").await;

    assert_eq!(
        answer,
        "+OK\r\n+QUEUED\r\n-ERR unknown command 'NONSENSE', with args beginning with: 'x' \r\n\
         -EXECABORT Transaction discarded because of previous errors.\r\n$-1\r\n-ERR DISCARD without MULTI\r\n+OK\r\n"
    );
}

async fn resp3_is_spoken_when_asked_for(bed: Bed) {
    let server = bed.redis(standins::redis()).await;
    let mut redis = connect(&format!("{}?protocol=resp3", server.url())).await;
    let () = redis.set("key", "value").await.unwrap();

    assert_eq!(redis.get::<_, String>("key").await.unwrap(), "value");
    assert_eq!(redis.get::<_, Option<String>>("other").await.unwrap(), None);
    let hello: Value = cmd("HELLO").query_async(&mut redis).await.unwrap();
    assert!(matches!(hello, Value::Map(_)), "not a map: {hello:?}");
    let info: InfoDict = cmd("INFO").query_async(&mut redis).await.unwrap();
    assert!(info.get::<String>("redis_version").is_some());
}

async fn a_connection_manager_reconnects_after_a_cut(bed: Bed) {
    let (server, _redis) = server(bed).await;
    let config = ConnectionManagerConfig::new().set_min_delay(Duration::from_millis(1));
    let client = Client::open(server.url()).unwrap();
    let mut redis = ConnectionManager::new_with_config(client, config).await.unwrap();
    let () = redis.set("key", 1).await.unwrap();
    server.faults().add(Fault { on: Some("get".to_owned()), times: Some(1), cut: true, ..Fault::default() });

    let cut = redis.get::<_, u8>("key").await.unwrap_err();
    let well = redis.get::<_, u8>("key").await;

    assert!(cut.is_io_error() || cut.is_connection_dropped(), "{cut:?}");
    assert_eq!(well.unwrap(), 1);
}

async fn a_status_fault_answers_with_its_message(bed: Bed) {
    let (server, mut redis) = server(bed).await;
    let fault = |message: &str| Fault {
        on: Some("get".to_owned()),
        times: Some(1),
        status: Some(1),
        message: Some(message.to_owned()),
        ..Fault::default()
    };
    server.faults().add(fault("out of order"));
    server.faults().add(fault("LOADING Redis is loading the dataset in memory"));

    let plain = redis.get::<_, Option<u8>>("key").await.unwrap_err();
    let loading = redis.get::<_, Option<u8>>("key").await.unwrap_err();
    let well = redis.get::<_, Option<u8>>("key").await;

    assert_eq!((plain.code(), plain.detail()), (Some("ERR"), Some("out of order")));
    assert_eq!(loading.code(), Some("LOADING"));
    assert_eq!(well.unwrap(), None);
}

async fn a_delayed_answer_times_out_at_the_client(bed: Bed) {
    let (server, _redis) = server(bed).await;
    let client = Client::open(server.url()).unwrap();
    let config = ::redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_millis(20)));
    let mut redis = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    server.faults().add(Fault { on: Some("get".to_owned()), delay_ms: Some(3_600_000), ..Fault::default() });

    let late = redis.get::<_, Option<u8>>("key").await.unwrap_err();

    assert!(late.is_timeout(), "{late:?}");
}

async fn every_command_is_recorded(bed: Bed) {
    let (server, mut redis) = server(bed).await;
    let () = redis.set("key", 1).await.unwrap();
    let _: Vec<Option<u8>> = redis.mget(&["key", "other"]).await.unwrap();
    let _: ::redis::RedisResult<()> = cmd("GET").query_async(&mut redis).await;

    let exchanges = server.exchanges();

    let [set, mget, broken] = &exchanges[exchanges.len() - 3..] else { panic!("{exchanges:?}") };
    assert_eq!((set.by, set.method.as_str(), set.status), (Party::Redis, "SET", Some(0)));
    assert_eq!(mget.facts.get("hits"), Some(&1.0));
    assert_eq!(broken.status, Some(1));
    assert_eq!(broken.response_body, "ERR wrong number of arguments for 'get' command");
    assert!(set.start > 0 && set.start <= set.end);
}

async fn a_password_is_asked_for(bed: Bed) {
    let server = bed.redis(standins::redis().with_password("secret")).await;
    let with = |password: &str| server.url().replace("redis://", &format!("redis://default:{password}@"));

    let wrong = Client::open(with("guess")).unwrap().get_multiplexed_async_connection().await.unwrap_err();
    let mut right = connect(&with("secret")).await;

    assert_eq!(wrong.kind(), ErrorKind::AuthenticationFailed);
    let () = right.set("key", 1).await.unwrap();
    assert_eq!(by_hand(&server, b"GET key\r\nQUIT\r\n").await, "-NOAUTH Authentication required.\r\n+OK\r\n");
}

async fn a_broken_frame_is_answered_and_the_connection_closed(bed: Bed) {
    let (server, mut redis) = server(bed).await;

    for (bytes, error) in [
        (b"*1\r\n:1\r\n".as_slice(), "expected '$', got ':'"),
        (b"*1\r\n$99999999999\r\n", "invalid bulk length"),
        (b"PING\r\n*2000000000\r\n", "invalid multibulk length"),
    ] {
        let answer = by_hand(&server, bytes).await;
        assert!(answer.ends_with(&format!("-ERR Protocol error: {error}\r\n")), "{answer:?}");
    }
    assert_eq!(redis.ping::<String>().await.unwrap(), "PONG");
}

async fn a_client_tells_who_it_is(bed: Bed) {
    let (server, _redis) = server(bed).await;

    let answer = by_hand(&server, b"CLIENT SETNAME me\r\nCLIENT GETNAME\r\nRESET\r\nCLIENT GETNAME\r\nSELECT 0\r\nSELECT 1\r\nECHO hi\r\nQUIT\r\n").await;

    assert_eq!(
        answer,
        "+OK\r\n$2\r\nme\r\n+RESET\r\n$-1\r\n+OK\r\n-ERR DB index is out of range\r\n$2\r\nhi\r\n+OK\r\n"
    );
}

async fn dropping_the_handle_closes_port_and_connections(bed: Bed) {
    let (server, mut redis) = server(bed).await;
    let address = server.url().trim_start_matches("redis://").to_owned();
    assert_eq!(server.connections(), 1);

    drop(server);

    assert!(redis.ping::<String>().await.is_err());
    assert!(TcpStream::connect(address).await.is_err());
}

on_both_beds! {
    a_value_is_set_read_and_deleted
    keys_expire_by_the_clock_that_was_passed_in
    set_keeps_to_its_options
    a_time_to_live_is_changed_and_taken_away
    counters_count_and_refuse_what_is_no_number
    many_values_travel_together
    pipelines_and_transactions_answer_in_order
    a_refused_command_aborts_its_transaction
    resp3_is_spoken_when_asked_for
    a_connection_manager_reconnects_after_a_cut
    a_status_fault_answers_with_its_message
    a_delayed_answer_times_out_at_the_client
    every_command_is_recorded
    a_password_is_asked_for
    a_broken_frame_is_answered_and_the_connection_closed
    a_client_tells_who_it_is
    dropping_the_handle_closes_port_and_connections
}
