//! Stand-ins in front of a real server: what only they can do, and how they fail.

mod collector;
mod collector_lossy;
mod qdrant;
mod redis;
