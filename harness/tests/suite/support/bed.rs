//! The same test against a stand-in alone, and through one in front of it.

use std::ops::Deref;

use otelgate_harness::standins::{self, Qdrant, Redis, qdrant, redis};

/// What a test talks to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bed {
    /// The stand-in itself.
    Alone,
    /// One in front of it, for which it is the real server.
    ThroughAFront,
}

/// What a test talks to, and what stands behind it.
pub(crate) struct Served<T> {
    facing: T,
    behind: Option<T>,
}

impl<T> Deref for Served<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.facing
    }
}

impl<T> Served<T> {
    /// The real server of a front.
    pub(crate) fn behind(&self) -> &T {
        self.behind.as_ref().unwrap()
    }
}

impl Bed {
    pub(crate) async fn redis(self, server: redis::Builder) -> Served<Redis> {
        let server = server.run().await.unwrap();
        match self {
            Self::Alone => Served { facing: server, behind: None },
            Self::ThroughAFront => {
                let front = standins::redis().in_front_of(server.url()).run().await.unwrap();
                Served { facing: front, behind: Some(server) }
            }
        }
    }

    pub(crate) async fn qdrant(self, server: qdrant::Builder) -> Served<Qdrant> {
        let server = server.run().await.unwrap();
        match self {
            Self::Alone => Served { facing: server, behind: None },
            Self::ThroughAFront => {
                let front = standins::qdrant().in_front_of(server.url()).run().await.unwrap();
                Served { facing: front, behind: Some(server) }
            }
        }
    }
}

/// Makes two tests of each function. One that is not listed is never used, and the compiler says so.
macro_rules! on_both_beds {
    ($($test:ident)*) => {
        mod alone {
            use crate::support::bed::Bed;
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(Bed::Alone).await;
                }
            )*
        }

        mod through_a_front {
            use crate::support::bed::Bed;
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(Bed::ThroughAFront).await;
                }
            )*
        }
    };
}
pub(crate) use on_both_beds;
