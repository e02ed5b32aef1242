//! Dashboards.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::reply::{caused, reply};
use crate::standins::grafana::provisioning::Dashboard;
use crate::standins::grafana::state::State;

/// Hits of one page, if the search does not say.
const LIMIT: usize = 1000;
/// Hits of one page at most.
const MOST: usize = 5000;

/// What is searched for.
#[derive(Debug, Default)]
struct Search {
    text: String,
    kinds: Vec<String>,
    tags: Vec<String>,
    uids: Vec<String>,
    limit: Option<usize>,
    page: Option<usize>,
}

pub(super) async fn search(Shared(state): Shared<Arc<State>>, RawQuery(query): RawQuery) -> Response {
    let search = Search::parse(query.as_deref().unwrap_or_default());
    let mut hits = Vec::new();
    if search.wants("dash-folder") && search.tags.is_empty() && search.uids.is_empty() {
        let mut folders: Vec<_> = state.dashboards.iter().map(|board| (&board.folder, &board.folder_uid)).collect();
        folders.retain(|(title, _)| !title.is_empty() && search.fits(title));
        folders.sort();
        folders.dedup();
        hits.extend(
            folders
                .into_iter()
                .enumerate()
                .map(|(index, (title, uid))| folder_hit(state.dashboards.len() + index + 1, title, uid)),
        );
    }
    if search.wants("dash-db") {
        hits.extend(state.dashboards.iter().filter(|dashboard| search.finds(dashboard)).map(hit));
    }
    let limit = search.limit.filter(|limit| *limit > 0).unwrap_or(LIMIT).min(MOST);
    let skipped = search.page.unwrap_or(1).max(1).saturating_sub(1).saturating_mul(limit);
    reply(StatusCode::OK, hits.into_iter().skip(skipped).take(limit).collect())
}

pub(super) async fn by_uid(Shared(state): Shared<Arc<State>>, Path(uid): Path<String>) -> Response {
    match state.dashboard(&uid) {
        Some(dashboard) => reply(StatusCode::OK, json!({ "dashboard": dashboard.json, "meta": meta(dashboard) })),
        None => caused(StatusCode::NOT_FOUND, "Dashboard not found"),
    }
}

impl Search {
    fn parse(query: &str) -> Self {
        let mut search = Self::default();
        let pairs = reqwest::Url::parse(&format!("http://unused/?{query}"));
        for (name, value) in pairs.iter().flat_map(reqwest::Url::query_pairs) {
            let value = value.into_owned();
            match &*name {
                "query" => search.text = value.to_lowercase(),
                "type" => search.kinds.push(value),
                "tag" => search.tags.push(value),
                "dashboardUIDs" | "dashboardUID" => search.uids.push(value),
                "limit" => search.limit = value.parse().ok(),
                "page" => search.page = value.parse().ok(),
                _ => {}
            }
        }
        search
    }

    fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind)
    }

    fn fits(&self, title: &str) -> bool {
        title.to_lowercase().contains(&self.text)
    }

    fn finds(&self, dashboard: &Dashboard) -> bool {
        self.fits(&dashboard.title)
            && self.tags.iter().all(|tag| dashboard.tags.contains(tag))
            && (self.uids.is_empty() || self.uids.contains(&dashboard.uid))
    }
}

fn hit(dashboard: &Dashboard) -> Value {
    let mut hit = json!({
        "id": dashboard.id,
        "orgId": 1,
        "uid": dashboard.uid,
        "title": dashboard.title,
        "uri": format!("db/{}", dashboard.slug),
        "url": dashboard.url(),
        "slug": "",
        "type": "dash-db",
        "tags": dashboard.tags,
        "isStarred": false,
        "sortMeta": 0,
        "isDeleted": false,
    });
    if !dashboard.folder.is_empty() {
        hit["folderUid"] = json!(dashboard.folder_uid);
        hit["folderTitle"] = json!(dashboard.folder);
        hit["folderUrl"] = json!(folder_url(&dashboard.folder_uid, &dashboard.folder));
    }
    hit
}

fn folder_hit(id: usize, title: &str, uid: &str) -> Value {
    json!({
        "id": id,
        "orgId": 1,
        "uid": uid,
        "title": title,
        "uri": format!("db/{}", title.to_lowercase()),
        "url": folder_url(uid, title),
        "slug": "",
        "type": "dash-folder",
        "tags": [],
        "isStarred": false,
        "sortMeta": 0,
        "isDeleted": false,
    })
}

fn folder_url(uid: &str, title: &str) -> String {
    format!("/dashboards/f/{uid}/{}", title.to_lowercase().replace(' ', "-"))
}

fn meta(dashboard: &Dashboard) -> Value {
    let all = json!({ "canAdd": true, "canEdit": true, "canDelete": true });
    let in_folder = !dashboard.folder.is_empty();
    json!({
        "type": "db",
        "canSave": true,
        "canEdit": true,
        "canAdmin": true,
        "canStar": true,
        "canDelete": true,
        "slug": dashboard.slug,
        "url": dashboard.url(),
        "expires": "0001-01-01T00:00:00Z",
        "created": dashboard.updated,
        "updated": dashboard.updated,
        "updatedBy": "Anonymous",
        "createdBy": "Anonymous",
        "version": 1,
        "hasAcl": false,
        "isFolder": false,
        "folderId": 0,
        "folderUid": dashboard.folder_uid,
        "folderTitle": if in_folder { &dashboard.folder } else { "General" },
        "folderUrl": if in_folder { folder_url(&dashboard.folder_uid, &dashboard.folder) } else { String::new() },
        "provisioned": !dashboard.allow_ui_updates,
        "provisionedExternalId": dashboard.external_id,
        "annotationsPermissions": { "dashboard": all, "organization": all },
    })
}
