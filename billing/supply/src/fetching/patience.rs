//! Writing against odds: a database that is busy, two writers in each other's way, one answer nobody can store.

use std::time::Duration;

use billow_kernel::error::Result;

use super::Fetching;
use super::judge::Fetched;
use super::run::FetchSummary;
use crate::connector::{FetchOutcome, FetchReply};

/// How often a batch is tried that the database could not take just now; the waits add up to six seconds.
const TRIES: u32 = 8;

impl Fetching {
    /// Writes a batch. What the database refuses is tried one by one, so that one account's answer never holds up the
    /// others'.
    ///
    /// # Errors
    /// When the database does not answer; the leases run out then, and the accounts are fetched again.
    pub(super) async fn write_fetched(&self, batch: Vec<Fetched>, probe: bool) -> Result<FetchSummary> {
        let error = match self.write_patiently(&batch, probe).await {
            Err(error) if !error.is_transient() => error,
            written => return written,
        };
        tracing::error!(error = %error, batch.size = batch.len(), "fetched accounts could not be written together");
        let mut summary = FetchSummary::default();
        for mut fetched in batch {
            let Err(error) = self.write_patiently(std::slice::from_ref(&fetched), probe).await.map(|written| summary.add(&written)) else {
                continue;
            };
            if error.is_transient() {
                return Err(error);
            }
            tracing::error!(error = %error, account.id = %fetched.account.id, "what came back for an account could not be written");
            fetched.reply = FetchReply::of(FetchOutcome::Broken { message: format!("the answer could not be stored: {error}") });
            match self.write_patiently(std::slice::from_ref(&fetched), probe).await {
                Ok(written) => summary.add(&written),
                Err(error) => {
                    tracing::error!(error = %error, account.id = %fetched.account.id, "an account is left to be fetched again");
                    summary.lost += 1;
                }
            }
        }
        Ok(summary)
    }

    /// Writes a batch, again if the database could not take it just now.
    async fn write_patiently(&self, batch: &[Fetched], probe: bool) -> Result<FetchSummary> {
        for tried in 1..TRIES {
            match self.write_batch(batch, probe).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(error = %error, "fetched accounts could not be written; trying again");
                    tokio::time::sleep(Duration::from_millis(25 << tried)).await;
                }
                written => return written,
            }
        }
        self.write_batch(batch, probe).await
    }
}
