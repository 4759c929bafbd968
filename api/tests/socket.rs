//! `graphql-transport-ws` over real sockets: every code, and what closes a socket that was open.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use billow_entities::Role;
use common::{Api, BASE, api, api_with};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

fn request(address: SocketAddr, protocol: Option<&'static str>, headers: &[(&'static str, &str)]) -> Request {
    let mut request = format!("ws://{address}/graphql/ws").into_client_request().expect("a request");
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
    }
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    request
}

impl Socket {
    async fn open(address: SocketAddr, headers: &[(&'static str, &str)]) -> Self {
        Self(tokio_tungstenite::connect_async(request(address, Some("graphql-transport-ws"), headers)).await.expect("a socket").0)
    }

    /// Opens and initialises with a bearer token.
    async fn of(address: SocketAddr, token: &str) -> Self {
        let mut socket = Self::open(address, &[]).await;
        socket.say(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("it is sent");
    }

    async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query, "variables": variables}})).await;
    }

    async fn next(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.0.next()).await.expect("in time").expect("a message").expect("no fault")
    }

    /// The next message of the protocol.
    async fn hear(&mut self) -> Value {
        loop {
            match self.next().await {
                Message::Text(text) => return serde_json::from_str(text.as_str()).expect("JSON"),
                Message::Ping(_) => {}
                other => panic!("not a message of the protocol: {other:?}"),
            }
        }
    }

    /// The code the socket is closed with.
    async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Message::Close(Some(frame)) => return frame.code.into(),
                Message::Close(None) => panic!("closed without a code"),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_closes_the_socket_with_its_code() {
    let api = api().await;
    let (address, token) = (api.serve().await, api.customer("anna").await);

    for malformed in [Message::text("nonsense"), Message::text(r#"{"type":"unknown"}"#), Message::binary(Bytes::from_static(b"{}"))] {
        let mut socket = Socket::open(address, &[]).await;
        socket.0.send(malformed).await.expect("it is sent");
        assert_eq!(socket.closed().await, 4400);
    }

    let mut early = Socket::open(address, &[]).await;
    early.subscribe("1", "{ viewer { role } }", Value::Null).await;
    assert_eq!(early.closed().await, 4401);

    for payload in [Value::Null, json!({}), json!({"authorization": "Bearer nonsense"}), json!({"authorization": "Basic x"})] {
        let mut stranger = Socket::open(address, &[]).await;
        stranger.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(stranger.closed().await, 4403, "{payload}");
    }

    let mut twice = Socket::of(address, &token).await;
    twice.say(json!({"type": "connection_init"})).await;
    assert_eq!(twice.closed().await, 4429);

    let mut same_id = Socket::of(address, &token).await;
    same_id.subscribe("1", "subscription { billReceived { cursor } }", Value::Null).await;
    same_id.subscribe("1", "subscription { billReceived { cursor } }", Value::Null).await;
    assert_eq!(same_id.closed().await, 4409);

    let mut long = Socket::of(address, &token).await;
    long.subscribe("1", &format!("{{ viewer {{ role }} }} # {}", "x".repeat(64 << 10)), Value::Null).await;
    assert_eq!(long.closed().await, 1009);

    for protocol in [None, Some("graphql-ws")] {
        let opened = tokio_tungstenite::connect_async(request(address, protocol, &[])).await;
        match opened {
            Ok((socket, _)) => assert_eq!(Socket(socket).closed().await, 4406),
            Err(error) => assert!(protocol.is_some(), "the client itself minds that its protocol was not taken: {error}"),
        }
    }
}

#[tokio::test]
async fn a_socket_that_stays_silent_is_closed() {
    let api = api_with(|config| config.limits.init_timeout = Duration::from_millis(50)).await;
    let address = api.serve().await;
    assert_eq!(Socket::open(address, &[]).await.closed().await, 4408);
    // Whoever only pings has not initialised either.
    let mut pinging = Socket::open(address, &[]).await;
    pinging.say(json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(pinging.hear().await, json!({"type": "pong", "payload": {"n": 1}}));
    assert_eq!(pinging.closed().await, 4408);
}

#[tokio::test]
async fn queries_and_mutations_run_on_a_socket_and_refusals_are_errors() {
    let api = api().await;
    let (address, token) = (api.serve().await, api.customer("anna").await);
    let mut socket = Socket::of(address, &token).await;
    socket.subscribe("q", "{ viewer { customer { name } } }", Value::Null).await;
    assert_eq!(socket.hear().await, json!({"type": "next", "id": "q", "payload": {"data": {"viewer": {"customer": {"name": "anna"}}}}}));
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "q"}));

    socket.subscribe("q", "mutation { addProperty(input: {name: \"Home\"}) { property { name } } }", Value::Null).await;
    assert_eq!(socket.hear().await["payload"]["data"]["addProperty"]["property"]["name"], "Home");
    assert_eq!(socket.hear().await["type"], "complete");

    for (query, code) in
        [("{ nothing }", "GRAPHQL_VALIDATION_FAILED"), ("{ viewer {", "GRAPHQL_PARSE_FAILED"), (&"{".repeat(100), "TOO_COMPLEX")]
    {
        socket.subscribe("e", query, Value::Null).await;
        let error = socket.hear().await;
        assert_eq!((error["type"].as_str(), error["payload"][0]["extensions"]["code"].as_str()), (Some("error"), Some(code)), "{error}");
    }

    let sign_in = "mutation { signIn(input: {email: \"anna@example.com\", password: \"x\"}) { userErrors { code path } } }";
    socket.subscribe("c", sign_in, Value::Null).await;
    assert_eq!(socket.hear().await["payload"]["data"]["signIn"]["userErrors"][0]["path"][0], "deviceKind");
}

