//! The model and the vector store together: do the questions of the corpus find what a person would expect?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::embeddings::CreateEmbeddingRequestArgs;
use otelgate_harness::standins;
use qdrant_client::qdrant::{
    Condition, CreateCollectionBuilder, Distance, Filter, PointStruct, QueryPointsBuilder, UpsertPointsBuilder,
    VectorParamsBuilder,
};
use qdrant_client::{Payload, Qdrant};
use serde::Deserialize;

/// Words in a chunk, and how many it shares with the one before.
const CHUNK: usize = 150;
const OVERLAP: usize = 25;

#[derive(Deserialize)]
struct Question {
    query: String,
    topics: Vec<String>,
    relevant: Vec<String>,
}

struct Chunk {
    document: String,
    topic: String,
    text: String,
}

#[tokio::test]
async fn the_right_document_is_among_the_best_five() {
    let (model, qdrant) = (standins::model().run().await.unwrap(), standins::qdrant().run().await.unwrap());
    let openai = Client::with_config(OpenAIConfig::new().with_api_base(model.url()).with_api_key("any"));
    let store = Qdrant::from_url(&qdrant.url()).skip_compatibility_check().build().unwrap();
    let chunks = chunks();
    let vectors = embed(&openai, chunks.iter().map(|chunk| chunk.text.clone()).collect()).await;
    ingest(&store, chunks, vectors).await;
    let questions = questions();

    let mut missed = Vec::new();
    let asked = embed(&openai, questions.iter().map(|question| question.query.clone()).collect()).await;
    for (question, vector) in questions.iter().zip(asked) {
        let topics = Filter::must([Condition::matches("topic", question.topics.clone())]);
        let query = QueryPointsBuilder::new("corpus").query(vector).filter(topics).limit(5).with_payload(true);
        let found = store.query(query).await.unwrap().result;
        let right = |document: &str| question.relevant.iter().any(|relevant| relevant == document);
        if !found.iter().any(|point| right(point.payload["document"].as_str().unwrap())) {
            missed.push(&question.query);
        }
    }

    assert!(questions.len() >= 100, "only {} questions", questions.len());
    assert!(missed.len() * 20 <= questions.len(), "{} of {} missed: {missed:#?}", missed.len(), questions.len());
}

async fn embed(openai: &Client<OpenAIConfig>, texts: Vec<String>) -> Vec<Vec<f32>> {
    let request = CreateEmbeddingRequestArgs::default().model("text-embedding-3-large").input(texts).build().unwrap();
    openai.embeddings().create(request).await.unwrap().data.into_iter().map(|item| item.embedding).collect()
}

async fn ingest(store: &Qdrant, chunks: Vec<Chunk>, vectors: Vec<Vec<f32>>) {
    let params = VectorParamsBuilder::new(vectors[0].len() as u64, Distance::Cosine);
    store.create_collection(CreateCollectionBuilder::new("corpus").vectors_config(params)).await.unwrap();
    let point = |(id, (chunk, vector)): (u64, (Chunk, Vec<f32>))| {
        PointStruct::new(
            id,
            vector,
            Payload::from([("document", chunk.document.into()), ("topic", chunk.topic.into())]),
        )
    };
    let points: Vec<PointStruct> = (0..).zip(chunks.into_iter().zip(vectors)).map(point).collect();
    store.upsert_points(UpsertPointsBuilder::new("corpus", points).wait(true)).await.unwrap();
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/corpus")
}

fn questions() -> Vec<Question> {
    serde_saphyr::from_str(&std::fs::read_to_string(corpus().join("queries.yaml")).unwrap()).unwrap()
}

/// All documents in chunks of words, each with the title of its document.
fn chunks() -> Vec<Chunk> {
    let topics = std::fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let documents = topics.flat_map(|topic| std::fs::read_dir(topic).unwrap().map(|entry| entry.unwrap().path()));
    documents.flat_map(|path| split(&std::fs::read_to_string(path).unwrap())).collect()
}

fn split(document: &str) -> Vec<Chunk> {
    let (front, body) = document.trim_start_matches("---\n").split_once("\n---\n").unwrap();
    let fields: BTreeMap<&str, &str> = front.lines().filter_map(|line| line.split_once(": ")).collect();
    let words: Vec<&str> = body.split_whitespace().collect();
    let starts = (0..words.len()).step_by(CHUNK - OVERLAP);
    let chunk = |start: usize| Chunk {
        document: fields["id"].to_owned(),
        topic: fields["topic_id"].to_owned(),
        text: format!("{}\n{}", fields["title"], words[start..words.len().min(start + CHUNK)].join(" ")),
    };
    starts.map(chunk).collect()
}
