//! `compose/compose.yaml`: what it starts is what `verify --stack containers` starts, and what the documents say.
//! That it comes up is `ci/compose`'s to show.

use std::collections::BTreeSet;
use std::fs;

use otelgate_harness::stack::Server;
use otelgate_harness::stack::containers::images;
use regex::Regex;
use serde_json::Value;

use crate::support::{root, yaml};

/// Where each server looks for the files that the repository holds.
const MOUNTS: [(&str, &str, &str); 4] = [
    ("prometheus", "compose/prometheus.yml", "/etc/prometheus/prometheus.yml"),
    ("prometheus", "compose/alerts.yml", "/etc/prometheus/alerts.yml"),
    ("grafana", "grafana/provisioning", "/etc/grafana/provisioning"),
    ("grafana", "grafana/dashboards", "/var/lib/grafana/dashboards"),
];

fn services() -> serde_json::Map<String, Value> {
    yaml("compose/compose.yaml")["services"].as_object().unwrap().clone()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().unwrap()).collect()
}

/// The port on this machine, and the one in the container.
fn published(service: &Value) -> Vec<(String, String)> {
    let port = |text: &str| {
        let text =
            text.strip_prefix("${OTELGATE_PUBLISH:-127.0.0.1}:").unwrap_or_else(|| panic!("published to all: {text}"));
        let (host, container) = text.split_once(':').unwrap();
        (host.to_owned(), container.to_owned())
    };
    strings(&service["ports"]).into_iter().map(port).collect()
}

#[test]
fn images_are_those_of_the_containers_tier_and_each_can_be_replaced() {
    let services = services();

    for server in Server::ALL {
        let wanted = format!("${{{}:-{}}}", images::variable(server), images::official(server));
        assert_eq!(services[server.name()]["image"], wanted.as_str(), "{server}");
    }
}

#[test]
fn files_are_mounted_where_the_containers_tier_puts_them_and_cannot_be_written() {
    let services = services();

    for (service, path, target) in MOUNTS {
        let source = path.strip_prefix("compose/").map_or_else(|| format!("../{path}"), |name| format!("./{name}"));
        let wanted = format!("{source}:{target}:ro");
        let mounts = strings(&services[service]["volumes"]);
        assert!(mounts.contains(&wanted.as_str()), "{service} mounts {mounts:?}, not {wanted}");
        assert!(root().join(path).exists(), "{path} is not there");
    }
}

#[test]
fn the_containers_tier_reads_the_same_files_and_scrapes_the_same_target() {
    let back_ends = yaml("otelgate.yaml")["back-ends"].clone();

    let prometheus = &back_ends["prometheus"];
    let files = [
        &prometheus["config"],
        &prometheus["rules"][0],
        &back_ends["grafana"]["provisioning"],
        &back_ends["grafana"]["dashboards"],
    ];

    assert_eq!(files, MOUNTS.map(|(_, path, _)| path));
    assert_eq!(
        prometheus["target"],
        yaml("compose/prometheus.yml")["scrape_configs"][0]["static_configs"][0]["targets"][0]
    );
}

#[test]
fn every_service_has_a_health_check() {
    for (name, service) in services() {
        assert!(strings(&service["healthcheck"]["test"]).len() > 1, "{name} has none");
    }
}

#[test]
fn ports_published_are_the_ports_documented() {
    let documented: BTreeSet<String> = Regex::new(r"localhost:(\d+)")
        .unwrap()
        .captures_iter(&read("compose/README.md"))
        .map(|found| found[1].to_owned())
        .collect();

    let published: BTreeSet<String> = services().values().flat_map(published).map(|(host, _)| host).collect();

    assert_eq!(published, documented);
}

#[test]
fn urls_of_the_documents_lead_to_published_ports() {
    let published: BTreeSet<String> = services().values().flat_map(published).map(|(host, _)| host).collect();
    let url = Regex::new(r"http://localhost:(\d+)").unwrap();

    for path in ["docs/TOUR.md", "docs/RUNBOOKS.md", "grafana/README.md", "grafana/dashboards/rag-pipeline.json"] {
        let text = read(path);
        let mut seen = 0;
        for found in url.captures_iter(&text) {
            seen += 1;
            assert!(published.contains(&found[1]), "{path}: nothing is published at {}", &found[0]);
        }
        assert!(seen > 0, "{path} has no URL");
    }
}

#[test]
fn servers_are_called_by_names_and_ports_that_exist() {
    let services = services();
    let ports = |name: &str| -> Vec<String> {
        let service = services.get(name).unwrap_or_else(|| panic!("no service is named {name}"));
        published(service).into_iter().map(|(_, container)| container).collect()
    };
    let url = Regex::new(r"(?:http|redis)://([a-z]+):(\d+)").unwrap();
    let texts = [
        serde_json::to_string(&services["service"]["environment"]).unwrap(),
        read("grafana/provisioning/datasources/prometheus.yaml"),
        read("grafana/provisioning/datasources/jaeger.yaml"),
    ];

    let called: Vec<(String, String)> = texts
        .iter()
        .flat_map(|text| url.captures_iter(text))
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        // The stub publishes no port.
        .filter(|(name, _)| name != "model")
        .collect();

    assert_eq!(called.len(), 5, "{called:?}");
    for (name, port) in called {
        assert!(ports(&name).contains(&port), "{name} has no port {port}");
    }
}

#[test]
fn prometheus_scrapes_the_service_and_reads_the_alerts() {
    let prometheus = yaml("compose/prometheus.yml");

    assert_eq!(prometheus["rule_files"], serde_json::json!(["/etc/prometheus/alerts.yml"]));
    assert_eq!(
        prometheus["scrape_configs"],
        serde_json::json!([{
            "job_name": "rag-service",
            "metrics_path": "/metrics",
            "static_configs": [{"targets": ["service:8001"]}],
        }])
    );
    assert_eq!(prometheus["global"]["scrape_interval"], "15s");
    let flags = services()["prometheus"]["command"].clone();
    assert!(strings(&flags).contains(&"--enable-feature=exemplar-storage"), "{flags}");
}

#[test]
fn one_variable_rolls_back() {
    assert_eq!(services()["service"]["environment"]["OTEL_ENABLED"], "${OTEL_ENABLED:-true}");
}

#[test]
fn only_metrics_and_grafana_outlive_the_containers() {
    let volumes = yaml("compose/compose.yaml")["volumes"].clone();

    let names: Vec<&String> = volumes.as_object().unwrap().keys().collect();

    assert_eq!(names, ["grafana-data", "prometheus-data"]);
}

#[test]
fn every_image_has_a_local_replacement() {
    let replacements = read("compose/local-images.env");
    let variable = Regex::new(r"^\$\{(OTELGATE_IMAGE_[A-Z]+):-").unwrap();

    for (name, service) in services() {
        let image = service["image"].as_str().unwrap();
        let variable = &variable.captures(image).unwrap_or_else(|| panic!("{name}: {image} cannot be replaced"))[1];
        assert!(replacements.contains(&format!("\n{variable}=otelgate/")), "{variable} is not in local-images.env");
    }
}
