//! Somebody who talks to the API: requests over HTTP, subscriptions over a socket.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// What must come comes within this; it is no measure of speed, only an end to waiting.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client with or without a token.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where the API listens.
    pub address: SocketAddr,
    /// A bearer token or an API key.
    pub token: Option<String>,
    user_agent: Option<String>,
    http: reqwest::Client,
}

impl Client {
    #[expect(clippy::disallowed_methods, reason = "the tests are the outside")]
    pub(crate) fn new(address: SocketAddr, token: Option<String>) -> Self {
        Self { address, token, user_agent: None, http: reqwest::Client::new() }
    }

    /// The same caller from another browser or app.
    #[must_use]
    pub fn with_user_agent(&self, user_agent: &str) -> Self {
        Self { user_agent: Some(user_agent.to_owned()), ..self.clone() }
    }

    /// Sends an operation and answers the whole response body.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).json(&json!({"query": query, "variables": variables}));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(user_agent) = &self.user_agent {
            request = request.header("user-agent", user_agent);
        }
        let response = request.send().await.expect("an answer");
        response.json().await.expect("JSON")
    }

    /// Sends an operation as a browser's page does, with this session cookie; answers the body, and the cookie that was set.
    pub async fn ask_as_browser(&self, cookie: Option<&str>, query: &str, variables: Value) -> (Value, Option<String>) {
        let address = format!("http://{}", self.address);
        let mut request = self.http.post(format!("{address}/graphql")).header("origin", address);
        if let Some(cookie) = cookie {
            request = request.header("cookie", format!("billow_session={cookie}"));
        }
        let response = request.json(&json!({"query": query, "variables": variables})).send().await.expect("an answer");
        let set = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let set = set.and_then(|text| text.strip_prefix("billow_session=")?.split(';').next()).map(str::to_owned);
        (response.json().await.expect("JSON"), set)
    }

    /// Sends an operation that must have no top-level errors, and answers its data.
    pub async fn run(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// Sends a mutation of one field that must have no user errors, and answers its payload.
    pub async fn must(&self, query: &str, variables: Value) -> Value {
        let mut data = self.run(query, variables).await;
        let payload = data.as_object_mut().and_then(|o| o.values_mut().next()).map(Value::take).unwrap_or_default();
        assert_eq!(payload.get("userErrors").cloned().unwrap_or(json!([])), json!([]), "{query}");
        payload
    }

    /// Posts to a path that is not GraphQL.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let mut request = self.http.post(format!("http://{}{path}", self.address)).header("content-type", content_type).body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer")
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(format!("http://{}{path}", self.address)).send().await.expect("an answer")
    }

    /// Opens a socket; fails with the code with which it is closed at once.
    async fn try_open(&self) -> Result<Subscription, String> {
        let mut request = format!("ws://{}/graphql/ws", self.address).into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        let mut subscription = Subscription { socket, early: VecDeque::new() };
        let payload = self.token.as_ref().map(|t| json!({"authorization": format!("Bearer {t}")})).unwrap_or_default();
        subscription.send(json!({"type": "connection_init", "payload": payload})).await;
        let answer = subscription.message().await;
        if answer["type"] == "connection_ack" { Ok(subscription) } else { Err(answer["code"].to_string()) }
    }

    async fn open(&self) -> Subscription {
        self.try_open().await.unwrap_or_else(|code| panic!("the socket was closed: {code}"))
    }

    /// Opens a socket and subscribes to what must be refused; answers the code.
    pub async fn subscription_refused(&self, query: &str, variables: Value) -> String {
        let mut subscription = self.open().await;
        subscription.send(json!({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})).await;
        let message = subscription.message().await;
        // Refused as a whole, or in its first and last answer.
        let errors = if message["type"] == "error" { &message["payload"] } else { &message["payload"]["errors"] };
        code_of(errors, &message)
    }

    /// Opens a socket and subscribes.
    pub async fn subscribe(&self, query: &str, variables: Value) -> Subscription {
        self.try_subscribe(query, variables).await.unwrap_or_else(|code| panic!("{query}\n{code}"))
    }

    /// Opens a socket and subscribes; fails with the code of the refusal.
    pub async fn try_subscribe(&self, query: &str, variables: Value) -> Result<Subscription, String> {
        let mut subscription = self.try_open().await?;
        subscription.send(json!({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})).await;
        // An answered ping shows that the subscription before it was begun.
        subscription.send(json!({"type": "ping"})).await;
        loop {
            let message = subscription.message().await;
            match message["type"].as_str() {
                Some("pong") => break Ok(subscription),
                Some("next") if message["payload"]["errors"].is_null() => subscription.early.push_back(message),
                Some("error") => break Err(code_of(&message["payload"], &message)),
                _ => break Err(code_of(&message["payload"]["errors"], &message)),
            }
        }
    }
}

fn code_of(errors: &Value, message: &Value) -> String {
    errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("not refused: {message:#}")).to_owned()
}

/// A subscription on a socket of its own.
#[derive(Debug)]
pub struct Subscription {
    /// What came before the subscription was known to be begun.
    early: VecDeque<Value>,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Subscription {
    async fn send(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("sent");
    }

    async fn message(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("a message in time")
                .expect("an open socket")
                .expect("a message");
            match message {
                Message::Text(text) => {
                    let value: Value = serde_json::from_str(text.as_str()).expect("JSON");
                    if value["type"] == "ping" {
                        self.send(json!({"type": "pong"})).await;
                        continue;
                    }
                    return value;
                }
                Message::Close(frame) => return json!({"type": "close", "code": frame.map(|f| u16::from(f.code))}),
                _ => {}
            }
        }
    }

    /// The data of the next event.
    pub async fn next(&mut self) -> Value {
        let mut message = match self.early.pop_front() {
            Some(message) => message,
            None => self.message().await,
        };
        assert_eq!(message["type"], "next", "{message:#}");
        assert!(message["payload"].get("errors").is_none(), "{message:#}");
        message["payload"]["data"].take()
    }

    /// The code with which the server closes the socket.
    pub async fn closed(&mut self) -> u64 {
        loop {
            let message = self.message().await;
            if message["type"] == "close" {
                return message["code"].as_u64().unwrap_or_default();
            }
        }
    }
}
