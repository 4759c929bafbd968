//! Stopping a fetch run.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::fetching::FetchRun;

/// Which run is stopped.
#[derive(InputObject)]
pub(crate) struct CancelFetchRunInput {
    /// The run.
    fetch_run_id: ID,
}

payload! {
    /// The run as stopped.
    CancelFetchRunPayload {
        /// The run.
        fetch_run: Option<FetchRun>,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: CancelFetchRunInput) -> Result<CancelFetchRunPayload> {
    let outcome = async { ctx.billing().fetching.cancel_run(ctx.actor(), id_of(&input.fetch_run_id, "fetch run")?).await };
    CancelFetchRunPayload::of(outcome.await, |run| CancelFetchRunPayload { fetch_run: Some(FetchRun(run)), user_errors: Vec::new() })
}
