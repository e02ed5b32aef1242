//! What the reaper understands, and what it ends.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use otelgate_harness::lifeline::{Hold, Lifeline, reap};

/// A process group that would sleep for a minute.
fn sleeper() -> (std::process::Child, Hold) {
    let child = Command::new("sleep").arg("60").process_group(0).stdin(Stdio::null()).spawn().unwrap();
    let group = Hold::Group(child.id().try_into().unwrap());
    (child, group)
}

#[test]
fn a_held_group_is_killed_at_the_end_of_input() {
    let (mut child, group) = sleeper();

    reap(format!("{group}\n").as_bytes()).unwrap();

    let status = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
}

#[test]
fn a_released_group_is_left_alone() {
    let (mut child, group) = sleeper();

    reap(format!("{group}\nrelease {group}\n").as_bytes()).unwrap();

    assert_eq!(child.try_wait().unwrap(), None, "it must still sleep");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_line_that_is_no_order_is_told_and_stops_nothing() {
    let (mut child, group) = sleeper();

    let error = reap(format!("group 1\n{group}\nlabel no-value\n").as_bytes()).unwrap_err();

    assert_eq!(error.to_string(), "standard input, line 1: `group 1` is neither `group ID` nor `label KEY=VALUE`");
    assert!(!child.wait().unwrap().success(), "the group after the bad line is ended all the same");
}

#[test]
fn orders_read_as_they_are_written() {
    for hold in [Hold::Group(4711), Hold::Label("otelgate.run=5f".to_owned())] {
        assert_eq!(hold.to_string().parse(), Ok(hold));
    }
    for wrong in ["", "group", "group x", "group 0", "group -5", "label", "label =x", "label x=", "pid 3"] {
        assert!(wrong.parse::<Hold>().is_err(), "{wrong}");
    }
}

#[test]
fn the_reaper_hears_what_is_held_and_released_and_ends_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let mut reaper = Command::new("sh");
    reaper.args(["-c", "cat > \"$0\""]).arg(&heard);
    let lifeline = Lifeline::start(reaper).unwrap();
    let (one, other) = (Hold::Group(4711), Hold::Label("a=b".to_owned()));

    lifeline.hold(&one);
    lifeline.clone().hold(&other);
    lifeline.release(&one);
    drop(lifeline);

    assert_eq!(std::fs::read_to_string(heard).unwrap(), "group 4711\nlabel a=b\nrelease group 4711\n");
}
