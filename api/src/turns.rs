//! Turns: how much of a socket's work is under way at once, and how much of what a sign-in catches up with.
//!
//! A subscription takes its turn before it reads what an event is about. Its socket's turn is given back when the answer was
//! written, so a client that does not read holds a few answers in memory and nothing else. The turn to catch up is given
//! back as soon as the answer is there, so that it is never held by a client that does not read.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A turn of a socket; dropped when the answer it was taken for was written.
pub(crate) type SocketTurn = Option<OwnedSemaphorePermit>;

/// The turns of one operation on a socket.
#[derive(Debug)]
pub(crate) struct Turns {
    socket: Arc<Semaphore>,
    /// One's own share of catching up, and everybody's.
    catching_up: [Arc<Semaphore>; 2],
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    socket: SocketTurn,
    catching_up: [SocketTurn; 2],
}

impl Turns {
    pub(crate) fn new(socket: Arc<Semaphore>, own: Arc<Semaphore>, all: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { socket, catching_up: [own, all], held: Mutex::default() })
    }

    /// Waits for the socket's turn.
    pub(crate) async fn take(&self) {
        // Cleared before waiting: what is waited for may be what is held.
        self.held.lock().socket = None;
        let turn = Arc::clone(&self.socket).acquire_owned().await.ok();
        self.held.lock().socket = turn;
    }

    /// Waits for a turn to catch up as well.
    pub(crate) async fn take_to_catch_up(&self) {
        self.rest();
        self.take().await;
        let own = Arc::clone(&self.catching_up[0]).acquire_owned().await.ok();
        let all = Arc::clone(&self.catching_up[1]).acquire_owned().await.ok();
        self.held.lock().catching_up = [own, all];
    }

    /// Nothing is read now.
    pub(crate) fn rest(&self) {
        *self.held.lock() = Held::default();
    }

    /// The answer is there: what is left is to write it.
    pub(crate) fn answered(&self) -> SocketTurn {
        std::mem::take(&mut *self.held.lock()).socket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unread_answer_holds_its_socket_s_turn_and_no_turn_to_catch_up() {
        let [socket, own, all] = [1, 1, 1].map(|n| Arc::new(Semaphore::new(n)));
        let turns = Turns::new(Arc::clone(&socket), Arc::clone(&own), Arc::clone(&all));
        turns.take_to_catch_up().await;
        assert_eq!((socket.available_permits(), own.available_permits(), all.available_permits()), (0, 0, 0));
        let unread = turns.answered();
        assert_eq!((socket.available_permits(), own.available_permits(), all.available_permits()), (0, 1, 1));
        drop(unread);
        assert_eq!(socket.available_permits(), 1);
        turns.take().await;
        turns.take().await;
        turns.rest();
        assert_eq!(socket.available_permits(), 1);
    }
}
