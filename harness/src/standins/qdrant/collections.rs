//! `qdrant.Collections`.

use std::time::Instant;

use qdrant_client::qdrant::collections_server::Collections;
use qdrant_client::qdrant::{
    ChangeAliases, CollectionClusterInfoRequest, CollectionClusterInfoResponse, CollectionDescription,
    CollectionExists, CollectionExistsRequest, CollectionExistsResponse, CollectionOperationResponse, CreateCollection,
    CreateShardKeyRequest, CreateShardKeyResponse, DeleteCollection, DeleteShardKeyRequest, DeleteShardKeyResponse,
    GetCollectionInfoRequest, GetCollectionInfoResponse, ListAliasesRequest, ListAliasesResponse,
    ListCollectionAliasesRequest, ListCollectionsRequest, ListCollectionsResponse, ListShardKeysRequest,
    ListShardKeysResponse, UpdateCollection, UpdateCollectionClusterSetupRequest, UpdateCollectionClusterSetupResponse,
};
use tonic::{Request, Response, Status};

use super::rpc::{Done, Server};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Collections for Server {
    async fn create(&self, request: Request<CreateCollection>) -> Answer<CollectionOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Collections/Create", request, |store, request| {
            store.create(request)?;
            Ok(Done::plain(CollectionOperationResponse { result: true, time: started.elapsed().as_secs_f64() }))
        })
        .await
    }

    async fn delete(&self, request: Request<DeleteCollection>) -> Answer<CollectionOperationResponse> {
        let started = Instant::now();
        self.write("/qdrant.Collections/Delete", request, |store, request| {
            let result = store.remove(&request.collection_name);
            Ok(Done::plain(CollectionOperationResponse { result, time: started.elapsed().as_secs_f64() }))
        })
        .await
    }

    async fn get(&self, request: Request<GetCollectionInfoRequest>) -> Answer<GetCollectionInfoResponse> {
        let started = Instant::now();
        self.read("/qdrant.Collections/Get", request, |store, request| {
            let info = store.get(&request.collection_name)?.info();
            Ok(Done::plain(GetCollectionInfoResponse { result: Some(info), time: started.elapsed().as_secs_f64() }))
        })
        .await
    }

    async fn list(&self, request: Request<ListCollectionsRequest>) -> Answer<ListCollectionsResponse> {
        let started = Instant::now();
        self.read("/qdrant.Collections/List", request, |store, _| {
            let collections = store.names().map(|name| CollectionDescription { name: name.to_owned() }).collect();
            Ok(Done::plain(ListCollectionsResponse { collections, time: started.elapsed().as_secs_f64() }))
        })
        .await
    }

    async fn collection_exists(&self, request: Request<CollectionExistsRequest>) -> Answer<CollectionExistsResponse> {
        let started = Instant::now();
        self.read("/qdrant.Collections/CollectionExists", request, |store, request| {
            let result = Some(CollectionExists { exists: store.contains(&request.collection_name) });
            Ok(Done::plain(CollectionExistsResponse { result, time: started.elapsed().as_secs_f64() }))
        })
        .await
    }

    async fn update(&self, request: Request<UpdateCollection>) -> Answer<CollectionOperationResponse> {
        self.refuse("/qdrant.Collections/Update", request).await
    }

    async fn update_aliases(&self, request: Request<ChangeAliases>) -> Answer<CollectionOperationResponse> {
        self.refuse("/qdrant.Collections/UpdateAliases", request).await
    }

    async fn list_collection_aliases(
        &self,
        request: Request<ListCollectionAliasesRequest>,
    ) -> Answer<ListAliasesResponse> {
        self.refuse("/qdrant.Collections/ListCollectionAliases", request).await
    }

    async fn list_aliases(&self, request: Request<ListAliasesRequest>) -> Answer<ListAliasesResponse> {
        self.refuse("/qdrant.Collections/ListAliases", request).await
    }

    async fn collection_cluster_info(
        &self,
        request: Request<CollectionClusterInfoRequest>,
    ) -> Answer<CollectionClusterInfoResponse> {
        self.refuse("/qdrant.Collections/CollectionClusterInfo", request).await
    }

    async fn update_collection_cluster_setup(
        &self,
        request: Request<UpdateCollectionClusterSetupRequest>,
    ) -> Answer<UpdateCollectionClusterSetupResponse> {
        self.refuse("/qdrant.Collections/UpdateCollectionClusterSetup", request).await
    }

    async fn create_shard_key(&self, request: Request<CreateShardKeyRequest>) -> Answer<CreateShardKeyResponse> {
        self.refuse("/qdrant.Collections/CreateShardKey", request).await
    }

    async fn delete_shard_key(&self, request: Request<DeleteShardKeyRequest>) -> Answer<DeleteShardKeyResponse> {
        self.refuse("/qdrant.Collections/DeleteShardKey", request).await
    }

    async fn list_shard_keys(&self, request: Request<ListShardKeysRequest>) -> Answer<ListShardKeysResponse> {
        self.refuse("/qdrant.Collections/ListShardKeys", request).await
    }
}
