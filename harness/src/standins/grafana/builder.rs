//! What can be set before it runs.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::api;
use super::handle::{Grafana, GrafanaError};
use super::provisioning::{self, Surroundings};
use super::state::{Login, State};
use super::upstream::Upstream;
use crate::standins::listen::{ANYWHERE, listen_http};

/// A Grafana stand-in, ready to be started.
///
/// ```
/// use otelgate_harness::standins;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let provisioning = folder.path();
/// let grafana = standins::grafana().with_provisioning(provisioning).run().await?;
///
/// println!("{}/api/health", grafana.url());
/// for problem in grafana.problems() {
///     println!("{problem}");
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn grafana() -> GrafanaBuilder {
    GrafanaBuilder {
        provisioning: PathBuf::from("/etc/grafana/provisioning"),
        address: ANYWHERE,
        login: Login { user: "admin".to_owned(), password: "admin".to_owned() },
        surroundings: Surroundings::default(),
    }
}

/// Settings of a Grafana stand-in; see [`grafana`].
#[must_use]
pub struct GrafanaBuilder {
    provisioning: PathBuf,
    address: SocketAddr,
    login: Login,
    surroundings: Surroundings,
}

impl GrafanaBuilder {
    /// The folder that holds `datasources` and `dashboards`; `/etc/grafana/provisioning` unless set.
    pub fn with_provisioning(mut self, folder: impl Into<PathBuf>) -> Self {
        self.provisioning = folder.into();
        self
    }

    /// Where to listen; a free port of the loopback address unless set.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// The one user and the password (`GF_SECURITY_ADMIN_USER` and `GF_SECURITY_ADMIN_PASSWORD` of Grafana); `admin`
    /// and `admin` unless set.
    pub fn with_admin(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Login { user: user.into(), password: password.into() };
        self
    }

    /// Reads files whose path begins with `container` from the folder `local`: provisioning files name paths inside a
    /// container. Of several that fit, the longest counts. None unless set.
    pub fn with_path(mut self, container: impl Into<PathBuf>, local: impl Into<PathBuf>) -> Self {
        self.surroundings.paths.push((container.into(), local.into()));
        self
    }

    /// How `$NAME`, `${NAME}` and `$__env{NAME}` in provisioning files are looked up. Unless set no variable is known;
    /// one that is not known is empty, as for Grafana.
    pub fn with_environment(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.surroundings.environment = Box::new(lookup);
        self
    }

    /// Reads the provisioning files and starts the server.
    ///
    /// # Errors
    ///
    /// If Grafana too would not start: a provisioning file that is not YAML, or has a value of the wrong type; two data
    /// sources with one uid, or both the default; a dashboard provider of another type than `file`, or without a path.
    /// And if the address cannot be bound. What Grafana only logs is in [`Grafana::problems`].
    pub async fn run(self) -> Result<Grafana, GrafanaError> {
        let provisioned = provisioning::read(&self.provisioning, &self.surroundings)?;
        let state = Arc::new(State {
            login: self.login,
            data_sources: provisioned.data_sources,
            dashboards: provisioned.dashboards,
            problems: provisioned.problems,
            upstream: Upstream::new().map_err(GrafanaError::Listen)?,
        });
        let listening =
            listen_http(self.address, api::router(Arc::clone(&state))).await.map_err(GrafanaError::Listen)?;
        Ok(Grafana { listening, state })
    }
}

impl fmt::Debug for GrafanaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the password nor the function that looks up variables.
        f.debug_struct("GrafanaBuilder")
            .field("provisioning", &self.provisioning)
            .field("address", &self.address)
            .field("paths", &self.surroundings.paths)
            .finish_non_exhaustive()
    }
}
