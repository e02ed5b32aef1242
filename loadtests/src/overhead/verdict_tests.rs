use super::*;
use crate::overhead::launches::{Synthetic, confirming};
use crate::overhead::plan::tests::protocol;
use crate::overhead::record::Rule;

fn judge(budget: f64) -> Judge {
    Judge::new(&protocol(budget)).unwrap()
}

/// Makes launches as long as the judge asks for them: the run, and its confirmation if there is one.
fn driven(judge: &Judge, run: &Synthetic, confirmation: &Synthetic) -> (Vec<Launch>, Conclusion) {
    let (mut first, mut second) = (run.launches(100).into_iter(), confirming(confirmation.launches(100)).into_iter());
    let mut launches = Vec::new();
    loop {
        match judge.next(&launches) {
            Step::GoOn => launches.extend(first.next()),
            Step::Confirm => launches.extend(second.next()),
            Step::Done => break,
        }
    }
    let conclusion = judge.conclude(&launches);
    (launches, conclusion)
}

fn twice(judge: &Judge, run: &Synthetic) -> (Vec<Launch>, Conclusion) {
    driven(judge, run, &run.clone().seeded(99))
}

#[test]
fn a_cost_well_below_the_budget_passes_at_the_first_look() {
    let (launches, conclusion) = twice(&judge(0.05), &Synthetic::costing(0.02));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Pass, 8));
    assert_eq!((conclusion.reasons.len(), conclusion.help.len(), conclusion.invalid.len()), (0, 0, 0));
    let cost = conclusion.cost.unwrap();
    assert!(cost.effect.lower < 0.02 && 0.02 < cost.effect.upper && cost.effect.upper < 0.05, "{cost:?}");
    assert!((cost.confidence - 0.99).abs() < 0.001, "{cost:?}");
}

#[test]
fn a_cost_is_given_for_each_request_and_each_span() {
    let (_, conclusion) = twice(&judge(0.05), &Synthetic::costing(0.02));

    let cost = conclusion.cost.unwrap();
    // 2 % of 200 microseconds, over 15 spans.
    assert!((cost.micros_per_request - 4.0).abs() < 0.6, "{cost:?}");
    assert!((cost.spans_per_request - 15.0).abs() < 1e-9, "{cost:?}");
    assert!((cost.micros_per_span.unwrap() - cost.micros_per_request / 15.0).abs() < 1e-9, "{cost:?}");
    assert!(cost.sign_flip_p <= 2.0 / 256.0, "{cost:?}");
}

#[test]
fn a_cost_without_spans_has_none_for_each_span() {
    let mut launches = Synthetic::costing(0.02).launches(8);
    for launch in &mut launches {
        launch.arms[1].spans = 0;
    }

    let cost = judge(0.05).conclude(&launches).cost.unwrap();

    assert_eq!(cost.micros_per_span, None);
}

#[test]
fn a_cost_above_the_budget_fails_only_when_a_second_run_says_the_same() {
    let (launches, conclusion) = twice(&judge(0.05), &Synthetic::costing(0.08));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Fail, 16));
    assert_eq!(launches.iter().filter(|launch| launch.confirmation).count(), 8);
    let looks: Vec<_> = conclusion.looks.iter().map(|look| (look.launches, look.confirmation, look.decided)).collect();
    assert_eq!(looks, [(8, false, OverheadVerdict::Fail), (8, true, OverheadVerdict::Fail)]);
}

#[test]
fn without_confirmation_one_run_fails() {
    let once = Judge::new(&Protocol { confirm: false, ..protocol(0.05) }).unwrap();

    let (launches, conclusion) = twice(&once, &Synthetic::costing(0.08));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Fail, 8));
}

#[test]
fn a_second_run_that_says_otherwise_makes_it_inconclusive() {
    for other in [0.03, 0.05] {
        let (launches, conclusion) =
            driven(&judge(0.05), &Synthetic::costing(0.08), &Synthetic::costing(other).noisy(0.004).seeded(4));

        assert_eq!(conclusion.verdict, OverheadVerdict::Inconclusive, "{conclusion:?}");
        assert!(conclusion.reasons[0].contains("an independent second run did not: "), "{conclusion:?}");
        assert!(!conclusion.help.is_empty() && launches.len() >= 16, "{conclusion:?}");
        // The cost is that of the second run: the first was chosen for being high.
        assert!(conclusion.cost.unwrap().effect.estimate < 0.06, "{conclusion:?}");
    }
}

#[test]
fn a_confirmation_that_was_stopped_confirms_nothing() {
    let launches = [Synthetic::costing(0.08).launches(8), confirming(Synthetic::costing(0.08).launches(5))].concat();

    assert_eq!(judge(0.05).next(&launches), Step::Confirm);
    let conclusion = judge(0.05).conclude(&launches);

    assert_eq!(conclusion.verdict, OverheadVerdict::Inconclusive);
    assert!(conclusion.reasons[0].contains("it ended too early"), "{conclusion:?}");
}

