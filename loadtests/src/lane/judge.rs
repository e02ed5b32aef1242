//! Holds what was measured against the baseline.

use super::{Baseline, Deviation, Figure, FigureName, KindFigures, LaneOutcome, LaneVerdict, Made, Measured};

/// What differs between two measurements, and so which figures may be compared.
struct Comparable {
    /// Compiled by the same, so that allocations may be.
    compiler: bool,
    /// Counted by the same valgrind on the same processor, so that instructions may be.
    counter: bool,
    reasons: Vec<String>,
}

/// Holds `measured` against `baseline`. `tolerance` is the fraction of a figure by which it may differ; where the repeats
/// of the baseline differed by more, that is allowed.
///
/// Spans and OTLP bytes are the program's own and always compared; allocations if the program was compiled by the same;
/// instructions if valgrind and processor are the same as well.
#[must_use]
pub fn judge(measured: Measured, baseline: Option<&Baseline>, tolerance: f64) -> LaneOutcome {
    let Some(baseline) = baseline else {
        let reasons = vec!["there is no baseline to compare with: make one with `otelgate lane --renew`".to_owned()];
        let verdict = LaneVerdict::Incomparable;
        return LaneOutcome { verdict, reasons, measured, baseline: None, deviations: Vec::new() };
    };
    let wanted = &baseline.measured;
    let comparable = comparable(&measured.made, &wanted.made);
    let mut all_comparable = comparable.compiler && comparable.counter;
    let mut reasons = comparable.reasons.clone();
    let mut deviations = Vec::new();
    for kind in &measured.kinds {
        match wanted.kinds.iter().find(|other| other.kind == kind.kind) {
            Some(wanted) => compare(kind, wanted, tolerance, &comparable, &mut deviations),
            None => reasons.push(format!("the baseline has no `{}`: renew it", kind.kind)),
        }
    }
    for missing in wanted.kinds.iter().filter(|kind| !measured.kinds.iter().any(|other| other.kind == kind.kind)) {
        reasons.push(format!("`{}` of the baseline was not measured: name it in `lane.kinds`, or renew", missing.kind));
    }
    all_comparable &= same_kinds(&measured, wanted);

    reasons.extend(deviations.iter().filter(|deviation| deviation.worse).map(ToString::to_string));
    let not_counted = measured.kinds.iter().any(|kind| kind.added.instructions.is_none());
    if not_counted {
        let next = "install valgrind to have instructions counted";
        reasons.push(format!("instructions were not measured, because there is no valgrind: {next}"));
    }
    if measured.made.with != wanted.made.with {
        let (was, is) = (wanted.made.with.join(", "), measured.made.with.join(", "));
        reasons.push(format!("the baseline was made with {was}; this is {is}"));
    }
    if deviations.iter().any(|deviation| !deviation.worse) {
        reasons.push("some figures are better than the baseline's: keep that with `otelgate lane --renew`".to_owned());
    }
    let verdict = if deviations.iter().any(|deviation| deviation.worse) {
        LaneVerdict::Regressed
    } else if !all_comparable {
        LaneVerdict::Incomparable
    } else if not_counted {
        LaneVerdict::NotMeasured
    } else {
        LaneVerdict::Pass
    };
    LaneOutcome { verdict, reasons, measured, baseline: Some(wanted.made.clone()), deviations }
}

fn comparable(found: &Made, wanted: &Made) -> Comparable {
    let mut reasons = Vec::new();
    let mut same = |what: &str, found: &str, wanted: &str| {
        if found != wanted {
            reasons.push(format!("{what} is not that of the baseline: wanted {wanted}, found {found}; renew it here"));
        }
        found == wanted
    };
    let compiler = same("what made the program", &found.made_by, &wanted.made_by);
    let processor = same("the processor", &found.processor, &wanted.processor);
    let requests = same("the number of requests", &found.requests.to_string(), &wanted.requests.to_string());
    // No valgrind is another matter: then there is nothing to compare.
    let valgrind = match (&found.valgrind, &wanted.valgrind) {
        (Some(found), Some(wanted)) => same("valgrind", found, wanted),
        (None, Some(_)) => true,
        (found, None) => {
            let is = found.as_deref().unwrap_or("none");
            reasons.push(format!("the baseline was made without valgrind (here: {is}): renew it where there is one"));
            false
        }
    };
    Comparable { compiler: compiler && requests, counter: processor && valgrind, reasons }
}

