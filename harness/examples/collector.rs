//! An OTLP receiver on two free ports, to try an exporter against: prints its URLs, and on Ctrl-C what came.

#![allow(clippy::print_stdout, reason = "its output is what an example is for")]

use otelgate_harness::standins::collector;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let collector = collector().run().await?;
    println!("OTLP/gRPC  {}", collector.grpc_url());
    println!("OTLP/HTTP  {}", collector.http_url());

    tokio::signal::ctrl_c().await?;

    let received = collector.received();
    let families: usize = received.scrapes.iter().map(|scrape| scrape.families.len()).sum();
    println!(
        "{} spans, {families} metrics in {} requests, {} logs",
        received.spans.len(),
        received.scrapes.len(),
        received.logs.len()
    );
    for span in &received.spans {
        println!("span    {} {:?} {}", span.trace_id, span.kind, span.name);
    }
    for family in received.scrapes.iter().flat_map(|scrape| &scrape.families) {
        println!("metric  {} {} {}", family.name, family.kind.name(), family.points.len());
    }
    for record in &received.logs {
        println!("log     {} {}", record.severity_text, record.body);
    }
    for refusal in collector.refusals() {
        println!("refused {:?} {}", refusal.transport, refusal.reason);
    }
    Ok(())
}
