//! Redis.

use std::time::Duration;

use redis::{
    Client, ErrorKind, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{DependencyError, Endpoint};
use crate::{
    config::CacheConfig,
    telemetry::{Telemetry, spans},
};

/// The client of the cache. Connects at the first command, and again when the connection was lost.
pub(crate) struct Cache {
    connection: ConnectionManager,
    get: &'static spans::DatabaseCall,
    set: &'static spans::DatabaseCall,
    ping: &'static spans::DatabaseCall,
    timeout: Duration,
    telemetry: Telemetry,
}

impl Cache {
    /// Needs a tokio runtime around it.
    pub(crate) fn new(config: &CacheConfig, telemetry: Telemetry) -> Result<Self, RedisError> {
        let client = Client::open(config.url.as_str())?;
        let database = client.get_connection_info().redis_settings().db().to_string();
        let server = Endpoint::of(&config.url, 6379);
        let call = |command| spans::DatabaseCall::redis(command, &database, &server);
        // The command that finds the connection lost tries once to make a new one, and fails in time if it cannot.
        let reconnecting = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(Duration::from_millis(50))
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(Some(config.timeout));
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, reconnecting)?,
            get: call("GET"),
            set: call("SET"),
            ping: call("PING"),
            timeout: config.timeout,
            telemetry,
        })
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, DependencyError> {
        let mut command = redis::cmd("GET");
        command.arg(key);
        self.run(self.get, command).await
    }

    pub(crate) async fn set(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<(), DependencyError> {
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("EX").arg(lifetime.as_secs());
        self.run(self.set, command).await
    }

    pub(crate) async fn ping(&self) -> Result<(), DependencyError> {
        self.run::<String>(self.ping, redis::cmd("PING")).await.map(drop)
    }

    async fn run<T: redis::FromRedisValue + 'static>(
        &self,
        kind: &'static spans::DatabaseCall,
        command: redis::Cmd,
    ) -> Result<T, DependencyError> {
        let span = spans::Database::new(kind);
        let call = async {
            let mut connection = self.connection.clone();
            match tokio::time::timeout(self.timeout, command.query_async(&mut connection)).await {
                Ok(result) => result.map_err(|error| dependency_error(&error)),
                Err(_) => Err(DependencyError::Timeout),
            }
        };
        self.telemetry.observe(span, call).await
    }
}

fn dependency_error(error: &RedisError) -> DependencyError {
    if error.is_timeout() {
        DependencyError::Timeout
    } else if let (ErrorKind::Server(_) | ErrorKind::Extension, Some(code)) = (error.kind(), error.code()) {
        DependencyError::Reply(code.to_owned().into())
    } else if error.is_io_error() || error.is_connection_dropped() || error.is_connection_refusal() {
        DependencyError::Unavailable
    } else {
        DependencyError::Malformed
    }
}
