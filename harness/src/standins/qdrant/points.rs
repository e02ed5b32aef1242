//! `qdrant.Points`.

use std::time::Instant;

use qdrant_client::qdrant::points_server::Points;
use qdrant_client::qdrant::{
    BatchResult, ClearPayloadPoints, CountPoints, CountResponse, CountResult, CreateFieldIndexCollection,
    CreateVectorNameRequest, DeleteFieldIndexCollection, DeletePayloadPoints, DeletePointVectors, DeletePoints,
    DeleteVectorNameRequest, DiscoverBatchPoints, DiscoverBatchResponse, DiscoverPoints, DiscoverResponse, FacetCounts,
    FacetResponse, GetPoints, GetResponse, PointsOperationResponse, QueryBatchPoints, QueryBatchResponse,
    QueryGroupsResponse, QueryPointGroups, QueryPoints, QueryResponse, RecommendBatchPoints, RecommendBatchResponse,
    RecommendGroupsResponse, RecommendPointGroups, RecommendPoints, RecommendResponse, ScrollPoints, ScrollResponse,
    SearchBatchPoints, SearchBatchResponse, SearchGroupsResponse, SearchMatrixOffsetsResponse,
    SearchMatrixPairsResponse, SearchMatrixPoints, SearchPointGroups, SearchPoints, SearchResponse, SetPayloadPoints,
    UpdateBatchPoints, UpdateBatchResponse, UpdatePointVectors, UpdateResult, UpdateStatus, UpsertPoints,
};
use tonic::{Request, Response, Status};

