//! The matrices of settings, with Jaeger, Qdrant and Redis behind the stand-ins: what is exported is also what Jaeger has.
//!
//! A cell is a service of its own; the servers are those of its group, found by the cell as somebody else's.

use otelgate_harness::config::{BackEndsConfig, ExternalConfig, ExternalJaeger, Piece};
use otelgate_harness::stack::{Stack, StackKind};
use testcontainers::bollard::query_parameters::InspectContainerOptions;

use crate::Test;
use crate::fixture::Fixture;
use crate::leftovers;
use crate::matrix::{Tier, pipelines, protocols, samplers, switches};

pub(crate) const TESTS: &[Test] = &[
    ("matrices::samplers_keep_exactly_the_traces_of_the_rule", samplers_keep_exactly_the_traces_of_the_rule),
    ("matrices::everything_on", |fixture| {
        on_servers(fixture, "on", |tier| fixture.runtime.block_on(switches::everything_on(tier)));
    }),
    ("matrices::everything_on_by_the_sdk", |fixture| {
        on_servers(fixture, "bysdk", |tier| fixture.runtime.block_on(switches::everything_on_by_the_sdk(tier)));
    }),
    ("matrices::metrics_off", |fixture| {
        on_servers(fixture, "metrics", |tier| fixture.runtime.block_on(switches::metrics_off(tier)));
    }),
    ("matrices::telemetry_off", |fixture| {
        on_servers(fixture, "telemetry", |tier| fixture.runtime.block_on(switches::telemetry_off(tier)));
    }),
    ("matrices::telemetry_and_metrics_off", |fixture| {
        on_servers(fixture, "off", |tier| fixture.runtime.block_on(switches::telemetry_and_metrics_off(tier)));
    }),
    ("matrices::telemetry_off_by_its_standard_name", |fixture| {
        on_servers(fixture, "disabled", |tier| {
            fixture.runtime.block_on(switches::telemetry_off_by_its_standard_name(tier));
        });
    }),
    ("matrices::grpc_and_http_carry_the_same", grpc_and_http_carry_the_same),
    ("matrices::both_pipelines_make_the_same", both_pipelines_make_the_same),
];

/// Where Jaeger takes OTLP over gRPC.
const OTLP: &str = "4317/tcp";

fn samplers_keep_exactly_the_traces_of_the_rule(fixture: &Fixture) {
    on_servers(fixture, "samplers", |tier| {
        fixture.runtime.block_on(async {
            samplers::a_ratio_of_roots_keeps_exactly_the_traces_of_the_rule(tier).await;
            samplers::a_ratio_of_all_keeps_exactly_the_traces_of_the_rule(tier).await;
            samplers::samplers_without_a_ratio_keep_exactly_the_traces_of_the_rule(tier).await;
        });
    });
}

fn grpc_and_http_carry_the_same(fixture: &Fixture) {
    // Servers of their own for each: the second would find in Redis what the first had asked.
    on_servers(fixture, "grpc", |grpc| {
        on_servers(fixture, "http", |http| {
            fixture.runtime.block_on(protocols::both_ways_carry_the_same(grpc, http));
        });
    });
}

fn both_pipelines_make_the_same(fixture: &Fixture) {
    // Servers of their own for each, as above.
    on_servers(fixture, "inline", |inline| {
        on_servers(fixture, "sdk", |sdk| {
            fixture.runtime.block_on(pipelines::both_make_the_same(inline, sdk));
        });
    });
}

fn on_servers(fixture: &Fixture, group: &str, cells: impl FnOnce(&Tier)) {
    let run = format!("test{}{group}", std::process::id());
    let pieces = [Piece::Collector, Piece::Qdrant, Piece::Redis];
    let stack = fixture.start_some(&run, &pieces, &BackEndsConfig::default());

    cells(&Tier { kind: StackKind::External, servers: servers(fixture, &run, &stack) });

    drop(stack);
    leftovers::assert_none(fixture, &run);
}

/// A stack's servers, as somebody else's.
fn servers(fixture: &Fixture, run: &str, stack: &Stack) -> ExternalConfig {
    let jaeger = leftovers::of(fixture, run).into_iter().find(|name| name.starts_with("/jaeger.")).unwrap();
    let docker = fixture.docker();
    let inspected = docker.inspect_container(jaeger.trim_start_matches('/'), None::<InspectContainerOptions>);
    let inspected = fixture.runtime.block_on(inspected).unwrap();
    let ports = inspected.network_settings.unwrap().ports.unwrap();
    let otlp = ports[OTLP].as_ref().unwrap()[0].host_port.clone().unwrap();
    let query = stack.back_ends().jaeger.as_ref().unwrap().url.clone();
    let (host, _) = query.rsplit_once(':').unwrap();
    ExternalConfig {
        jaeger: Some(ExternalJaeger { otlp: format!("{host}:{otlp}"), query }),
        qdrant: stack.back_ends().qdrant.as_ref().map(|qdrant| qdrant.url.clone()),
        redis: stack.back_ends().redis.as_ref().map(|redis| redis.url.clone()),
        ..ExternalConfig::default()
    }
}
