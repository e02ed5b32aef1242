//! What a run may be given and cannot use.

use std::fs;
use std::process::{Command, Stdio};

use otelgate_harness::config::BackEndsConfig;
use otelgate_harness::stack::Stack;

use crate::Test;
use crate::fixture::Fixture;
use crate::leftovers;
use crate::project::Project;
use crate::verify::{otelgate, otelgate_on};

pub(crate) const TESTS: &[Test] = &[
    ("bad_input::a_prometheus_that_looks_elsewhere_says_where", a_prometheus_that_looks_elsewhere_says_where),
    ("bad_input::a_grafana_that_refuses_the_login_is_told", a_grafana_that_refuses_the_login_is_told),
    (
        "bad_input::a_dashboard_that_is_not_json_is_told_with_its_place",
        a_dashboard_that_is_not_json_is_told_with_its_place,
    ),
    ("bad_input::a_disk_that_is_full_is_told_with_the_log", a_disk_that_is_full_is_told_with_the_log),
];

/// A Prometheus in a container, and the way from it to the service.
pub(crate) fn prometheus_alone(fixture: &Fixture, run: &str, back_ends: &BackEndsConfig) -> Stack {
    fixture.start_some(run, &[], &BackEndsConfig { grafana: None, ..back_ends.clone() })
}

fn a_prometheus_that_looks_elsewhere_says_where(fixture: &Fixture) {
    let run = format!("test{}elsewhere", std::process::id());
    let folder = tempfile::tempdir().unwrap();
    let mut back_ends = fixture.config.back_ends.clone();
    let files = back_ends.prometheus.as_mut().unwrap();
    // A job of the run has the service; the one that is asked for has a port at which nobody listens.
    let elsewhere = "- job_name: elsewhere\n  static_configs:\n  - targets: [\"127.0.0.1:9091\"]\n";
    let text = fs::read_to_string(&files.config).unwrap() + elsewhere;
    files.config = folder.path().join("prometheus.yml");
    fs::write(&files.config, text).unwrap();
    let stack = prometheus_alone(fixture, &run, &back_ends);
    let url = stack.back_ends().prometheus.as_ref().unwrap().url.clone();
    let arguments = ["verify", "--prometheus-url", &url, "--prometheus-job", "elsewhere"];

    let said = Project::new().run_as(fixture, &mut otelgate_on("external", &arguments));

    said.assert_refused(
        3,
        &[
            "has not scraped the service: it tries http://127.0.0.1:9091/metrics: ",
            "connection refused",
            "next: see whether the address that job has leads to the service",
        ],
    );
    // Somebody else's may scrape once a minute and is given the time; one that is refused again and again is not.
    let (_, waited) = said.told.split_once("(waited ").unwrap();
    let waited: u64 = waited.split(' ').next().unwrap().parse().unwrap();
    assert!(waited < 60_000, "{}", said.told);
    drop(stack);
    leftovers::assert_none(fixture, &run);
}

fn a_grafana_that_refuses_the_login_is_told(fixture: &Fixture) {
    let url = fixture.shared().stack.back_ends().grafana.as_ref().unwrap().url.clone();
    let mut command = otelgate_on("external", &["verify", "--grafana-url", &url]);
    command.env("OTELGATE_GRAFANA_PASSWORD", "not the password");

    let said = Project::new().run_as(fixture, &mut command);

    said.assert_refused(
        3,
        &["grafana does not answer as it should", "refuses the login", "next: ", "external.grafana"],
    );
    assert!(!said.told.contains("not the password"), "{}", said.told);
}

fn a_dashboard_that_is_not_json_is_told_with_its_place(fixture: &Fixture) {
    let project = Project::new()
        .edited("grafana/dashboards/rag-pipeline.json", |text| text.replacen("\"panels\":", "\"panels\"", 1));

    let said = project.run(fixture, &["verify"]);

    let finding = said.assert_only(&["dashboard.unreadable"]);
    assert!(finding["where"].to_string().contains("rag-pipeline.json:"), "{finding:#}");
}

/// Prometheus with a disk that has no room: the memory that every container has at `/dev/shm`, filled.
const FULL: &str = "\
ARG PROMETHEUS
ARG SHELL
FROM $PROMETHEUS AS prometheus
FROM $SHELL
COPY --from=prometheus /bin/prometheus /bin/prometheus
COPY files/ /
USER 0:0
ENTRYPOINT [\"/bin/sh\", \"-c\", \"cat /dev/zero > /dev/shm/full; exec /bin/prometheus \\\"$@\\\"\", \"prometheus\"]
";

fn a_disk_that_is_full_is_told_with_the_log(fixture: &Fixture) {
    let image = format!("otelgate-test-full:{}", std::process::id());
    let reference = |server: &Option<otelgate_harness::stack::BackEnd>| {
        server.as_ref().unwrap().image.as_ref().unwrap().reference.clone()
    };
    let (prometheus, shell) = {
        let shared = fixture.shared();
        let back_ends = shared.stack.back_ends();
        (reference(&back_ends.prometheus), reference(&back_ends.redis))
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), FULL).unwrap();
    fs::create_dir(folder.path().join("files")).unwrap();
    std::os::unix::fs::symlink("/dev/shm", folder.path().join("files/prometheus")).unwrap();
    let (prometheus, shell) = (format!("PROMETHEUS={prometheus}"), format!("SHELL={shell}"));
    docker(&["build", "-q", "-t", &image, "--build-arg", &prometheus, "--build-arg", &shell, "."], folder.path());

    let said = Project::new().run_as(fixture, otelgate(&["verify"]).env("OTELGATE_IMAGE_PROMETHEUS", &image));

    docker(&["rmi", &image], folder.path());
    said.assert_refused(
        3,
        &["prometheus ended before it was ready", "no space left on device", "next: the log says why"],
    );
}

#[track_caller]
fn docker(arguments: &[&str], folder: &std::path::Path) {
    let mut command = Command::new("docker");
    // The builder that needs no plug-in.
    command.args(arguments).current_dir(folder).env("DOCKER_BUILDKIT", "0").stdout(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
