//! What the program is asked to do.

use crate::kind::Kind;

/// The command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// How many requests to count.
    pub(crate) requests: usize,
    /// Whether telemetry is on.
    pub(crate) telemetry: bool,
    /// Which requests.
    pub(crate) kind: Kind,
}

const USAGE: &str = "use: rag-service-lane --requests N --telemetry on|off --kind cold|cached|streamed|health";

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut requests, mut telemetry, mut kind) = (None, None, None);
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("`{name}` has no value; {USAGE}"))?;
            let wrong = || format!("`{name} {value}` is not known; {USAGE}");
            match name.as_str() {
                "--requests" => requests = Some(value.parse().ok().filter(|&number| number > 0).ok_or_else(wrong)?),
                "--telemetry" => telemetry = Some(on_or_off(&value).ok_or_else(wrong)?),
                "--kind" => kind = Some(Kind::named(&value).ok_or_else(wrong)?),
                _ => return Err(wrong()),
            }
        }
        let missing = |name: &str| format!("`{name}` is missing; {USAGE}");
        Ok(Self {
            requests: requests.ok_or_else(|| missing("--requests"))?,
            telemetry: telemetry.ok_or_else(|| missing("--telemetry"))?,
            kind: kind.ok_or_else(|| missing("--kind"))?,
        })
    }

    /// Settings that are the program's, whatever the environment says.
    pub(crate) fn setting(&self, name: &str) -> Option<String> {
        let value = match name {
            "OTEL_ENABLED" if self.telemetry => "true",
            "OTEL_ENABLED" => "false",
            "OTEL_EXPORTER_OTLP_PROTOCOL" => "http/protobuf",
            // Nobody is asked: the sink takes all.
            "OTEL_EXPORTER_OTLP_ENDPOINT" => "http://sink.invalid",
            // The longest there is: exports are asked for, not timed.
            "OTEL_BSP_SCHEDULE_DELAY" | "OTEL_BLRP_SCHEDULE_DELAY" => "3600000",
            _ => return None,
        };
        Some(value.to_owned())
    }
}

fn on_or_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_options_come_in_any_order() {
        let options = parse("--kind health --requests 8 --telemetry off");

        assert_eq!(options, Ok(Options { requests: 8, telemetry: false, kind: Kind::Health }));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (line, wanted) in [
            ("--requests 8 --telemetry on", "`--kind` is missing"),
            ("--requests", "`--requests` has no value"),
            ("--requests 0 --telemetry on --kind cold", "`--requests 0` is not known"),
            ("--requests 8 --telemetry maybe --kind cold", "`--telemetry maybe` is not known"),
            ("--requests 8 --telemetry on --kind warm", "`--kind warm` is not known"),
            ("--speed 8", "`--speed 8` is not known"),
        ] {
            let problem = parse(line).unwrap_err();

            assert!(problem.starts_with(wanted) && problem.ends_with(USAGE), "{line}: {problem}");
        }
    }
}
