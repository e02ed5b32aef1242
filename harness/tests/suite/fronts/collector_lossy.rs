//! In front of a back end that is away, slow, or takes only a part.

use std::time::Duration;

use otelgate_harness::standins::{Account, Fault, Loss, collector};

use super::collector::{SOON, send, spans, two};
use crate::support::gate::Gate;

#[tokio::test]
async fn nothing_is_lost_while_the_back_end_is_away_for_a_while() {
    let gate = Gate::new();
    let front = collector().in_front_of(format!("http://{}", gate.address())).run().await.unwrap();
    let sent = spans(3);

    assert_eq!(send(&front, &sent).await, 200);
    assert_eq!(send(&front, &sent).await, 200);
    let early = front.settled(Duration::from_millis(20)).await;
    let before = front.onward().unwrap();
    let back_end = collector().run().await.unwrap();
    let _open = gate.open(&back_end.grpc_url());

    assert!(!early);
    assert_eq!((before.spans.in_flight(), before.requests_in_flight, before.is_settled()), (6, 2, false));
    assert!(front.settled(SOON).await);
    assert_eq!(back_end.received().spans, [&sent[..], &sent].concat());
    assert_eq!(front.onward().unwrap().spans, Account { handed_on: 6, accepted: 6, lost: Vec::new() });
}

#[tokio::test]
async fn a_back_end_that_is_dead_costs_the_spans_and_no_more() {
    let gate = Gate::new();
    let url = format!("http://{}", gate.address());
    let patience = Duration::from_millis(200);
    let front = collector().in_front_of(&url).with_onward_patience(patience).run().await.unwrap();

    for _ in 0..20 {
        assert_eq!(send(&front, &spans(3)).await, 200);
    }

    assert!(front.settled(SOON).await);
    assert_eq!(front.counts().spans, 60);
    let account = front.onward().unwrap().spans;
    assert_eq!((account.handed_on, account.accepted, account.lost()), (60, 0, 60));
    let [Loss { reason, .. }] = account.lost.as_slice() else { panic!("{account:?}") };
    assert!(reason.starts_with(&format!("{url} did not take it: ")) && reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn a_back_end_that_never_answers_is_given_up() {
    let gate = Gate::new();
    let url = format!("http://{}", gate.address());
    // Accepts connections, and nothing else.
    let _listener = gate.listen();
    let patience = Duration::from_millis(100);
    let front = collector().in_front_of(&url).with_onward_patience(patience).run().await.unwrap();

    assert_eq!(send(&front, &spans(1)).await, 200);

    assert!(front.settled(SOON).await);
    let lost = front.onward().unwrap().spans.lost;
    assert_eq!(lost, [Loss { items: 1, reason: format!("{url} gave no answer in time") }]);
}

#[tokio::test]
async fn what_exceeds_the_backlog_is_lost_at_once() {
    let gate = Gate::new();
    let url = format!("http://{}", gate.address());
    let front = collector().in_front_of(&url).with_onward_backlog(10_000).run().await.unwrap();

    for _ in 0..40 {
        assert_eq!(send(&front, &spans(3)).await, 200);
    }

    let account = front.onward().unwrap().spans;
    let waiting = account.in_flight();
    assert!((3..100).contains(&waiting), "{account:?}");
    assert_eq!(account.lost, [Loss { items: 120 - waiting, reason: format!("more than 10000 bytes wait for {url}") }]);
}

#[tokio::test]
async fn a_part_that_is_rejected_is_lost_with_the_reason() {
    let (front, back_end) = two().await;
    back_end.faults().add(Fault { reject: Some(2), message: Some("too odd".to_owned()), ..Fault::default() });

    assert_eq!(send(&front, &spans(3)).await, 200);

    assert!(front.settled(SOON).await);
    let reason = format!("{} rejected a part: too odd", back_end.grpc_url());
    let lost = vec![Loss { items: 2, reason }];
    assert_eq!(front.onward().unwrap().spans, Account { handed_on: 3, accepted: 1, lost });
}

#[tokio::test]
async fn a_back_end_that_is_unavailable_is_asked_again_and_one_that_refuses_is_not() {
    for (fault, requests, lost) in [
        (Fault { status: Some(14), times: Some(2), ..Fault::default() }, 1, 0),
        (Fault { status: Some(8), retry_after: Some(0), times: Some(2), ..Fault::default() }, 1, 0),
        (Fault { cut: true, times: Some(2), ..Fault::default() }, 1, 0),
        (Fault { status: Some(8), times: Some(1), ..Fault::default() }, 0, 3),
        (Fault { status: Some(3), times: Some(1), ..Fault::default() }, 0, 3),
    ] {
        let (front, back_end) = two().await;
        back_end.faults().add(fault.clone());

        assert_eq!(send(&front, &spans(3)).await, 200);

        assert!(front.settled(SOON).await);
        assert_eq!(back_end.counts().spans, requests * 3, "{fault:?}");
        let account = front.onward().unwrap().spans;
        assert_eq!((account.lost(), account.accepted), (lost, 3 - lost), "{fault:?}: {account:?}");
    }
}

#[tokio::test]
async fn reasons_without_end_are_not_kept_without_end() {
    let (front, back_end) = two().await;
    for n in 0..40 {
        let message = Some(format!("request {n}"));
        back_end.faults().add(Fault { status: Some(3), times: Some(1), message, ..Fault::default() });
    }

    for _ in 0..40 {
        assert_eq!(send(&front, &spans(1)).await, 200);
    }

    assert!(front.settled(SOON).await);
    let account = front.onward().unwrap().spans;
    assert_eq!((account.lost(), account.lost.len()), (40, 16));
    assert_eq!(account.lost[15], Loss { items: 25, reason: "various reasons".to_owned() });
}
