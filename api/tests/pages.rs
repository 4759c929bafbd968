//! What is not GraphQL: health, metrics, the providers' hook, taking mails off the list, and the web app's paths.

mod common;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use billow_billing::Actor;
use billow_billing::page::PageRequest;
use billow_entities::NotificationKind;
use common::{Answer, Api, BASE, api, api_with};
use futures::FutureExt as _;
use serde_json::json;

async fn ask(api: &Api, method: Method, path: &str) -> Answer {
    api.send(Request::builder().method(method).uri(path).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn health_is_told_part_by_part() {
    let api = api_with(|config| {
        config.metrics_renderer = Some(Arc::new(|| "billow_up 1\n".into()));
        config.ready_checks.push(("workers".into(), Arc::new(|| async { Err("none has been seen".to_owned()) }.boxed())));
    })
    .await;
    assert_eq!(ask(&api, Method::GET, "/livez").await.text(), "ok\n");
    assert_eq!(ask(&api, Method::GET, "/metrics").await.text(), "billow_up 1\n");
    let unready = ask(&api, Method::GET, "/readyz").await;
    assert_eq!(unready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(unready.json(), json!({"database": "ok", "storage": "ok", "relay": "ok", "workers": "none has been seen"}));
    let ready = common::api().await;
    assert_eq!(ask(&ready, Method::GET, "/readyz").await.status, StatusCode::OK);
    assert_eq!(ask(&ready, Method::GET, "/metrics").await.status, StatusCode::NOT_FOUND);
    ready.billing.kernel.store.read().get_sqlite_connection_pool().close().await;
    assert_eq!(ask(&ready, Method::GET, "/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_hook_takes_a_key_and_nothing_else() {
    let api = api().await;
    let token = api.customer("anna").await;
    for (authorization, status) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("Bearer nonsense".to_owned()), StatusCode::UNAUTHORIZED),
        (Some(format!("Bearer {token}")), StatusCode::FORBIDDEN),
    ] {
        let mut request = Request::post("/hooks/bills").header("content-type", "application/json");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        assert_eq!(api.send(request.body(Body::from("{}")).expect("a request")).await.status, status);
    }
    assert_eq!(ask(&api, Method::GET, "/hooks/bills").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let long = Request::post("/hooks/bills").header("authorization", format!("Bearer {token}")).body(Body::from(vec![b' '; (8 << 20) + 1]));
    assert_eq!(api.send(long.expect("a request")).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_mail_is_taken_off_the_list_by_posting_and_not_by_looking() {
    let api = api().await;
    api.customer("anna").await;
    let customers = api.billing.customers.customers(&Actor::System, Default::default(), PageRequest::default()).await.expect("customers");
    let anna = customers.items[0].1.id;
    let url = api.billing.messages.unsubscribe_url(anna, NotificationKind::BillReminder).expect("an address");
    let path = url.strip_prefix(BASE).expect("our address");
    let mails = async || {
        let preferences = api.billing.messages.preferences(&Actor::System, Some(anna)).await.expect("preferences");
        preferences.channels_of(NotificationKind::BillReminder).email
    };

    let page = ask(&api, Method::GET, path).await;
    assert!(page.text().contains("Stop mails about bill reminder?") && page.text().contains("method=\"post\""), "{}", page.text());
    assert!(mails().await, "looking changes nothing");
    assert_eq!(ask(&api, Method::POST, path).await.status, StatusCode::OK);
    assert!(!mails().await);

    let by_query = path.replacen("/unsubscribe/", "/unsubscribe?token=", 1);
    assert_eq!(ask(&api, Method::POST, &by_query).await.status, StatusCode::OK);
    for forged in ["/unsubscribe/nonsense", "/unsubscribe", &path.replace("bill_reminder", "bill_received")] {
        assert_eq!(ask(&api, Method::POST, forged).await.status, StatusCode::NOT_FOUND, "{forged}");
    }
}

#[tokio::test]
async fn paths_of_the_app_are_its_own_and_files_that_are_not_there_are_not() {
    let api = api().await;
    for missing in ["/assets/nothing-0123.js", "/nothing.png", "/graphiql/nothing.js"] {
        assert_eq!(ask(&api, Method::GET, missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
    assert_eq!(ask(&api, Method::POST, "/bills").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ask(&api, Method::GET, "/graphiql").await.header("location"), "/graphiql/");
}
