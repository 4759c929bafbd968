//! Fetching now.

use async_graphql::{Context, ID, OneofObject};
use billow_billing::fetching::FetchTarget;

use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::ids::id_of;
use crate::payload::{named, payload};
use crate::refusal::Result;

/// What is fetched now.
#[derive(OneofObject)]
pub(crate) enum FetchBillsInput {
    /// One account.
    UtilityAccountId(ID),
    /// For staff: every account at a provider.
    ProviderId(ID),
}

payload! {
    /// The fetch that was asked for.
    FetchBillsPayload {
        /// The run; follow it by `fetchRunProgress`. One that was under way for the same is answered again.
        fetch_run: Option<FetchRun>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: FetchBillsInput) -> Result<FetchBillsPayload> {
    let outcome = async {
        let target = match &input {
            FetchBillsInput::UtilityAccountId(id) => FetchTarget::Account(id_of(id, "account")?),
            FetchBillsInput::ProviderId(id) => FetchTarget::Provider(id_of(id, "provider")?),
        };
        ctx.billing().fetching.request_fetch(ctx.actor(), target).await
    };
    FetchBillsPayload::of(named(outcome.await, &[("accountId", "utilityAccountId")]), |run| FetchBillsPayload {
        fetch_run: Some(FetchRun(run)),
        user_errors: Vec::new(),
    })
}
