//! What every method of the stand-in's own shares: the desk, and the store behind a lock.

use std::sync::{Arc, PoisonError, RwLock};

use tonic::{Code, Request, Response, Status};

use super::Engine;
use super::desk::{begin, grpc_code, meet_fault};
use super::store::{Error, Store};
use crate::standins::record::Desk;
use crate::standins::wire::Cut;

/// The gRPC services' shared state. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Server {
    store: Arc<RwLock<Store>>,
    desk: Desk,
}

/// An answer, and a number known for certain about it.
pub(super) struct Done<T> {
    pub(super) answer: T,
    pub(super) fact: Option<(&'static str, usize)>,
}

impl<T> Done<T> {
    /// An answer about which there is nothing to count.
    pub(super) fn plain(answer: T) -> Self {
        Self { answer, fact: None }
    }
}

impl Server {
    pub(super) fn new(engine: Engine, desk: Desk) -> Self {
        Self { store: Arc::new(RwLock::new(Store::new(engine))), desk }
    }

    /// Answers a method that only reads.
    pub(super) async fn read<Q, A>(
        &self,
        path: &'static str,
        request: Request<Q>,
        work: impl FnOnce(&Store, Q) -> Result<Done<A>, Error>,
    ) -> Result<Response<A>, Status> {
        self.call(path, request, |store, request| work(&store.read().unwrap_or_else(PoisonError::into_inner), request))
            .await
    }

    /// Answers a method that changes the store.
    pub(super) async fn write<Q, A>(
        &self,
        path: &'static str,
        request: Request<Q>,
        work: impl FnOnce(&mut Store, Q) -> Result<Done<A>, Error>,
    ) -> Result<Response<A>, Status> {
        self.call(path, request, |store, request| {
            work(&mut store.write().unwrap_or_else(PoisonError::into_inner), request)
        })
        .await
    }

    /// Refuses a method the stand-in does not have.
    pub(super) async fn refuse<Q, A>(&self, path: &'static str, request: Request<Q>) -> Result<Response<A>, Status> {
        self.call(path, request, |_, _| Err(Error::Unsupported(path))).await
    }

    async fn call<Q, A>(
        &self,
        path: &'static str,
        request: Request<Q>,
        work: impl FnOnce(&RwLock<Store>, Q) -> Result<Done<A>, Error>,
    ) -> Result<Response<A>, Status> {
        let pending = begin(&self.desk, path, || request.metadata().clone());
        let mut pending = meet_fault(&self.desk, path, pending, request.extensions().get::<Cut>()).await?;

        match work(&self.store, request.into_inner()) {
            Ok(done) => {
                pending.count(|| done.fact);
                pending.finish(grpc_code(Code::Ok));
                Ok(Response::new(done.answer))
            }
            Err(error) => {
                let status = Status::from(error);
                pending.note(|exchange| status.message().clone_into(&mut exchange.response_body));
                pending.finish(grpc_code(status.code()));
                Err(status)
            }
        }
    }
}
