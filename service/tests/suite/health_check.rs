//! `--health-check`, as a container's engine runs it.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::{Command, Output},
};

use rag_service::health_check::{HealthError, ask};

/// Answers one connection with `answer`. Returns the address, and what was asked.
fn server(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request[..length].to_vec()).unwrap()
    });
    (address, asked)
}

fn health_check(bind_address: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rag-service"))
        .arg("--health-check")
        .env("BIND_ADDRESS", bind_address)
        .output()
        .unwrap()
}

#[test]
fn a_service_that_answers_200_is_healthy_and_its_check_leaves_no_trace() {
    let (address, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

    let output = health_check(&address);

    assert!(output.status.success(), "{output:?}");
    let asked = asked.join().unwrap();
    assert!(asked.starts_with("GET /health HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("-00\r\n"), "the parent must be unsampled: {asked}");
}

#[test]
fn a_service_bound_to_every_address_is_asked_at_the_loopback() {
    let (address, _asked) = server("HTTP/1.1 200 OK\r\n\r\n");
    let port = address.rsplit(':').next().unwrap();

    ask(&format!("0.0.0.0:{port}")).unwrap();
}

#[test]
fn a_service_that_answers_503_is_not_healthy() {
    let (address, _asked) = server("HTTP/1.1 503 Service Unavailable\r\n\r\n");

    let output = health_check(&address);

    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("503 Service Unavailable") && said.contains(&address), "{said}");
}

#[test]
fn a_service_that_closes_without_a_word_is_not_healthy() {
    let (address, _asked) = server("");

    let error = ask(&address).unwrap_err();

    assert!(matches!(error, HealthError::Unhealthy { .. } | HealthError::Silent { .. }), "{error}");
}

#[test]
fn a_service_that_is_not_there_is_named_by_its_address() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();

    let output = health_check(&address);

    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("{address} does not answer")), "{said}");
}

#[test]
fn an_address_that_is_none_is_quoted_with_what_to_write() {
    let error = ask("nowhere").unwrap_err();

    assert_eq!(error.to_string(), "BIND_ADDRESS=`nowhere` is no address; use one such as 0.0.0.0:8001");
}

#[test]
fn an_argument_that_is_not_known_ends_the_start() {
    let output = Command::new(env!("CARGO_BIN_EXE_rag-service")).arg("--helth-check").output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`--helth-check` is not known"), "{said}");
}
