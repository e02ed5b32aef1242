//! Who is let in, and how answers are marked.

use otelgate_harness::standins;
use serde_json::{Value, json};

use super::stage::Stage;

#[tokio::test]
async fn health_needs_no_login_and_says_what_this_is() {
    let stage = Stage::new().await;

    let answer = stage.anonymous("/api/health").send().await.unwrap();

    assert_eq!(answer.status(), 200);
    let health: Value = answer.json().await.unwrap();
    assert_eq!(health["database"], "ok");
    assert!(health["version"].as_str().unwrap().contains("otelgate-stand-in"), "{health}");
    assert_eq!(health["standIn"], "otelgate's stand-in for Grafana, not Grafana");
    assert_eq!(stage.anonymous("/healthz").send().await.unwrap().text().await.unwrap(), "Ok");
}

#[tokio::test]
async fn whoever_is_not_known_is_refused_in_grafanas_words() {
    let stage = Stage::new().await;
    let path = "/api/datasources";

    for (request, id, message) in [
        (stage.anonymous(path), "auth.unauthorized", "Unauthorized"),
        (
            stage.anonymous(path).basic_auth("admin", Some("wrong")),
            "password-auth.failed",
            "Invalid username or password",
        ),
        (stage.anonymous(path).bearer_auth("glsa_x"), "api-key.invalid", "Invalid API key"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let expected = json!({"extra": null, "message": message, "messageId": id, "statusCode": 401, "traceID": ""});
        assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn the_user_and_the_password_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let grafana = standins::grafana().with_provisioning(folder.path()).with_admin("ops", "secret").run().await.unwrap();
    let get = |password: &'static str| {
        let url = format!("{}/api/org", grafana.url());
        crate::support::http::client().get(url).basic_auth("ops", Some(password)).send()
    };

    let (right, wrong) = (get("secret").await.unwrap(), get("admin").await.unwrap());

    assert_eq!((right.status().as_u16(), wrong.status().as_u16()), (200, 401));
    assert_eq!(right.json::<Value>().await.unwrap()["name"], "Main Org.");
}

#[tokio::test]
async fn every_answer_is_marked_also_those_that_refuse() {
    let stage = Stage::new().await;

    for path in ["/", "/api/health", "/api/datasources", "/api/dashboards/uid/none", "/api/nothing", "/nothing"] {
        for answer in [stage.get(path).await, stage.anonymous(path).send().await.unwrap()] {
            assert_eq!(answer.headers()["x-otelgate-stand-in"], "grafana", "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_known_is_not_found() {
    let stage = Stage::new().await;

    for path in ["/api/nothing", "/nothing", "/api/ds/query"] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"message": "Not found"}), "{path}");
    }
}

#[tokio::test]
async fn what_nobody_made_is_empty() {
    let stage = Stage::new().await;

    assert_eq!(stage.json("/api/annotations").await, json!([]));
    let rules = stage.json("/api/prometheus/grafana/api/v1/rules").await;
    assert_eq!(rules, json!({"status": "success", "data": {"groups": []}}));
}
