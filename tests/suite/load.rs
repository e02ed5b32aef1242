//! `otelgate load`: goose on the reference service, and every request accounted for.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::{Said, otelgate, project, rag_service, root, yaml};

/// A folder whose `otelgate.yaml` puts the reference service under this load; what `load` does not say is made short and
/// generous, because the machine is busy with other tests.
fn under_load(load: Value) -> tempfile::TempDir {
    let folder = project(&format!("[{}]", rag_service().display()), "");
    let path = folder.path().join("otelgate.yaml");
    let mut config: Value = serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mut short = json!({
        "workloads": [{"file": root().join("fixtures/workloads/mixed.yaml")}],
        "users": 2,
        "seconds": 1,
        "sampling": [1],
        "without": false,
        "budgets": {"p95-without-ms": 10_000, "p95-all-ms": 10_000, "p95-share-ms": 10_000, "added-ms": 10_000},
        "env": {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_EXPORTER_OTLP_TIMEOUT": "500", "OPENAI_TIMEOUT_MS": "10000"},
        "counted-by": config["load"]["counted-by"],
    });
    let Value::Object(load) = load else { panic!("a load is a map") };
    short.as_object_mut().unwrap().extend(load);
    config["load"] = short;
    // JSON is YAML.
    std::fs::write(path, config.to_string()).unwrap();
    folder
}

fn load(folder: &tempfile::TempDir, arguments: &[&str]) -> Said {
    otelgate().arg("load").args(arguments).current_dir(folder.path()).output().unwrap().into()
}

fn report(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{}\n{}", said.stdout, said.stderr))
}

/// The ids of everything that does not hold.
fn violations(report: &Value) -> Vec<&str> {
    let parts = ["phases", "trials"].into_iter().flat_map(|part| report[part].as_array().unwrap());
    parts
        .flat_map(|part| part["judgement"]["violations"].as_array().unwrap())
        .map(|found| found["id"].as_str().unwrap())
        .collect()
}

#[test]
fn every_request_is_in_traces_histogram_and_log_with_all_traces_and_with_a_share() {
    let folder = under_load(json!({"without": true, "off": {"OTEL_ENABLED": "false"}, "sampling": [1, 0.1]}));

    let said = load(&folder, &["--format", "json"]);

    said.assert_code(0);
    let report = report(&said);
    assert_eq!(report["verdict"], "PASS");
    assert_eq!(report["budgets"].as_array().unwrap().len(), 4, "{report}");
    let [off, all, share] = [0, 1, 2].map(|phase| &report["phases"][phase]["counted"]);
    assert!(off["requests"]["answered"].as_u64().is_some_and(|answered| answered > 0));
    assert_eq!(off["received"]["spans"], 0);
    let answered = &all["requests"]["answered"];
    assert_eq!((&all["roots"]["once"], &all["histogram"]), (answered, answered));
    assert!(all["lines"]["once"].as_u64().is_some_and(|lines| lines > 0));
    let (kept, sent) = (share["roots"]["once"].as_u64().unwrap(), share["requests"]["sent"].as_u64().unwrap());
    assert!(kept < sent, "a sampler that keeps {kept} of {sent} keeps no share");
}

#[test]
fn a_broken_budget_and_a_broken_threshold_of_goose_fail_and_its_report_is_written() {
    let folder = under_load(json!({"budgets": {"p95-all-ms": 0.001}}));

    let said = load(&folder, &["--", "--report-file", "goose.json", "--threshold", "max<1ms", "--no-threshold-abort"]);

    said.assert_code(1).assert_stdout("✗ p95, 100 % of traces").assert_stdout("load.threshold");
    assert!(said.stdout.lines().last().unwrap().starts_with("FAIL"), "{}", said.stdout);
    let goose = std::fs::read_to_string(folder.path().join("goose.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&goose).is_ok(), "{goose}");
}

#[test]
fn what_a_full_queue_drops_is_declared_and_accounted_for() {
    let env = json!({
        "OTEL_BSP_MAX_QUEUE_SIZE": "1", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1", "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OPENAI_TIMEOUT_MS": "10000",
    });
    let folder = under_load(json!({"env": env}));

    let said = load(&folder, &["--format", "json"]);

    said.assert_code(0);
    let counted = &report(&said)["phases"][0]["counted"];
    assert!(counted["sdk"]["queue_full"].as_u64().is_some_and(|spans| spans > 0), "{counted}");
    assert!(counted["roots"]["missing"].as_u64().is_some_and(|roots| roots > 0), "{counted}");
}

#[test]
fn loss_beyond_its_limit_fails_however_well_it_is_declared() {
    let env =
        json!({"OTEL_BSP_MAX_QUEUE_SIZE": "1", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1", "OPENAI_TIMEOUT_MS": "10000"});
    let folder = under_load(json!({
        "env": env, "settle-seconds": 1, "budgets": {"p95-all-ms": 10_000, "declared-loss-percent": 0},
    }));

    let said = load(&folder, &[]);

    said.assert_code(1).assert_stdout("✗ spans dropped, 100 % of traces");
}

#[test]
fn a_collector_that_answers_well_and_does_not_have_the_spans_is_named() {
    let mut elsewhere = Background::new(otelgate().args(["stand-in", "collector"]));
    let env = json!({"OTEL_EXPORTER_OTLP_ENDPOINT": elsewhere.url(), "OTEL_BSP_SCHEDULE_DELAY": "100"});
    let folder = under_load(json!({"env": env, "settle-seconds": 1}));

    let said = load(&folder, &["--format", "json"]);

    said.assert_code(1);
    assert_eq!(violations(&report(&said)), ["conservation.receiver"]);
}

#[test]
fn a_collector_that_goes_and_comes_back_costs_spans_that_are_declared_and_no_request() {
    // No time for a second attempt: what an export of the outage carried is lost.
    let folder = under_load(json!({"sampling": [1], "trials": ["down"], "env": exporting_for("50")}));

    let said = load(&folder, &["--trials", "--format", "json"]);

    let report = report(&said);
    let trial = &report["trials"][0];
    // Whether a window of a fifth of a second was slower, on a busy machine, is not what this is about.
    let found: Vec<_> = violations(&report).into_iter().filter(|id| *id != "trial.slower").collect();
    assert_eq!(found, Vec::<&str>::new(), "{report}");
    assert_eq!(trial["counted"]["requests"]["broken"], 0);
    assert!(trial["counted"]["sdk"]["failed"].as_u64().is_some_and(|spans| spans > 0), "{trial}");
    assert!(trial["recovered"][0].as_u64().is_some_and(|traces| traces > 0), "{trial}");
    assert!(trial["stopped_seconds"].is_number(), "{trial}");
}

#[test]
fn a_collector_that_is_back_in_time_costs_nothing() {
    let folder = under_load(json!({"sampling": [1], "trials": ["down"], "env": exporting_for("10000")}));

    let said = load(&folder, &["--trials", "--format", "json"]);

    let report = report(&said);
    let counted = &report["trials"][0]["counted"];
    // As above.
    let found: Vec<_> = violations(&report).into_iter().filter(|id| *id != "trial.slower").collect();
    assert_eq!(found, Vec::<&str>::new(), "{report}");
    assert_eq!((&counted["sdk"]["failed"], &counted["sdk"]["queue_full"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!(counted["sdk"]["exported"], counted["received"]["spans"], "{report}");
}

/// Variables of a service whose exports are tried for so many milliseconds.
fn exporting_for(milliseconds: &str) -> Value {
    json!({
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_BSP_MAX_QUEUE_SIZE": "65536",
        "OTEL_EXPORTER_OTLP_TIMEOUT": milliseconds,
        "OPENAI_TIMEOUT_MS": "10000",
    })
}

#[test]
fn a_service_that_runs_already_is_driven_by_its_url_and_the_report_says_what_it_cannot_know() {
    let folder = project(&format!("[{}]", rag_service().display()), "");
    let mut service = Background::new(otelgate().arg("up").current_dir(folder.path()));
    let workload = root().join("fixtures/workloads/health.yaml");
    let nowhere = tempfile::tempdir().unwrap();

    let url = service.url();
    let said = load(&nowhere, &["--url", &url, "--workload", workload.to_str().unwrap(), "--seconds", "1"]);

    said.assert_stdout("only what the driver sees is judged").assert_stdout("health: readiness");
    assert!(said.stdout.lines().last().unwrap().contains("requests"), "{}", said.stdout);
}

#[test]
fn a_url_where_nobody_answers_is_told() {
    let folder = under_load(json!({}));
    // Bound and given back: nobody listens there, and nobody else is given it so soon.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();

    let said = load(&folder, &["--url", &format!("http://{free}")]);

    said.assert_code(3).assert_stderr("does not answer").assert_stderr("is the URL right?");
}

#[test]
fn ctrl_c_ends_a_load_in_good_order_and_keeps_what_was_measured() {
    let folder = under_load(json!({"seconds": 600}));
    let mut child = otelgate()
        .args(["load", "--progress", "plain"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    let up = progress.find_map(|line| line.unwrap().strip_prefix("service up at ").map(str::to_owned)).unwrap();
    let address = up.split_whitespace().next().unwrap().trim_start_matches("http://").to_owned();

    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();

    let _ = progress.map_while(Result::ok).count();
    let said: Said = child.wait_with_output().unwrap().into();
    said.assert_code(130).assert_stdout("SIGINT: ended early");
    assert!(std::net::TcpStream::connect(&address).is_err(), "the service still listens on {address}");
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_started() {
    let folder = under_load(json!({}));
    for (arguments, part) in [
        (&["--users", "0"][..], "`load.users` is 0"),
        (&["--seconds", "0"], "`load.seconds` is 0"),
        (&["--soak", "soon"], "`soon` is no time"),
        (&["--workload", "nowhere.yaml"], "nowhere.yaml"),
        (&["--", "--users", "5"], "`--users` is not passed on"),
        (&["--", "--treshold", "p95<1ms"], "--treshold"),
        (&["--format", "junit"], "`load` prints text or JSON"),
    ] {
        load(&folder, arguments).assert_code(2).assert_stderr(part);
    }
}

#[test]
fn every_workload_of_the_repository_is_one_that_can_be_sent() {
    for entry in std::fs::read_dir(root().join("fixtures/workloads")).unwrap() {
        let path = entry.unwrap().path();
        let workload = otelgate_loadtests::workload::read(&path).unwrap();
        assert_eq!(Some(workload.name.as_str()), path.file_stem().unwrap().to_str(), "{}", path.display());
    }
}

#[test]
fn the_configuration_of_the_repository_logs_kinds_that_its_workloads_have() {
    let config = yaml("otelgate.yaml");
    let files = config["load"]["workloads"].as_array().unwrap().iter().map(|entry| entry["file"].as_str().unwrap());
    let workloads: Vec<_> = files.map(|file| otelgate_loadtests::workload::read(&root().join(file)).unwrap()).collect();
    let kinds: Vec<&str> =
        workloads.iter().flat_map(|workload| &workload.kinds).map(|kind| kind.name.as_str()).collect();

    for kind in config["load"]["counted-by"]["log-lines"].as_object().unwrap().keys() {
        assert!(kinds.contains(&kind.as_str()), "no workload has a kind `{kind}`: {kinds:?}");
    }
}

/// A program that runs until the test is over.
struct Background(Child);

impl Background {
    fn new(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// The URL at the end of the first line it prints.
    fn url(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id().try_into().unwrap()), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}