#[tokio::test]
async fn one_operation_too_many_closes_the_socket() {
    let api = api_with(|config| config.limits.operations = 3).await;
    let (address, token) = (api.serve().await, api.customer("anna").await);
    let mut socket = Socket::of(address, &token).await;
    for n in 0..3 {
        socket.subscribe(&n.to_string(), "subscription { billReceived { cursor } }", Value::Null).await;
    }
    socket.say(json!({"type": "complete", "id": "1"})).await;
    socket.subscribe("again", "subscription { billReceived { cursor } }", Value::Null).await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
    socket.subscribe("too many", "subscription { billReceived { cursor } }", Value::Null).await;
    assert_eq!(socket.closed().await, 4429);
}

#[tokio::test]
async fn a_cookie_opens_a_socket_only_from_our_own_pages() {
    let api = api().await;
    let address = api.serve().await;
    api.customer("anna").await;
    let sign_in =
        "mutation { signIn(input: {email: \"anna@example.com\", password: \"a long and winding road\"}) { userErrors { code } } }";
    let signed_in = api.post(&[("origin", BASE)], json!({"query": sign_in})).await;
    let cookie = signed_in.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    for (origin, code) in [(Some(BASE), None), (Some("https://evil.test"), Some(4403)), (None, Some(4403))] {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let mut socket = Socket::open(address, &headers).await;
        socket.say(json!({"type": "connection_init"})).await;
        match code {
            None => assert_eq!(socket.hear().await, json!({"type": "connection_ack"})),
            Some(code) => assert_eq!(socket.closed().await, code, "{origin:?}"),
        }
    }
}

#[tokio::test]
async fn sockets_close_with_their_sign_in() {
    let api = api().await;
    let address = api.serve().await;
    let first = api.customer("anna").await;
    let second = api.sign_in("anna@example.com").await;
    let (mut one, mut other) = (Socket::of(address, &first).await, Socket::of(address, &second).await);
    one.subscribe("b", "subscription { billReceived { cursor } }", Value::Null).await;
    api.ask(&first, "mutation { signOut { userErrors { code } } }", Value::Null).await;
    assert_eq!(one.closed().await, 4403);
    other.say(json!({"type": "ping"})).await;
    assert_eq!(other.hear().await, json!({"type": "pong"}), "the other device stays signed in");

    let admin = api.staff(Role::Admin).await;
    let create =
        "mutation { createApiClient(input: {name: \"CRM\", scopes: [EVENTS_READ]}) { key apiClient { id } userErrors { message } } }";
    let created = api.ask(&admin, create, Value::Null).await;
    let mut program = Socket::of(address, created["createApiClient"]["key"].as_str().expect("a key")).await;
    program.subscribe("e", "subscription { events { event { kind } } }", Value::Null).await;
    let revoke = "mutation($id: ID!) { revokeApiClient(input: {apiClientId: $id}) { userErrors { code } } }";
    api.ask(&admin, revoke, json!({"id": created["createApiClient"]["apiClient"]["id"]})).await;
    assert_eq!(program.closed().await, 4403);
}

