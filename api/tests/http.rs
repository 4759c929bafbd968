//! What `POST /graphql` takes and what it refuses.

mod common;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use common::{Api, BASE, api, api_with};
use serde_json::{Value, json};

const VIEWER: &str = "{ viewer { role customer { name } } }";

async fn raw(api: &Api, method: Method, headers: &[(&str, &str)], body: impl Into<Body>) -> common::Answer {
    let mut request = Request::builder().method(method).uri("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    api.send(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn only_one_operation_as_json_by_post_is_taken() {
    let api = api().await;
    let query = json!({"query": VIEWER}).to_string();
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        assert_eq!(raw(&api, method, &[], "").await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"] {
        let answer = raw(&api, Method::POST, &[("content-type", kind)], query.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"), "{kind}");
    }
    assert_eq!(raw(&api, Method::POST, &[], query.clone()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let json = [("content-type", "application/json")];
    for body in [
        "",
        "{",
        "7",
        "null",
        &format!("[{query}]"),
        "{}",
        r#"{"query":7}"#,
        r#"{"query":{}}"#,
        r#"{"query":"{ viewer { role } }","variables":"x"}"#,
        r#"{"query":"{ viewer { role } }","operationName":7}"#,
        r#"{"query":"{ viewer { role } }","extensions":[]}"#,
    ] {
        let answer = raw(&api, Method::POST, &json, body.to_owned()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{body}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
    }
    let answer =
        raw(&api, Method::POST, &json, r#"{"query":"{ viewer { role } }","variables":null,"operationName":null,"extensions":null}"#).await;
    assert_eq!(answer.json(), json!({"data": {"viewer": null}}));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_status_follows_the_form_of_the_answer() {
    let api = api().await;
    let graphql = ("accept", "application/graphql-response+json");
    for query in ["{ viewer {", "{ nothing }", "query A { viewer { role } } query B { viewer { role } }", "subscription { x }"] {
        let answer = api.post(&[], json!({"query": query})).await;
        let as_json = answer.json();
        assert!(as_json.get("data").is_none() && as_json["errors"].is_array(), "{as_json}");
        let answer = api.post(&[graphql], json!({"query": query})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(
            answer.header("content-type").split(';').next(),
            Some("application/graphql-response+json").filter(|_| !query.starts_with("sub")).or(Some("application/json"))
        );
    }
    assert_eq!(api.post(&[], json!({"query": "{ nothing }"})).await.status, StatusCode::OK);
    assert_eq!(api.post(&[graphql], json!({"query": VIEWER})).await.status, StatusCode::OK);
    assert_eq!(api.post(&[("accept", "text/html")], json!({"query": VIEWER})).await.status, StatusCode::NOT_ACCEPTABLE);
    let named = json!({"query": "query A { viewer { role } } query B { nothing }", "operationName": "C"});
    assert_eq!(api.post(&[], named).await.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_cookie_works_only_from_our_own_pages() {
    let api = api_with(|config| config.allowed_origins = vec!["http://localhost:5173".into()]).await;
    api.customer("anna").await;
    let sign_in = json!({
        "query": "mutation($i: SignInInput!) { signIn(input: $i) { token viewer { customer { name } } userErrors { code } } }",
        "variables": {"i": {"email": "anna@example.com", "password": common::PASSWORD}},
    });
    let foreign = api.post(&[("origin", "https://evil.test")], sign_in.clone()).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (StatusCode::FORBIDDEN, "FOREIGN_ORIGIN"));
    let signed_in = api.post(&[("origin", BASE)], sign_in).await;
    assert_eq!(signed_in.json()["data"]["signIn"], json!({"token": null, "viewer": {"customer": {"name": "anna"}}, "userErrors": []}));
    let set_cookie = signed_in.header("set-cookie").to_owned();
    assert!(set_cookie.contains("HttpOnly; SameSite=Lax") && set_cookie.ends_with("Secure"), "{set_cookie}");
    let cookie = set_cookie.split(';').next().expect("a cookie");

    let query = json!({"query": VIEWER});
    for (origin, allowed) in [
        (Some(BASE), true),
        (Some("http://localhost:5173"), true),
        (Some("https://evil.test"), false),
        (Some("https://billow.test.evil.test"), false),
        (Some("null"), false),
        (None, false),
    ] {
        let mut headers = vec![("cookie", cookie)];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let answer = api.post(&headers, query.clone()).await;
        assert_eq!(answer.status == StatusCode::OK, allowed, "{origin:?}");
        if allowed {
            assert_eq!(answer.json()["data"]["viewer"]["role"], "CUSTOMER");
        }
    }

    let out = api.post(&[("cookie", cookie), ("origin", BASE)], json!({"query": "mutation { signOut { userErrors { code } } }"})).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.text());
    let after = api.post(&[("cookie", cookie), ("origin", BASE)], query).await;
    assert_eq!(after.json(), json!({"data": {"viewer": null}}));
    assert!(after.header("set-cookie").contains("Max-Age=0"), "a cookie that is worth nothing is taken away");
}

#[tokio::test]
async fn a_bearer_token_works_from_anywhere_until_it_is_revoked() {
    let api = api().await;
    let token = api.customer("anna").await;
    let bearer = format!("Bearer {token}");
    let query = json!({"query": VIEWER});
    for origin in [None, Some("https://app.example")] {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        assert_eq!(api.post(&headers, query.clone()).await.json()["data"]["viewer"]["customer"]["name"], "anna");
    }
    for wrong in ["Bearer nonsense", "Basic abc", "Bearer ", &format!("Bearer {}", "x".repeat(43))] {
        let answer = api.post(&[("authorization", wrong)], query.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"), "{wrong}");
    }
    api.ask(&token, "mutation { signOut { userErrors { code } } }", Value::Null).await;
    assert_eq!(api.post(&[("authorization", &bearer)], query).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn limits_hold_one_beyond_each() {
    let api = api().await;
    let token = api.customer("anna").await;
    let bearer = format!("Bearer {token}");
    let aliases = |n: usize| format!("{{ {} }}", (0..n).map(|i| format!("a{i}: __typename ")).collect::<String>());
    let deep = |n: usize| {
        format!("{{ viewer {{ customer {{ {} id {} }} }} }}", "properties { utilityAccounts { customer { ".repeat(n), "} } } ".repeat(n))
    };
    let within = |n: usize| format!("{{ viewer {{ {} }} }}", (0..n).map(|i| format!("a{i}: role ")).collect::<String>());
    for (query, code) in [
        (within(30), None),
        (within(31), Some("TOO_COMPLEX")),
        (aliases(21), Some("TOO_COMPLEX")),
        (deep(1), None),
        (deep(4), Some("TOO_COMPLEX")),
        (format!("{{ viewer {{ role {} }} }}", "@include(if: true) ".repeat(31)), Some("TOO_COMPLEX")),
        (format!("{{ viewer {{ role }} }} # {}", "x".repeat(9_000)), None),
        ("{".repeat(10_000), Some("TOO_COMPLEX")),
        (format!("{{ viewer(x: {}1{}) {{ role }} }}", "[".repeat(500), "]".repeat(500)), Some("TOO_COMPLEX")),
        ("{ bills(first: 100) { nodes { versions { changes { field before after } createdAt reason } } } }".into(), Some("TOO_COMPLEX")),
    ] {
        let answer = api.post(&[("authorization", &bearer)], json!({"query": query})).await;
        let found = answer.json()["errors"][0]["extensions"]["code"].as_str().map(str::to_owned);
        assert_eq!(found.as_deref(), code, "{}", &query[..query.len().min(80)]);
    }
    let long = |bytes: usize| json!({"query": VIEWER, "extensions": {"pad": "x".repeat(bytes)}});
    let anonymous = api.post(&[], long(1 << 20)).await;
    assert_eq!((anonymous.status, anonymous.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"));
    assert_eq!(api.post(&[], long(1_000_000)).await.status, StatusCode::OK);
    let operator = format!("Bearer {}", api.staff(billow_entities::Role::Operator).await);
    assert_eq!(api.post(&[("authorization", &operator)], long(11 << 20)).await.status, StatusCode::OK);
    assert_eq!(api.post(&[("authorization", &operator)], long(12 << 20)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn errors_have_a_code_and_the_request_s_id_and_tell_nothing_of_the_inside() {
    let api = api().await;
    let answer = api.post(&[("x-request-id", "trace-0123456789")], json!({"query": "{ dashboard { customers } }"})).await;
    assert_eq!(answer.header("x-request-id"), "trace-0123456789");
    assert_eq!(answer.json()["errors"][0]["extensions"], json!({"code": "UNAUTHENTICATED", "requestId": "trace-0123456789"}));
    let own = api.post(&[("x-request-id", "no\u{20}good")], json!({"query": VIEWER})).await;
    assert_eq!(own.header("x-request-id").len(), 36);

    let operator = format!("Bearer {}", api.staff(billow_entities::Role::Operator).await);
    api.billing.kernel.store.write_pool().get_sqlite_connection_pool().close().await;
    api.billing.kernel.store.read().get_sqlite_connection_pool().close().await;
    let broken = api.post(&[("authorization", &operator)], json!({"query": "{ dashboard { customers } }"})).await;
    let text = broken.text().to_lowercase();
    assert_eq!(broken.code(), "UNAVAILABLE");
    assert!(!text.contains("pool") && !text.contains("sql") && !text.contains("closed"), "{text}");
    assert_eq!(broken.json()["errors"][0]["extensions"]["requestId"], broken.header("x-request-id"));
}

#[tokio::test]
async fn what_a_person_can_mend_is_data() {
    let api = api().await;
    let query = "mutation($i: SignUpInput!) { signUp(input: $i) { viewer { role } userErrors { code path message } } }";
    let input = json!({"email": "nobody", "password": "x", "name": " ", "locale": "de", "timeZone": "Mars/Base"});
    let answer = api.post(&[], json!({"query": query, "variables": {"i": input}})).await.json();
    let paths: Vec<_> = answer["data"]["signUp"]["userErrors"].as_array().expect("errors").iter().map(|e| e["path"][0].clone()).collect();
    assert!(answer.get("errors").is_none() && answer["data"]["signUp"]["viewer"].is_null(), "{answer}");
    for path in ["email", "password", "name", "timeZone"] {
        assert!(paths.contains(&json!(path)), "{path} in {paths:?}");
    }
}

#[tokio::test]
async fn another_s_things_do_not_exist() {
    let api = api().await;
    let (anna, ben) = (api.customer("anna").await, api.customer("ben").await);
    let added = api
        .ask(
            &anna,
            "mutation { addProperty(input: {name: \"Home\"}) { property { id members { displayName } } userErrors { code } } }",
            Value::Null,
        )
        .await;
    let home = added["addProperty"]["property"]["id"].clone();
    assert_eq!(added["addProperty"]["property"]["members"][0]["displayName"], "anna");
    let query = "query($id: ID!) { property(id: $id) { name } node(id: $id) { __typename id } properties { nodes { id } } }";
    let seen = api.ask(&anna, query, json!({"id": home})).await;
    assert_eq!(seen["node"], json!({"__typename": "Property", "id": home}));
    let unseen = api.ask(&ben, query, json!({"id": home})).await;
    assert_eq!(unseen, json!({"property": null, "node": null, "properties": {"nodes": []}}));
    let nonsense = api.ask(&ben, query, json!({"id": "prop_nonsense"})).await;
    assert_eq!(nonsense["node"], Value::Null);
    let change = "mutation($id: ID!) { updateProperty(input: {propertyId: $id, name: \"Mine\"}) { property { id } userErrors { code } } }";
    let refused = api.ask(&ben, change, json!({"id": home})).await;
    assert_eq!(refused["updateProperty"], json!({"property": null, "userErrors": [{"code": "NOT_FOUND"}]}));
}

#[tokio::test]
async fn every_answer_is_protected() {
    let api = api().await;
    let request = Request::get("/").header(header::ACCEPT, "text/html").body(Body::empty()).expect("a request");
    let answer = api.send(request).await;
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.header("strict-transport-security").is_empty());
}

#[tokio::test]
async fn answers_are_in_the_order_of_their_questions() {
    let api = api().await;
    let bearer = format!("Bearer {}", api.customer("anna").await);
    let query = "{ viewer { ...rest role } bills { pageInfo { hasNextPage } nodes { id } } me: viewer { role } properties { nodes { id } } } \
                 fragment rest on Viewer { unreadNotifications customer { timeZone name } }";
    let answer = api.post(&[("authorization", &bearer)], json!({"query": query})).await;
    assert_eq!(
        answer.text(),
        "{\"data\":{\"viewer\":{\"unreadNotifications\":0,\"customer\":{\"timeZone\":\"Europe/Berlin\",\"name\":\"anna\"},\"role\":\"CUSTOMER\"},\
         \"bills\":{\"pageInfo\":{\"hasNextPage\":false},\"nodes\":[]},\"me\":{\"role\":\"CUSTOMER\"},\"properties\":{\"nodes\":[]}}}"
    );
}
