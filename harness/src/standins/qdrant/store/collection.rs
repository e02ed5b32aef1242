//! One collection: its settings and its points.

use std::collections::HashMap;

use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CollectionConfig, CollectionInfo, CollectionParams, CollectionStatus, CreateCollection, Datatype, HnswConfigDiff,
    OptimizerStatus, OptimizersConfigDiff, PayloadSchemaInfo, ShardingMethod, VectorParams, WalConfigDiff,
};

use super::Error;
use super::distance::Distance;
use super::engine::{Find, Points};
use super::error::refuse;
use super::path::Object;
use super::search::Exact;
use crate::standins::qdrant::Engine;

/// One collection.
#[derive(Debug)]
pub(in crate::standins::qdrant) struct Collection {
    pub(super) size: usize,
    pub(super) distance: Distance,
    pub(super) points: Points,
    pub(super) engine: Box<dyn Find>,
    pub(super) indexes: HashMap<String, PayloadSchemaInfo>,
    /// Writes so far: the next write's operation id, and the version of the points it touches.
    pub(super) writes: u64,
    config: CollectionConfig,
}

/// One point; the vector is prepared for the collection's distance.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) vector: Vec<f32>,
    pub(super) payload: Object,
    pub(super) version: u64,
}

impl Collection {
    /// An empty collection as asked for. Settings that only change how fast Qdrant is are kept and have no effect.
    pub(in crate::standins::qdrant) fn create(request: CreateCollection, engine: Engine) -> Result<Self, Error> {
        refuse(request.sparse_vectors_config.is_some_and(|sparse| !sparse.map.is_empty()), "sparse vectors")?;
        refuse(request.sharding_method == Some(ShardingMethod::Custom.into()), "custom sharding")?;
        refuse(request.strict_mode_config.as_ref().is_some_and(|strict| strict.enabled == Some(true)), "strict mode")?;
        let params = match request.vectors_config.clone().and_then(|config| config.config) {
            Some(Config::Params(params)) => params,
            Some(Config::ParamsMap(_)) => return Err(Error::Unsupported("named vectors")),
            None => return Err(Error::Unsupported("collections without vectors")),
        };
        refuse(params.multivector_config.is_some(), "multivectors")?;
        let float = [Datatype::Default.into(), Datatype::Float32.into()];
        refuse(params.datatype.is_some_and(|datatype| !float.contains(&datatype)), "vectors other than float32")?;

        let distance = Distance::read(params.distance)?;
        let size = vector_size(&params)?;
        Ok(Self {
            size,
            distance,
            points: Points::new(),
            engine: match engine {
                Engine::Exact => Box::new(Exact(distance)),
                #[cfg(feature = "qdrant-edge")]
                Engine::QdrantEdge => Box::new(super::edge::Edge::start(size, distance)?),
            },
            indexes: HashMap::new(),
            writes: 0,
            config: CollectionConfig {
                params: Some(CollectionParams {
                    shard_number: request.shard_number.unwrap_or(1),
                    vectors_config: request.vectors_config,
                    replication_factor: Some(request.replication_factor.unwrap_or(1)),
                    write_consistency_factor: Some(request.write_consistency_factor.unwrap_or(1)),
                    ..CollectionParams::default()
                }),
                hnsw_config: Some(request.hnsw_config.unwrap_or_else(default_hnsw)),
                optimizer_config: Some(request.optimizers_config.unwrap_or_else(default_optimizers)),
                wal_config: Some(request.wal_config.unwrap_or_else(default_wal)),
                quantization_config: request.quantization_config,
                strict_mode_config: request.strict_mode_config,
                metadata: request.metadata,
            },
        })
    }

    /// What Qdrant tells about the collection.
    pub(in crate::standins::qdrant) fn info(&self) -> CollectionInfo {
        CollectionInfo {
            status: CollectionStatus::Green.into(),
            optimizer_status: Some(OptimizerStatus { ok: true, error: String::new() }),
            segments_count: 1,
            config: Some(self.config.clone()),
            payload_schema: self.indexes.clone(),
            points_count: Some(self.points.len() as u64),
            // Everything is searched exactly: nothing is in an approximate index.
            indexed_vectors_count: Some(0),
            ..CollectionInfo::default()
        }
    }
}

fn vector_size(params: &VectorParams) -> Result<usize, Error> {
    /// Qdrant's own limit.
    const LARGEST: u64 = 65_536;
    if (1..=LARGEST).contains(&params.size) {
        // Cannot fail: the limit fits any `usize`.
        Ok(usize::try_from(params.size).unwrap_or(usize::MAX))
    } else {
        Err(Error::Malformed(format!(
            "Validation error in body: [vectors_config.config.params.size: value {} invalid, must be from 1 to {LARGEST}]",
            params.size
        )))
    }
}

fn default_hnsw() -> HnswConfigDiff {
    HnswConfigDiff {
        m: Some(16),
        ef_construct: Some(100),
        full_scan_threshold: Some(10_000),
        max_indexing_threads: Some(0),
        ..HnswConfigDiff::default()
    }
}

fn default_optimizers() -> OptimizersConfigDiff {
    OptimizersConfigDiff {
        deleted_threshold: Some(0.2),
        vacuum_min_vector_number: Some(1_000),
        default_segment_number: Some(0),
        indexing_threshold: Some(10_000),
        flush_interval_sec: Some(5),
        ..OptimizersConfigDiff::default()
    }
}

fn default_wal() -> WalConfigDiff {
    WalConfigDiff { wal_capacity_mb: Some(32), wal_segments_ahead: Some(0), wal_retain_closed: Some(1) }
}
