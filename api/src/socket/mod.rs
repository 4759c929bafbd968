//! `GET /graphql/ws`: queries, mutations and subscriptions over one socket, as `graphql-transport-ws`.
//!
//! One task per socket and small buffers, because there are thousands of them and most are silent. A socket belongs to the
//! sign-in it began with and closes when that ends.

mod connection;
pub(crate) mod protocol;
mod running;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use self::connection::Connection;
use self::protocol::{Close, SUBPROTOCOL};
use crate::app::App;
use crate::auth::{self, Credential, Identity, Origin};
use crate::caller::{Caller, Transport};
use crate::http::graphql::{language, text};
use crate::http::refuse;
use crate::http::request::{Peer, RequestId};

/// Bytes read at once; more is read when more is there.
const READ_BUFFER: usize = 2 << 10;
/// Bytes that may wait to be written to a client that does not read.
const WRITE_BUFFER: usize = 1 << 20;

/// Opens a socket.
pub(crate) async fn open(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let address = auth::address(&headers, peer, &app.config);
    let Some(count) = app.open_socket(address) else {
        let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY", "There are too many sockets; try again later.", &request_id);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        return response;
    };
    // A browser sends its cookie whichever page opens the socket; a foreign page gets no further than a program without one.
    let ours = auth::origin(&headers, &app.config) == Origin::Ours;
    let credential = match auth::credential(&headers) {
        Credential::Cookie(_) if !ours => Credential::None,
        credential => credential,
    };
    let caller = Caller {
        identity: Identity::anonymous(),
        transport: Transport::Socket,
        address,
        user_agent: text(&headers, header::USER_AGENT),
        language: language(&headers),
        request_id: Arc::clone(&request_id),
    };
    let limits = &app.config.limits;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(limits.message)
        .max_frame_size(limits.message);
    let spoken = upgrade.selected_protocol().is_some();
    upgrade.on_upgrade(move |mut socket| async move {
        let _count = count;
        if spoken {
            Box::pin(Connection::new(app, caller, credential).serve(&mut socket)).await;
        } else {
            close(&mut socket, Close::Subprotocol).await;
        }
    })
}

/// How long a client may take to end a connection that is over.
const FAREWELL: Duration = Duration::from_secs(2);

/// Sends the answer to a client's close frame, which the library keeps until it is asked for the next message.
async fn answer_close(socket: &mut WebSocket) {
    let _late = tokio::time::timeout(FAREWELL, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}

/// Says why, and lets the client read it.
async fn close(socket: &mut WebSocket, why: Close) {
    let (code, reason) = why.frame();
    metrics::counter!("billow_socket_closes_total", "code" => code.to_string()).increment(1);
    let farewell = async {
        if socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await.is_ok() {
            // Closing while something of the client's is unread would tear the connection down before it reads ours.
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _late = tokio::time::timeout(FAREWELL, farewell).await;
}
