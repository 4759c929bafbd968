//! A socket by hand: for what no good client does.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message, http};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::Client;

/// What must come comes within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// A socket of which nothing is read that a test does not ask for.
#[derive(Debug)]
pub struct Raw(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Raw {
    async fn try_open(client: &Client) -> Result<Self, Box<Error>> {
        let mut request = format!("ws://{}/graphql/ws", client.address).into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        tokio_tungstenite::connect_async(request).await.map(|(socket, _)| Self(socket)).map_err(Box::new)
    }

    /// Opens one.
    pub async fn open(client: &Client) -> Self {
        Self::try_open(client).await.expect("a socket")
    }

    /// The status with which a socket is refused.
    pub async fn refused(client: &Client) -> http::StatusCode {
        match Self::try_open(client).await.map_err(|error| *error) {
            Err(Error::Http(answer)) => answer.status(),
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Initialises it with the client's token.
    pub async fn init(&mut self, client: &Client) {
        let token = client.token.clone().unwrap_or_default();
        self.say(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})).await;
    }

    /// Opens one and waits until it is acknowledged.
    pub async fn signed_in(client: &Client) -> Self {
        let mut socket = Self::open(client).await;
        socket.init(client).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// The same, where a place becomes free in a moment.
    pub async fn signed_in_patiently(client: &Client) -> Self {
        let opening = async {
            loop {
                match Self::try_open(client).await {
                    Ok(socket) => break socket,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        let mut socket = tokio::time::timeout(PATIENCE, opening).await.expect("a place");
        socket.init(client).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    /// The next message of the protocol.
    pub async fn hear(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("in time").expect("a message").expect("no fault");
            match message {
                Message::Text(text) => break serde_json::from_str(text.as_str()).expect("JSON"),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Reads until the connection ends as the standard says; answers the code of the close frame.
    pub async fn to_the_end(&mut self) -> Option<u16> {
        let mut code = None;
        let reading = async {
            while let Some(message) = self.0.next().await {
                if let Message::Close(frame) = message.expect("a clean end") {
                    code = frame.map(|frame| frame.code.into());
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("an end");
        code
    }
}
