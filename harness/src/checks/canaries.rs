//! Whether a planted secret leaked into any signal.

use super::at::At;
use super::secrets::Secrets;
use super::strings::{self, Reader};
use super::{Check, Index};
use crate::capture::{Exchange, Memo, Run, Str};
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "canaries",
    about: "no planted secret is in any signal, in any spelling",
    unit: "strings",
    wanted: |capture, _| !capture.run.canaries.is_empty(),
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let run = &index.capture.run;
    let secrets = match Secrets::new(run) {
        Ok(Some(secrets)) => secrets,
        Ok(None) => return 0,
        Err(error) => {
            findings.push(
                Finding::violation(
                    "canary.not-planted",
                    Signal::Run,
                    "all canaries",
                    "the canaries cannot be looked for",
                )
                .wanted("as many canaries as one automaton holds")
                .found(error.to_string())
                .hint("plant fewer"),
            );
            return 0;
        }
    };
    not_planted(index, run, &secrets, findings);
    let mut scan = Scan { index, secrets: &secrets, clean: Memo::new(), read: 0, findings };
    strings::read(index, &mut scan);
    scan.read
}

/// A scan for something that was never sent proves nothing.
fn not_planted(index: &Index<'_>, run: &Run, secrets: &Secrets<'_>, findings: &mut Vec<Finding>) {
    let mut planted = vec![false; run.canaries.len()];
    for text in index.capture.exchanges.iter().flat_map(texts) {
        if secrets.any(text.as_bytes()) {
            secrets.all(text.as_bytes()).into_iter().for_each(|position| planted[position] = true);
            // Bodies are most of what there is to read: once all are found there is nothing to look for in the rest.
            if planted.iter().all(|planted| *planted) {
                return;
            }
        }
    }
    for (canary, _) in run.canaries.iter().zip(planted).filter(|(_, planted)| !planted) {
        findings.push(
            Finding::violation(
                "canary.not-planted",
                Signal::Run,
                canary.name.clone(),
                format!(
                    "the canary `{}` was in no request and no answer: that it is in no signal proves nothing",
                    canary.name
                ),
            )
            .wanted("the canary in at least one exchange")
            .found("none")
            .hint("plant it in a scenario, or take it out of the list"),
        );
    }
}

fn texts(exchange: &Exchange) -> impl Iterator<Item = &str> {
    let headers = exchange.request_headers.values().chain(exchange.response_headers.values());
    [&exchange.path, &exchange.request_body, &exchange.response_body].into_iter().chain(headers).map(String::as_str)
}

struct Scan<'s, 'c> {
    index: &'s Index<'c>,
    secrets: &'s Secrets<'c>,
    clean: Memo<bool>,
    read: u64,
    findings: &'s mut Vec<Finding>,
}

impl Reader for Scan<'_, '_> {
    fn shared(&mut self, text: &Str, at: At<'_>) {
        self.read += 1;
        let secrets = self.secrets;
        if !self.clean.get_or(text, |text| !secrets.any(text.as_bytes())) {
            self.report(text.as_bytes(), at);
        }
    }

    fn bytes(&mut self, bytes: &[u8], at: At<'_>) {
        self.read += 1;
        if self.secrets.any(bytes) {
            self.report(bytes, at);
        }
    }
}

impl Scan<'_, '_> {
    #[cold]
    fn report(&mut self, bytes: &[u8], at: At<'_>) {
        for canary in self.secrets.all(bytes).into_iter().map(|position| self.secrets.name(position)) {
            let subject = at.subject(self.index);
            let mut finding = Finding::violation(
                "canary.leaked",
                at.signal(),
                format!("{canary} / {subject}"),
                format!("the planted secret `{canary}` leaked into {subject}"),
            )
            .at(at.place())
            .wanted("the secret in no signal")
            .found(format!("the secret in {} bytes of text (value withheld)", bytes.len()))
            .hint("stop recording this; telemetry is read by more people than the data it is about");
            self.secrets.redact_finding(&mut finding);
            self.findings.push(finding);
        }
    }
}
