//! What does not add up, and where it got lost.

use super::{Counted, Judgement, Lines, Received, Requests, Roots, Sdk, Violation};

/// Judges what was counted.
#[must_use]
pub fn judge(counted: &Counted) -> Judgement {
    let mut judgement = Judgement::default();
    let violations = &mut judgement.violations;
    requests(&counted.requests, violations);
    if let Some(found) = counted.histogram {
        histogram(&counted.requests, found, violations);
    }
    if let Some(lines) = &counted.lines {
        log_lines(lines, violations);
    }
    if let Some(received) = &counted.received {
        refused(received, violations);
    }
    let accounted = counted.sdk.as_ref().map(|sdk| along_the_way(sdk, counted.received.as_ref(), violations));
    if let Some(roots) = &counted.roots {
        traces(roots, accounted, violations);
    }
    if let Some(sdk) = counted.sdk.filter(|sdk| sdk.declared() > 0) {
        judgement.notes.push(format!(
            "{} of {} spans were dropped, and declared: {} at the queue, {} by the exporter",
            sdk.declared(),
            sdk.made(),
            sdk.queue_full,
            sdk.failed
        ));
    }
    judgement
}

fn requests(requests: &Requests, violations: &mut Vec<Violation>) {
    let Requests { sent, answered, bad, broken } = *requests;
    if sent == 0 {
        violations.push(
            Violation::new("load.nothing-sent", "not one request was sent: nothing was measured")
                .wanted_found("at least one request", "none")
                .todo("give the load more seconds, or look at why its users did not start"),
        );
    }
    if bad > 0 {
        violations.push(
            Violation::new("load.bad-answer", "answers had a status that is not good")
                .wanted_found(format!("{sent} good answers"), format!("{answered}, and {bad} of another status"))
                .todo("look at the service's log, or say in the workload which `status` is good"),
        );
    }
    if broken > 0 {
        violations.push(
            Violation::new("load.lost-request", "requests got no answer that could be read to its end")
                .wanted_found(format!("{sent} answers"), format!("{}, and {broken} broken", answered + bad))
                .todo("look at the service's log: it refused connections, closed them, or was slower than the timeout"),
        );
    }
}

/// What the driver is sure of must be there, and no more than it sent.
fn histogram(requests: &Requests, found: u64, violations: &mut Vec<Violation>) {
    let sure = requests.answered + requests.bad;
    if (sure..=requests.sent).contains(&found) {
        return;
    }
    let wanted = if sure == requests.sent { sure.to_string() } else { format!("{sure} to {}", requests.sent) };
    violations.push(
        Violation::new("conservation.histogram", "the histogram of requests did not grow by one with each")
            .wanted_found(wanted, found.to_string())
            .todo("name the histogram in `load.counted-by.histogram`, and in `except` what it counts besides"),
    );
}

fn log_lines(lines: &Lines, violations: &mut Vec<Violation>) {
    if lines.missing == 0 && lines.more == 0 {
        return;
    }
    let Lines { wanted, once, missing, more } = *lines;
    violations.push(
        Violation::new("conservation.log-lines", "requests were not logged once each")
            .wanted_found(
                format!("{wanted} requests with one line each"),
                format!("{once} with one, {missing} with none, {more} with more"),
            )
            .todo("look for a filter, a sampler of logs, or a line without its trace id"),
    );
}

fn refused(received: &Received, violations: &mut Vec<Violation>) {
    if received.refused == 0 {
        return;
    }
    let reason = received.reason.as_deref().unwrap_or("no reason is known");
    violations.push(
        Violation::new("conservation.refused", "the collector refused what it was sent")
            .wanted_found("no request refused", format!("{}; the first: {reason}", received.refused))
            .todo("this is no overload: what the service sends is no OTLP, or is larger than a collector takes"),
    );
}

/// Follows spans from the queue to the receiver; how many are accounted for, whether declared or told here as lost.
fn along_the_way(sdk: &Sdk, received: Option<&Received>, violations: &mut Vec<Violation>) -> u64 {
    let mut accounted = sdk.declared();
    let Some(exported) = sdk.exported else { return accounted };
    // A service that counts only exports says nothing about what it handed over.
    if sdk.handed > exported + sdk.failed {
        let lost = sdk.handed - exported - sdk.failed;
        accounted += lost;
        violations.push(
            Violation::new("conservation.export", "spans were handed to the exporter and never heard of again")
                .wanted_found(
                    format!("{} spans exported or failed", sdk.handed),
                    format!("{exported} exported, {} failed: {lost} lost", sdk.failed),
                )
                .todo("the exporter drops without counting, or was cut off: look at its timeout and at the shutdown"),
        );
    }
    let Some(received) = received else { return accounted };
    if exported > received.spans {
        let lost = exported - received.spans;
        accounted += lost;
        violations.push(
            Violation::new("conservation.receiver", "the collector answered that it has spans which it does not have")
                .wanted_found(format!("{exported} spans, as exported"), format!("{}: {lost} lost", received.spans))
                .todo("look for a partial success that nobody reads, and for a collector that answers before it keeps"),
        );
    }
    // What an exporter gave up on may have arrived all the same.
    if received.spans > exported + sdk.failed {
        violations.push(
            Violation::new("conservation.uncounted", "the collector has spans that the exporter never counted")
                .wanted_found(format!("at most {}", exported + sdk.failed), received.spans.to_string())
                .todo("the exporter's count is too low, or it sends the same spans more than once"),
        );
    }
    accounted
}

/// `accounted` is how many spans are; `None` if the service says nothing about its spans.
fn traces(roots: &Roots, accounted: Option<u64>, violations: &mut Vec<Violation>) {
    if roots.missing > accounted.unwrap_or(0) {
        let declared = match accounted {
            Some(0) => "no loss declared".to_owned(),
            Some(spans) => format!("{spans} lost spans accounted for"),
            None => "nothing known of its queue and exporter".to_owned(),
        };
        let todo = if accounted.is_some() {
            "spans are lost before the processor counts them: a context that is not carried on, a span that never ends, \
             or an exit before the flush"
        } else {
            "switch on the SDK's own metrics (otel.sdk.processor.span.processed, otel.sdk.exporter.span.exported), \
             which say whether its queue was full"
        };
        violations.push(
            Violation::new("conservation.undeclared", "answered requests have no trace, and nobody says why")
                .wanted_found(
                    format!("{} traces", roots.wanted),
                    format!("{} missing, {declared}; such as {}", roots.missing, roots.examples.join(", ")),
                )
                .todo(todo),
        );
    }
    if roots.more > 0 {
        violations.push(
            Violation::new("conservation.duplicate", "requests have more than one root span")
                .wanted_found("one for each request", format!("{} requests with more", roots.more))
                .todo("two instrumentations make a server span each, or an exporter sends again what had arrived"),
        );
    }
    if roots.unsampled > 0 {
        violations.push(
            Violation::new("conservation.sampler", "traces were kept that the sampler must drop")
                .wanted_found("none of them", roots.unsampled.to_string())
                .todo(
                    "use `parentbased_traceidratio` (or `traceidratio`), and do not make a trace of your own for a \
                       caller's unsampled one",
                ),
        );
    }
}

#[cfg(test)]
mod tests;
