//! Which format an `Accept` header asks for.

use super::Format;

/// The weight of a media range without `q`.
const FULL: f32 = 1.0;

impl Format {
    /// The format that the values of a request's `Accept` headers prefer.
    ///
    /// OpenMetrics has to be asked for by its name: browsers, `curl` and old scrapers accept anything, and get text. Of two
    /// ranges of equal weight the first counts. A range that cannot be read, or of a version that is not known, is none.
    #[must_use]
    pub fn preferred<'a>(accept: impl IntoIterator<Item = &'a str>) -> Self {
        let ranges = accept.into_iter().flat_map(|value| value.split(',')).filter_map(range);
        let best = ranges.fold(None, |best: Option<(Self, f32)>, (format, weight)| {
            // A weight of 0 says "not this one".
            let better = weight > best.map_or(0.0, |(_, weight)| weight);
            if better { Some((format, weight)) } else { best }
        });
        best.map_or(Self::Text, |(format, _)| format)
    }
}

/// One media range that names a format of ours, and its weight.
fn range(text: &str) -> Option<(Format, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next()?;
    let mut version = None;
    let mut weight = FULL;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "version" => version = Some(value),
            "q" => weight = value.parse().ok().filter(|weight| (0.0..=FULL).contains(weight))?,
            // `charset`, and Prometheus 3's `escaping`: every name here is a classic one, which needs no escaping.
            _ => {}
        }
    }
    let format = match (media_type.to_ascii_lowercase().as_str(), version) {
        ("application/openmetrics-text", None | Some("1.0.0")) => Format::OpenMetrics,
        ("application/openmetrics-text", Some("0.0.1")) => Format::OpenMetricsDraft,
        ("text/plain", None | Some("0.0.4")) => Format::Text,
        _ => return None,
    };
    Some((format, weight))
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[track_caller]
    fn assert_preferred(accept: &str, wanted: Format) {
        assert_eq!(Format::preferred([accept]), wanted, "{accept}");
    }

    #[test]
    fn prometheus_gets_openmetrics() {
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
            application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
            text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
            text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_2_5 = "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

        assert_preferred(prometheus_3, Format::OpenMetrics);
        assert_preferred(prometheus_2, Format::OpenMetrics);
        assert_preferred(prometheus_2_5, Format::OpenMetricsDraft);
    }

    #[test]
    fn everybody_else_gets_text() {
        assert_eq!(Format::preferred([]), Format::Text);
        assert_preferred("", Format::Text);
        assert_preferred("*/*", Format::Text);
        assert_preferred("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Text);
        assert_preferred("application/*", Format::Text);
        assert_preferred("application/json", Format::Text);
    }

    #[test]
    fn weights_decide_and_then_the_order() {
        assert_preferred("application/openmetrics-text;q=0.3,text/plain;q=0.4", Format::Text);
        assert_preferred("text/plain;q=0.3,application/openmetrics-text;q=0.4", Format::OpenMetrics);
        assert_preferred("text/plain,application/openmetrics-text", Format::Text);
        assert_preferred("application/openmetrics-text;q=0", Format::Text);
        assert_eq!(Format::preferred(["text/plain;q=0.5", "application/openmetrics-text"]), Format::OpenMetrics);
    }

    #[test]
    fn spelling_does_not_matter() {
        assert_preferred("Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.7", Format::OpenMetrics);
    }

    #[test]
    fn what_cannot_be_read_or_given_is_passed_over() {
        assert_preferred("application/openmetrics-text;q=many", Format::Text);
        assert_preferred("application/openmetrics-text;q=7", Format::Text);
        assert_preferred("application/openmetrics-text;version", Format::Text);
        assert_preferred("application/openmetrics-text;version=2.0.0", Format::Text);
        assert_preferred(";;;,,=", Format::Text);
    }
}
