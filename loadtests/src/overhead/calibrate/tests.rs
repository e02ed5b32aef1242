use std::sync::LazyLock;

use super::*;
use crate::overhead::launches::Synthetic;
use crate::overhead::outcome::Protocol;
use crate::overhead::plan::tests::protocol;
use crate::overhead::record::{Invalid, Launch, Rule};
use crate::overhead::verdict::Arms;

const RUNS: u32 = 400;

fn settings() -> Settings {
    Settings { runs: RUNS, costs: vec![0.0, 0.03, 0.05, 0.07], ..Settings::default() }
}

fn ledger() -> Vec<Launch> {
    Synthetic::costing(0.2).and("spin 1 %", 1.2 * 1.01 - 1.0).and("spin nothing", 0.2).launches(300)
}

/// The calibration that most tests look at, made once.
fn calibration() -> &'static Calibration {
    static MADE: LazyLock<Calibration> =
        LazyLock::new(|| calibrate(&ledger(), &protocol(0.05), &Arms::default(), &settings()).unwrap());
    &MADE
}

#[test]
fn identical_arms_raise_no_alarm_either_way_round() {
    let calibration = calibration();

    let pairs: Vec<_> = calibration.identical.iter().map(|row| (&*row.pair.arm, &*row.pair.baseline)).collect();
    assert_eq!(pairs, [("off again", "off"), ("off", "off again")]);
    for row in &calibration.identical {
        assert_eq!((row.fails.hits, row.fails_confirmed.hits, row.launches), (0, 0, 300), "{row:?}");
        assert!(row.guarded.hits <= 2 && row.excludes_zero_centred.value() < 0.05, "{row:?}");
        // 1 % is promised; 400 runs of it are 4.
        assert!(row.fails_at_budget.hits <= 14 && row.fails_at_budget_confirmed.hits <= 2, "{row:?}");
    }
    assert!((calibration.identical[0].mean + calibration.identical[1].mean).abs() < 1e-4);
}

#[test]
fn identical_arms_that_differ_do_raise_alarms() {
    let ledger = Synthetic::costing(0.2).biased(0.08).launches(50);

    let calibration = calibrate(&ledger, &protocol(0.05), &Arms::default(), &settings()).unwrap();

    let row = &calibration.identical[0];
    assert_eq!((row.fails_confirmed.hits, row.guarded.hits, row.excludes_zero.hits), (RUNS, RUNS, RUNS), "{row:?}");
    assert_eq!(calibration.confusion[0].invalid.hits, RUNS);
}

#[test]
fn the_verdict_goes_with_the_true_cost() {
    let rows = &calibration().confusion;

    // The A/A guard is wrong in one run of a thousand.
    assert!(rows[..2].iter().all(|row| row.pass.hits >= RUNS - 2 && row.fail.hits == 0), "{rows:?}");
    assert!(rows[2].inconclusive.value() > 0.95, "{rows:?}");
    assert!(rows[3].fail.hits >= RUNS - 4 && rows[3].pass.hits == 0, "{rows:?}");
    for row in rows {
        assert_eq!(row.pass.hits + row.fail.hits + row.inconclusive.hits + row.invalid.hits, RUNS);
        assert!((row.seconds - 7.0 * row.launches).abs() < 1e-9, "{row:?}");
    }
    assert!(rows[0].launches < 9.0 && rows[2].launches > 36.0 && rows[3].launches > 15.0, "{rows:?}");
}

#[test]
fn an_added_cost_is_seen_and_none_is_not() {
    let rows = &calibration().power;

    let [spin, nothing] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&*spin.pair.arm, &*spin.pair.baseline, spin.at.len()), ("spin 1 %", "on", 5));
    assert!((spin.effect.estimate - 0.01).abs() < 0.001, "{spin:?}");
    assert!(spin.at[4].dearer.value() > 0.99 && spin.at[4].cheaper.hits == 0, "{spin:?}");
    assert!(spin.at.is_sorted_by_key(|at| at.launches) && spin.any_look.hits >= spin.at[4].dearer.hits, "{spin:?}");
    assert!(nothing.any_look.value() < 0.08, "{nothing:?}");
}

#[test]
fn the_same_seed_gives_the_same_rates() {
    let same = calibrate(&ledger(), &protocol(0.05), &Arms::default(), &settings()).unwrap();
    let other = calibrate(&ledger(), &protocol(0.05), &Arms::default(), &Settings { seed: 2, ..settings() }).unwrap();

    assert_eq!(&same, calibration());
    assert_ne!(calibration().confusion, other.confusion);
}

#[test]
fn invalid_launches_are_left_out_and_counted() {
    let mut ledger = ledger();
    for launch in ledger.iter_mut().take(10) {
        launch.invalid.push(Invalid { rule: Rule::SpansLost, arm: None, message: String::new() });
        launch.arms[1].cpu_ns *= 2;
    }

    let calibration = calibrate(&ledger, &protocol(0.05), &Arms::default(), &settings()).unwrap();

    assert_eq!((calibration.launches, calibration.invalid, calibration.disjoint_runs), (290, 10, 7));
    assert_eq!(calibration.confusion[1].fail.hits, 0);
}

#[test]
fn a_ledger_shorter_than_a_run_is_refused() {
    let error = calibrate(&ledger()[..39], &protocol(0.05), &Arms::default(), &settings()).unwrap_err();

    assert!(
        error.to_string().starts_with("the ledger has 39 valid launches with `on`, `off` and `off again`"),
        "{error}"
    );
}

#[test]
fn an_arm_with_too_few_launches_is_said_to_be_missing() {
    let rare = Synthetic::costing(0.2).and("spin 2 %", 0.22).seeded(5).launches(3);

    let ledger = [ledger(), rare].concat();
    let calibration = calibrate(&ledger, &protocol(0.05), &Arms::default(), &settings()).unwrap();

    assert_eq!(calibration.power.len(), 2);
    assert_eq!(calibration.missing, ["`spin 2 %` against `on`: 3 launches have both, a run takes up to 40"]);
}

#[test]
fn no_runs_and_a_protocol_that_makes_no_plan_are_refused() {
    let none = calibrate(&ledger(), &protocol(0.05), &Arms::default(), &Settings { runs: 0, ..settings() });
    assert_eq!(none, Err(CalibrateError::NoRuns));

    let budget = calibrate(&ledger(), &Protocol { budget: 0.0, ..protocol(0.05) }, &Arms::default(), &settings());
    assert!(matches!(budget, Err(CalibrateError::Plan(_))));
}

#[test]
fn the_tables_name_what_they_rest_on() {
    let text = markdown(calibration());

    assert!(text.contains("300 launches (0 more were invalid"), "{text}");
    assert!(text.contains("make 7 runs that share none"), "{text}");
    assert!(text.contains("\n| off again | off | 300 | "), "{text}");
    assert!(text.contains("\n| 3.0 % | "), "{text}");
    assert!(text.contains("\n| spin 1 % | on | 300 | +"), "{text}");
    // Rows of a table have as many cells as its head.
    let cells = |line: &str| line.matches('|').count();
    for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
        assert!(table.lines().all(|line| cells(line) == cells(table.lines().next().unwrap())), "{table}");
    }
}
