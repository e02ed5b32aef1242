//! Servers somebody else runs, behind the stand-ins.

use futures::future::try_join_all;

use super::back_ends::{BackEnd, BackEnds, Login};
use super::containers::relay::Relay;
use super::error::StackError;
use super::fronts::Behind;
use super::kind::Server;
use super::probe::{NotReady, Question};
use crate::config::ExternalConfig;

/// Servers that answered, and the way from Prometheus to the service.
pub(super) struct External {
    pub(super) back_ends: BackEnds,
    pub(super) behind: Behind,
    pub(super) relay: Option<Relay>,
}

impl External {
    /// Asks every server that is named whether it is there. Once: who has a server running need not wait for it.
    pub(super) async fn find(config: &ExternalConfig) -> Result<Self, StackError> {
        let asked = questions(config).into_iter().map(async |(server, question)| match question.ask().await {
            Ok(stated) => Ok(BackEnd::new(server, question.url(), stated, None)),
            Err(not_ready) => Err(absent(server, &question, &not_ready)),
        });
        let mut back_ends = BackEnds::default();
        try_join_all(asked).await?.into_iter().for_each(|back_end| back_ends.set(back_end));
        back_ends.login = config.grafana.as_ref().map(|grafana| login(&grafana.user, &grafana.password));
        back_ends.job = config.prometheus.as_ref().map(|prometheus| prometheus.job.clone());
        let listen = config.prometheus.as_ref().and_then(|prometheus| prometheus.listen.as_ref());
        let relay = match listen {
            Some(address) => Some(
                Relay::on(address).await.map_err(|source| StackError::Relay { address: address.clone(), source })?,
            ),
            None => None,
        };
        let behind = Behind {
            collector: config.jaeger.as_ref().map(|jaeger| trim(&jaeger.otlp)),
            qdrant: config.qdrant.as_deref().map(trim),
            redis: config.redis.clone(),
        };
        Ok(Self { back_ends, behind, relay })
    }
}

fn questions(config: &ExternalConfig) -> Vec<(Server, Question)> {
    let mut questions = Vec::new();
    if let Some(jaeger) = &config.jaeger {
        questions.push((Server::Jaeger, Question::Jaeger { url: trim(&jaeger.query), otlp: trim(&jaeger.otlp) }));
    }
    if let Some(prometheus) = &config.prometheus {
        questions.push((Server::Prometheus, Question::Prometheus { url: trim(&prometheus.url) }));
    }
    if let Some(grafana) = &config.grafana {
        let login = login(&grafana.user, &grafana.password);
        questions.push((Server::Grafana, Question::Grafana { url: trim(&grafana.url), login }));
    }
    if let Some(url) = &config.qdrant {
        questions.push((Server::Qdrant, Question::Qdrant { url: trim(url) }));
    }
    if let Some(url) = &config.redis {
        questions.push((Server::Redis, Question::Redis { url: url.clone() }));
    }
    questions
}

fn login(user: &str, password: &str) -> Login {
    Login { user: user.to_owned(), password: password.to_owned() }
}

/// Paths are appended to URLs.
fn trim(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

fn absent(server: Server, question: &Question, not_ready: &NotReady) -> StackError {
    let next = match not_ready {
        NotReady::Never(_) => format!("correct `external.{server}` in the configuration, or its variable"),
        NotReady::NotYet(_) => {
            format!(
                "see whether it can be reached from here, or remove `external.{server}`: its stand-in then answers alone"
            )
        }
    };
    StackError::External { server, asked: question.text(), answer: not_ready.to_string(), next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ExternalJaeger;
    use crate::standins;

    #[tokio::test]
    async fn a_server_that_is_there_is_found() {
        let redis = standins::redis().run().await.unwrap();
        let qdrant = standins::qdrant().run().await.unwrap();
        let config = ExternalConfig {
            redis: Some(redis.url()),
            qdrant: Some(format!("{}/", qdrant.url())),
            ..ExternalConfig::default()
        };

        let found = External::find(&config).await.unwrap();

        assert_eq!(
            found.back_ends.iter().map(|back_end| back_end.server).collect::<Vec<_>>(),
            [Server::Qdrant, Server::Redis]
        );
        assert_eq!(found.behind, Behind { collector: None, qdrant: Some(qdrant.url()), redis: Some(redis.url()) });
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_with_the_question_and_what_to_do() {
        // Bound and dropped: nobody listens there.
        let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let url = format!("http://{address}");
        let jaeger = ExternalJaeger { query: url.clone(), otlp: url.clone() };

        let Err(refused) = External::find(&ExternalConfig { jaeger: Some(jaeger), ..ExternalConfig::default() }).await
        else {
            panic!("nobody listens at {url}");
        };

        let text = refused.to_string();
        assert!(text.starts_with("jaeger does not answer"), "{text}");
        assert!(text.contains(&format!("GET {url}/api/services")) && text.contains("external.jaeger"), "{text}");
    }
}
