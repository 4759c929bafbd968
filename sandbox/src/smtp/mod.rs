//! A small mail server: it takes every mail, keeps it, and delivers nothing.

mod mail;
mod session;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::world::SandboxState;

/// The most connections at once.
const MAX_CONNECTIONS: usize = 200;

/// Serves until `cancel`.
pub(crate) async fn serve(listener: TcpListener, state: SandboxState, cancel: CancellationToken) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => return,
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((stream, place)) = accepted else { continue };
        let (state, cancel) = (state.clone(), cancel.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            tokio::select! {
                () = cancel.cancelled() => {}
                ended = session::serve(stream, &state) => {
                    if let Err(problem) = ended {
                        tracing::debug!(%problem, "a mail connection ended early");
                    }
                }
            }
            drop(place);
        });
    }
}

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(problem) => {
            tracing::warn!(%problem, "a mail connection could not be taken");
            // Out of file handles, most likely: trying again at once would only burn time.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            None
        }
    }
}
