//! Serves a router on a listener, within limits that clients cannot do without: how many connections there are, in all and
//! from one address, and how long a client may take to send a request's head, to send the next one, and to read an answer.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use billow_billing::budget::network;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::proxies::TrustedProxies;

/// What one client, and all clients, may take of a listener.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address; proxies that are trusted have no such limit. 0 is no bound.
    pub per_address: usize,
    /// How long the head of a request may take from its first byte on, and a new connection to send one.
    pub head: Duration,
    /// How long a connection may be idle between two requests.
    pub idle: Duration,
    /// How long a client may take to read something of what is written to it.
    pub write: Duration,
    /// Proxies in front of us.
    pub proxies: TrustedProxies,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_address: 1_000,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            proxies: TrustedProxies::default(),
        }
    }
}

/// Serves until `stop` is cancelled, and then until all requests under way are answered.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let (limits, counts, tasks) = (Arc::new(limits), Counts::default(), TaskTracker::new());
    let most = limits.connections.min(file_limit());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_of_one_connection(&error) {
                    tracing::error!(%error, "connections cannot be accepted; retrying");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                continue;
            }
        };
        let address = Some(peer.ip()).filter(|ip| limits.per_address > 0 && !limits.proxies.trusts(*ip)).map(network);
        let Some(count) = counts.take(address, most, limits.per_address) else {
            metrics::counter!("billow_connections_refused_total").increment(1);
            continue;
        };
        // Frames are small and written whole: none waits until the one before was acknowledged.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it was served");
        }
        tasks.spawn(one(Timed::new(stream, Arc::clone(&limits), count), peer, router.clone(), Arc::clone(&limits), stop.clone()));
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// Serves one connection.
async fn one(io: Timed, peer: SocketAddr, router: Router, limits: Arc<ConnectionLimits>, stop: CancellationToken) {
    let phase = Arc::clone(&io.phase);
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        phase.set(Phase::ANSWERING);
        let (phase, router) = (Arc::clone(&phase), router.clone());
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.oneshot(request).await;
            // What becomes a WebSocket is no longer between two requests.
            if response.as_ref().is_ok_and(|response| response.status() != StatusCode::SWITCHING_PROTOCOLS) {
                phase.set(Phase::IDLE);
            }
            response
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.idle).max_buf_size(64 << 10);
    let connection = builder.serve_connection(TokioIo::new(io), service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended with an error");
            }
            return;
        }
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended with an error");
    }
}

/// Errors of `accept` that are the client's, and no reason to wait.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

/// Files kept for the database, mail and calls to others.
const OWN_FILES: usize = 256;

/// Connections that the process's limit of open files leaves room for.
fn file_limit() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft: Option<usize> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    soft.map_or(usize::MAX, |soft| soft.saturating_sub(OWN_FILES).max(OWN_FILES))
}

/// The connections there are.
#[derive(Clone, Debug, Default)]
struct Counts(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    all: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Counts {
    /// Counts one more, unless there are too many.
    fn take(&self, address: Option<IpAddr>, most: usize, per_address: usize) -> Option<Count> {
        let count = Count { counts: self.clone(), address };
        let all = self.0.all.fetch_add(1, Ordering::AcqRel) + 1;
        let from_there = address.map_or(0, |address| {
            let mut counts = self.0.by_address.lock();
            let count = counts.entry(address).or_default();
            *count += 1;
            *count
        });
        metrics::gauge!("billow_connections").increment(1.0);
        (all <= most && from_there <= per_address).then_some(count)
    }
}

/// One connection that is counted.
#[derive(Debug)]
struct Count {
    counts: Counts,
    address: Option<IpAddr>,
}

impl Drop for Count {
    fn drop(&mut self) {
        self.counts.0.all.fetch_sub(1, Ordering::AcqRel);
        metrics::gauge!("billow_connections").decrement(1.0);
        let Some(address) = self.address else { return };
        let mut counts = self.counts.0.by_address.lock();
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

/// What a connection is doing.
#[derive(Debug, Default)]
struct Phase(AtomicU8);

impl Phase {
    /// A request's head is being sent; so is a new connection's first.
    const HEAD: u8 = 0;
    /// Between two requests: the HTTP library ends it when that takes too long.
    const IDLE: u8 = 1;
    /// A request is being answered, or this is a WebSocket.
    const ANSWERING: u8 = 2;

    fn set(&self, phase: u8) {
        self.0.store(phase, Ordering::Release);
    }

    fn is(&self, phase: u8) -> bool {
        self.0.load(Ordering::Acquire) == phase
    }
}

/// A connection whose client must get on with it.
struct Timed {
    stream: TcpStream,
    phase: Arc<Phase>,
    limits: Arc<ConnectionLimits>,
    head_until: Option<Pin<Box<Sleep>>>,
    write_until: Option<Pin<Box<Sleep>>>,
    _count: Count,
}

impl Timed {
    fn new(stream: TcpStream, limits: Arc<ConnectionLimits>, count: Count) -> Self {
        Self { stream, phase: Arc::default(), limits, head_until: None, write_until: None, _count: count }
    }

    /// What became of a write: a client that takes nothing for too long is left.
    fn written<T>(&mut self, outcome: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write_until = None;
            return outcome;
        }
        let limit = self.limits.write;
        let until = self.write_until.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + limit)));
        ready!(until.as_mut().poll(cx));
        metrics::counter!("billow_slow_connections_total", "what" => "answer").increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Timed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if outcome.is_ready() && buffer.filled().len() > before && this.phase.is(Phase::IDLE) {
            this.phase.set(Phase::HEAD);
        }
        if !this.phase.is(Phase::HEAD) {
            this.head_until = None;
            return outcome;
        }
        let limit = this.limits.head;
        let until = this.head_until.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + limit)));
        if outcome.is_ready() && !until.is_elapsed() {
            return outcome;
        }
        ready!(until.as_mut().poll(cx));
        metrics::counter!("billow_slow_connections_total", "what" => "head").increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Timed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(outcome, cx)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.written(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
