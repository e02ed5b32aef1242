//! `otelgate stand-in`: a server of its own, for a compose file or an image.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Said, otelgate};

/// A running stand-in, and what it said about where it listens.
struct StandIn {
    child: Child,
    stdout: BufReader<ChildStdout>,
    addresses: Vec<(String, String)>,
}

impl StandIn {
    /// Starts one that announces so many addresses.
    fn start(arguments: &[&str], announced: usize) -> Self {
        let mut child = otelgate().arg("stand-in").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let addresses = (0..announced).map(|_| {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let (name, url) = line.trim_end().split_once("  ").unwrap_or_else(|| panic!("no address: {line:?}"));
            (name.to_owned(), url.trim().to_owned())
        });
        let addresses = addresses.collect();
        Self { child, stdout, addresses }
    }

    /// The host and port announced under this name.
    fn authority(&self, name: &str) -> &str {
        let url = &self.addresses.iter().find(|(named, _)| named == name).expect("an address of that name").1;
        let (_, rest) = url.split_once("://").unwrap();
        rest.split('/').next().unwrap()
    }

    /// Sends `request` there and gives what comes back until `end` was seen.
    fn ask(&self, name: &str, request: &str, end: &str) -> String {
        let mut stream = TcpStream::connect(self.authority(name)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let mut piece = [0; 1024];
        while !answer.contains(end) {
            let read = stream.read(&mut piece).unwrap();
            assert!(read > 0, "the answer ended without {end:?}: {answer}");
            answer.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        }
        answer
    }

    /// Stops it with a signal; gives its exit code and what else it said.
    fn stop(mut self, signal: Signal) -> (Option<i32>, String) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Has an effect only where a test failed before `stop`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn redis_answers_until_sigterm() {
    let redis = StandIn::start(&["redis"], 1);

    let answer = redis.ask("redis.url", "PING\r\n", "\r\n");
    let authority = redis.authority("redis.url").to_owned();
    let (code, _) = redis.stop(Signal::SIGTERM);

    assert_eq!(answer, "+PONG\r\n");
    assert_eq!(code, Some(0));
    assert!(TcpStream::connect(&authority).is_err(), "{authority} must be free again");
}

#[test]
fn qdrant_says_over_rest_that_it_is_a_stand_in() {
    let qdrant = StandIn::start(&["qdrant", "--listen-rest", "127.0.0.1:0"], 2);

    let about = qdrant.ask("qdrant.rest", "GET / HTTP/1.1\r\nHost: any\r\n\r\n", "}");
    let ready = qdrant.ask("qdrant.rest", "GET /readyz HTTP/1.1\r\nHost: any\r\n\r\n", "ready");
    let ports = [qdrant.authority("qdrant.url"), qdrant.authority("qdrant.rest")].map(str::to_owned);
    let (code, _) = qdrant.stop(Signal::SIGINT);

    assert!(about.contains(r#""title":"otelgate stand-in over "#), "{about}");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    assert_ne!(ports[0], ports[1]);
    assert_eq!(code, Some(0));
}

#[test]
fn the_model_answers_embeddings() {
    let model = StandIn::start(&["model"], 1);

    let body = r#"{"model":"m","input":"hello"}"#;
    let head =
        "POST /v1/embeddings HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer any\r\nContent-Type: application/json";
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let answer = model.ask("model.url", &request, "\"usage\"");
    model.stop(Signal::SIGTERM);

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn the_collector_says_at_its_end_what_it_got() {
    let collector = StandIn::start(&["collector"], 2);

    let span = r#"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"a","kind":1,
        "startTimeUnixNano":"1","endTimeUnixNano":"2"}"#;
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    let head = "POST /v1/traces HTTP/1.1\r\nHost: any\r\nContent-Type: application/json";
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let answer = collector.ask("collector.http", &request, "}");
    let (code, rest) = collector.stop(Signal::SIGTERM);

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(rest, "received 1 spans, 0 exports of metrics, 0 logs; refused 0 requests\n");
    assert_eq!(code, Some(0));
}

#[test]
fn grafana_reads_provisioning_files_and_says_that_it_is_not_grafana() {
    let folder = tempfile::tempdir().unwrap();
    let providers = "apiVersion: 1\nproviders: [{name: a, options: {path: /var/lib/grafana/dashboards}}]\n";
    for (name, text) in [
        ("provisioning/datasources/none.yaml", "apiVersion: 1\n"),
        ("provisioning/dashboards/all.yaml", providers),
        ("boards/a.json", r#"{"uid": "a", "title": "A"}"#),
        ("boards/b.json", "{"),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (provisioning, boards) = (folder.path().join("provisioning"), folder.path().join("boards"));
    let map = format!("/var/lib/grafana/dashboards={}", boards.display());

    let options = ["--provisioning", provisioning.to_str().unwrap(), "--map", &map, "--admin-password", "secret"];
    let grafana = StandIn::start(&[&["grafana"], &options[..]].concat(), 1);
    let health = grafana.ask("grafana.url", "GET /api/health HTTP/1.1\r\nHost: any\r\n\r\n", "}");
    // admin:secret
    let login = "Authorization: Basic YWRtaW46c2VjcmV0";
    let search = format!("GET /api/search HTTP/1.1\r\nHost: any\r\n{login}\r\n\r\n");
    let found = grafana.ask("grafana.url", &search, "\"}]");
    let (code, rest) = grafana.stop(Signal::SIGTERM);

    assert!(health.contains("x-otelgate-stand-in: grafana") && health.contains("not Grafana"), "{health}");
    assert!(found.contains(r#""uid":"a""#), "{found}");
    assert!(rest.starts_with(&format!("problem: {}: is not JSON", boards.join("b.json").display())), "{rest}");
    assert_eq!(code, Some(0));
}

#[test]
fn grafana_does_not_start_with_files_with_which_the_original_does_not() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("datasources")).unwrap();
    std::fs::write(folder.path().join("datasources/a.yaml"), "apiVersion: 1\ndatasources: [{uid: a}]\n").unwrap();

    let provisioning = folder.path().to_str().unwrap();
    let said: Said = otelgate().args(["stand-in", "grafana", "--provisioning", provisioning]).output().unwrap().into();

    said.assert_code(2).assert_stderr("datasources[0]: `name` is missing; a data source needs one");
}

#[test]
fn it_listens_where_it_is_told() {
    let redis = StandIn::start(&["redis", "--listen", "0.0.0.0:0"], 1);

    let port = redis.authority("redis.url").strip_prefix("0.0.0.0:").expect("every address").to_owned();

    assert!(TcpStream::connect(format!("127.0.0.1:{port}")).is_ok());
}

#[test]
fn a_port_in_use_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    for kind in ["collector", "qdrant", "redis", "model"] {
        let said: Said = otelgate().args(["stand-in", kind, "--listen", &address]).output().unwrap().into();

        said.assert_code(3).assert_stderr(&format!("{address}: Address already in use")).assert_stderr("port 0");
    }
}

#[test]
fn an_address_without_a_port_is_refused_with_an_example() {
    for wrong in ["6379", "localhost", "127.0.0.1", "127.0.0.1:99999", ""] {
        let said: Said = otelgate().args(["stand-in", "redis", "--listen", wrong]).output().unwrap().into();

        said.assert_code(2).assert_stderr("127.0.0.1:6379");
    }
}

#[test]
fn an_unknown_stand_in_is_refused_with_those_there_are() {
    let said: Said = otelgate().args(["stand-in", "rediss"]).output().unwrap().into();

    said.assert_code(2).assert_stderr("'redis'");
}
