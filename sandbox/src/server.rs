//! The HTTP server. Its connections can be cut by a handler, which is how an answer gets lost.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::connect_info::Connected;
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
        .with_state(site);
    let service = app.into_make_service_with_connect_info::<Line>();
    if let Err(problem) = axum::serve(Door(listener), service).with_graceful_shutdown(cancel.cancelled_owned()).await {
        tracing::warn!(%problem, "the sandbox's HTTP server ended");
    }
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