#[test]
fn a_cost_on_the_budget_is_inconclusive_and_no_number_of_launches_is_promised() {
    let (launches, conclusion) = twice(&judge(0.05), &Synthetic::costing(0.05));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Inconclusive, 40));
    assert!(conclusion.reasons[0].contains("still holds the budget of 5.0 %"), "{conclusion:?}");
    assert!(conclusion.help[0].contains("not even 160 launches"), "{conclusion:?}");
    assert_eq!(conclusion.looks.len(), 5);
    assert!(conclusion.looks.iter().all(|look| look.decided == OverheadVerdict::Inconclusive));
}

#[test]
fn a_cost_near_the_budget_is_inconclusive_and_says_how_many_launches_would_decide() {
    // With this noise 40 launches tell 0.6 points, and the cost is 0.4 away.
    let (launches, conclusion) = twice(&judge(0.05), &Synthetic::costing(0.046).noisy(0.01).seeded(2));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Inconclusive, 40), "{conclusion:?}");
    assert!(conclusion.help[0].contains("more launches would decide it 9 times in 10"), "{conclusion:?}");
    assert!(conclusion.help[0].contains("a new run with looks after "), "{conclusion:?}");
}

#[test]
fn a_machine_too_noisy_is_inconclusive_and_says_what_would_help() {
    let noisy = Synthetic::costing(0.04).noisy(0.08);

    let (launches, conclusion) = twice(&judge(0.05).on_cores(1), &noisy);

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Inconclusive, 40));
    let help = conclusion.help.join("\n");
    assert!(help.contains("stop what else runs on the machine"), "{help}");
    assert!(help.contains("there is one core"), "{help}");
    assert!(conclusion.detectable.unwrap() > 0.05 && conclusion.same_sd.unwrap() > 0.05, "{conclusion:?}");
}

#[test]
fn a_cost_less_steady_than_the_machine_calls_for_longer_launches() {
    let mut launches = Synthetic::costing(0.05).launches(40);
    for launch in launches.iter_mut().step_by(2) {
        launch.arms[1].cpu_ns += 10_000_000;
    }

    let conclusion = judge(0.07).conclude(&launches);

    assert_eq!(conclusion.verdict, OverheadVerdict::Inconclusive, "{conclusion:?}");
    assert!(conclusion.help.iter().any(|help| help.contains("longer launches would help")), "{conclusion:?}");
}

#[test]
fn a_run_that_was_interrupted_says_how_far_it_came() {
    let conclusion = judge(0.05).conclude(&Synthetic::costing(0.02).launches(5));

    assert_eq!(conclusion.verdict, OverheadVerdict::Inconclusive);
    assert!(conclusion.reasons[0].starts_with("the run ended after 5 of up to 40 launches"), "{conclusion:?}");
    assert!(conclusion.cost.is_some() && conclusion.looks.is_empty(), "{conclusion:?}");
}

#[test]
fn one_launch_has_no_interval_and_says_so() {
    let conclusion = judge(0.05).conclude(&Synthetic::costing(0.02).launches(1));

    assert_eq!((conclusion.verdict, conclusion.cost), (OverheadVerdict::Inconclusive, None));
    assert!(conclusion.reasons[0].contains("an interval needs at least 2"), "{conclusion:?}");
}

#[test]
fn a_quick_look_that_decides_nothing_says_that_it_cannot_prove_the_budget_and_what_would() {
    let quick = Judge::new(&Protocol { looks: vec![3], ..protocol(0.05) }).unwrap();

    let (launches, conclusion) = twice(&quick, &Synthetic::costing(0.035));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Inconclusive, 3));
    assert!(conclusion.reasons[1].contains("a quick look of at most 3 launches cannot prove a budget of 5.0 %"));
    assert!(conclusion.help[0].starts_with("run the full experiment"), "{conclusion:?}");
}

#[test]
fn a_quick_look_may_decide_what_is_plain() {
    let quick = Judge::new(&Protocol { looks: vec![3, 4], ..protocol(0.05) }).unwrap();

    assert_eq!(twice(&quick, &Synthetic::costing(0.01)).1.verdict, OverheadVerdict::Pass);
    assert_eq!(twice(&quick, &Synthetic::costing(0.30)).1.verdict, OverheadVerdict::Fail);
}

#[test]
fn no_launch_at_all_is_invalid_and_never_a_pass() {
    assert_eq!(judge(0.05).next(&[]), Step::GoOn);

    let conclusion = judge(0.05).conclude(&[]);

    assert_eq!((conclusion.verdict, conclusion.invalid[0].rule), (OverheadVerdict::Invalid, Rule::NotMeasured));
}

