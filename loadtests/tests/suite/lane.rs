//! The lane with programs that are not what they should be, and a valgrind that is a script.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use otelgate_harness::config::{self, Config};
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::run::Choices;
use otelgate_loadtests::lane::{Baseline, BaselineError, Effort, Figure, LaneError, Measured, measure};

/// What a good program does: 100 allocations a request and 40 more by telemetry, 3 spans of 250 bytes.
const GOOD: &str = r#"
[ "$4" = on ] && t=1 || t=0
echo "a line of log"
echo "{\"requests\":$2,\"allocations\":$((7 + $2 * (100 + 40 * t))),\"allocated_bytes\":$(($2 * 1000)),\"spans\":$(($2 * 3 * t)),\"otlp_span_bytes\":$(($2 * 750 * t)),\"made_by\":\"sh\"}"
"#;

/// Counts 1,000,000 instructions for starting up, 2,000 a request and 600 more by telemetry. Wants large copies to be loops.
const VALGRIND: &str = r#"
[ "$1" = --version ] && { echo valgrind-9.9; exit; }
case $GLIBC_TUNABLES in *rep_movsb_threshold=*rep_stosb_threshold=*) ;; *) exit 9 ;; esac
file=${3#--callgrind-out-file=}; shift 3
"$@" || exit
shift
[ "$4" = on ] && t=1 || t=0
printf 'events: Ir\ntotals: %d\n' $((1000000 + $2 * (2000 + 600 * t))) > "$file"
"#;

struct Fixture {
    folder: tempfile::TempDir,
    valgrind: PathBuf,
}

impl Fixture {
    fn new(program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        script(&folder.path().join("program"), program);
        let valgrind = folder.path().join("valgrind");
        script(&valgrind, VALGRIND);
        Self { folder, valgrind }
    }

    fn config(&self, within_ms: u64) -> Config {
        let text = format!(
            "version: 1\n\
             service: {{name: none, command: [none], address: {{url: 'http://127.0.0.1:1'}}}}\n\
             stack: []\nscenarios: []\ncontracts: [none.yaml]\n\
             lane: {{command: [./program], kinds: [only], requests: 8, baseline: baseline.json, within-ms: {within_ms}}}\n"
        );
        let path = self.folder.path().join("otelgate.yaml");
        std::fs::write(&path, text).unwrap();
        config::read(&path).unwrap()
    }

    async fn measure(&self) -> Result<Measured, LaneError> {
        self.measure_within(60_000).await
    }

    async fn measure_within(&self, within_ms: u64) -> Result<Measured, LaneError> {
        let config = self.config(within_ms);
        let lane = config.lane.clone().unwrap();
        let (lifeline, path) = (Lifeline::none(), |name: &str| (name == "PATH").then(|| "/usr/bin:/bin".to_owned()));
        let choices = Choices::embedded(&lifeline, &path);
        let valgrind = self.valgrind.display().to_string();
        let effort = Effort { repeats: 2, side_by_side: 2, valgrind: &valgrind, processor: "any" };
        measure(&config, &lane, &choices, &effort).await
    }

    async fn problem(&self) -> String {
        self.measure().await.unwrap_err().to_string()
    }
}

/// Written under another name first: a file that is open for writing anywhere cannot be run.
fn script(path: &Path, text: &str) {
    let draft = path.with_extension("draft");
    std::fs::write(&draft, format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::rename(&draft, path).unwrap();
}

fn exactly(value: f64) -> Figure {
    Figure { value, spread: Some(0.0) }
}

#[tokio::test]
async fn what_happens_before_the_requests_is_not_in_the_figures() {
    let fixture = Fixture::new(GOOD);

    let measured = fixture.measure().await.unwrap();

    assert_eq!(measured.made.valgrind.as_deref(), Some("valgrind-9.9"));
    let only = &measured.kinds[0];
    assert_eq!((only.off.instructions, only.added.instructions), (Some(exactly(2_000.0)), Some(exactly(600.0))));
    assert_eq!((only.off.allocations, only.added.allocations), (Some(exactly(100.0)), Some(exactly(40.0))));
    assert_eq!((only.on.spans, only.on.otlp_bytes_per_span), (3.0, Some(250.0)));
    assert_eq!(only.per_span(only.added.instructions), Some(200.0));
}

#[tokio::test]
async fn without_valgrind_the_rest_is_measured() {
    let mut fixture = Fixture::new(GOOD);
    fixture.valgrind = fixture.folder.path().join("not-there");

    let measured = fixture.measure().await.unwrap();

    assert_eq!(measured.made.valgrind, None);
    assert_eq!(measured.kinds[0].added.instructions, None);
    assert_eq!(measured.kinds[0].added.allocations, Some(exactly(40.0)));
}

#[tokio::test]
async fn garbage_is_quoted_with_the_command() {
    let problem = Fixture::new("echo warming up; echo 42 requests").problem().await;

    assert!(problem.contains("program --requests 8 --telemetry off --kind only"), "{problem}");
    assert!(problem.contains("docs/LANE.md") && problem.ends_with("42 requests"), "{problem}");
}

#[tokio::test]
async fn a_program_that_fails_is_quoted() {
    let problem = Fixture::new("echo 'no such kind' >&2; exit 3").problem().await;

    assert!(problem.contains("exit status: 3") && problem.ends_with("no such kind"), "{problem}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let fixture = Fixture::new(GOOD);
    std::fs::remove_file(fixture.folder.path().join("program")).unwrap();

    assert!(fixture.problem().await.contains("cannot be run"));
}

#[tokio::test]
async fn a_program_that_hangs_is_ended() {
    let error = Fixture::new("exec sleep 600").measure_within(200).await.unwrap_err();

    assert!(error.to_string().ends_with("did not end within 200 ms and was killed"), "{error}");
}

#[tokio::test]
async fn a_program_that_never_stops_printing_is_ended() {
    let error = Fixture::new("exec yes").measure_within(2_000).await.unwrap_err();

    assert!(matches!(error, LaneError::NotRun(_) | LaneError::Program { .. }), "{error}");
}

#[tokio::test]
async fn callgrind_that_leaves_nothing_or_half_a_file_is_told() {
    for (file, wanted) in [
        ("exit", "callgrind wrote nothing"),
        ("printf 'events: Ir\\nsummary: 7\\n' > \"$file\"; exit", "it was cut off"),
    ] {
        let fixture = Fixture::new(GOOD);
        script(&fixture.valgrind, &VALGRIND.replace("[ \"$4\" = on ]", &format!("{file}\n[ \"$4\" = on ]")));

        let problem = fixture.problem().await;

        assert!(problem.contains(wanted), "{problem}");
    }
}

#[tokio::test]
async fn a_baseline_is_read_as_it_was_written() {
    let fixture = Fixture::new(GOOD);
    let path = fixture.folder.path().join("baseline.json");
    let baseline = Baseline::new(fixture.measure().await.unwrap());

    baseline.write(&path).unwrap();

    assert_eq!(Baseline::read(&path).unwrap(), Some(baseline));
}

#[test]
fn a_baseline_that_is_missing_is_none_and_a_damaged_one_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");

    assert!(Baseline::read(&path).unwrap().is_none());
    for text in ["", "{}", "{\"version\": 1, \"measured\": {}}"] {
        std::fs::write(&path, text).unwrap();
        assert!(matches!(Baseline::read(&path), Err(BaselineError::Damaged { .. })), "{text}");
    }
}
