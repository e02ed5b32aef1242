//! Alerts put to the trial.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "alert.unknown",
        title: "a proof names an alert that is not there",
        meaning: "The file of proofs says how an alert is made to fire, and no rule file has an alert of that name. Nothing was proven.",
        example: "proofs:\n- alert: RagErrorsHigh        # the rule is called RagQueryErrorsHigh\n  drive: questions while the model fails",
        remedy: "Correct the name, or remove the entry.",
    },
    Entry {
        id: "alert.broken",
        title: "an alert cannot be evaluated",
        meaning: "Prometheus loaded the rule and fails each time it evaluates it, most often because two sides of an expression match many-to-many once real series are there. It will never fire, and nothing says so but a metric of Prometheus itself.",
        example: "expr: a / on(job) b     # found duplicate series for the match group {job=\"rag-service\"}",
        remedy: "Aggregate both sides to the labels they share, or say `group_left`. Then prove the alert.",
    },
    Entry {
        id: "alert.false-alarm",
        title: "an alert fires although all is well",
        meaning: "Healthy questions were asked at a steady pace and the alert fired. Whoever is paged by it will learn to ignore it.",
        example: "expr: histogram_quantile(0.95, …) > 0.001",
        remedy: "Raise the threshold to what a healthy service keeps, lengthen `for`, or guard a ratio against too little traffic.",
    },
    Entry {
        id: "alert.stuck",
        title: "an alert does not stop",
        meaning: "It was firing before its fault was induced and would not resolve. That it fires afterwards says nothing.",
        example: "expr: increase(errors_total[1d]) > 0     # one error keeps it firing for a day",
        remedy: "Shorten the range, or order the proofs so that no fault before it sets it off.",
    },
    Entry {
        id: "alert.silent",
        title: "an alert does not fire when its fault is there",
        meaning: "The fault the alert exists for was induced and held, and the alert stayed silent for longer than its window. In production the fault would have gone unnoticed.",
        example: "expr: rate(rag_query_errors_total{stage=\"model\"}[5m]) > 0     # the label's value is `llm`",
        remedy: "The finding shows the expression and what the compared side came to. No series: the metric or a label is wrong. A number below the threshold: the threshold cannot be met. Pending: `for` is longer than the fault lasts.",
    },
    Entry {
        id: "alert.unasked",
        title: "an alert fires for another's fault",
        meaning: "While one alert was put to the trial another fired as well, and the proof does not say that it should. One fault, two pages.",
        example: "the model fails: RagQueryErrorsHigh and RagServiceDown fire",
        remedy: "If the fault is rightly both alerts' business, name the other in `also` of the proof. If not, make the other's expression more particular.",
    },
    Entry {
        id: "alert.unproven",
        title: "nothing shows that an alert would fire",
        meaning: "A rule file has the alert and no proof induces its fault.",
        example: "an alert added to alerts.yml and not to the file of proofs",
        remedy: "Add a proof: the scenario that induces the fault, or what to stop. An alert that cannot be proven here is worth a waiver that says why.",
    },
];