#[test]
fn a_launch_that_the_driver_found_invalid_ends_the_run() {
    let mut launches = Synthetic::costing(0.02).launches(8);
    launches[3].invalid.push(Invalid { rule: Rule::SpansLost, arm: None, message: "12 spans are missing".to_owned() });

    assert_eq!(judge(0.05).next(&launches[..3]), Step::GoOn);
    assert_eq!(judge(0.05).next(&launches[..4]), Step::Done);
    let conclusion = judge(0.05).conclude(&launches);

    assert_eq!(conclusion.verdict, OverheadVerdict::Invalid);
    assert_eq!(conclusion.reasons, ["12 spans are missing"]);
}

#[test]
fn identical_arms_that_differ_make_the_run_invalid() {
    let (launches, conclusion) = twice(&judge(0.05), &Synthetic::costing(0.02).biased(0.02));

    assert_eq!((conclusion.verdict, launches.len()), (OverheadVerdict::Invalid, 8));
    assert_eq!(conclusion.invalid[0].rule, Rule::AaDiffers);
    assert!(conclusion.reasons[0].contains("`off again` costs 2.0 % ["), "{conclusion:?}");
}

#[test]
fn identical_arms_that_differ_in_the_confirmation_make_the_run_invalid() {
    let (_, conclusion) =
        driven(&judge(0.05), &Synthetic::costing(0.08), &Synthetic::costing(0.08).biased(-0.02).seeded(7));

    assert_eq!((conclusion.verdict, conclusion.invalid[0].rule), (OverheadVerdict::Invalid, Rule::AaDiffers));
}

#[test]
fn other_arms_are_compared_by_name() {
    let arms = Arms { main: "traces only".to_owned(), ..Arms::default() };
    let run = Synthetic::costing(0.08).and("traces only", 0.02);

    let conclusion = judge(0.05).comparing(arms).conclude(&run.launches(8));

    assert_eq!(conclusion.verdict, OverheadVerdict::Pass);
}

#[test]
fn a_verdict_with_launches_on_the_other_side_is_doubted() {
    // Six launches a little below the budget and two above it by a tenth of that: t = 4.0, but 8 of 256 ways reach it. The
    // identical arms differ by a hundredth.
    let mut launches = Synthetic::costing(0.05).launches(8);
    for (launch, below) in
        launches.iter_mut().zip([-100_000, -100_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000])
    {
        launch.arms[0].cpu_ns = 200_000_000;
        launch.arms[1].cpu_ns = 210_000_000_u64.saturating_add_signed(-below);
        launch.arms[2].cpu_ns = if launch.number % 2 == 0 { 200_010_000 } else { 199_990_000 };
    }

    let conclusion = judge(0.05).conclude(&launches);

    assert_eq!(conclusion.verdict, OverheadVerdict::Pass, "{conclusion:?}");
    assert!(conclusion.reasons[0].starts_with("the sign-flip test"), "{conclusion:?}");
}

#[test]
fn a_cost_is_told_of_both_arms_without_telemetry() {
    let mut launches = Synthetic::costing(0.05).launches(2);
    for (launch, off_again) in launches.iter_mut().zip([210_000_000, 190_000_000]) {
        let on = 220_000_000 + u64::from(launch.number);
        (launch.arms[0].cpu_ns, launch.arms[1].cpu_ns, launch.arms[2].cpu_ns) = (200_000_000, on, off_again);
    }

    let cost = judge(0.05).conclude(&launches).cost.unwrap();

    let wanted = (1.1_f64 / 1.05_f64.sqrt() * (1.1 / 0.95_f64.sqrt())).sqrt() - 1.0;
    assert!((cost.effect.estimate - wanted).abs() < 1e-6, "{cost:?}, wanted {wanted}");
    // 220 ms less 205 and less 195, over 1,000 requests: 20 microseconds on average.
    assert!((cost.micros_per_request - 20.0).abs() < 0.01, "{cost:?}");
}

#[test]
fn two_arms_without_telemetry_are_less_noise_than_one_and_say_nothing_of_their_difference() {
    let launches = Synthetic::costing(0.05).launches(4000);
    let arms = Arms::default();
    let of = |values: Vec<f64>| Sample::of(&values).unwrap();
    let (both, one) = (of(arms.log_ratios(&launches, "on")), of(effect::log_ratios(&launches, "on", "off")));
    let same = of(arms.log_ratios(&launches, "off again"));

    let product = |launch: &Launch| {
        let [cost, differ] = ["on", "off again"].map(|arm| arms.log_ratio(launch, arm).unwrap());
        (cost - both.mean()) * (differ - same.mean())
    };
    let correlation = mean(launches.iter().map(product)) / (both.sd() * same.sd());

    // One standard error of either is about 0.016.
    assert!((both.sd().powi(2) / one.sd().powi(2) - 0.75).abs() < 0.06, "{both:?}, {one:?}");
    assert!(correlation.abs() < 0.06, "{correlation}");
}
