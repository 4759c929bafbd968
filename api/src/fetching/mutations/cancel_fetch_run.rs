//! Stopping a fetch run.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

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

pub(crate) async fn run(ctx: &Context<'_>, input: CancelFetchRunInput) -> Result<CancelFetchRunPayload> {
    let outcome = async { ctx.billing().fetching.cancel_run(ctx.actor(), id_of(&input.fetch_run_id, "fetch run")?).await };
    CancelFetchRunPayload::of(outcome.await, |run| CancelFetchRunPayload { fetch_run: Some(FetchRun(run)), user_errors: Vec::new() })
}
