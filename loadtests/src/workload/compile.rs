//! A workload that has been read and tried: every request of it can be made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use otelgate_harness::contract::Range;
use otelgate_harness::scenario::Variables;
use otelgate_harness::yaml;

use super::{Item, WorkloadFile, WorkloadRequest};

/// A workload that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct WorkloadError {
    /// The file, and where in it as far as known.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// The requests of a load.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// How many requests are open at once where the load is closed.
    pub concurrency: usize,
    /// The kinds of requests there are.
    pub kinds: Vec<Kind>,
    pub(super) prepare: Vec<Kind>,
    pub(super) vary: BTreeMap<String, Vec<String>>,
}

/// A kind of request.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// Its share, in proportion to the other weights.
    pub weight: u32,
    /// Whether it leaves no trace.
    pub untraced: bool,
    /// JSON pointers to what differs from answer to answer although nothing is wrong.
    pub volatile: Vec<String>,
    status: Range,
    method: Method,
    path: String,
    headers: BTreeMap<String, String>,
    json: Option<serde_json::Value>,
}

/// Reads a workload.
///
/// # Errors
/// If it cannot be read, has nothing to send, or has a request that cannot be made: with its place and the next step.
pub fn read(path: &Path) -> Result<Workload, WorkloadError> {
    let file: WorkloadFile =
        yaml::load(path).map_err(|problem| WorkloadError { place: problem.place(), message: problem.message })?;
    Workload::new(file).map_err(|message| WorkloadError { place: path.display().to_string(), message })
}

impl Workload {
    /// The workload of a file's content.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(file: WorkloadFile) -> Result<Self, String> {
        if file.concurrency == 0 {
            return Err("`concurrency` is 0: at least one request has to be open at a time".to_owned());
        }
        if let Some((name, _)) = file.vary.iter().find(|(_, words)| words.is_empty()) {
            return Err(format!("`vary.{name}` is empty: give at least one word to choose"));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = file.requests.iter().find(|request| !names.insert(&request.name)) {
            return Err(format!("two requests are named `{}`: a report could not tell them apart", twice.name));
        }
        let compile = |requests: &[WorkloadRequest]| {
            let kind = |request: &WorkloadRequest| {
                Kind::new(request, &file.vary).map_err(|message| format!("request `{}`: {message}", request.name))
            };
            requests.iter().map(kind).collect::<Result<Vec<_>, _>>()
        };
        let (kinds, prepare) = (compile(&file.requests)?, compile(&file.prepare)?);
        let workload = Self { name: file.workload, concurrency: file.concurrency, kinds, prepare, vary: file.vary };
        if workload.total_weight() == 0 {
            return Err("`requests` has none with a weight above 0: nothing would be sent".to_owned());
        }
        Ok(workload)
    }

    pub(super) fn total_weight(&self) -> u32 {
        self.kinds.iter().map(|kind| kind.weight).sum()
    }
}

impl Kind {
    fn new(request: &WorkloadRequest, vary: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let line = &request.request;
        let wrong = || format!("`{line}` is not a method and a path, such as `POST /api/rag`");
        let (method, path) = line.split_once(' ').filter(|(_, path)| path.starts_with('/')).ok_or_else(wrong)?;
        let kind = Self {
            name: request.name.clone(),
            weight: request.weight,
            untraced: request.untraced,
            volatile: request.volatile.clone(),
            status: request.status.unwrap_or(Range { min: 200, max: Some(299) }),
            method: Method::from_bytes(method.as_bytes()).map_err(|_| wrong())?,
            path: path.to_owned(),
            headers: request.headers.clone(),
            json: request.json.clone(),
        };
        // Every placeholder is known and every header legal, or none is: the words chosen make no difference.
        let mut trial = Variables::default();
        trial.set("item", "0");
        for (name, words) in vary {
            trial.set(format!("vary.{name}"), words[0].clone());
        }
        kind.try_fill(0, 0, &trial)?;
        Ok(kind)
    }

    /// Whether an answer of this status is good.
    #[must_use]
    pub fn accepts(&self, status: StatusCode) -> bool {
        self.status.contains(status.as_u16().into())
    }

    /// The method of its requests.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The request with its words. It was tried when it was read.
    pub(super) fn fill(&self, kind: usize, number: u64, variables: &Variables) -> Item {
        self.try_fill(kind, number, variables).unwrap_or_else(|_| Item {
            number,
            kind,
            method: self.method.clone(),
            path: self.path.clone(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    fn try_fill(&self, kind: usize, number: u64, variables: &Variables) -> Result<Item, String> {
        let text = |text: &str| variables.text(text).map_err(|error| error.to_string());
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let legal = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(&text(value)?).ok());
            let (header, value) =
                legal.ok_or_else(|| format!("header `{name}` cannot be sent: its name or value is not legal HTTP"))?;
            headers.insert(header, value);
        }
        let body = match &self.json {
            None => Bytes::new(),
            Some(json) => {
                headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                variables.value(json).map_err(|error| error.to_string())?.to_string().into()
            }
        };
        Ok(Item { number, kind, method: self.method.clone(), path: text(&self.path)?, headers, body })
    }
}
