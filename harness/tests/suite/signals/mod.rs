//! Checks on signals: a healthy run gives no finding, and each planted defect exactly its own.

mod canaries;
mod conventions;
mod error_types;
mod exemplars;
mod logs;
mod metric_labels;
mod metric_values;
mod metrics;
mod never;
mod relations;
mod resource;
mod run;
mod sample;
