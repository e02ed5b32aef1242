//! The process, under the names Prometheus' own clients use. Read from `/proc` at each scrape; absent elsewhere.

use opentelemetry::metrics::Meter;

/// Linux' `USER_HZ`: 100 on every architecture this service is built for.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) fn observe(meter: &Meter) {
    meter
        .f64_observable_counter("process.cpu")
        .with_unit("s")
        .with_description("Total user and system CPU time spent in seconds.")
        .with_callback(|observer| observe_if(stat().map(|stat| stat.cpu_seconds), |value| observer.observe(value, &[])))
        .build();
    meter
        .u64_observable_gauge("process.resident_memory")
        .with_unit("By")
        .with_description("Resident memory size in bytes.")
        .with_callback(|observer| observe_if(resident_bytes(), |value| observer.observe(value, &[])))
        .build();
    meter
        .u64_observable_gauge("process.open_fds")
        .with_description("Number of open file descriptors.")
        .with_callback(|observer| observe_if(open_files(), |value| observer.observe(value, &[])))
        .build();
    meter
        .u64_observable_gauge("process.threads")
        .with_description("Number of OS threads in the process.")
        .with_callback(|observer| observe_if(stat().map(|stat| stat.threads), |value| observer.observe(value, &[])))
        .build();
    let start_time = start_time();
    meter
        .f64_observable_gauge("process.start_time")
        .with_unit("s")
        .with_description("Start time of the process since unix epoch in seconds.")
        .with_callback(move |observer| observe_if(start_time, |value| observer.observe(value, &[])))
        .build();
}

fn observe_if<T>(value: Option<T>, observe: impl FnOnce(T)) {
    if let Some(value) = value {
        observe(value);
    }
}

struct Stat {
    cpu_seconds: f64,
    threads: u64,
    start_ticks: f64,
}

/// `/proc/self/stat`, proc(5): fields 14, 15, 20 and 22, counted after the command's name, which may hold spaces.
fn stat() -> Option<Stat> {
    parse_stat(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

fn parse_stat(text: &str) -> Option<Stat> {
    let (_, after_name) = text.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok());
    Some(Stat {
        cpu_seconds: (ticks(14)? + ticks(15)?) / TICKS_PER_SECOND,
        threads: fields.get(20 - 3)?.parse().ok()?,
        start_ticks: ticks(22)?,
    })
}

fn start_time() -> Option<f64> {
    let boot = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: f64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(boot + stat()?.start_ticks / TICKS_PER_SECOND)
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?;
    Some(kibibytes.parse::<u64>().ok()? * 1024)
}

fn open_files() -> Option<u64> {
    // One of them is the directory being read.
    let files = std::fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(files.saturating_sub(1)).ok()
}

#[cfg(test)]
mod tests {
    use super::parse_stat;

    #[test]
    fn a_command_with_spaces_and_brackets_does_not_shift_the_fields() {
        let text = "42 (a ) b) S 1 42 42 0 -1 4194304 10 0 0 0 250 50 0 0 20 0 7 0 12345 1000 200";

        let stat = parse_stat(text).unwrap();

        assert!((stat.cpu_seconds - 3.0).abs() < 1e-9);
        assert_eq!(stat.threads, 7);
        assert!((stat.start_ticks - 12345.0).abs() < 1e-9);
    }
}
