//! `POST /v1/embeddings`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use wiremock::{Request, ResponseTemplate};

use super::api::{self, Settings};
use super::embed::Embedder;
use super::failure::Failure;
use super::tokens;

/// Longest input, in tokens.
const LONGEST: usize = 8_192;
/// Most inputs in a request.
const MOST: usize = 2_048;
/// Most dimensions: those of `text-embedding-3-large`.
const MOST_DIMENSIONS: usize = 3_072;

#[derive(Deserialize)]
struct Ask {
    model: String,
    input: Input,
    #[serde(default)]
    encoding_format: Encoding,
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "'input' must be a string, an array of strings, or an array of token arrays")]
enum Input {
    Text(String),
    Texts(Vec<String>),
    Tokens(Vec<u32>),
    TokenArrays(Vec<Vec<u32>>),
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    #[default]
    Float,
    Base64,
}

#[derive(Serialize)]
struct Answer {
    object: &'static str,
    data: Vec<Item>,
    model: String,
    usage: Usage,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Embedding,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Embedding {
    Float(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u32,
    total_tokens: u32,
}

/// Answers a request for embeddings.
pub(super) fn answer(settings: &Settings, request: &Request) -> Result<ResponseTemplate, Failure> {
    let ask: Ask = api::body(request)?;
    let dimensions = ask.dimensions.unwrap_or(settings.dimensions);
    if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        let message = format!("'dimensions' must be from 1 to {MOST_DIMENSIONS}, not {dimensions}.");
        return Err(Failure::invalid(message, Some("dimensions")));
    }

    let embedder = Embedder::new(dimensions);
    let texts = |texts: Vec<String>| texts.iter().map(|text| (embedder.embed(text), tokens::count(text))).collect();
    let numbers = |arrays: Vec<Vec<u32>>| {
        let counted = |array: &Vec<u32>| u32::try_from(array.len()).unwrap_or(u32::MAX);
        arrays.iter().map(|array| (embedder.embed_tokens(array), counted(array))).collect()
    };
    check(&ask.input)?;
    let vectors: Vec<(Vec<f32>, u32)> = match ask.input {
        Input::Text(text) => texts(vec![text]),
        Input::Texts(many) => texts(many),
        Input::Tokens(array) => numbers(vec![array]),
        Input::TokenArrays(arrays) => numbers(arrays),
    };

    let used = vectors.iter().map(|(_, tokens)| tokens).sum();
    let item =
        |(index, (vector, _))| Item { object: "embedding", index, embedding: encode(vector, ask.encoding_format) };
    let answer = Answer {
        object: "list",
        data: vectors.into_iter().enumerate().map(item).collect(),
        model: ask.model,
        usage: Usage { prompt_tokens: used, total_tokens: used },
    };
    Ok(ResponseTemplate::new(200).set_body_json(answer))
}

fn check(input: &Input) -> Result<(), Failure> {
    let text = |text: &String| usize::try_from(tokens::count(text)).unwrap_or(usize::MAX);
    let lengths: Vec<usize> = match input {
        Input::Text(one) => vec![text(one)],
        Input::Texts(many) => many.iter().map(text).collect(),
        Input::Tokens(array) => vec![array.len()],
        Input::TokenArrays(arrays) => arrays.iter().map(Vec::len).collect(),
    };
    let refuse = |message: String| Err(Failure::invalid(message, Some("input")));
    match lengths.iter().max() {
        None => refuse("'input' cannot be an empty array.".to_owned()),
        Some(_) if lengths.contains(&0) => refuse("'input' cannot contain an empty string.".to_owned()),
        Some(_) if lengths.len() > MOST => refuse(format!("'input' cannot have more than {MOST} elements.")),
        Some(longest) if *longest > LONGEST => refuse(format!(
            "This model's maximum context length is {LONGEST} tokens, however you requested {longest} tokens. Please \
             reduce your prompt."
        )),
        Some(_) => Ok(()),
    }
}

fn encode(vector: Vec<f32>, encoding: Encoding) -> Embedding {
    match encoding {
        Encoding::Float => Embedding::Float(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
            Embedding::Base64(STANDARD.encode(bytes))
        }
    }
}