use super::rpc::{Done, Server};
use super::store::Error;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Points for Server {
    async fn query(&self, request: Request<QueryPoints>) -> Answer<QueryResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/Query", request, |store, request| {
            let result = store.get(&request.collection_name)?.query(request)?;
            let fact = Some(("results", result.len()));
            Ok(Done { answer: QueryResponse { result, time: seconds(started), usage: None }, fact })
        })
        .await
    }

    async fn query_batch(&self, request: Request<QueryBatchPoints>) -> Answer<QueryBatchResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/QueryBatch", request, |store, batch| {
            let collection = store.get(&batch.collection_name)?;
            let answers = batch.query_points.into_iter().map(|query| collection.query(query));
            let result = answers.map(|found| Ok(BatchResult { result: found? })).collect::<Result<Vec<_>, Error>>()?;
            let fact = Some(("results", result.iter().map(|batch| batch.result.len()).sum()));
            Ok(Done { answer: QueryBatchResponse { result, time: seconds(started), usage: None }, fact })
        })
        .await
    }

    async fn search(&self, request: Request<SearchPoints>) -> Answer<SearchResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/Search", request, |store, request| {
            let result = store.get(&request.collection_name)?.search(request)?;
            let fact = Some(("results", result.len()));
            Ok(Done { answer: SearchResponse { result, time: seconds(started), usage: None }, fact })
        })
        .await
    }

    async fn search_batch(&self, request: Request<SearchBatchPoints>) -> Answer<SearchBatchResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/SearchBatch", request, |store, batch| {
            let collection = store.get(&batch.collection_name)?;
            let answers = batch.search_points.into_iter().map(|search| collection.search(search));
            let result = answers.map(|found| Ok(BatchResult { result: found? })).collect::<Result<Vec<_>, Error>>()?;
            let fact = Some(("results", result.iter().map(|batch| batch.result.len()).sum()));
            Ok(Done { answer: SearchBatchResponse { result, time: seconds(started), usage: None }, fact })
        })
        .await
    }

    async fn scroll(&self, request: Request<ScrollPoints>) -> Answer<ScrollResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/Scroll", request, |store, request| {
            let (result, next_page_offset) = store.get(&request.collection_name)?.scroll(request)?;
            let fact = Some(("results", result.len()));
            Ok(Done { answer: ScrollResponse { next_page_offset, result, time: seconds(started), usage: None }, fact })
        })
        .await
    }

    async fn count(&self, request: Request<CountPoints>) -> Answer<CountResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/Count", request, |store, request| {
            let count = store.get(&request.collection_name)?.count(request)?;
            let result = Some(CountResult { count });
            Ok(Done::plain(CountResponse { result, time: seconds(started), usage: None }))
        })
        .await
    }

    async fn get(&self, request: Request<GetPoints>) -> Answer<GetResponse> {
        let started = Instant::now();
        self.read("/qdrant.Points/Get", request, |store, request| {
            let result = store.get(&request.collection_name)?.retrieve(request)?;
            let fact = Some(("results", result.len()));
            Ok(Done { answer: GetResponse { result, time: seconds(started), usage: None }, fact })
        })
        .await
    }

    async fn upsert(&self, request: Request<UpsertPoints>) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/Upsert", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.upsert(request)?, wait, started))
        })
        .await
    }

    async fn delete(&self, request: Request<DeletePoints>) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/Delete", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.delete(request)?, wait, started))
        })
        .await
    }

    async fn set_payload(&self, request: Request<SetPayloadPoints>) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/SetPayload", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.set_payload(request)?, wait, started))
        })
        .await
    }

    async fn overwrite_payload(&self, request: Request<SetPayloadPoints>) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/OverwritePayload", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.overwrite_payload(request)?, wait, started))
        })
        .await
    }

    async fn delete_payload(&self, request: Request<DeletePayloadPoints>) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/DeletePayload", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.delete_payload(request)?, wait, started))
        })
        .await
    }

    async fn clear_payload(&self, request: Request<ClearPayloadPoints>) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/ClearPayload", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.clear_payload(request)?, wait, started))
        })
        .await
    }

    async fn create_field_index(
        &self,
        request: Request<CreateFieldIndexCollection>,
    ) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/CreateFieldIndex", request, |store, request| {
            let wait = request.wait;
            Ok(written(store.get_mut(&request.collection_name)?.create_index(request)?, wait, started))
        })
        .await
    }

    async fn delete_field_index(
        &self,
        request: Request<DeleteFieldIndexCollection>,
    ) -> Answer<PointsOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Points/DeleteFieldIndex", request, |store, request| {
            let write = store.get_mut(&request.collection_name)?.delete_index(&request.field_name);
            Ok(written(write, request.wait, started))
        })
        .await
    }

    async fn update_batch(&self, request: Request<UpdateBatchPoints>) -> Answer<UpdateBatchResponse> {
        self.refuse("/qdrant.Points/UpdateBatch", request).await
    }

    async fn update_vectors(&self, request: Request<UpdatePointVectors>) -> Answer<PointsOperationResponse> {
        self.refuse("/qdrant.Points/UpdateVectors", request).await
    }

    async fn delete_vectors(&self, request: Request<DeletePointVectors>) -> Answer<PointsOperationResponse> {
        self.refuse("/qdrant.Points/DeleteVectors", request).await
    }

    async fn create_vector_name(&self, request: Request<CreateVectorNameRequest>) -> Answer<PointsOperationResponse> {
        self.refuse("/qdrant.Points/CreateVectorName", request).await
    }

    async fn delete_vector_name(&self, request: Request<DeleteVectorNameRequest>) -> Answer<PointsOperationResponse> {
        self.refuse("/qdrant.Points/DeleteVectorName", request).await
    }

    async fn search_groups(&self, request: Request<SearchPointGroups>) -> Answer<SearchGroupsResponse> {
        self.refuse("/qdrant.Points/SearchGroups", request).await
    }

    async fn query_groups(&self, request: Request<QueryPointGroups>) -> Answer<QueryGroupsResponse> {
        self.refuse("/qdrant.Points/QueryGroups", request).await
    }

    async fn recommend(&self, request: Request<RecommendPoints>) -> Answer<RecommendResponse> {
        self.refuse("/qdrant.Points/Recommend", request).await
    }

    async fn recommend_batch(&self, request: Request<RecommendBatchPoints>) -> Answer<RecommendBatchResponse> {
        self.refuse("/qdrant.Points/RecommendBatch", request).await
    }

    async fn recommend_groups(&self, request: Request<RecommendPointGroups>) -> Answer<RecommendGroupsResponse> {
        self.refuse("/qdrant.Points/RecommendGroups", request).await
    }

    async fn discover(&self, request: Request<DiscoverPoints>) -> Answer<DiscoverResponse> {
        self.refuse("/qdrant.Points/Discover", request).await
    }

    async fn discover_batch(&self, request: Request<DiscoverBatchPoints>) -> Answer<DiscoverBatchResponse> {
        self.refuse("/qdrant.Points/DiscoverBatch", request).await
    }

    async fn facet(&self, request: Request<FacetCounts>) -> Answer<FacetResponse> {
        self.refuse("/qdrant.Points/Facet", request).await
    }

    async fn search_matrix_pairs(&self, request: Request<SearchMatrixPoints>) -> Answer<SearchMatrixPairsResponse> {
        self.refuse("/qdrant.Points/SearchMatrixPairs", request).await
    }

    async fn search_matrix_offsets(&self, request: Request<SearchMatrixPoints>) -> Answer<SearchMatrixOffsetsResponse> {
        self.refuse("/qdrant.Points/SearchMatrixOffsets", request).await
    }
}

fn seconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64()
}

/// The answer to a write. It is always done already, but a client that did not ask to wait is not told so.
fn written((operation, points): (u64, usize), wait: Option<bool>, started: Instant) -> Done<PointsOperationResponse> {
    let status = if wait == Some(true) { UpdateStatus::Completed } else { UpdateStatus::Acknowledged };
    let result = UpdateResult { operation_id: Some(operation), status: status.into() };
    Done {
        answer: PointsOperationResponse { result: Some(result), time: seconds(started), usage: None },
        fact: Some(("points", points)),
    }
}
