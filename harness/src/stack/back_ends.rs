//! The servers behind the stand-ins: where they are, and what they say they are.

use std::fmt;

use super::kind::Server;
use super::probe::Stated;

/// Whether a server is what its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The product itself.
    Original,
    /// Something that speaks its protocol, where the product cannot be had.
    StandIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Original => "original",
            Self::StandIn => "stand-in",
        })
    }
}

/// One server, as it presents itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackEnd {
    /// Which one it is.
    pub server: Server,
    /// Where its main interface is: the query API of Jaeger, gRPC of Qdrant, `redis://…` of Redis.
    pub url: String,
    /// What it is: `Jaeger`. A stand-in never has the name of what it stands in for: `Grafana stand-in`.
    pub product: String,
    /// The version it states, without a leading `v`; none if it states none.
    pub version: Option<String>,
    /// Whether it is the product or a stand-in for it.
    pub origin: Origin,
    /// The image it was started from; none if it was not started here.
    pub image: Option<Image>,
}

impl BackEnd {
    /// A server that may have said its product and version.
    pub(super) fn new(server: Server, url: &str, stated: Stated, image: Option<Image>) -> Self {
        let labelled = image.as_ref().map_or(Origin::Original, |image| image.origin);
        let origin = if stated.product.is_some() { Origin::StandIn } else { labelled };
        let product = stated.product.unwrap_or_else(|| match origin {
            Origin::Original => server.product().to_owned(),
            Origin::StandIn => format!("{} stand-in", server.product()),
        });
        Self { server, url: url.to_owned(), product, version: stated.version, origin, image }
    }
}

/// `Jaeger 2.13.0 (original)`.
impl fmt::Display for BackEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        write!(f, "{}{version} ({})", self.product, self.origin)
    }
}

/// A container image in the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// As it was asked for: `prom/prometheus:v3.16.0`.
    pub reference: String,
    /// Digest of its content, as the engine names it: `sha256:…`.
    pub id: String,
    /// What its label `otelgate.kind` says; an image without it is an original.
    pub origin: Origin,
}

/// User and password of Grafana.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// Their password; never printed.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// All servers behind the stand-ins. Each is absent where the stand-in answers by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackEnds {
    /// Jaeger, by its query API.
    pub jaeger: Option<BackEnd>,
    /// Prometheus.
    pub prometheus: Option<BackEnd>,
    /// Grafana.
    pub grafana: Option<BackEnd>,
    /// Qdrant, by its gRPC interface.
    pub qdrant: Option<BackEnd>,
    /// Redis.
    pub redis: Option<BackEnd>,
    /// How to log in to Grafana.
    pub login: Option<Login>,
    /// `host:port` at which Prometheus finds the service, if this run decides it.
    pub target: Option<String>,
    /// Name of the scrape job that has the service, if it is configured.
    pub job: Option<String>,
}

impl BackEnds {
    /// Those there are.
    pub fn iter(&self) -> impl Iterator<Item = &BackEnd> {
        [&self.jaeger, &self.prometheus, &self.grafana, &self.qdrant, &self.redis].into_iter().flatten()
    }

    pub(super) fn set(&mut self, back_end: BackEnd) {
        let place = match back_end.server {
            Server::Jaeger => &mut self.jaeger,
            Server::Prometheus => &mut self.prometheus,
            Server::Grafana => &mut self.grafana,
            Server::Qdrant => &mut self.qdrant,
            Server::Redis => &mut self.redis,
        };
        *place = Some(back_end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(origin: Origin) -> Image {
        Image { reference: "some:tag".to_owned(), id: "sha256:00".to_owned(), origin }
    }

    #[test]
    fn a_stand_in_is_never_called_what_it_stands_in_for() {
        let by_label = BackEnd::new(Server::Grafana, "http://g", Stated::default(), Some(image(Origin::StandIn)));
        let stated = Stated { product: Some("Grafana API stand-in".to_owned()), version: None };
        let by_its_word = BackEnd::new(Server::Grafana, "http://g", stated, None);

        assert_eq!(by_label.to_string(), "Grafana stand-in (stand-in)");
        assert_eq!(by_its_word.to_string(), "Grafana API stand-in (stand-in)");
    }

    #[test]
    fn an_original_has_its_name_and_the_version_it_states() {
        let stated = Stated { product: None, version: Some("2.13.0".to_owned()) };

        let back_end = BackEnd::new(Server::Jaeger, "http://j", stated, Some(image(Origin::Original)));

        assert_eq!(back_end.to_string(), "Jaeger 2.13.0 (original)");
    }

    #[test]
    fn a_password_is_not_printed() {
        let login = Login { user: "admin".to_owned(), password: "secret".to_owned() };

        assert!(!format!("{login:?}").contains("secret"));
    }
}
