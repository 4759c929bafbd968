//! The operations under way on one socket, each in a task of its own.
//!
//! A task hands its messages over through a short queue and waits while it is full. It holds no connection to the database
//! then: a message is handed over after everything for it was read. Operations therefore go on whatever the client does.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::protocol::{Outgoing, next};
use crate::reply::Reply;
use crate::turns::{SocketTurn, Turns};

/// Messages that wait for the writer.
const QUEUE: usize = 4;
/// Operations of a socket that read at the same time; as many answers wait for a client that does not read.
const TURNS: usize = 4;

/// A socket's operations.
pub(crate) struct Running {
    list: Vec<One>,
    /// Tells apart operations that had the same id one after the other.
    begun: u64,
    say: mpsc::Sender<Box<Said>>,
    said: mpsc::Receiver<Box<Said>>,
    turns: Arc<Semaphore>,
}

struct One {
    id: Box<str>,
    number: u64,
    _task: AbortOnDropHandle<()>,
}

/// A message of an operation.
struct Said {
    number: u64,
    text: String,
    /// Whether it is the operation's last.
    over: bool,
    /// Given back when the message was written.
    turn: SocketTurn,
}

/// A message to be written.
pub(crate) struct Next {
    pub text: String,
    /// Dropped when it was written.
    _turn: SocketTurn,
}

impl Default for Running {
    fn default() -> Self {
        let (say, said) = mpsc::channel(QUEUE);
        Self { list: Vec::new(), begun: 0, say, said, turns: Arc::new(Semaphore::new(TURNS)) }
    }
}

impl Running {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.list.iter().any(|one| &*one.id == id)
    }

    /// The turns of the socket.
    pub(crate) fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.turns)
    }

    /// Begins an operation that answers with `replies`, having taken `turns`.
    pub(crate) fn begin(&mut self, id: String, replies: BoxStream<'static, Reply>, turns: Arc<Turns>) {
        self.begun += 1;
        let number = self.begun;
        let work = answer(id.as_str().into(), number, replies, turns, self.say.clone());
        self.list.push(One { id: id.into(), number, _task: AbortOnDropHandle::new(tokio::spawn(work)) });
    }

    pub(crate) fn end(&mut self, id: &str) {
        self.list.retain(|one| &*one.id != id);
    }

    /// The next message of any of them; waits for it, for ever when there is none.
    pub(crate) async fn message(&mut self) -> Next {
        loop {
            let Some(said) = self.said.recv().await else { return std::future::pending().await };
            let Said { number, text, over, turn } = *said;
            // What was queued by an operation that the client has ended since is not said any more.
            let Some(at) = self.list.iter().position(|one| one.number == number) else { continue };
            if over {
                self.list.swap_remove(at);
            }
            return Next { text, _turn: turn };
        }
    }
}

async fn answer(id: Box<str>, number: u64, mut replies: BoxStream<'static, Reply>, turns: Arc<Turns>, say: mpsc::Sender<Box<Said>>) {
    let mut answered = false;
    loop {
        let reply = replies.next().await;
        let turn = turns.answered();
        let (text, over) = match reply {
            Some(Reply { refusal: Some(errors), .. }) if !answered => (Outgoing::error(&id, &errors), true),
            Some(reply) => (next(&id, &reply.text), false),
            None => (Outgoing::Complete { id: &id }.text(), true),
        };
        answered = true;
        if say.send(Box::new(Said { number, text, over, turn })).await.is_err() || over {
            return;
        }
    }
}

/// An operation with one answer.
pub(crate) fn once(reply: impl Future<Output = Reply> + Send + 'static) -> BoxStream<'static, Reply> {
    futures::stream::once(reply).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(refused: bool) -> Reply {
        let refusal = refused.then(|| "[]".into());
        Reply { text: r#"{"data":1}"#.into(), refusal, code: None, retry_after_s: None }
    }

    fn turns() -> Arc<Turns> {
        let one = || Arc::new(Semaphore::new(1));
        Turns::new(one(), one(), one())
    }

    #[tokio::test]
    async fn a_hot_operation_does_not_hold_up_another() {
        let mut running = Running::default();
        running.begin("hot".into(), futures::stream::repeat_with(|| reply(false)).boxed(), turns());
        running.begin("one".into(), once(async { reply(false) }), turns());
        let mut seen = String::new();
        for _ in 0..20 {
            seen += &running.message().await.text;
        }
        assert_eq!(seen.matches("\"one\"").count(), 2, "its answer and its end: {seen}");
        assert_eq!(running.len(), 1);
    }

    #[tokio::test]
    async fn a_refusal_ends_the_operation_by_itself() {
        let mut running = Running::default();
        running.begin("a".into(), once(async { reply(true) }), turns());
        assert_eq!(running.message().await.text, r#"{"type":"error","id":"a","payload":[]}"#);
        assert_eq!(running.len(), 0);
    }

    #[tokio::test]
    async fn operations_go_on_while_nobody_reads_and_nothing_of_an_ended_one_is_said() {
        let mut running = Running::default();
        running.begin("a".into(), futures::stream::repeat_with(|| reply(false)).boxed(), turns());
        let (done, wait) = tokio::sync::oneshot::channel();
        running.begin(
            "b".into(),
            once(async move {
                let _ = done.send(());
                reply(false)
            }),
            turns(),
        );
        wait.await.expect("it runs although nothing is written");
        running.end("a");
        running.begin("a".into(), once(async { reply(true) }), turns());
        let mut seen = String::new();
        for _ in 0..3 {
            seen += &running.message().await.text;
        }
        assert!(!seen.contains(r#""type":"next","id":"a""#), "{seen}");
        assert!(seen.contains(r#""type":"error","id":"a""#), "{seen}");
    }
}
