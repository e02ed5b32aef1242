//! A clock that is minutes off.
//!
//! Containers share the clock of their machine, and nothing in an image of one program can change what that program
//! takes for the time. So a real Prometheus stands behind a front which makes every moment that goes in or out another
//! one: to whoever asks, its clock is that of a machine five minutes ahead.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use regex::{Captures, Regex};

use crate::Test;
use crate::bad_input::prometheus_alone;
use crate::fixture::Fixture;
use crate::leftovers;
use crate::project::Project;
use crate::verify::otelgate_on;

pub(crate) const TESTS: &[Test] =
    &[("clock::a_prometheus_five_minutes_ahead_is_found", a_prometheus_five_minutes_ahead_is_found)];

/// Seconds.
const AHEAD: f64 = 300.0;

/// A moment as an offset from UTC that is five minutes off: an ending that makes it five minutes later.
const LATER: &str = "-00:05";

fn a_prometheus_five_minutes_ahead_is_found(fixture: &Fixture) {
    let run = format!("test{}clock", std::process::id());
    let stack = prometheus_alone(fixture, &run, &fixture.config.back_ends);
    let front = front(&stack.back_ends().prometheus.as_ref().unwrap().url);
    let service = free_address();
    stack.serve(&format!("http://{service}"));
    let arguments = ["verify", "--prometheus-job", "rag-service", "--prometheus-listen", &service];
    let mut command = otelgate_on("external", &arguments);
    command.args(["--prometheus-url", &front]);

    let said = Project::new().run_as(fixture, &mut command);

    let finding = said.assert_only(&["arrival.clock"]);
    assert_eq!(finding["found"], "300 s ahead of ours", "{finding:#}");
    assert_eq!(finding["where"]["path"], "clock");
    drop(stack);
    leftovers::assert_none(fixture, &run);
}

/// An address of this machine that nobody listens at.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Where Prometheus answers as if its clock were ahead.
fn front(prometheus: &str) -> String {
    let behind = prometheus.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let behind = behind.clone();
            // Whoever does not wait for the answer has no use for it.
            std::thread::spawn(move || pass(client, &behind).unwrap_or_default());
        }
    });
    url
}

/// One question and its answer.
fn pass(mut client: TcpStream, behind: &str) -> std::io::Result<()> {
    let mut from = BufReader::new(client.try_clone()?);
    let mut head = Vec::new();
    for line in from.by_ref().lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let Some(first) = head.first() else { return Ok(()) };
    let header = |name: &str| head.iter().find_map(|line| line.to_lowercase().strip_prefix(name).map(str::to_owned));
    let length = header("content-length: ").map_or(0, |length| length.parse().unwrap());
    let kind = header("content-type: ").unwrap_or_default();
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let body = asked(&String::from_utf8(body).unwrap());
    // Of version 1.0, so that the answer comes in one piece and ends with the connection.
    let line = asked(first).replace("HTTP/1.1", "HTTP/1.0");
    let mut server = TcpStream::connect(behind)?;
    write!(server, "{line}\r\nhost: {behind}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = answered(body);
    let status = head.split(' ').nth(1).unwrap();
    let head = "content-type: application/json\r\nconnection: close";
    write!(client, "HTTP/1.1 {status} -\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A question as Prometheus has to hear it: about five minutes ago.
fn asked(text: &str) -> String {
    let moments = Regex::new(r"(\b(?:time|start|end)=)(\d{10}(?:\.\d+)?)").unwrap();
    shift(&moments, text, -AHEAD)
}

/// An answer as a Prometheus with that clock would give it: moments are bare numbers, values are in quotes.
fn answered(text: &str) -> String {
    let moments = Regex::new(r"([\[:,])(1\d{9}(?:\.\d+)?)\b").unwrap();
    let text = shift(&moments, text, AHEAD);
    Regex::new(r#"("serverTime":"[^"]*)Z""#).unwrap().replace(&text, format!("$1{LATER}\"")).into_owned()
}

fn shift(moments: &Regex, text: &str, by: f64) -> String {
    let shifted = |found: &Captures<'_>| format!("{}{:.3}", &found[1], found[2].parse::<f64>().unwrap() + by);
    moments.replace_all(text, shifted).into_owned()
}
