//! The page.

use otelgate_harness::report::Report;
use otelgate_loadtests::overhead::outcome::Outcome;
use otelgate_loadtests::report::{Page, html, one_line};

use super::pages;
use crate::support::outcomes::{fail, inconclusive, invalid, lane, nothing, pass, with_latency};

fn page(outcome: &Outcome) -> String {
    html(Page { outcome, command: Some("otelgate overhead --seed 42"), verified: None }).unwrap()
}

/// Elements of HTML that have no end.
const VOID: [&str; 2] = ["meta", "br"];

/// Every element that begins ends, in the right order, and every attribute is in quotes.
#[track_caller]
pub(super) fn assert_well_formed(page: &str) {
    let tag =
        regex::Regex::new(r#"^<(/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"<]*")?)*)\s*(/?)>"#).unwrap();
    let body = page.strip_prefix("<!DOCTYPE html>").expect("a page begins with its document type");
    let style = body.find("<style>").zip(body.find("</style>")).expect("a page has a style sheet");
    let body = format!("{}{}", &body[..style.0 + 7], &body[style.1..]);
    let mut open: Vec<String> = Vec::new();
    for at in body.match_indices('<').map(|(at, _)| at) {
        let near: String = body[at..].chars().take(80).collect();
        let found = tag.captures(&body[at..]).unwrap_or_else(|| panic!("not a tag: {near}"));
        let name = found[2].to_owned();
        if &found[1] == "/" {
            assert_eq!(open.pop().as_ref(), Some(&name), "ends what is not open: {near}");
        } else if &found[4] != "/" && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "not ended: {open:?}");
}

#[test]
fn every_verdict_makes_a_well_formed_page_with_the_line() {
    for outcome in [with_latency(pass()), fail(), inconclusive(), invalid(), nothing()] {
        let page = page(&outcome);

        assert_well_formed(&page);
        let shown = one_line(&outcome).replace('>', "&#62;");
        assert!(page.contains(&shown), "the line of {}", outcome.verdict);
        assert!(
            page.contains(&format!(">{}</span> OpenTelemetry overhead", outcome.verdict)),
            "the verdict in the heading"
        );
    }
}

#[test]
fn has_a_picture_of_launches_of_arms_and_of_latency_for_wide_and_narrow_screens() {
    let page = page(&with_latency(pass()));

    for class in ["wide", "narrow"] {
        assert_eq!(page.matches(&format!("<svg class=\"{class}\"")).count(), 4, "{class}");
    }
    for (radius, ratio) in [(4, "on against off"), (3, "off again against off")] {
        let point = regex::Regex::new(&format!("<circle [^>]*r=\"{radius}\"")).unwrap();
        assert_eq!(point.find_iter(&page).count(), 2 * 16, "{ratio}: 16 launches, both sizes");
    }
    for heading in ["Cost by arm", "Launch by launch", "Looks", "Launches", "Latency", "Validity", "How it was made"] {
        assert!(page.contains(&format!(">{heading}</h")), "{heading}");
    }
    for fact in ["AMD EPYC 7B13", "otelgate overhead --seed 42", "OTEL_ENABLED", "44.0 MiB", "spans-lost"] {
        assert!(page.contains(fact), "{fact}");
    }
}

#[test]
fn pictures_take_their_colours_from_the_style_sheet() {
    let page = page(&with_latency(fail()));

    let fixed = regex::Regex::new("(fill|stroke)=\"#").unwrap();
    assert_eq!(fixed.find_iter(&page).map(|found| found.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(page.contains("stroke=\"var(--budget)\"") && page.contains("prefers-color-scheme: dark"));
}

#[test]
fn needs_no_other_file_no_script_and_no_network() {
    let page = page(&with_latency(pass()));

    for reference in ["http://", "https://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn a_full_run_stays_below_a_megabyte() {
    let mut outcome = with_latency(inconclusive());
    outcome.lane = Some(lane());

    let size = page(&outcome).len();

    assert!(size < 1_000_000, "{size} bytes for 24 launches");
}

#[test]
fn what_was_not_measured_is_said() {
    let page = page(&nothing());

    assert!(page.contains("CPU a request: not measured.") && page.contains("there was no launch"), "{page}");
    assert!(page.contains("nothing to examine") && !page.contains("<td class=\"text\">holds"), "{page}");
    assert!(!page.contains("<svg"), "{page}");
}

#[test]
fn figures_without_bounds_do_not_stop_the_page() {
    let mut outcome = pass();
    outcome.looks[0].effect.upper = f64::INFINITY;
    outcome.looks[0].effect.lower = f64::NEG_INFINITY;
    outcome.arms[1].effect.as_mut().unwrap().upper = f64::NAN;

    let page = page(&outcome);

    assert_well_formed(&page);
    assert!(page.contains("[-∞, ∞]"), "{page}");
}

#[test]
fn shows_the_findings_and_traces_of_a_verify_run() {
    let (outcome, capture) = (pass(), pages::capture());
    let verified = Report::new(&pages::outcome(), &capture, &pages::summary(&capture));

    let page = html(Page { outcome: &outcome, command: None, verified: Some(&verified) }).unwrap();

    assert_well_formed(&page);
    assert!(page.contains("<code>span.missing</code> cold query / rag.rerank"), "{page}");
    assert!(page.contains("▶ └ rag.rerank  (missing)"), "the excerpt of the tree");
    assert!(page.contains("<h3>cold &#60;query&#62; "), "the scenario of the waterfall");
    assert_eq!(page.matches("<div class=\"bar\">").count(), 4);
    assert!(page.contains("<b class=\"error\" title=\"error\" style=\"left: 11.591%; width: 74.599%\">"), "{page}");
}
