//! Doing what is due, where each row is a piece of work of its own.

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sea_orm::UpdateMany;

use super::{Claimable, Due, OpenClaim, RowOf, give_back};
use crate::error::{Error, Result};

/// Work whose rows have nothing to do with one another.
#[async_trait]
pub trait DueWork: Claimable + Sized {
    /// Rows claimed at once.
    const BATCH: u64;
    /// Claims of one call; the next one goes on.
    const TURNS: usize = 32;
    /// Rows under way at once.
    const AT_ONCE: usize;

    /// Its name for a person who reads the log.
    fn id_of(row: &RowOf<Self>) -> String;

    /// Writes what else changes with the claim, in its transaction.
    ///
    /// # Errors
    /// Nothing is claimed then.
    async fn claiming(&self, _claim: &mut OpenClaim<Self>) -> Result<()> {
        Ok(())
    }

    /// Does one, and writes what came of it under its fence.
    ///
    /// # Errors
    /// It is logged, and the row is claimed again when its lease expires.
    async fn run(&self, row: RowOf<Self>) -> Result<()>;

    /// Releases a row that was not started because the process is stopping.
    fn put_back(&self, row: &RowOf<Self>) -> UpdateMany<Self::Table> {
        give_back::<Self>(row)
    }
}

impl Due {
    /// Claims what is due and does it, until there is no more or the process stops; answers how many rows were claimed. Nothing
    /// is claimed while the database cannot store data. Any number of processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn work<W: DueWork>(&self, work: &W) -> Result<u64> {
        let mut count = 0;
        for _ in 0..W::TURNS {
            if self.stopping.is_stopping() || self.store.ensure_durable().await.is_err() {
                break;
            }
            let Some(mut claim) = self.open::<W>(W::BATCH).await? else { break };
            work.claiming(&mut claim).await?;
            let rows = claim.take().await?;
            count += rows.len() as u64;
            let turns = &self.stopping.turns(W::AT_ONCE);
            let one = |row: RowOf<W>| async move {
                let id = W::id_of(&row);
                let done = match turns.next().await {
                    Some(_turn) => work.run(row).await,
                    None => work.put_back(&row).exec(self.store.writer()).await.map(drop).map_err(Error::from),
                };
                if let Err(error) = done {
                    tracing::error!(%error, work = W::NAME, id, "due work failed; it is claimed again when its lease expires");
                }
            };
            rows.into_iter().map(one).collect::<FuturesUnordered<_>>().collect::<()>().await;
        }
        Ok(count)
    }
}
