//! What every request needs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::provisioning::{Dashboard, DataSource};
use super::upstream::Upstream;
use crate::yaml::Problem;

#[derive(Debug)]
pub(super) struct State {
    pub(super) login: Login,
    /// By name, as Grafana lists them.
    pub(super) data_sources: Vec<DataSource>,
    /// By title, as Grafana lists them.
    pub(super) dashboards: Vec<Dashboard>,
    pub(super) problems: Vec<Problem>,
    pub(super) upstream: Upstream,
}

impl State {
    pub(super) fn data_source(&self, uid: &str) -> Option<&DataSource> {
        self.data_sources.iter().find(|source| source.uid == uid)
    }

    pub(super) fn dashboard(&self, uid: &str) -> Option<&Dashboard> {
        self.dashboards.iter().find(|dashboard| dashboard.uid == uid)
    }
}

/// The one user.
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

impl Login {
    /// Whether a value of the header `authorization` is this user's.
    pub(super) fn accepts(&self, authorization: &str) -> bool {
        let Some((scheme, credentials)) = authorization.split_once(' ') else { return false };
        scheme.eq_ignore_ascii_case("basic")
            && STANDARD
                .decode(credentials.trim())
                .is_ok_and(|given| given == format!("{}:{}", self.user, self.password).into_bytes())
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_user_and_password_are_accepted() {
        let login = Login { user: "admin".to_owned(), password: "a:b".to_owned() };
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));

        assert!(login.accepts(&header("admin:a:b")));
        assert!(login.accepts(&header("admin:a:b").replace("Basic", "basic")));
        for wrong in
            [header("admin:a"), header("Admin:a:b"), "Bearer abc".to_owned(), "Basic ?".to_owned(), String::new()]
        {
            assert!(!login.accepts(&wrong), "{wrong}");
        }
    }
}
