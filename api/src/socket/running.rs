//! The operations under way on one socket.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};

use super::protocol::Outgoing;
use crate::execute::Reply;

/// A socket's operations, polled in turn so that a busy one does not hold up the others.
#[derive(Default)]
pub(crate) struct Running {
    list: Vec<One>,
    next: usize,
}

struct One {
    id: Box<str>,
    replies: BoxStream<'static, Reply>,
    /// Whether an answer has gone out.
    answered: bool,
}

impl Running {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.list.iter().any(|one| &*one.id == id)
    }

    pub(crate) fn begin(&mut self, id: String, replies: BoxStream<'static, Reply>) {
        self.list.push(One { id: id.into(), replies, answered: false });
    }

    pub(crate) fn end(&mut self, id: &str) {
        self.list.retain(|one| &*one.id != id);
    }

    /// The next message of any of them; waits for it, for ever when there is none.
    pub(crate) async fn message(&mut self) -> String {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<String> {
        let count = self.list.len();
        for step in 0..count {
            let at = (self.next + step) % count;
            let one = &mut self.list[at];
            let Poll::Ready(reply) = Pin::new(&mut one.replies).poll_next(context) else { continue };
            self.next = at + 1;
            let text = match reply {
                Some(reply) if reply.refused() && !one.answered => {
                    let text = Outgoing::Error { id: &one.id, payload: &reply.errors }.text();
                    self.list.swap_remove(at);
                    text
                }
                Some(reply) => {
                    one.answered = true;
                    Outgoing::Next { id: &one.id, payload: &reply }.text()
                }
                None => {
                    let one = self.list.swap_remove(at);
                    Outgoing::Complete { id: &one.id }.text()
                }
            };
            return Poll::Ready(text);
        }
        Poll::Pending
    }
}

/// An operation with one answer.
pub(crate) fn once(reply: impl Future<Output = Reply> + Send + 'static) -> BoxStream<'static, Reply> {
    futures::stream::once(reply).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply() -> Reply {
        Reply { data: Some(async_graphql::Value::from(1)), errors: Vec::new() }
    }

    #[tokio::test]
    async fn a_hot_operation_does_not_hold_up_another() {
        let mut running = Running::default();
        running.begin("hot".into(), futures::stream::repeat_with(reply).boxed());
        running.begin("one".into(), once(async { reply() }));
        let mut seen = String::new();
        for _ in 0..4 {
            seen += &running.message().await;
        }
        assert_eq!(seen.matches("\"one\"").count(), 2, "its answer and its end: {seen}");
        assert_eq!(running.len(), 1);
    }

    #[tokio::test]
    async fn a_refusal_ends_the_operation_by_itself() {
        let mut running = Running::default();
        running.begin("a".into(), once(async { Reply { data: None, errors: Vec::new() } }));
        assert!(running.message().await.contains("\"error\""));
        assert_eq!(running.len(), 0);
    }
}
