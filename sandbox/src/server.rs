//! The HTTP server. Its connections can be cut by a handler, which is how an answer gets lost.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::extract::connect_info::Connected;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::world::SandboxState;

/// What every handler gets.
#[derive(Clone)]
pub(crate) struct Site {
    pub state: SandboxState,
    pub cancel: CancellationToken,
}

impl Site {
    /// Waits until the sandbox stops: what a request that hangs does.
    pub(crate) async fn hang(&self) {
        self.cancel.cancelled().await;
    }
}

/// The connection a request came by.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    cut: Arc<AtomicBool>,
}

impl Line {
    /// From now on nothing more is written; the connection ends.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self { cut: stream.io().cut.clone() }
    }
}

/// Serves until `cancel`.
pub(crate) async fn serve(listener: TcpListener, state: SandboxState, cancel: CancellationToken) {
    let site = Site { state, cancel: cancel.clone() };
    let app = Router::new()
        .merge(crate::page::routes())
        .nest("/cards", crate::cards::routes())
        .nest("/control", crate::control::routes())
        .nest("/push", crate::push::routes())
        .nest("/sms", crate::sms::routes())
        .merge(crate::providers::routes())
        .layer(from_fn(own_pages_only))
        .with_state(site);
    let service = app.into_make_service_with_connect_info::<Line>();
    if let Err(problem) = axum::serve(Door(listener), service).with_graceful_shutdown(cancel.cancelled_owned()).await {
        tracing::warn!(%problem, "the sandbox's HTTP server ended");
    }
}

/// Keeps out the pages of other sites that are open in the same browser: they may neither send here (`Origin`) nor read what
/// is here by a name of theirs that leads to this machine (`Host`).
async fn own_pages_only(request: Request, next: Next) -> Response {
    if is_own(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "The sandbox answers its own pages and programs on this machine, by an IP address or localhost.\n")
        .into_response()
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let is_here = name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::IpAddr>().is_ok();
    is_here && text(header::ORIGIN).is_none_or(|origin| origin.split_once("://").is_some_and(|(_, from)| from == host))
}

/// Lets connections in.
pub(crate) struct Door(TcpListener);

impl Listener for Door {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CuttableStream, SocketAddr) {
        let (stream, addr) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        (CuttableStream { stream, cut: Arc::default() }, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that can be cut.
pub(crate) struct CuttableStream {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl CuttableStream {
    fn refuse(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Relaxed) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.refuse()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.refuse()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.refuse()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_sites_are_kept_out() {
        let asked = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a host"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("an origin"));
            }
            is_own(&headers)
        };
        for (host, origin) in [
            ("127.0.0.1:8090", None),
            ("127.0.0.1:8090", Some("http://127.0.0.1:8090")),
            ("localhost:8090", Some("http://localhost:8090")),
            ("[::1]:8090", Some("http://[::1]:8090")),
            ("192.168.1.5", None),
        ] {
            assert!(asked(host, origin), "{host} {origin:?}");
        }
        for (host, origin) in [
            ("127.0.0.1:8090", Some("https://evil.example")),
            ("127.0.0.1:8090", Some("http://127.0.0.1:8080")),
            ("127.0.0.1:8090", Some("null")),
            ("evil.example:8090", None),
            ("evil.example:8090", Some("http://evil.example:8090")),
        ] {
            assert!(!asked(host, origin), "{host} {origin:?}");
        }
    }
}
