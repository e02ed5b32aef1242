//! The validity checks of a run. Those of a launch are the driver's: it notes what did not hold in the launch.

use std::collections::BTreeSet;

use super::effect::log_ratios;
use super::record::{Invalid, Launch, Rule};
use super::verdict::Arms;
use crate::stats::{Sample, Unmeasured};

/// The most by which the requests of two arms may differ, relative to the larger number.
pub const REQUESTS_APART: f64 = 0.10;

/// What does not hold in these launches, each thing once, in order of launches; the A/A guard, which goes by looks, is
/// not among them.
#[must_use]
pub fn check(launches: &[Launch], arms: &Arms) -> Vec<Invalid> {
    let mut found: Vec<Invalid> = launches.iter().flat_map(|launch| launch.invalid.clone()).collect();
    let seen = launches.iter().flat_map(|launch| &launch.arms).map(|record| record.arm.as_str());
    let expected: BTreeSet<&str> = seen.chain([&*arms.main, &*arms.baseline, &*arms.same]).collect();
    for launch in launches {
        found.extend(
            expected.iter().filter(|arm| launch.cpu_per_request(arm).is_none()).map(|arm| missing(launch, arm)),
        );
        found.extend(requests_differ(launch));
    }
    for confirmation in [false, true] {
        let part: Vec<_> = launches.iter().filter(|launch| launch.confirmation == confirmation).collect();
        found.extend([&arms.main, &arms.same].into_iter().filter_map(|arm| constant(&part, arm, &arms.baseline)));
    }
    let mut once = Vec::new();
    for invalid in found {
        if !once.contains(&invalid) {
            once.push(invalid);
        }
    }
    once
}

/// The run has no launch at all.
pub(super) fn nothing() -> Invalid {
    let message = "no launch was finished, so nothing was measured: look above for what stopped it, and run it again";
    Invalid { rule: Rule::NotMeasured, arm: None, message: message.to_owned() }
}

/// Two identical arms differ.
pub(super) fn same_differ(arms: &Arms, launches: u32, effect: &str) -> Invalid {
    let Arms { baseline, same, .. } = arms;
    let message = format!(
        "`{same}` costs {effect} against `{baseline}` after {launches} launches although both are the same: the cost of any \
         other arm cannot be trusted; stop what else runs on the machine, and look for what the service keeps between \
         starts (a cache on disk, a shared database)"
    );
    Invalid { rule: Rule::AaDiffers, arm: Some(same.clone()), message }
}

fn missing(launch: &Launch, arm: &str) -> Invalid {
    let number = launch.number;
    let why = match launch.arm(arm) {
        None => "was not in it",
        Some(record) if record.requests == 0 => "answered no request",
        Some(_) => "has no CPU time",
    };
    let message = format!(
        "launch {number} has no figure for `{arm}`, which {why}: a missing measure is no zero; see the service's output of that launch"
    );
    Invalid { rule: Rule::NotMeasured, arm: Some(arm.to_owned()), message }
}

pub(super) fn requests_differ(launch: &Launch) -> Option<Invalid> {
    let least = launch.arms.iter().min_by_key(|record| record.requests)?;
    let most = launch.arms.iter().max_by_key(|record| record.requests)?;
    let apart = super::effect::ratio(most.requests - least.requests, most.requests, 0.0);
    (apart > REQUESTS_APART).then(|| Invalid {
        rule: Rule::RequestsDiffer,
        arm: Some(least.arm.clone()),
        message: format!(
            "in launch {} `{}` answered {} requests and `{}` {}: more than 10 % apart, so they did not do the same work; \
             look for answers of the former that time out",
            launch.number, least.arm, least.requests, most.arm, most.requests
        ),
    })
}

/// A ratio that never varies comes from a clock that is not read.
fn constant(launches: &[&Launch], arm: &str, baseline: &str) -> Option<Invalid> {
    match Sample::of(&log_ratios(launches.iter().copied(), arm, baseline)) {
        Err(error @ (Unmeasured::NoSpread { .. } | Unmeasured::NotFinite { .. })) => Some(Invalid {
            rule: Rule::NotMeasured,
            arm: Some(arm.to_owned()),
            message: format!("log-ratios of `{arm}` to `{baseline}`: {error}"),
        }),
        Ok(_) | Err(Unmeasured::TooFew { .. }) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overhead::launches::Synthetic;

    fn rules(launches: &[Launch]) -> Vec<Rule> {
        check(launches, &Arms::default()).into_iter().map(|invalid| invalid.rule).collect()
    }

    #[test]
    fn sound_launches_are_valid() {
        assert_eq!(check(&Synthetic::costing(0.03).launches(24), &Arms::default()), []);
    }

    #[test]
    fn what_the_driver_found_is_kept_and_told_once() {
        let mut launches = Synthetic::costing(0.03).launches(3);
        let lost = Invalid { rule: Rule::SpansLost, arm: Some("on".to_owned()), message: "12 spans".to_owned() };
        launches[0].invalid.push(lost.clone());
        launches[2].invalid.push(lost.clone());

        assert_eq!(check(&launches, &Arms::default()), [lost]);
    }

    #[test]
    fn an_arm_that_is_missing_in_a_launch_is_not_measured() {
        let mut launches = Synthetic::costing(0.03).launches(3);
        launches[1].arms.retain(|record| record.arm != "off again");

        let found = check(&launches, &Arms::default());

        assert_eq!((found[0].rule, found[0].arm.as_deref(), found.len()), (Rule::NotMeasured, Some("off again"), 1));
        assert!(found[0].message.starts_with("launch 2 has no figure for `off again`, which was not in it"));
    }

    #[test]
    fn a_further_arm_that_is_missing_in_a_launch_is_not_measured() {
        let mut launches = Synthetic::costing(0.03).and("traces only", 0.02).launches(3);
        launches[2].arms.retain(|record| record.arm != "traces only");

        assert_eq!(rules(&launches), [Rule::NotMeasured]);
    }

    #[test]
    fn a_clock_that_was_not_read_is_no_zero() {
        let mut launches = Synthetic::costing(0.03).launches(3);
        launches[0].arms[1].cpu_ns = 0;

        let found = check(&launches, &Arms::default());

        assert_eq!((found[0].rule, found.len()), (Rule::NotMeasured, 1));
        assert!(found[0].message.contains("`on`, which has no CPU time"), "{found:?}");
    }

    #[test]
    fn a_clock_that_stands_still_is_not_measured() {
        let mut launches = Synthetic::costing(0.03).launches(8);
        for launch in &mut launches {
            launch.arms[1].cpu_ns = launch.arms[0].cpu_ns;
        }

        let found = check(&launches, &Arms::default());

        assert_eq!((found[0].rule, found[0].arm.as_deref(), found.len()), (Rule::NotMeasured, Some("on"), 1));
    }

    #[test]
    fn arms_that_did_not_do_the_same_work_differ() {
        let mut launches = Synthetic::costing(0.03).launches(3);
        launches[1].arms[1].requests = 899;

        let found = check(&launches, &Arms::default());

        assert_eq!((found[0].rule, found[0].arm.as_deref(), found.len()), (Rule::RequestsDiffer, Some("on"), 1));
        assert!(found[0].message.contains("`on` answered 899 requests and `off again` 1000"), "{found:?}");
    }

    #[test]
    fn a_tenth_apart_is_still_the_same_work() {
        let mut launches = Synthetic::costing(0.03).launches(3);
        launches[1].arms[1].requests = 900;

        assert_eq!(rules(&launches), []);
    }
}
