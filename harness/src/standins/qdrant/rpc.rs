//! What every method shares: faults, the record of the exchange, and the store behind a lock.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tonic::metadata::{KeyAndValueRef, MetadataMap};
use tonic::{Code, Request, Response, Status};

use super::store::{Error, Store};
use crate::capture::{Exchange, Party};
use crate::standins::record::Recorder;
use crate::standins::wire::Cut;
use crate::standins::{Fault, Faults};

/// The gRPC services' shared state. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Server {
    store: Arc<RwLock<Store>>,
    faults: Faults,
    recorder: Recorder,
}

/// A method, and the operation name faults know it by.
#[derive(Clone, Copy)]
pub(super) struct Method {
    /// `/qdrant.Points/Query`.
    pub(super) path: &'static str,
    /// `query`.
    pub(super) operation: &'static str,
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
    pub(super) fn new(faults: Faults, recorder: Recorder) -> Self {
        Self { store: Arc::default(), faults, recorder }
    }

    /// Answers a method that only reads.
    pub(super) async fn read<Q, A>(
        &self,
        method: Method,
        request: Request<Q>,
        work: impl FnOnce(&Store, Q) -> Result<Done<A>, Error>,
    ) -> Result<Response<A>, Status> {
        self.call(method, request, |store, request| {
            work(&store.read().unwrap_or_else(PoisonError::into_inner), request)
        })
        .await
    }

    /// Answers a method that changes the store.
    pub(super) async fn write<Q, A>(
        &self,
        method: Method,
        request: Request<Q>,
        work: impl FnOnce(&mut Store, Q) -> Result<Done<A>, Error>,
    ) -> Result<Response<A>, Status> {
        self.call(method, request, |store, request| {
            work(&mut store.write().unwrap_or_else(PoisonError::into_inner), request)
        })
        .await
    }

    /// Refuses a method the stand-in does not have.
    pub(super) async fn refuse<Q, A>(&self, path: &'static str, request: Request<Q>) -> Result<Response<A>, Status> {
        let method = Method { path, operation: path };
        self.call(method, request, |_, _| Err(Error::Unsupported(path))).await
    }

    async fn call<Q, A>(
        &self,
        method: Method,
        request: Request<Q>,
        work: impl FnOnce(&RwLock<Store>, Q) -> Result<Done<A>, Error>,
    ) -> Result<Response<A>, Status> {
        let mut pending = self.recorder.begin(|| Exchange {
            by: Party::Qdrant,
            method: method.path.to_owned(),
            request_headers: texts(request.metadata()),
            ..Exchange::default()
        });

        if let Some(fault) = self.faults.next(method.operation) {
            if let Some(delay) = fault.delay() {
                tokio::time::sleep(delay).await;
            }
            if fault.cut {
                pending.finish(None);
                if let Some(cut) = request.extensions().get::<Cut>() {
                    cut.now().await;
                }
                return Err(Status::unavailable("the connection is being closed"));
            }
            if let Some(status) = refusal(&fault) {
                pending.finish(grpc_code(status.code()));
                return Err(status);
            }
        }

        match work(&self.store, request.into_inner()) {
            Ok(done) => {
                #[expect(clippy::cast_precision_loss, reason = "counts of points stay far below 2^53")]
                pending.facts(done.fact.map(|(name, count)| (name, count as f64)));
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

fn refusal(fault: &Fault) -> Option<Status> {
    let code = Code::from_i32(i32::from(fault.status?));
    Some(Status::new(code, fault.message.clone().unwrap_or_else(|| code.description().to_owned())))
}

fn grpc_code(code: Code) -> Option<u16> {
    u16::try_from(i32::from(code)).ok()
}

/// The text entries of the metadata; binary ones are nobody's business here.
fn texts(metadata: &MetadataMap) -> BTreeMap<String, String> {
    metadata
        .iter()
        .filter_map(|entry| match entry {
            KeyAndValueRef::Ascii(key, value) => Some((key.as_str().to_owned(), value.to_str().ok()?.to_owned())),
            KeyAndValueRef::Binary(..) => None,
        })
        .collect()
}
