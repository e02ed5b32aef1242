//! One connection to one service.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Answer;
use crate::workload::Item;

/// A request that got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The URL is none the driver can use.
    #[error("`{0}` is not a URL such as http://127.0.0.1:8001; the driver speaks plain HTTP/1.1")]
    Url(String),
    /// Nobody listens.
    #[error("nobody listens on {authority}: {reason}")]
    NotConnected {
        /// Host and port.
        authority: String,
        /// Why.
        reason: String,
    },
    /// The answer broke off, or never began.
    #[error("no whole answer came from {authority}: {reason}")]
    Broken {
        /// Host and port.
        authority: String,
        /// Why.
        reason: String,
    },
    /// It took too long.
    #[error("no whole answer came from {authority} within {} s", within.as_secs_f64())]
    TooSlow {
        /// Host and port.
        authority: String,
        /// How long was waited.
        within: Duration,
    },
}

/// One connection, opened again when the service has closed it. One request at a time.
#[derive(Debug)]
pub struct Client {
    authority: String,
    host: HeaderValue,
    patience: Duration,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// A client for the service at `url`, which waits at most `patience` for each answer. Connects at the first request.
    ///
    /// # Errors
    /// If the URL is not plain HTTP with a host.
    pub fn new(url: &str, patience: Duration) -> Result<Self, ClientError> {
        let wrong = || ClientError::Url(url.to_owned());
        let uri: http::Uri = url.parse().map_err(|_| wrong())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(wrong)?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| wrong())?;
        let port = authority.port_u16().unwrap_or(80);
        let authority = format!("{}:{port}", authority.host());
        Ok(Self { authority, host, patience, open: None })
    }

    /// Sends an item as part of the trace that `traceparent` names; the answer, and how long it took to its end.
    ///
    /// # Errors
    /// If no whole answer comes in time.
    pub async fn send(&mut self, item: &Item, traceparent: &str) -> Result<(Answer, Duration), ClientError> {
        let patience = self.patience;
        if let Ok(answered) = tokio::time::timeout(patience, self.exchange(item, traceparent)).await {
            answered
        } else {
            // Whatever still comes on that connection belongs to a request nobody waits for.
            self.open = None;
            Err(ClientError::TooSlow { authority: self.authority.clone(), within: patience })
        }
    }

    async fn exchange(&mut self, item: &Item, traceparent: &str) -> Result<(Answer, Duration), ClientError> {
        let request = self.request(item, traceparent)?;
        let began = Instant::now();
        let mut sender = self.connection().await?;
        let response = sender.send_request(request).await.map_err(|error| self.broken(&error))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| self.broken(&error))?.to_bytes();
        let took = began.elapsed();
        self.open = Some(sender);
        Ok((Answer { status, body }, took))
    }

    fn request(&self, item: &Item, traceparent: &str) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::new(Full::new(item.body.clone()));
        *request.method_mut() = item.method.clone();
        *request.uri_mut() = item.path.parse().map_err(|_| ClientError::Url(item.path.clone()))?;
        let headers = request.headers_mut();
        headers.clone_from(&item.headers);
        headers.insert(header::HOST, self.host.clone());
        if let Ok(value) = HeaderValue::from_str(traceparent) {
            headers.insert("traceparent", value);
        }
        Ok(request)
    }

    /// The connection, if the service has kept it open, or a new one.
    async fn connection(&mut self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        if let Some(mut sender) = self.open.take()
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        let refused = |error: std::io::Error| ClientError::NotConnected {
            authority: self.authority.clone(),
            reason: error.to_string(),
        };
        let stream = TcpStream::connect(&self.authority).await.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| self.broken(&error))?;
        // Ends with the connection; what breaks it is told by the request that meets it.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn broken(&self, error: &hyper::Error) -> ClientError {
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            source = cause.source();
        }
        ClientError::Broken { authority: self.authority.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_that_accepts_and_never_answers_is_too_slow() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut client = Client::new(&url, Duration::from_millis(50)).unwrap();

        let error = client.send(&item(), "").await.unwrap_err();

        assert!(matches!(error, ClientError::TooSlow { .. }), "{error}");
        assert!(error.to_string().contains("within 0.05 s"), "{error}");
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_is_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let mut client = Client::new(&format!("http://{address}"), Duration::from_secs(5)).unwrap();

        let error = client.send(&item(), "").await.unwrap_err();

        assert!(error.to_string().starts_with(&format!("nobody listens on {address}")), "{error}");
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_none() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
            tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.unwrap();
        });
        let mut client = Client::new(&url, Duration::from_secs(5)).unwrap();

        let error = client.send(&item(), "").await.unwrap_err();

        assert!(matches!(error, ClientError::Broken { .. }), "{error}");
    }

    fn item() -> Item {
        let (method, path) = (http::Method::GET, "/".to_owned());
        Item { number: 0, kind: 0, method, path, headers: http::HeaderMap::new(), body: Bytes::new() }
    }

    #[test]
    fn only_plain_http_urls_are_taken() {
        assert!(Client::new("http://127.0.0.1:8001", Duration::from_secs(1)).is_ok());
        for url in ["https://127.0.0.1:8001", "127.0.0.1:8001", "http://", "not a url"] {
            assert_eq!(Client::new(url, Duration::from_secs(1)).unwrap_err(), ClientError::Url(url.to_owned()));
        }
    }
}