fn same_kinds(one: &Measured, other: &Measured) -> bool {
    let names = |measured: &Measured| {
        let mut names: Vec<String> = measured.kinds.iter().map(|kind| kind.kind.clone()).collect();
        names.sort();
        names
    };
    names(one) == names(other)
}

fn compare(
    found: &KindFigures,
    wanted: &KindFigures,
    tolerance: f64,
    comparable: &Comparable,
    deviations: &mut Vec<Deviation>,
) {
    let mut hold = |figure: FigureName, wanted: f64, is: f64, allowed: f64| {
        if (is - wanted).abs() > allowed {
            let worse = is > wanted || figure == FigureName::Spans;
            deviations.push(Deviation { kind: found.kind.clone(), figure, wanted, found: is, allowed, worse });
        }
    };
    hold(FigureName::Spans, wanted.on.spans, found.on.spans, 0.0);
    if let (Some(wanted), Some(found)) = (wanted.on.otlp_bytes_per_span, found.on.otlp_bytes_per_span) {
        hold(FigureName::OtlpBytesPerSpan, wanted, found, wanted * tolerance);
    }
    let mut added = |name, wanted: Option<Figure>, found: Option<Figure>| {
        if let (Some(wanted), Some(found)) = (wanted, found) {
            let allowed = wanted.spread.unwrap_or(0.0).max(tolerance);
            hold(name, wanted.value, found.value, wanted.value.abs() * allowed);
        }
    };
    if comparable.compiler {
        added(FigureName::AddedAllocations, wanted.added.allocations, found.added.allocations);
        added(FigureName::AddedBytes, wanted.added.allocated_bytes, found.added.allocated_bytes);
    }
    if comparable.compiler && comparable.counter {
        added(FigureName::AddedInstructions, wanted.added.instructions, found.added.instructions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::{Added, ArmFigures};

    type Change<T> = fn(&mut T);

    fn figure(value: f64, spread: f64) -> Figure {
        Figure { value, spread: Some(spread) }
    }

    fn arm(instructions: f64, spans: f64) -> ArmFigures {
        ArmFigures {
            instructions: Some(figure(instructions, 0.001)),
            allocations: Some(figure(instructions / 1_000.0, 0.0)),
            allocated_bytes: Some(figure(instructions / 10.0, 0.0)),
            spans,
            otlp_bytes_per_span: (spans > 0.0).then_some(260.0),
            otlp_log_bytes: None,
        }
    }

    fn measured() -> Measured {
        let made = Made {
            made_by: "rustc 1.95.0".to_owned(),
            with: vec!["opentelemetry 0.33.1".to_owned()],
            valgrind: Some("valgrind-3.19.0".to_owned()),
            processor: "a processor".to_owned(),
            requests: 64,
            repeats: 3,
        };
        let added = Added {
            instructions: Some(figure(500_000.0, 0.03)),
            allocations: Some(figure(450.0, 0.001)),
            allocated_bytes: Some(figure(51_000.0, 0.001)),
        };
        let kind =
            KindFigures { kind: "cold".to_owned(), on: arm(2_640_000.0, 15.0), off: arm(2_140_000.0, 0.0), added };
        Measured { made, kinds: vec![kind] }
    }

    fn judged(change: impl FnOnce(&mut Measured)) -> LaneOutcome {
        let baseline = Baseline::new(measured());
        let mut found = measured();
        change(&mut found);
        judge(found, Some(&baseline), 0.02)
    }

    #[track_caller]
    fn assert_reason(outcome: &LaneOutcome, verdict: LaneVerdict, part: &str) {
        assert_eq!(outcome.verdict, verdict, "{:?}", outcome.reasons);
        assert!(outcome.reasons.iter().any(|reason| reason.contains(part)), "{part}: {:?}", outcome.reasons);
    }

    #[test]
    fn what_is_as_it_was_passes_and_says_nothing() {
        let outcome = judged(|_| ());

        assert_eq!((outcome.verdict, outcome.reasons, outcome.deviations), (LaneVerdict::Pass, vec![], vec![]));
    }

    #[test]
    fn a_figure_may_differ_as_much_as_the_repeats_of_the_baseline_did() {
        let outcome = judged(|found| found.kinds[0].added.instructions = Some(figure(514_000.0, 0.0)));

        assert_eq!(outcome.verdict, LaneVerdict::Pass);
    }

    #[test]
    fn more_instructions_allocations_or_bytes_are_regressions_that_are_named() {
        let worse: [(Change<Added>, _, _); 3] = [
            (
                |added| added.instructions = Some(figure(516_000.0, 0.0)),
                FigureName::AddedInstructions,
                "found 516000.0 (+3.2 %)",
            ),
            (
                |added| added.allocations = Some(figure(460.0, 0.0)),
                FigureName::AddedAllocations,
                "found 460.0 (+2.2 %)",
            ),
            (
                |added| added.allocated_bytes = Some(figure(53_000.0, 0.0)),
                FigureName::AddedBytes,
                "found 53000.0 (+3.9 %)",
            ),
        ];
        for (change, name, text) in worse {
            let outcome = judged(|found| change(&mut found.kinds[0].added));

            assert_reason(&outcome, LaneVerdict::Regressed, text);
            assert_eq!(outcome.deviations.len(), 1);
            assert_eq!(outcome.deviations[0].figure, name);
        }
    }

    #[test]
    fn fewer_spans_are_a_regression_too() {
        let outcome = judged(|found| found.kinds[0].on.spans = 14.0);

        assert_reason(&outcome, LaneVerdict::Regressed, "cold: spans a request: wanted 15.0");
    }

    #[test]
    fn what_became_cheaper_passes_and_asks_to_be_kept() {
        let outcome = judged(|found| found.kinds[0].added.instructions = Some(figure(250_000.0, 0.0)));

        assert_reason(&outcome, LaneVerdict::Pass, "better than the baseline's");
        assert!(!outcome.deviations[0].worse);
    }

    #[test]
    fn without_valgrind_nothing_is_proven_but_what_was_counted_is_compared() {
        let uncounted = |found: &mut Measured| {
            found.made.valgrind = None;
            found.kinds[0].added.instructions = None;
        };

        assert_reason(&judged(uncounted), LaneVerdict::NotMeasured, "there is no valgrind");
        let outcome = judged(|found| {
            uncounted(found);
            found.kinds[0].added.allocations = Some(figure(500.0, 0.0));
        });
        assert_reason(&outcome, LaneVerdict::Regressed, "allocations that telemetry adds");
    }

    #[test]
    fn without_a_baseline_nothing_is_compared() {
        assert_reason(&judge(measured(), None, 0.02), LaneVerdict::Incomparable, "--renew");
    }

    #[test]
    fn figures_of_another_toolchain_or_machine_are_not_compared() {
        let others: [(Change<Made>, &str); 4] = [
            (|made| made.made_by = "rustc 1.96.0".to_owned(), "wanted rustc 1.95.0, found rustc 1.96.0"),
            (|made| made.valgrind = Some("valgrind-3.24.0".to_owned()), "found valgrind-3.24.0"),
            (|made| made.processor = "another".to_owned(), "the processor is not that of the baseline"),
            (|made| made.requests = 8, "wanted 64, found 8"),
        ];
        for (change, text) in others {
            let outcome = judged(|found| {
                change(&mut found.made);
                found.kinds[0].added.instructions = Some(figure(900_000.0, 0.0));
            });

            assert_reason(&outcome, LaneVerdict::Incomparable, text);
            assert_eq!(outcome.deviations, []);
        }
    }

    #[test]
    fn spans_are_compared_whatever_made_the_program() {
        let outcome = judged(|found| {
            found.made.made_by = "rustc 1.96.0".to_owned();
            found.kinds[0].on.spans = 16.0;
        });

        assert_reason(&outcome, LaneVerdict::Regressed, "spans a request");
    }

    #[test]
    fn other_kinds_than_those_of_the_baseline_are_told() {
        let outcome = judged(|found| found.kinds[0].kind = "warm".to_owned());

        assert_reason(&outcome, LaneVerdict::Incomparable, "the baseline has no `warm`");
        assert_reason(&outcome, LaneVerdict::Incomparable, "`cold` of the baseline was not measured");
    }

    #[test]
    fn other_libraries_are_told_and_compared() {
        let outcome = judged(|found| found.made.with = vec!["opentelemetry 0.34.0".to_owned()]);

        assert_reason(&outcome, LaneVerdict::Pass, "this is opentelemetry 0.34.0");
    }
}
