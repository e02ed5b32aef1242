//! The routes.

mod auth;
mod dashboards;
mod data_sources;
mod ds_query;
mod forward;
mod page;
mod reply;
mod router;

pub(super) use router::router;
