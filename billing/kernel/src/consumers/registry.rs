//! Everything that digests the event log, in one list.

use std::sync::Arc;

use super::Digest;

type Make = Box<dyn Fn() -> Arc<dyn Digest> + Send + Sync>;

/// Makes what digests the event log. Each keeps what it gathers in a turn to itself, so that everybody who needs one makes a
/// new one. Cloning it is cheap.
#[derive(Clone)]
pub struct Consumers(Arc<[Make]>);

impl Consumers {
    /// The list.
    #[must_use]
    pub fn new(list: Vec<Make>) -> Self {
        Self(list.into())
    }

    /// One of each; a dead letter is replayed by the one whose name it bears.
    #[must_use]
    pub fn digests(&self) -> Vec<Arc<dyn Digest>> {
        self.0.iter().map(|make| make()).collect()
    }
}