#[tokio::test]
async fn a_full_process_turns_sockets_away_and_counts_those_that_close() {
    let api = api_with(|config| config.limits.sockets = 1).await;
    let (address, token) = (api.serve().await, api.customer("anna").await);
    let mut only = Socket::of(address, &token).await;
    let refused = tokio_tungstenite::connect_async(request(address, Some("graphql-transport-ws"), &[])).await;
    assert!(matches!(refused, Err(tokio_tungstenite::tungstenite::Error::Http(answer)) if answer.status() == 503));
    only.say(json!({"type": "connection_init"})).await;
    assert_eq!(only.closed().await, 4429);
    while only.0.next().await.is_some() {}
    drop(only);
    // The place is free once the server has seen the end of the connection.
    let again = async {
        while tokio_tungstenite::connect_async(request(address, Some("graphql-transport-ws"), &[])).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("the place is free");
}

/// A provider that posts its bills, an account of Anna's there, and the key it posts with.
async fn provider(api: &Api, anna: &str) -> String {
    let admin = api.staff(Role::Admin).await;
    let definition = json!({
        "code": "voltara", "name": "Voltara", "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "Europe/Berlin",
        "connector": {"kind": "PUSH"}, "params": [{"name": "consumer", "label": "Consumer number"}],
        "schedule": {"every": {"kind": "MONTH", "day": 10}},
    });
    let register = "mutation($d: JSON!) { registerProvider(input: {definition: $d}) { provider { id } userErrors { path message } } }";
    let registered = api.ask(&admin, register, json!({"d": definition})).await;
    let id = registered["registerProvider"]["provider"]["id"].as_str().unwrap_or_else(|| panic!("{registered}")).to_owned();
    let add = "mutation($p: ID!) { addUtilityAccount(input: {providerId: $p, params: [{name: \"consumer\", value: \"C-1001\"}]}) { utilityAccount { id } userErrors { path message } } }";
    let added = api.ask(anna, add, json!({"p": id})).await;
    assert!(added["addUtilityAccount"]["utilityAccount"]["id"].is_string(), "{added}");
    let create = "mutation($p: ID!) { createApiClient(input: {name: \"Voltara\", scopes: [BILLS_PUSH], providerId: $p}) { key userErrors { message } } }";
    let created = api.ask(&admin, create, json!({"p": id})).await;
    created["createApiClient"]["key"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
}

async fn post_bill(api: &Api, key: &str, number: &str, amount_minor: i64) -> Value {
    api.ports.next_bill(number, Some("C-1001"), amount_minor);
    let request = axum::http::Request::post("/hooks/bills")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(axum::body::Body::from("{}"));
    let answer = api.send(request.expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

const RECEIVED: &str = "subscription($after: String) { billReceived(after: $after) { cursor resync bill { number amount { formatted } \
     provider { name } utilityAccount { identifierHint } } } }";

#[tokio::test]
async fn bills_are_told_live_and_to_nobody_else_and_none_is_missed_by_whoever_resumes() {
    let api = api().await;
    let address = api.serve().await;
    let (anna, ben) = (api.customer("anna").await, api.customer("ben").await);
    let key = provider(&api, &anna).await;
    let (mut hers, mut his) = (Socket::of(address, &anna).await, Socket::of(address, &ben).await);
    for socket in [&mut hers, &mut his] {
        socket.subscribe("b", RECEIVED, Value::Null).await;
        // The answer to a query shows that the subscription before it has begun.
        socket.subscribe("q", "{ viewer { role } }", Value::Null).await;
        assert_eq!(socket.hear().await["id"], "q");
        assert_eq!(socket.hear().await["type"], "complete");
    }
    let report = post_bill(&api, &key, "B-1", 4_250).await;
    assert_eq!((&report["received"], &report["new"], &report["bills"][0]["effect"]), (&json!(1), &json!(1), &json!("NEW")));
    let told = hers.hear().await["payload"]["data"]["billReceived"].clone();
    assert_eq!(told["bill"]["number"], "B-1");
    assert_eq!(told["bill"]["amount"]["formatted"], "42,50\u{a0}€", "as somebody from Germany writes it");
    assert_eq!(told["bill"]["provider"]["name"], "Voltara");
    drop(hers);

    post_bill(&api, &key, "B-2", 100).await;
    post_bill(&api, &key, "B-3", 200).await;
    let mut again = Socket::of(address, &anna).await;
    again.subscribe("b", RECEIVED, json!({"after": told["cursor"]})).await;
    for number in ["B-2", "B-3"] {
        assert_eq!(again.hear().await["payload"]["data"]["billReceived"]["bill"]["number"], number);
    }
    again.subscribe("ahead", RECEIVED, json!({"after": "999999"})).await;
    let ahead = again.hear().await["payload"]["data"]["billReceived"].clone();
    assert_eq!((&ahead["resync"], &ahead["bill"]), (&json!(true), &Value::Null));
    again.subscribe("bad", RECEIVED, json!({"after": "nonsense"})).await;
    assert_eq!(again.hear().await["payload"]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");

    his.subscribe("q", "{ bills { nodes { number } } }", Value::Null).await;
    let first = his.hear().await;
    assert_eq!((&first["id"], &first["payload"]["data"]["bills"]["nodes"]), (&json!("q"), &json!([])), "nothing of hers came before");
}

#[tokio::test]
async fn sockets_are_told_when_the_process_ends() {
    let shutdown = tokio_util::sync::CancellationToken::new();
    let api = api_with(|config| config.shutdown = shutdown.clone()).await;
    let (address, token) = (api.serve().await, api.customer("anna").await);
    let mut socket = Socket::of(address, &token).await;
    shutdown.cancel();
    assert_eq!(socket.closed().await, 1012);
}
